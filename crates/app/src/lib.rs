//! The use cases of Kith, one function each: load, let `domain` decide, commit, tell.
//!
//! [`App`] holds what a node needs: the store, the bus, live sessions, desks and jobs. Time and randomness come from
//! [`Env`], the only owner of a clock and dice. What is deliberately not here: HTTP, JSON, configuration files, and
//! rules, which are in `domain`.

pub mod account;
pub mod conversation;
mod desk;
pub mod env;
pub mod failure;
pub mod group;
mod jobs;
pub mod keys;
pub mod live;
pub mod message;
pub mod operator;
mod password;
pub mod people;
pub mod preference;
pub mod presence;
pub mod reaction;
pub mod receipt;
pub mod session;
pub mod statistics;

use std::sync::Arc;

use bus::{Bus, NodeId, Notice};
use domain::Timestamp;
use store::Store;

pub use env::Env;
pub use failure::Failure;

/// How often idle desks, lost sockets and forgotten sessions are cleared away.
const SWEEP_MS: u64 = 10_000;

/// What is set from outside: by an operator, or by the simulator, which makes queues narrow.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Life of an access token, in milliseconds.
    pub access_token_ms: u64,
    /// Life of a session that is not refreshed, in milliseconds.
    pub session_ms: u64,
    /// Memory of one password hash, in KiB.
    pub password_kib: u32,
    /// Password hashes computed at the same time.
    pub password_threads: usize,
    /// Password checks that may wait for their turn; more are refused.
    pub password_queue: usize,
    /// Whether strangers may register.
    pub registration: Registration,
    /// Requests that may wait at one desk; more are told to try again.
    pub desk_queue: usize,
    /// What may wait for the client of one socket.
    pub window: live::Window,
}

/// Whether strangers may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anybody who reaches the server.
    Open,
    /// Only an operator makes accounts; the very first account may always register.
    Closed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_token_ms: 24 * 60 * 60 * 1000,
            session_ms: 60 * 24 * 60 * 60 * 1000,
            password_kib: 19 * 1024,
            password_threads: 2,
            password_queue: 32,
            registration: Registration::Open,
            desk_queue: 4096,
            window: live::Window::default(),
        }
    }
}

/// One node. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    bus: Bus,
    node: NodeId,
    env: Env,
    settings: Settings,
    keys: keys::Keys,
    passwords: password::Pool,
    sessions: session::Cache,
    hub: live::Hub,
    desks: desk::Desks,
    jobs: jobs::Queue,
    deliveries: receipt::Deliveries,
}

/// Whether the jobs caught up in the time given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// What was asked for before has been done.
    Yes,
    /// Some of it still waits.
    No,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

impl App {
    /// A node over `store`. Makes the keys at the first start, and takes up the jobs that an earlier run left.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn start(
        store: Store,
        bus: Bus,
        env: Env,
        settings: Settings,
    ) -> Result<Self, Failure> {
        let keys = keys::load_or_make(&store, &env).await?;
        let inner = Inner {
            node: NodeId(u64::from_be_bytes(env.bytes())),
            passwords: password::Pool::new(env.clone(), &settings),
            sessions: session::Cache::new(),
            hub: live::Hub::new(settings.window),
            desks: desk::Desks::new(),
            jobs: jobs::Queue::new(),
            deliveries: receipt::Deliveries::default(),
            store,
            bus,
            env,
            settings,
            keys,
        };
        let app = Self { inner: Arc::new(inner) };
        jobs::start(&app).await?;
        app.env().spawn("follow the bus", live::follow::follow_bus(app.clone()));
        app.env().spawn("sweep", sweep(app.clone()));
        Ok(app)
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What this node is called on the bus.
    pub fn node(&self) -> NodeId {
        self.inner.node
    }

    /// The clock and the dice.
    pub fn env(&self) -> &Env {
        &self.inner.env
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.inner.env.now()
    }

    /// The live sessions of this node.
    pub fn hub(&self) -> &live::Hub {
        &self.inner.hub
    }

    pub(crate) fn deliveries(&self) -> &receipt::Deliveries {
        &self.inner.deliveries
    }

    /// What an operator has set.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Jobs that wait or run.
    pub fn jobs_waiting(&self) -> usize {
        self.inner.jobs.waiting()
    }

    /// Waits until the jobs that are waiting now have run, for at most `limit_ms`.
    pub async fn settle(&self, limit_ms: u64) -> Settled {
        self.inner.jobs.settled(limit_ms).await
    }

    /// Ends every socket with a request to come back; call it before the process ends.
    pub fn drain(&self) {
        self.inner.hub.drain(self.env());
    }

    fn publish(&self, notice: Notice) {
        self.inner.bus.publish(self.inner.node, notice);
    }
}

#[expect(clippy::infinite_loop, reason = "it runs as long as the node does")]
async fn sweep(app: App) {
    loop {
        app.env().sleep_ms(SWEEP_MS).await;
        app.inner.desks.sweep(app.now());
        app.inner.hub.sweep(app.now());
    }
}
