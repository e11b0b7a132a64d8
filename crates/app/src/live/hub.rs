//! The sockets of this node, by user, and the channels of conversations with events on their way.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use domain::limits::SOCKETS_PER_SESSION_MAX;
use domain::{ConversationId, Receipt, Seq, SessionId, Timestamp, UserId};
use parking_lot::{Mutex, RwLock};

use super::outbox::{End, Window};
use super::{Channel, Item, LiveEvent, Outbox, Sending, Sent};
use crate::Env;

/// Independent parts of the map of users, so that deliveries seldom wait for each other.
const SHARDS: usize = 64;
/// Over which time sockets come back after a restart, in milliseconds.
const DRAIN_SPREAD_MS: u64 = 5_000;

/// Positions that are remembered.
const POSITIONS_MAX: usize = 10_000;

type Users = HashMap<UserId, Vec<Arc<Outbox>>>;

/// All sockets of this node.
#[derive(Debug)]
pub struct Hub {
    shards: Vec<RwLock<Users>>,
    channels: Mutex<HashMap<ConversationId, Weak<Channel>>>,
    ticks: AtomicU64,
    /// Positions as they were told last: none goes back.
    positions: Mutex<HashMap<(ConversationId, UserId, Receipt), Seq>>,
    last_joined: AtomicU64,
    window: Window,
}

/// A socket's place in the hub.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Its queue.
    pub outbox: Arc<Outbox>,
    /// Which socket of that queue it is: an older one has to end.
    pub attachment: u64,
    /// Whether the user was not connected before.
    pub first: bool,
}

/// The answer to a send, and the socket that waits for it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) sending: Sending,
    pub(crate) sent: Sent,
}

fn push_with_answers(
    outbox: &Arc<Outbox>,
    events: &[Arc<LiveEvent>],
    answers: &HashMap<Seq, Answer>,
    now: Timestamp,
) {
    for event in events {
        match answers.get(&event.seq()) {
            Some(answer)
                if Arc::ptr_eq(&answer.outbox, outbox) && outbox.awaits(&answer.sending) =>
            {
                outbox.answer(answer.sending.clone(), Ok(answer.sent.clone()));
            }
            Some(_) | None => outbox.push_events(std::slice::from_ref(event), now),
        }
    }
}

/// Everybody's queues in the order of their users: a map has another one in every process, and a seed is one run.
fn in_order(users: &Users) -> Vec<Arc<Outbox>> {
    let mut outboxes: Vec<_> = users.values().flatten().cloned().collect();
    outboxes.sort_by_key(|outbox| outbox.user);
    outboxes
}

impl Hub {
    pub(crate) fn new(window: Window) -> Self {
        Self {
            shards: std::iter::repeat_with(RwLock::default).take(SHARDS).collect(),
            channels: Mutex::default(),
            ticks: AtomicU64::new(1),
            positions: Mutex::default(),
            last_joined: AtomicU64::new(0),
            window,
        }
    }

    fn shard(&self, user: UserId) -> &RwLock<Users> {
        // Ids are random already.
        let [.., last] = user.to_bytes();
        self.shards
            .get(usize::from(last) % SHARDS)
            .expect("the index is below the number of shards")
    }

    /// The next point in the order of registrations and deliveries: a socket registers before it takes its tick, an
    /// event takes its tick before it is delivered.
    pub(crate) fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    /// Lists and statistics know everything in a conversation up to `seq`.
    pub(crate) fn followed_up(&self, id: ConversationId, seq: Seq) {
        if let Some(channel) = self.channels.lock().get(&id).and_then(Weak::upgrade) {
            channel.set_followed_up(seq);
        }
    }

    /// Whether any socket was registered after this tick.
    pub(crate) fn joined_since(&self, tick: u64) -> bool {
        self.last_joined.load(Ordering::SeqCst) > tick
    }

    /// The channel of a conversation; the same one as long as anybody holds it.
    pub(crate) fn channel(&self, id: ConversationId) -> Arc<Channel> {
        let mut channels = self.channels.lock();
        if let Some(channel) = channels.get(&id).and_then(Weak::upgrade) {
            return channel;
        }
        let channel = Arc::new(Channel::new(id));
        channels.insert(id, Arc::downgrade(&channel));
        channel
    }

    /// Registers a new socket. What is told from now on reaches it; read the inbox after this, never before.
    pub fn join(&self, (user, session): (UserId, SessionId), env: &Env) -> Joined {
        let outbox = Arc::new(Outbox::new((user, session), env.bytes(), self.window));
        let mut users = self.shard(user).write();
        let outboxes = users.entry(user).or_default();
        let first = !outboxes.iter().any(|outbox| outbox.is_attached());
        let same_session =
            outboxes.iter().filter(|outbox| outbox.session == session && outbox.is_attached());
        if same_session.clone().count() >= SOCKETS_PER_SESSION_MAX {
            same_session.take(1).for_each(|oldest| oldest.end(End::Replaced));
        }
        outboxes.push(outbox.clone());
        outboxes.shrink_to_fit();
        let tick = self.tick();
        outbox.joined(tick);
        self.last_joined.fetch_max(tick, Ordering::SeqCst);
        Joined { outbox, attachment: 1, first }
    }

