//! A node of the deployment: the shipped app, edge and routes over the shared store, until it crashes or stops.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::{App, Env, Settings};
use bus::Bus;
use domain::Timestamp;
use parking_lot::Mutex;
use server::config::{Configuration, Overrides};
use server::edge::Edge;
use server::serve::Lobby;
use server::{socket, start};
use store::Store;
use store::backend::Memory;
use tokio::task::JoinSet;

use crate::pipe::{End, Line};
use crate::plan::Queues;

/// Memory of a password hash, in KiB: passwords are no subject here.
const PASSWORD_KIB: u32 = 8;
/// How far a node's clock is ahead at first, so that it can also jump back.
const AHEAD_MS: u64 = 3_600_000;
/// Where everybody comes from.
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A running node.
pub(crate) struct Node {
    app: App,
    memory: Memory,
    edge: Edge,
    lobby: Lobby,
    bus: Bus,
    ahead_ms: Arc<AtomicU64>,
    connections: Mutex<JoinSet<()>>,
    lines: Mutex<Vec<Line>>,
}

impl Node {
    /// Starts a node over the store as it is. Nothing if the store does not let it.
    pub(crate) async fn start(
        memory: Memory,
        seed: u64,
        epoch: Timestamp,
        queues: Queues,
    ) -> Option<Self> {
        let (env, ahead_ms) = Env::simulated(seed, epoch);
        ahead_ms.store(AHEAD_MS, Ordering::Relaxed);
        let bus = Bus::local();
        let settings = Settings {
            password_kib: PASSWORD_KIB,
            desk_queue: queues.desk,
            window: queues.window,
            ..Settings::default()
        };
        let app =
            App::start(Store::Memory(memory.clone()), bus.clone(), env, settings).await.ok()?;
        let edge = start::edge(configuration(), &app);
        let lobby = Lobby::new(&edge, start::routes(&edge, &app));
        let (connections, lines) = (Mutex::default(), Mutex::default());
        Some(Self { app, memory, edge, lobby, bus, ahead_ms, connections, lines })
    }

    /// The use cases.
    pub(crate) const fn app(&self) -> &App {
        &self.app
    }

    /// This node's end of the bus.
    pub(crate) const fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Takes a connection, if there is a place.
    pub(crate) fn accept(&self, end: End, line: Line) {
        let mut lines = self.lines.lock();
        lines.retain(|line| !line.is_over());
        lines.push(line);
        drop(lines);
        let mut connections = self.connections.lock();
        while connections.try_join_next().is_some() {}
        if let Some(connection) = self.lobby.attend(end, PEER) {
            connections.spawn(connection);
        }
    }

    /// Sets how far this node's clock is away from where it began.
    pub(crate) fn jump(&self, ahead_ms: u64) {
        self.ahead_ms.store(ahead_ms, Ordering::Relaxed);
    }

    /// The weather gets fine on all connections.
    pub(crate) fn calm(&self) {
        self.lines.lock().iter().for_each(Line::calm);
    }

    /// Everything ends where it is. What lives on, in tasks of its own, hears nothing of the store any more.
    pub(crate) fn crash(&self) {
        self.memory.disconnect();
        self.lines.lock().drain(..).for_each(|line| line.break_now());
        self.connections.lock().abort_all();
    }

    /// Stops in good order: sockets are asked to come back, jobs are finished.
    pub(crate) async fn stop(&self) {
        self.lobby.close();
        socket::drain(&self.edge, &self.app).await;
        let _caught_up = self.app.settle(2_000).await;
    }
}

/// As shipped, without limits of rates: they follow the clock of the machine.
fn configuration() -> Configuration {
    let loaded = Configuration::load(None, Overrides::default());
    let mut configuration = loaded.expect("the defaults are a valid configuration");
    configuration.limits.rates = false;
    configuration
}
