//! What all parts of a run share: the store, the nodes, the network between, and the record.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bus::Incoming;
use domain::{ConversationId, SessionId, Timestamp, UserId};
use parking_lot::Mutex;
use store::backend::{Faults, Memory};
use store::{Batch, Partition, Store};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::dice::Dice;
use crate::http::{self, Answer, Ask};
use crate::node::Node;
use crate::pipe::{CAPACITY_BYTES, End, Pressure, Silence, Tap, Weather, pipe};
use crate::plan::Plan;
use crate::record::{CANARY, Record};
use crate::trace::Trace;

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// 2026-01-01 12:00 UTC.
const EPOCH_MS: u64 = 1_767_268_800_000;
/// How long after a delete was confirmed its text may still leave: an answer that was under way.
const DELETE_SLACK: Duration = Duration::from_millis(250);
/// The same where reads take their time, or another node may hear of it late.
const DELETE_SLACK_SLOW: Duration = Duration::from_secs(5);
/// Bytes that a slow client's connection may have taken over before the delete.
const BUFFERED_BYTES: u64 = 96 * 1024;
/// How long after a revocation was confirmed frames may still leave (I14).
const REVOKED_SLACK: Duration = Duration::from_secs(1);
/// The same where the notice of it may be lost between nodes, or the store may be mute.
const REVOKED_SLACK_UNHEARD: Duration = Duration::from_secs(65);
/// Commits after which every batch without an answer has arrived or never will.
const COMMITS_OF_OTHERS: u32 = 32;
/// How long a late hint takes at most, in milliseconds.
const LATE_MS_MAX: u64 = 3_000;

/// Somebody.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The name to sign in with.
    pub(crate) name: String,
    /// Who it is.
    pub(crate) user: UserId,
}

/// How far the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Everybody is busy, and faults happen.
    Life,
    /// No more faults. What was begun is finished.
    Finish,
    /// It is over.
    Over,
}

/// What all parts of a run share.
pub(crate) struct World {
    /// The run.
    pub(crate) plan: Plan,
    /// What happened.
    pub(crate) trace: Trace,
    /// What was seen and done.
    pub(crate) record: Mutex<Record>,
    /// Everybody.
    pub(crate) people: Vec<Person>,
    /// The groups that were founded.
    pub(crate) groups: Mutex<Vec<ConversationId>>,
    /// The sessions that somebody signed in with.
    pub(crate) sessions: Mutex<Vec<(UserId, SessionId)>>,
    phase: Mutex<Phase>,
    phase_changed: Notify,
    memory: Memory,
    nodes: Vec<Mutex<Option<Arc<Node>>>>,
    starting: tokio::sync::Mutex<()>,
    /// When a node last died without a power failure: what it had handed over may come later.
    died_at: Mutex<Option<Instant>>,
    dice: Mutex<Dice>,
}

