//! A server with people on it, one for each column of the table.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::account::NewAccount;
use app::session::{Actor, Login, Tokens};
use app::{App, Env, Settings, account, operator, preference, session};
use axum::Router;
use bus::Bus;
use domain::access::Principal;
use domain::text::{DeviceName, Email, Name, Password};
use domain::{Timestamp, UserId};
use server::config::{Configuration, Overrides};
use server::edge::{Edge, Observed};
use server::serve::{self, Door};
use store::Store;
use store::backend::Memory;

use crate::judge::{Judge, SECRET};
use crate::scene::Scene;
use crate::socket::Socket;

/// 2026-01-01 12:00 UTC.
const START_MS: u64 = 1_767_268_800_000;
pub(crate) const PASSWORD: &str = "a long sentence is fine";

/// Somebody with an account and a session.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) actor: Actor,
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) refresh: String,
}

/// The server, the people, and what they are asked for.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) routes: Router,
    pub(crate) judge: Judge,
    pub(crate) people: BTreeMap<Principal, Person>,
    /// Somebody who has a conversation with each host, and nothing to do with anybody else.
    pub(crate) guest: Person,
    /// A plain member of each group, who hides everything that can be hidden.
    pub(crate) bystander: Person,
    /// Somebody who belongs to no group.
    pub(crate) outsider: Person,
    pub(crate) scene: Scene,
    /// Where the server listens.
    pub(crate) address: String,
    pub(crate) sockets: BTreeMap<Principal, Socket>,
    clock: Arc<AtomicU64>,
    counter: u64,
}

impl World {
    pub(crate) async fn new() -> Self {
        let (env, clock) = Env::manual(START_MS, Timestamp::from_ms(START_MS));
        let store = Store::Memory(Memory::new());
        let app = App::start(store, Bus::local(), env, Settings::default()).await;
        let app = app.expect("the app starts");
        let loaded = Configuration::load(None, Overrides::default());
        let mut configuration = loaded.expect("defaults are valid");
        configuration.limits.rates = false;
        let edge = Edge::new(configuration, Box::new(Observed::default));
        let routes = server::start::routes(&edge, &app);
        let address = listen(&app, edge, routes.clone()).await;
        let mut making = Making { app: &app, judge: Judge::default(), counter: 0 };
        let people = making.people(&clock).await;
        let guest = making.person().await;
        let bystander = making.person().await;
        let outsider = making.person().await;
        let Making { mut judge, counter, .. } = making;
        hide_everything(&app, &bystander.actor).await;
        for person in people.values() {
            judge.hide(person.actor.user, bystander.actor.user);
        }
        let scene = Scene::absent();
        let sockets = BTreeMap::new();
        let mut world = Self {
            app,
            routes,
            judge,
            people,
            guest,
            bystander,
            outsider,
            scene,
            address,
            sockets,
            clock,
            counter,
        };
        world.set_scene().await;
        world.open_sockets().await;
        world
    }

    /// A host and a group as they stand before every question.
    pub(crate) async fn set_scene(&mut self) {
        self.scene = Scene::set(self).await;
    }

    pub(crate) fn pass_ms(&self, ms: u64) {
        self.clock.fetch_add(ms, Ordering::Relaxed);
    }

    /// Who reads the answers to this caller.
    pub(crate) fn user_of(&self, principal: Principal) -> Option<UserId> {
        self.people.get(&principal).map(|person| person.actor.user)
    }

    /// A number that was not there before.
    pub(crate) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A word that only these may read.
    pub(crate) fn secret(&mut self, readers: &[UserId]) -> String {
        let word = format!("{SECRET}{}", self.number());
        self.judge.secret(&word, readers.iter().copied());
        word
    }

    /// One more account.
    pub(crate) async fn account(&mut self) -> UserId {
        let mut making = Making {
            app: &self.app,
            judge: std::mem::take(&mut self.judge),
            counter: self.counter,
        };
        let (user, _) = making.account().await;
        (self.judge, self.counter) = (making.judge, making.counter);
        user
    }

