//! What waits to be written to one socket: a bounded queue of references, kept a while when the socket is lost.
//!
//! A slow client costs no memory: past the window its events are dropped, only the set of conversations that it
//! missed is kept, and it is told `dirty` when it reads again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Waker;

use domain::limits::{
    HOT_RESUME_MS, LAGGING_TIMEOUT_MS, SENDS_IN_FLIGHT_MAX, SOCKET_CHECK_MS, WINDOW_BYTES_MAX,
    WINDOW_FRAMES_MAX,
};
use domain::{ClientMessageId, ConversationId, Receipt, Seq, SessionId, Timestamp, UserId};
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use super::LiveEvent;
use crate::Failure;

/// Frames that the writer takes at a time: enough to fill a write, few enough to keep memory small.
const TAKE_FRAMES_MAX: usize = 128;
/// Places for unacknowledged events that an idle socket keeps, so that not every event makes new ones.
const UNACKED_KEPT: usize = 4;
/// Notices that may wait beside events; more whispers are dropped.
const NOTICES_MAX: usize = 256;

/// A send that is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The conversation that it went to.
    pub conversation: ConversationId,
    /// Its place there.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Whether this was a retry of what was there already.
    pub duplicate: bool,
}

/// A send of a socket that was taken and waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Where to.
    pub(crate) conversation: ConversationId,
    /// The client's own id of it.
    pub(crate) client_message_id: ClientMessageId,
    /// Where it stands among all sends of the queue, at its first try.
    ordinal: u64,
    failures: u64,
    /// The socket that it came over: on the next one the client sends again what had no answer.
    attachment: u64,
}

/// Something to write to a socket.
#[derive(Clone, Debug)]
pub enum Item {
    /// An event, with its number on this connection.
    Event(u64, Arc<LiveEvent>),
    /// The answer to a send.
    Answer(ClientMessageId, Result<Sent, Failure>),
    /// Somebody's position.
    Receipt {
        /// Where.
        conversation: ConversationId,
        /// Whose.
        user: UserId,
        /// What it says.
        receipt: Receipt,
        /// How far.
        seq: Seq,
    },
    /// Somebody is writing.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        user: UserId,
    },
    /// Somebody came or went.
    Presence {
        /// Who.
        user: UserId,
        /// When last seen; nothing while online.
        last_seen_at: Option<Timestamp>,
    },
    /// Conversations that changed without this client being told.
    Dirty(Vec<(ConversationId, Seq)>),
    /// The preferences have this version now.
    Preferences(u64),
    /// The server restarts: come back after so many milliseconds.
    Drain(u64),
}

/// Why a socket has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The session is over.
    Revoked,
    /// The server restarts.
    Drained,
    /// The same place was resumed on another socket, or the session has too many.
    Replaced,
    /// The client did not read for too long.
    Slow,
}

/// The queue of one socket.
#[derive(Debug)]
pub struct Outbox {
    /// Who receives it.
    pub user: UserId,
    /// With which session.
    pub session: SessionId,
    ticket: [u8; 16],
    state: Mutex<State>,
    wake: AtomicWaker,
    is_due: AtomicBool,
    due_at_ms: AtomicU64,
    joined_tick: AtomicU64,
}

/// What may be on its way to one client, written or not, before its events are dropped and only named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Events. A client acknowledges them by 32 at the latest, so that no less than twice as many make sense.
    pub frames: usize,
    /// Their bytes.
    pub bytes: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { frames: WINDOW_FRAMES_MAX, bytes: WINDOW_BYTES_MAX }
    }
}

impl Window {
    /// Whether it holds so many events with so many bytes.
    const fn holds(self, frames: usize, bytes: usize) -> bool {
        frames <= self.frames && bytes <= self.bytes
    }
}