impl World {
    /// An empty world.
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            trace: Trace::new(),
            record: Mutex::default(),
            people: Vec::new(),
            groups: Mutex::default(),
            sessions: Mutex::default(),
            phase: Mutex::new(Phase::Life),
            phase_changed: Notify::new(),
            memory: Memory::with_faults(Faults { seed: plan.seed, ..Faults::default() }),
            nodes: (0..plan.nodes).map(|_| Mutex::new(None)).collect(),
            starting: tokio::sync::Mutex::default(),
            died_at: Mutex::default(),
            dice: Mutex::new(Dice::new(plan.seed)),
            plan,
        }
    }

    /// Dice for one part of the run.
    pub(crate) fn dice(&self) -> Dice {
        self.dice.lock().fork()
    }

    /// How far the run is.
    pub(crate) fn phase(&self) -> Phase {
        *self.phase.lock()
    }

    /// Waits until the run is no longer where it was. (A `watch` would wake those who wait in a random order.)
    pub(crate) async fn phase_after(&self, seen: Phase) {
        loop {
            let changed = self.phase_changed.notified();
            if self.phase() != seen {
                return;
            }
            changed.await;
        }
    }

    /// Goes on to the next phase.
    pub(crate) fn enter(&self, phase: Phase) {
        self.trace.note(&format!("!! {phase:?}"));
        *self.phase.lock() = phase;
        self.phase_changed.notify_waiters();
    }

    /// Whether faults happen.
    pub(crate) fn is_alive(&self) -> bool {
        self.phase() == Phase::Life
    }

    /// The store.
    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The node with this number, if it runs.
    pub(crate) fn node(&self, number: usize) -> Option<Arc<Node>> {
        self.nodes.get(number)?.lock().clone()
    }

    /// Starts the node with this number, unless it runs, and tries again until the store lets it.
    pub(crate) async fn start_node(self: &Arc<Self>, number: usize) {
        // One after the other: two that start the same node would leave one that runs beside it, and that nobody reaches.
        let _turn = self.starting.lock().await;
        while self.node(number).is_none() {
            let (memory, seed) = (self.memory.connect(), self.dice().roll());
            let passed_ms = self.trace.now_ns() / 1_000_000;
            let epoch = Timestamp::from_ms(EPOCH_MS + passed_ms);
            let starting = Node::start(memory, seed, epoch, self.plan.queues);
            if let Some(node) = starting.await {
                let node = Arc::new(node);
                self.trace.note(&format!("!! node {number} runs"));
                let relay = relay(self.clone(), number, node.clone());
                if let Some(slot) = self.nodes.get(number) {
                    *slot.lock() = Some(node.clone());
                }
                node.app().env().spawn("relay", relay);
            } else {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    /// Takes the node with this number away.
    pub(crate) fn take_node(&self, number: usize) -> Option<Arc<Node>> {
        self.nodes.get(number)?.lock().take()
    }

    /// The node with this number crashes. The store goes on.
    pub(crate) fn crash_node(&self, number: usize) {
        if let Some(node) = self.take_node(number) {
            self.trace.note(&format!("!! node {number} crashes"));
            node.crash();
            *self.died_at.lock() = Some(Instant::now());
        }
    }

    /// Whether a node has died so lately that no other may know yet what it has left to do.
    pub(crate) fn has_died_within(&self, time: Duration) -> bool {
        self.died_at.lock().is_some_and(|at| at.elapsed() <= time)
    }

    /// All nodes crash at once, and the store loses what was not on disk.
    pub(crate) fn power_failure(&self) {
        self.trace.note("!! power failure");
        for number in 0..self.nodes.len() {
            self.crash_node(number);
        }
        self.memory.crash();
    }

    /// The weather gets fine, the disk quick and empty.
    pub(crate) async fn calm(&self) {
        self.memory.free_disk();
        self.memory.set_faults(Faults { seed: self.plan.seed, ..Faults::default() });
        // What is on its way without an answer arrives with the commits of others.
        let store = Store::Memory(self.memory.connect());
        for _ in 0..COMMITS_OF_OTHERS {
            let _committed = store.commit(Batch::new(Partition::Deployment)).await.is_ok();
        }
        for slot in &self.nodes {
            if let Some(node) = slot.lock().as_ref() {
                node.calm();
            }
        }
    }

    /// A connection to a node, over a network like that of the plan.
    ///
    /// # Errors
    /// If the node does not run.
    pub(crate) fn connect(
        self: &Arc<Self>,
        number: usize,
        session: Option<SessionId>,
    ) -> io::Result<End> {
        let node = self.node(number).ok_or(io::ErrorKind::ConnectionRefused)?;
        let mut dice = self.dice();
        let weather = self.weather(&mut dice);
        let who = session.map_or_else(String::new, |session| session.to_string());
        self.trace.note(&format!("{who} dials node {number}, cut {:?}", weather.cut_at));
        let (client, end, line) = pipe(weather, dice, Some(tap(self, session)));
        node.accept(end, line);
        Ok(client)
    }

    fn weather(&self, dice: &mut Dice) -> Weather {
        let net = self.plan.net;
        let bad = self.is_alive();
        let low = dice.between(0, net.latency_ms_max / 2);
        let cut = bad && dice.chance(net.cuts_per_1000);
        let silent = dice.chance(net.silent_per_1000);
        let slow = bad && dice.chance(net.slow_per_1000);
        Weather {
            latency_ms: (low, dice.between(low, net.latency_ms_max)),
            chunk_bytes_max: net.chunk_bytes_max,
            client_reads: if slow { net.slow_bytes } else { 0 },
            capacity: if slow { 2_048 } else { CAPACITY_BYTES },
            cut_at: cut.then(|| dice.below(net.cut_bytes_max)),
            silence: if silent { Silence::Silent } else { Silence::Broken },
        }
    }

    /// One request to the node with this number.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        number: usize,
        (token, session): (Option<&str>, Option<SessionId>),
        ask: &Ask,
    ) -> Option<Answer> {
        // Where reads fail, a request has to.
        let reads = self.plan.store.unavailable_per_1000 == 0;
        let asked_at = Instant::now();
        // Whoever asked before the session was over may be answered after; sockets may not.
        let answer = match self.connect(number, None) {
            Ok(end) => http::call(end, token, ask).await,
            Err(_) => None,
        };
        if let Some(session) = session.filter(|_| answer.as_ref().is_some_and(Answer::is_done)) {
            self.check_session(session, asked_at);
        }
        if let Some(answer) = answer.as_ref().filter(|answer| answer.status == 500 && reads) {
            let told = format!("I16: {} {} gave {}", ask.method, ask.path, answer.json);
            self.record.lock().violation(told);
        }
        answer
    }

    /// I14: nothing more for a session that is over.
    fn check_session(&self, session: SessionId, at: Instant) {
        let mut record = self.record.lock();
        let slack = if self.may_be_unheard() { REVOKED_SLACK_UNHEARD } else { REVOKED_SLACK };
        let Some(since) = record.over.get(&session).copied() else { return };
        if at > since + slack {
            let late = at.duration_since(since).as_millis();
            record.violation(format!("I14: {session} still got something {late} ms after its end"));
        }
    }

    /// Whether a revocation may go unheard on another node, or a session unasked.
    fn may_be_unheard(&self) -> bool {
        let faults = self.plan.store;
        self.plan.nodes > 1 || faults.unavailable_per_1000 > 0 || faults.read_ms_max > 0
    }
}

/// Looks at what a node writes to one connection: no deleted text, and nothing for a session that is over.
fn tap(world: &Arc<World>, session: Option<SessionId>) -> Tap {
    let world = Arc::downgrade(world);
    let mut scan = Scan::default();
    Box::new(move |bytes, pressure| {
        if let Some(world) = world.upgrade() {
            scan.look(&world, session, (bytes, pressure));
        }
    })
}

/// What has been seen of one connection.
struct Scan {
    /// Only what says something of a conversation contains it.
    seq: Needle,
    page: Needle,
    event: Needle,
    /// Whether what comes now is a page.
    in_page: bool,
    inside: bool,
    number: Option<u64>,
    written: u64,
    /// How much had been written when, for the last writes.
    marks: std::collections::VecDeque<(Instant, u64)>,
}

/// Finds a word in a stream.
struct Needle {
    word: &'static [u8],
    at: usize,
}

impl Needle {
    const fn new(word: &'static [u8]) -> Self {
        Self { word, at: 0 }
    }

    /// Whether the word ends with this byte.
    fn ends_with(&mut self, byte: u8) -> bool {
        let next = |at: usize| self.word.get(at).is_some_and(|expected| *expected == byte);
        self.at = if next(self.at) { self.at + 1 } else { usize::from(next(0)) };
        self.at == self.word.len()
    }
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            seq: Needle::new(b"\"seq\":"),
            page: Needle::new(b"\"page\""),
            event: Needle::new(b"\"event\",\"n\""),
            in_page: false,
            inside: false,
            number: None,
            written: 0,
            marks: std::collections::VecDeque::new(),
        }
    }
}

