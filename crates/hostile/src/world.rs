//! A node over an empty store, with people who may be named in what is sent to it.

use app::account::NewAccount;
use app::group::NewGroup;
use app::message::{Destination, NewMessage};
use app::session::{Actor, Login, Tokens};
use app::{App, Env, Settings, account, group, message, session};
use axum::Router;
use bus::Bus;
use domain::conversation::Settings as GroupSettings;
use domain::member::HistoryPolicy;
use domain::text::{DeviceName, Email, Name, Password, Text, Username};
use domain::{MessageId, Timestamp, UserId};
use server::config::{Configuration, Overrides};
use server::edge::{Edge, Observed};
use store::backend::Memory;
use store::tables::session as table;
use store::{Batch, Partition, Store};
use tokio::runtime::{Builder, Runtime};

/// 2026-01-01 12:00 UTC.
const START_MS: u64 = 1_767_268_800_000;
const SEED: u64 = 1;
const PASSWORD: &str = "correct horse battery staple";

/// Somebody who is signed in.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) user: UserId,
    pub(crate) tokens: Tokens,
    session: table::Session,
}

/// A node, and who and what is there.
pub(crate) struct World {
    runtime: Runtime,
    pub(crate) app: App,
    /// An operator, a member of the group, and a stranger.
    pub(crate) people: Vec<Person>,
    /// What stands for an id in what is sent, and the id.
    pub(crate) names: Vec<(&'static str, String)>,
}

impl World {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (app, people, names) = runtime.block_on(populated());
        Self { runtime, app, people, names }
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Makes the sessions what they were in the beginning.
    pub(crate) fn restore_sessions(&self) {
        for person in &self.people {
            let first = &person.session;
            let now = self.wait(table::get(self.app.store(), person.user, first.id));
            if now.expect("memory can be read").is_none_or(|(session, _)| session != *first) {
                let writes = vec![table::put(first)];
                let batch = Batch { writes, ..Batch::new(Partition::User(person.user)) };
                self.wait(self.app.store().commit(batch)).expect("no checks");
            }
        }
    }

    /// Everything that the binary serves, without limits on how often.
    pub(crate) fn routes(&self) -> Router {
        let mut configuration =
            Configuration::load(None, Overrides::default()).expect("defaults are valid");
        configuration.limits.rates = false;
        let edge = Edge::new(configuration, Box::new(Observed::default));
        let routes = server::http::routes(&edge, &self.app);
        server::security::around(routes.merge(server::health::routes(edge.clone())), &edge)
    }
}

async fn populated() -> (App, Vec<Person>, Vec<(&'static str, String)>) {
    let (env, _) = Env::manual(SEED, Timestamp::from_ms(START_MS));
    let store = Store::Memory(Memory::new());
    let app =
        App::start(store, Bus::local(), env, Settings::default()).await.expect("a node starts");
    let mut people = Vec::new();
    for name in ["anna", "ben", "cleo"] {
        people.push(person(&app, name).await);
    }
    let mut names: Vec<_> =
        people.iter().map(|person| (person.name, person.user.to_string())).collect();
    if let [anna, ben, _] = people.as_slice() {
        let anna_acts = actor(&app, anna).await;
        let group = group::create(&app, &anna_acts, hiking(ben.user)).await.expect("a group");
        names.push(("group", group.to_string()));
        let to_group = Destination::Conversation(group);
        let sent = message::send(&app, &anna_acts, to_group, hello()).await.expect("a message");
        names.push(("message", MessageId { conversation: group, seq: sent.seq }.to_string()));
        let to_ben = Destination::User(ben.user);
        let sent = message::send(&app, &anna_acts, to_ben, hello()).await.expect("a message");
        names.push(("direct", sent.conversation.to_string()));
        names.push(("session", ben.tokens.session.to_string()));
    }
    (app, people, names)
}

async fn person(app: &App, name: &'static str) -> Person {
    let username = Username::parse(name).expect("a good name");
    let new = NewAccount {
        email: Email::parse(&format!("{name}@example.org")).expect("a good address"),
        username: Some(username.clone()),
        name: Name::parse(name).expect("a good name"),
        password: Password::parse_new(PASSWORD).expect("a good password"),
    };
    let user = account::register(app, new, None).await.expect("a new name");
    let password = Password::parse_attempt(PASSWORD);
    let login = Login::Username(username);
    let tokens = session::login(app, &login, password, DeviceName::unnamed()).await;
    let tokens = tokens.expect("the right password");
    let row = table::get(app.store(), user, tokens.session).await.expect("memory can be read");
    let (session, _) = row.expect("a session was opened");
    Person { name, user, tokens, session }
}

async fn actor(app: &App, person: &Person) -> Actor {
    session::authenticate(app, &person.tokens.access).await.expect("a fresh token")
}

fn hiking(other: UserId) -> NewGroup {
    NewGroup {
        settings: GroupSettings {
            name: Name::parse("Hiking").expect("a good name"),
            picture: None,
            history: HistoryPolicy::All,
        },
        participants: vec![other],
        idempotency_key: None,
    }
}

fn hello() -> NewMessage {
    NewMessage {
        text: Text::parse("Hello").expect("a good text"),
        reply_to: None,
        client_message_id: None,
    }
}