#[derive(Debug, Default)]
struct State {
    window: Window,
    queue: VecDeque<Item>,
    waiting_events: usize,
    waiting_bytes: usize,
    unacked: VecDeque<(u64, Arc<LiveEvent>)>,
    unacked_bytes: usize,
    numbered: u64,
    client_acks: bool,
    lagging: Option<Lagging>,
    dirty_at: Option<u64>,
    sends_in_flight: usize,
    /// Sends that were not taken for now. What came behind one of them, to the same conversation, waits for its retry.
    put_off: BTreeMap<(ConversationId, u64), ClientMessageId>,
    /// Sends that were seen, to keep their order.
    ordinals: u64,
    /// How often a send was put off after it had been taken, and which of these times was the last of a conversation.
    failures: u64,
    failed: BTreeMap<ConversationId, u64>,
    attached: u64,
    detached_at: Option<Timestamp>,
    end: Option<End>,
}

#[derive(Debug)]
struct Lagging {
    dirty: BTreeMap<ConversationId, Seq>,
    since: Timestamp,
}

impl Outbox {
    pub(super) fn new(
        (user, session): (UserId, SessionId),
        ticket: [u8; 16],
        window: Window,
    ) -> Self {
        let state = State { attached: 1, window, ..State::default() };
        Self {
            user,
            session,
            ticket,
            state: Mutex::new(state),
            wake: AtomicWaker::new(),
            is_due: AtomicBool::new(false),
            due_at_ms: AtomicU64::new(0),
            joined_tick: AtomicU64::new(u64::MAX),
        }
    }

    /// What a client shows to take up this place again after a lost connection.
    pub const fn ticket(&self) -> [u8; 16] {
        self.ticket
    }

    /// Has the socket `attachment` woken by `waker` as soon as there may be something to do. Look for it after this, never
    /// before.
    ///
    /// # Errors
    /// [`End::Replaced`] for an earlier socket: it may still be busy with a slow question, and must not take the place of
    /// the one that is woken now.
    pub fn wake_by(&self, attachment: u64, waker: &Waker) -> Result<(), End> {
        let state = self.state.lock();
        if state.attached != attachment {
            return Err(End::Replaced);
        }
        self.wake.register(waker);
        Ok(())
    }

    /// Whether it is time to look whether the session is still valid and the client still there. All sockets share one
    /// clock, the sweep: a timer of its own would be a large part of what an idle one costs.
    pub fn take_due(&self) -> bool {
        self.is_due.swap(false, Ordering::AcqRel)
    }

    /// Wakes the socket if it was not due for a while.
    pub(super) fn remind(&self, now: Timestamp) {
        let due_at = Timestamp::from_ms(self.due_at_ms.load(Ordering::Relaxed));
        if now.since_ms(due_at) >= SOCKET_CHECK_MS {
            self.due_at_ms.store(now.as_ms(), Ordering::Relaxed);
            self.is_due.store(true, Ordering::Release);
            self.wake.wake();
        }
    }

    /// What to write next, or why the socket `attachment` has to end. Events that the receiver may no longer see are left
    /// out here, at the moment of writing.
    ///
    /// # Errors
    /// The reason to close the socket with.
    pub fn take(&self, attachment: u64) -> Result<Vec<Item>, End> {
        let mut state = self.state.lock();
        if state.attached != attachment {
            return Err(End::Replaced);
        }
        let mut items = Vec::with_capacity(state.queue.len().min(TAKE_FRAMES_MAX));
        while items.len() < TAKE_FRAMES_MAX {
            match state.queue.pop_front() {
                Some(Item::Event(_, event)) => items.extend(state.number(event, self.user)),
                Some(item) => items.push(item),
                None => break,
            }
        }
        items.extend(state.caught_up());
        if items.iter().any(|item| matches!(item, Item::Dirty(_))) {
            state.dirty_at = Some(state.numbered);
        }
        match state.end {
            Some(End::Revoked) => Err(End::Revoked),
            Some(end) if items.is_empty() => Err(end),
            Some(_) | None => Ok(items),
        }
    }