    /// One more session of somebody.
    pub(crate) async fn one_more_session(&mut self, principal: Principal) -> Option<Tokens> {
        let person = self.people.get(&principal)?;
        let tokens = sign_in(&self.app, &person.email).await;
        self.judge.secret(&tokens.session.to_string(), [person.actor.user]);
        Some(tokens)
    }
}

/// Serves over the network as well, for sockets.
async fn listen(app: &App, edge: Edge, routes: Router) -> String {
    let listener = serve::listen(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = listener.local_addr().expect("it listens").to_string();
    let door = Door { listener, tls: None, routes };
    app.env().spawn("serve", async move {
        serve::serve(&edge, door, std::future::pending(), std::future::ready(())).await;
    });
    address
}

async fn hide_everything(app: &App, actor: &Actor) {
    let mut preferences = preference::get(app, actor).await.expect("the store can be read");
    preferences.privacy = domain::preference::Privacy {
        discoverable: false,
        show_presence: false,
        send_read_receipts: false,
    };
    preference::put(app, actor, preferences).await.expect("nobody else changes them");
}

async fn sign_in(app: &App, email: &str) -> Tokens {
    let login = Login::Email(Email::parse(email).expect("an address"));
    let password = Password::parse_attempt(PASSWORD);
    session::login(app, &login, password, DeviceName::unnamed())
        .await
        .expect("it can be signed in to")
}

/// The making of accounts.
struct Making<'a> {
    app: &'a App,
    judge: Judge,
    counter: u64,
}

impl Making<'_> {
    /// One for each column. Whose token is to expire signs in a day before the others.
    async fn people(&mut self, clock: &Arc<AtomicU64>) -> BTreeMap<Principal, Person> {
        let mut people = BTreeMap::new();
        // The first account of a server is its operator's.
        let principals = [Principal::Operator, Principal::Expired].into_iter();
        let others = Principal::ALL.into_iter().filter(|other| {
            !matches!(other, Principal::Nobody | Principal::Expired | Principal::Operator)
        });
        for principal in principals.chain(others) {
            people.insert(principal, self.person().await);
            if principal == Principal::Expired {
                let life_ms = self.app.settings().access_token_ms;
                clock.fetch_add(life_ms, Ordering::Relaxed);
                let operator: Person = people.remove(&Principal::Operator).expect("the first");
                people.insert(
                    Principal::Operator,
                    self.sign_in(operator.actor.user, operator.email).await,
                );
            }
        }
        let actor = |principal| people.get(&principal).expect("one for each").actor;
        session::logout(self.app, &actor(Principal::Revoked)).await.expect("signed in");
        let disabled = actor(Principal::Disabled).user;
        let access = operator::set_access(self.app, disabled, operator::Access::Disabled).await;
        access.expect("the account exists");
        people
    }

    async fn person(&mut self) -> Person {
        let (user, email) = self.account().await;
        self.sign_in(user, email).await
    }

    async fn sign_in(&mut self, user: UserId, email: String) -> Person {
        let tokens = sign_in(self.app, &email).await;
        let actor = session::authenticate(self.app, &tokens.access).await.expect("a fresh token");
        for word in [
            tokens.session.to_string(),
            tokens.refresh.rsplit('.').next().expect("its last part").to_owned(),
        ] {
            self.judge.secret(&word, [user]);
        }
        Person { actor, email, token: tokens.access, refresh: tokens.refresh }
    }

    /// An account whose e-mail address is a secret of its owner.
    async fn account(&mut self) -> (UserId, String) {
        self.counter += 1;
        let word = format!("{SECRET}{}", self.counter);
        let email = format!("{word}@example.org");
        let new = NewAccount {
            email: Email::parse(&email).expect("an address"),
            username: None,
            name: Name::parse(&format!("Person {}", self.counter)).expect("a name"),
            password: Password::parse_new(PASSWORD).expect("a password"),
        };
        let user = account::register(self.app, new, None).await.expect("a new address");
        self.judge.secret(&word, [user]);
        (user, email)
    }
}
