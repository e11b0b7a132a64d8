//! A deployment in one process with accounts and connected sockets, made without passwords, which would take minutes.

use std::path::Path;

use app::live::Joined;
use app::session::Actor;
use app::{App, Env, Settings};
use bus::Bus;
use domain::account::Account;
use domain::text::{Email, Name, StatusLine};
use domain::{SessionId, UserId};
use store::backend::{Embedded, EmbeddedOptions, Memory};
use store::tables::account;
use store::{Batch, Partition, Store};

/// Where a world keeps its rows.
#[derive(Clone, Copy, Debug)]
pub enum Place<'folder> {
    /// In memory: what is left is the cost of the use cases.
    Memory,
    /// In a folder on the disk.
    Folder(&'folder Path),
}

/// One node with people.
#[derive(Debug)]
pub struct World {
    /// The node.
    pub app: App,
    people: u64,
}

impl World {
    /// A node without people.
    ///
    /// # Errors
    /// If the store cannot be opened.
    pub async fn new(place: Place<'_>) -> anyhow::Result<Self> {
        let store = match place {
            Place::Memory => Store::Memory(Memory::new()),
            Place::Folder(folder) => {
                Store::Embedded(Embedded::open(folder, &EmbeddedOptions::default())?)
            }
        };
        let app = App::start(store, Bus::local(), Env::system(), Settings::default()).await;
        Ok(Self { app: app.map_err(|failure| anyhow::anyhow!("{failure:?}"))?, people: 0 })
    }

    /// One more person, with an account.
    ///
    /// # Errors
    /// If the account cannot be written.
    pub async fn person(&mut self) -> anyhow::Result<Actor> {
        self.people += 1;
        let user = UserId::from_bytes(self.app.env().bytes());
        let email = Email::parse(&format!("person{}@example.org", self.people));
        let name = Name::parse(&format!("Person {}", self.people));
        let account = Account {
            id: user,
            email: email.map_err(|_| anyhow::anyhow!("not an e-mail address"))?,
            username: None,
            name: name.map_err(|_| anyhow::anyhow!("not a name"))?,
            picture: None,
            status: StatusLine::from_row(String::new()),
            operator: false,
            disabled: false,
            created_at: self.app.now(),
        };
        let stored = account::Stored { account, password_hash: String::new() };
        let batch =
            Batch { writes: vec![account::put(&stored)], ..Batch::new(Partition::User(user)) };
        self.app.store().commit(batch).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        Ok(Actor { user, session: SessionId::from_bytes(self.app.env().bytes()), operator: false })
    }

    /// As many persons as asked for.
    ///
    /// # Errors
    /// As [`World::person`].
    pub async fn people(&mut self, count: usize) -> anyhow::Result<Vec<Actor>> {
        let mut people = Vec::with_capacity(count);
        for _ in 0..count {
            people.push(self.person().await?);
        }
        Ok(people)
    }

    /// A socket of this person.
    pub fn connect(&self, actor: &Actor) -> Joined {
        self.app.hub().join((actor.user, actor.session), self.app.env())
    }
}