    /// Puts events into the queue; past the window only the conversations are remembered.
    pub(crate) fn push_events(&self, events: &[Arc<LiveEvent>], now: Timestamp) {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return;
        }
        for event in events {
            state.push_event(event, now);
        }
        drop(state);
        self.wake.wake();
    }

    /// Puts a notice into the queue. Whispers are dropped when too many wait; answers never are, since few can.
    pub(crate) fn push(&self, item: Item) {
        let mut state = self.state.lock();
        let notices = state.queue.len().saturating_sub(state.waiting_events);
        let is_answer = matches!(item, Item::Answer(..) | Item::Drain(_) | Item::Dirty(_));
        if is_answer || notices < NOTICES_MAX {
            state.queue.push_back(item);
        }
        drop(state);
        self.wake.wake();
    }

    /// A send is not taken for now. Until it is tried again, what came behind it is not taken either: the messages of
    /// one socket keep their order.
    pub fn put_off(&self, conversation: ConversationId, client_message_id: &ClientMessageId) {
        let mut state = self.state.lock();
        let known = state.put_off.range((conversation, 0)..=(conversation, u64::MAX));
        if !known.into_iter().any(|(_, id)| id == client_message_id) {
            state.ordinals += 1;
            let ordinal = state.ordinals;
            state.put_off(conversation, ordinal, client_message_id.clone());
        }
    }

    /// A send found no room: what comes behind it waits for its retry, what came before it goes on. One that came over an
    /// earlier socket has come again already, or will.
    pub(crate) fn turned_away(&self, sending: &Sending) {
        self.state.lock().put_back(sending);
    }

    /// A send that had been taken has failed: what was taken after it is put off as well.
    pub(crate) fn failed(&self, sending: &Sending) {
        let mut state = self.state.lock();
        state.put_back(sending);
        state.failures += 1;
        if state.failed.len() >= SENDS_IN_FLIGHT_MAX {
            state.failed.pop_first();
        }
        let failures = state.failures;
        state.failed.insert(sending.conversation, failures);
    }

    /// Whether one that was taken before this one has been put off since.
    pub(crate) fn waits_for_another(&self, sending: &Sending) -> bool {
        let state = self.state.lock();
        state.failed.get(&sending.conversation).is_some_and(|last| *last > sending.failures)
    }

    /// Answers a send and frees its place among those in flight. Nobody waits for an answer on a later socket: there
    /// the client tries again, and two tries may be decided differently.
    pub(crate) fn answer(&self, sending: Sending, outcome: Result<Sent, Failure>) {
        let mut state = self.state.lock();
        if state.attached != sending.attachment {
            return;
        }
        state.sends_in_flight = state.sends_in_flight.saturating_sub(1);
        drop(state);
        self.push(Item::Answer(sending.client_message_id, outcome));
    }

    /// Whether the client still waits for the answer to this send.
    pub(super) fn awaits(&self, sending: &Sending) -> bool {
        self.state.lock().attached == sending.attachment
    }

    /// Whether as many sends wait for their answer as are allowed. Every answer wakes the socket.
    pub fn is_full(&self) -> bool {
        self.state.lock().sends_in_flight >= SENDS_IN_FLIGHT_MAX
    }

    /// Takes a place for one more send.
    ///
    /// # Errors
    /// [`Failure::Busy`] when as many wait for their answer as are allowed.
    pub fn begin_send(
        &self,
        conversation: ConversationId,
        client_message_id: ClientMessageId,
    ) -> Result<Sending, Failure> {
        let mut state = self.state.lock();
        let busy = Err(Failure::Busy { retry_after_ms: 100 });
        if state.sends_in_flight >= SENDS_IN_FLIGHT_MAX {
            return busy;
        }
        let mut waiting = state.put_off.range((conversation, 0)..=(conversation, u64::MAX));
        let first = waiting.next().map(|((_, ordinal), id)| (*ordinal, *id == client_message_id));
        let ordinal = match first {
            Some((ordinal, true)) => {
                state.put_off.remove(&(conversation, ordinal));
                ordinal
            }
            Some((_, false)) if !domain::planted!(OrderNotKept) => return busy,
            Some((_, false)) | None => {
                state.ordinals += 1;
                state.ordinals
            }
        };
        state.sends_in_flight += 1;
        let (failures, attachment) = (state.failures, state.attached);
        Ok(Sending { conversation, client_message_id, ordinal, failures, attachment })
    }

    /// The client was told beside the queue which conversations changed.
    pub fn told_dirty(&self) {
        let mut state = self.state.lock();
        state.dirty_at = Some(state.numbered);
    }

    /// The client has everything up to `n`.
    pub fn acked(&self, n: u64) {
        let mut state = self.state.lock();
        state.client_acks = true;
        state.forget_through(n);
        drop(state);
        self.wake.wake();
    }

    /// Whether the client has been slow for too long.
    pub fn is_stuck(&self, now: Timestamp) -> bool {
        let state = self.state.lock();
        state
            .lagging
            .as_ref()
            .is_some_and(|lagging| now.since_ms(lagging.since) > LAGGING_TIMEOUT_MS)
    }

    /// Ends the socket.
    pub(crate) fn end(&self, end: End) {
        let mut state = self.state.lock();
        if end == End::Revoked {
            state.queue.clear();
            state.unacked.clear();
            state.waiting_events = 0;
            state.waiting_bytes = 0;
            state.unacked_bytes = 0;
        }
        state.end = Some(end);
        drop(state);
        self.wake.wake();
    }

    /// Why the socket `attachment` has to end, if it has to: asked while its client takes nothing, since [`Self::take`]
    /// is asked only once there is room to write.
    pub fn ended(&self, attachment: u64) -> Option<End> {
        let state = self.state.lock();
        if state.attached == attachment { state.end } else { Some(End::Replaced) }
    }

    /// Whether a socket stands behind this queue now.
    pub(crate) fn is_attached(&self) -> bool {
        let state = self.state.lock();
        state.detached_at.is_none() && state.end.is_none()
    }

    /// The socket is registered: events told after this tick of the hub reach it.
    pub(super) fn joined(&self, tick: u64) {
        self.joined_tick.store(tick, Ordering::Release);
    }

    /// Whether an event told at this tick of the hub may have missed the socket.
    pub(crate) fn may_lack(&self, tick: u64) -> bool {
        self.joined_tick.load(Ordering::Acquire) > tick
    }

    /// The socket `attachment` is gone; the place is kept for a while.
    pub(super) fn detach(&self, attachment: u64, now: Timestamp) {
        let mut state = self.state.lock();
        if state.attached == attachment {
            state.detached_at = Some(now);
        }
    }

    pub(super) fn is_forgotten(&self, now: Timestamp) -> bool {
        let state = self.state.lock();
        let lost = state.detached_at.is_some_and(|at| now.since_ms(at) >= HOT_RESUME_MS);
        lost || (state.end.is_some() && state.detached_at.is_some())
    }

    /// Takes the place up again on a new socket: what came after `n` is written again.
    pub(super) fn resume(&self, n: u64) -> Option<u64> {
        let mut state = self.state.lock();
        let oldest_known =
            state.unacked.front().map_or(state.numbered, |(first, _)| first.saturating_sub(1));
        // `dirty` has no number. Unless the client has seen an event after it, it may never have arrived.
        let may_lack_dirty = state.dirty_at.is_some_and(|at| n <= at);
        if state.end.is_some() || n > state.numbered || n < oldest_known || may_lack_dirty {
            return None;
        }
        state.forget_through(n + u64::from(domain::planted!(ResumeOffByOne)));
        if domain::planted!(ResumeSkipsInFlight) {
            state.unacked.clear();
        }
        let again: Vec<_> = state.unacked.drain(..).collect();
        state.unacked_bytes = 0;
        state.numbered = n;
        for (_, event) in again.into_iter().rev() {
            state.waiting_events += 1;
            state.waiting_bytes += event.size_hint();
            state.queue.push_front(Item::Event(0, event));
        }
        state.attached += 1;
        state.detached_at = None;
        state.sends_in_flight = 0;
        state.put_off.clear();
        if !domain::planted!(OldAnswersAfterResume) {
            state.queue.retain(|item| !matches!(item, Item::Answer(..)));
        }
        let attachment = state.attached;
        drop(state);
        self.wake.wake();
        Some(attachment)
    }
}