impl Scan {
    fn look(
        &mut self,
        world: &World,
        session: Option<SessionId>,
        (bytes, pressure): (&[u8], Pressure),
    ) {
        let now = Instant::now();
        if self.marks.back().is_none_or(|(at, _)| *at < now) {
            self.marks.push_back((now, self.written));
            if self.marks.len() > 4_096 {
                self.marks.pop_front();
            }
        }
        for byte in bytes {
            self.in_page =
                (self.in_page || self.page.ends_with(*byte)) && !self.event.ends_with(*byte);
            if self.seq.ends_with(*byte) {
                session.iter().for_each(|session| world.check_session(*session, now));
            }
            match (*byte, self.inside) {
                (byte, _) if byte == CANARY as u8 => {
                    if let Some(number) = self.number.take().filter(|_| self.inside) {
                        self.check_canary(world, number, (now, pressure));
                    }
                    self.inside = !self.inside;
                }
                (digit, true) if digit.is_ascii_digit() => {
                    let so_far = self.number.unwrap_or_default();
                    self.number =
                        Some(so_far.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
                }
                (_, true) => (self.inside, self.number) = (false, None),
                (_, false) => {}
            }
        }
        self.written += bytes.len() as u64;
    }

    fn check_canary(&self, world: &World, number: u64, (now, pressure): (Instant, Pressure)) {
        let mut record = world.record.lock();
        let Some(since) = record.deleted.get(&number).copied() else { return };
        // Another node hears of a delete when it hears of anything in that conversation.
        if world.plan.bus.lost > 0 {
            return;
        }
        // A page that was asked for before holds what was read then.
        let is_slow = world.plan.store.read_ms_max > 0 || world.plan.nodes > 1;
        let slack = if is_slow { DELETE_SLACK_SLOW } else { DELETE_SLACK };
        let was_slow = pressure.full_until.is_some_and(|until| until + slack > since);
        let before = self.marks.iter().rev().find(|(at, _)| *at <= since);
        let after = self.written.saturating_sub(before.map_or(0, |(_, written)| *written));
        // Pages that a slow client asked for before wait as they are.
        let may_wait = was_slow && (self.in_page || after <= BUFFERED_BYTES);
        if now > since + slack && !may_wait {
            let late = now.duration_since(since).as_millis();
            record.violation(format!(
                "I12: the text ^{number}^ left {late} ms after its delete was confirmed"
            ));
        }
    }
}

/// Carries hints from one node to the others, as well as the plan lets it.
async fn relay(world: Arc<World>, number: usize, node: Arc<Node>) {
    let mut dice = world.dice();
    let mut heard = node.bus().subscribe();
    let own = node.app().node();
    drop(node);
    while let Incoming::Notice(envelope) = heard.next().await {
        if envelope.from != own {
            continue;
        }
        let hints = if world.is_alive() { world.plan.bus } else { Default::default() };
        for other in (0..world.plan.nodes).filter(|other| *other != number) {
            if dice.chance(hints.lost) {
                world
                    .trace
                    .note(&format!("!! lost on the way to node {other}: {:?}", envelope.notice));
                continue;
            }
            let times = if dice.chance(hints.doubled) { 2 } else { 1 };
            for _ in 0..times {
                let wait_ms = if dice.chance(hints.late) { dice.below(LATE_MS_MAX) } else { 1 };
                let (network, envelope) = (Arc::downgrade(&world), envelope.clone());
                let carry = async move {
                    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                    if let Some(node) = network.upgrade().and_then(|world| world.node(other)) {
                        node.bus().publish(envelope.from, envelope.notice);
                    }
                };
                let Some(carrier) = world.node(number) else { return };
                carrier.app().env().spawn("hint", carry);
            }
        }
    }
}