    /// Takes up the place of a lost socket after the event numbered `n`, if it is still known.
    pub fn resume(
        &self,
        (user, session): (UserId, SessionId),
        (ticket, n): ([u8; 16], u64),
    ) -> Option<Joined> {
        let users = self.shard(user).read();
        let outboxes = users.get(&user)?;
        let first = !outboxes.iter().any(|outbox| outbox.is_attached());
        let outbox = outboxes
            .iter()
            .find(|outbox| outbox.ticket() == ticket && outbox.session == session)?;
        let attachment = outbox.resume(n)?;
        Some(Joined { outbox: outbox.clone(), attachment, first })
    }

    /// The socket is gone; its place is kept for a hot resume.
    pub fn leave(&self, joined: &Joined, now: Timestamp) {
        joined.outbox.detach(joined.attachment, now);
    }

    /// Whether a user has a socket on this node.
    pub fn is_online(&self, user: UserId) -> bool {
        let users = self.shard(user).read();
        users.get(&user).is_some_and(|outboxes| outboxes.iter().any(|outbox| outbox.is_attached()))
    }

    /// Puts events into the queues of all who may see them. The socket that caused one gets its answer in that place.
    pub(crate) fn deliver(
        &self,
        channel: &Channel,
        events: &[Arc<LiveEvent>],
        answers: &HashMap<Seq, Answer>,
        now: Timestamp,
    ) {
        let Some(first) = events.first() else {
            return;
        };
        let writers: BTreeSet<UserId> = answers.values().map(|answer| answer.outbox.user).collect();
        for user in channel.receivers(first.seq()) {
            let users = self.shard(user).read();
            for outbox in users.get(&user).into_iter().flatten() {
                if writers.contains(&user) {
                    push_with_answers(outbox, events, answers, now);
                } else {
                    outbox.push_events(events, now);
                }
            }
        }
    }

    /// The queues of a user's sockets.
    pub(crate) fn outboxes(&self, user: UserId) -> Vec<Arc<Outbox>> {
        self.shard(user).read().get(&user).cloned().unwrap_or_default()
    }

    /// Puts a notice into the queues of all sockets of a user.
    pub(crate) fn tell(&self, user: UserId, item: &Item) {
        let Item::Receipt { conversation, user: whose, receipt, seq } = item else {
            return self.push_to_all(user, item);
        };
        // Two positions of one person may be told at the same time, each after looks at who may know.
        let mut positions = self.positions.lock();
        if positions.len() >= POSITIONS_MAX {
            positions.clear();
        }
        let latest = positions.entry((*conversation, *whose, *receipt)).or_default();
        if *latest <= *seq {
            *latest = *seq;
            self.push_to_all(user, item);
        }
    }

    fn push_to_all(&self, user: UserId, item: &Item) {
        for outbox in self.outboxes(user) {
            outbox.push(item.clone());
        }
    }

    /// Ends the sockets of a session, or of all sessions of a user.
    pub(crate) fn end_session(&self, user: UserId, session: Option<SessionId>) {
        let mut users = self.shard(user).write();
        let Some(outboxes) = users.get_mut(&user) else {
            return;
        };
        outboxes.retain(|outbox| {
            let ends = session.is_none_or(|session| session == outbox.session);
            if ends {
                outbox.end(End::Revoked);
            }
            !ends
        });
        if outboxes.is_empty() {
            users.remove(&user);
        }
    }

    /// Asks every client to come back a little later, each at its own time, and ends the sockets.
    pub(crate) fn drain(&self, env: &Env) {
        for shard in &self.shards {
            for outbox in in_order(&shard.read()) {
                let random = u64::from(u16::from_be_bytes(env.bytes()));
                outbox.push(Item::Drain(random * DRAIN_SPREAD_MS / u64::from(u16::MAX)));
                outbox.end(End::Drained);
            }
        }
    }

    /// Forgets lost sockets whose time is over, and reminds the others to look after themselves.
    pub(crate) fn sweep(&self, now: Timestamp) {
        for shard in &self.shards {
            shard.write().retain(|_, outboxes| {
                outboxes.retain(|outbox| !outbox.is_forgotten(now));
                !outboxes.is_empty()
            });
            in_order(&shard.read()).iter().for_each(|outbox| outbox.remind(now));
        }
        self.channels.lock().retain(|_, channel| channel.strong_count() > 0);
    }
}