impl State {
    fn put_off(&mut self, to: ConversationId, ordinal: u64, id: ClientMessageId) {
        // Whoever never tries again loses the order and not the conversation.
        if self.put_off.len() >= 2 * SENDS_IN_FLIGHT_MAX {
            self.put_off.clear();
        }
        self.put_off.insert((to, ordinal), id);
    }

    /// Waits for the retry of a send of the present socket.
    fn put_back(&mut self, sending: &Sending) {
        if self.attached == sending.attachment {
            let id = sending.client_message_id.clone();
            self.put_off(sending.conversation, sending.ordinal, id);
        }
    }

    fn push_event(&mut self, event: &Arc<LiveEvent>, now: Timestamp) {
        if domain::planted!(LagClearedEarly) && self.queue.is_empty() {
            self.lagging = None;
        }
        if let Some(lagging) = &mut self.lagging {
            lagging.dirty.insert(event.conversation(), event.seq());
            return;
        }
        self.queue.push_back(Item::Event(0, event.clone()));
        self.waiting_events += 1;
        self.waiting_bytes += event.size_hint();
        let (unacked, unacked_bytes) =
            if self.client_acks { (self.unacked.len(), self.unacked_bytes) } else { (0, 0) };
        let frames = self.waiting_events + unacked;
        if !self.window.holds(frames, self.waiting_bytes + unacked_bytes) {
            self.lag(now);
        }
    }

