//! The people of all histories, and a node for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::account::NewAccount;
use app::operator::{self, Access};
use app::session::{self, Actor};
use app::{App, Env, Settings, account, people};
use bus::Bus;
use domain::text::{DeviceName, Email, Name, Password};
use domain::{SessionId, Timestamp, UserId};
use store::backend::Memory;
use store::tables::session as table;
use store::{Batch, Partition, Store};

use crate::world::PASSWORD;

/// 2026-01-01 12:00 UTC.
const START_MS: u64 = 1_767_268_800_000;
/// How many people play.
pub(crate) const PEOPLE: usize = 6;

/// Somebody, as signed in at the moment.
pub(crate) struct Player {
    pub(crate) actor: Actor,
    pub(crate) disabled: bool,
}

/// The people and their node.
pub(crate) struct Cast {
    pub(crate) app: App,
    pub(crate) players: Vec<Player>,
    /// Who has blocked whom.
    pub(crate) blocks: Vec<(usize, usize)>,
    clock: Arc<AtomicU64>,
    sessions: u128,
}

impl Cast {
    pub(crate) async fn new() -> Self {
        let (env, clock) = Env::manual(START_MS, Timestamp::from_ms(START_MS));
        let store = Store::Memory(Memory::new());
        let app = App::start(store, Bus::local(), env, Settings::default()).await;
        let app = app.expect("the app starts");
        let mut cast = Self { app, players: Vec::new(), blocks: Vec::new(), clock, sessions: 0 };
        for number in 0..PEOPLE {
            let new = NewAccount {
                email: Email::parse(&format!("player{number}@example.org")).expect("an address"),
                username: None,
                name: Name::parse(&format!("Player {number}")).expect("a name"),
                password: Password::parse_new(PASSWORD).expect("a password"),
            };
            let user = account::register(&cast.app, new, None).await.expect("a new address");
            let actor = cast.session(user).await;
            cast.players.push(Player { actor, disabled: false });
        }
        cast
    }

    /// A session as a sign-in makes it, without the work of checking a password.
    async fn session(&mut self, user: UserId) -> Actor {
        self.sessions += 1;
        let id = SessionId::from_bytes(self.sessions.to_be_bytes());
        let now = self.app.now();
        let session = table::Session {
            id,
            device: DeviceName::unnamed(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus_ms(self.app.settings().session_ms),
            refresh_hash: [0; 32],
            previous_refresh_hash: None,
        };
        let batch =
            Batch { writes: vec![table::put(&session)], ..Batch::new(Partition::User(user)) };
        self.app.store().commit(batch).await.expect("the store takes it");
        Actor { user, session: id, operator: false }
    }

    pub(crate) fn player(&self, number: usize) -> &Player {
        self.players.get(number).expect("there are as many")
    }

    pub(crate) fn user(&self, number: usize) -> UserId {
        self.player(number).actor.user
    }

    /// Ends a session and signs in anew.
    pub(crate) async fn revoke(&mut self, number: usize) {
        let actor = self.player(number).actor;
        session::revoke(&self.app, &actor, actor.session).await.expect("it is alive");
        self.sign_in(number).await;
    }

    async fn sign_in(&mut self, number: usize) {
        let user = self.user(number);
        let actor = self.session(user).await;
        self.players.get_mut(number).expect("there are as many").actor = actor;
    }

    /// Disables an account, or enables it and signs in anew.
    pub(crate) async fn toggle_access(&mut self, number: usize) {
        let (user, disabled) = (self.user(number), !self.player(number).disabled);
        let access = if disabled { Access::Disabled } else { Access::Enabled };
        operator::set_access(&self.app, user, access).await.expect("the account exists");
        self.players.get_mut(number).expect("there are as many").disabled = disabled;
        if !disabled {
            self.sign_in(number).await;
        }
    }

    /// Blocks, or ends the block.
    pub(crate) async fn toggle_block(&mut self, one: usize, other: usize) {
        let (actor, user) = (self.player(one).actor, self.user(other));
        match self.blocks.iter().position(|block| *block == (one, other)) {
            Some(index) => {
                people::unblock(&self.app, &actor, user).await.expect("it is always possible");
                self.blocks.swap_remove(index);
            }
            None => {
                people::block(&self.app, &actor, user).await.expect("there is room");
                self.blocks.push((one, other));
            }
        }
    }

    pub(crate) fn blocked(&self, one: UserId, other: UserId) -> bool {
        self.blocks.iter().any(|(blocker, blocked)| {
            let pair = (self.user(*blocker), self.user(*blocked));
            pair == (one, other) || pair == (other, one)
        })
    }

    /// Everybody as in the beginning.
    pub(crate) async fn rest(&mut self) {
        for (one, other) in self.blocks.clone() {
            self.toggle_block(one, other).await;
        }
        for number in 0..PEOPLE {
            if self.player(number).disabled {
                self.toggle_access(number).await;
            }
        }
    }

    pub(crate) fn pass_ms(&self, ms: u64) {
        self.clock.fetch_add(ms, Ordering::Relaxed);
    }
}