    /// Drops the events that wait and keeps only where they belong.
    fn lag(&mut self, now: Timestamp) {
        let mut dirty = BTreeMap::new();
        self.queue.retain(|item| match item {
            Item::Event(_, event) => {
                dirty.insert(event.conversation(), event.seq());
                false
            }
            Item::Receipt { .. } | Item::Typing { .. } | Item::Presence { .. } => false,
            Item::Answer(..) | Item::Dirty(_) | Item::Preferences(_) | Item::Drain(_) => true,
        });
        self.queue.shrink_to_fit();
        self.waiting_events = 0;
        self.waiting_bytes = 0;
        self.lagging = Some(Lagging { dirty, since: now });
    }

    /// Once there is room again: what the client missed.
    fn caught_up(&mut self) -> Option<Item> {
        let has_room = !self.client_acks || self.window.holds(self.unacked.len() * 2, 0);
        if !has_room {
            return None;
        }
        let mut lagging = self.lagging.take()?;
        if domain::planted!(DirtyDropsOne) {
            lagging.dirty.pop_first();
        }
        Some(Item::Dirty(lagging.dirty.into_iter().collect()))
    }

    /// Gives an event its number on this connection, unless its receiver may not see it any more.
    fn number(&mut self, event: Arc<LiveEvent>, user: UserId) -> Option<Item> {
        let size = event.size_hint();
        self.waiting_events = self.waiting_events.saturating_sub(1);
        self.waiting_bytes = self.waiting_bytes.saturating_sub(size);
        if !event.may_be_seen_by(user) {
            return None;
        }
        self.numbered += 1;
        self.unacked.push_back((self.numbered, event.clone()));
        self.unacked_bytes += size;
        while !self.client_acks && !self.window.holds(self.unacked.len(), self.unacked_bytes) {
            let forgotten = self.unacked.front().map_or(0, |(n, _)| *n);
            self.forget_through(forgotten);
        }
        Some(Item::Event(self.numbered, event))
    }

    fn forget_through(&mut self, n: u64) {
        while self.unacked.front().is_some_and(|(first, _)| *first <= n) {
            if let Some((_, event)) = self.unacked.pop_front() {
                self.unacked_bytes = self.unacked_bytes.saturating_sub(event.size_hint());
            }
        }
        if self.unacked.is_empty() {
            self.unacked.shrink_to(UNACKED_KEPT);
            self.unacked_bytes = 0;
        }
    }
}
