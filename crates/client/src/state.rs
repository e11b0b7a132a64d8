//! What a session knows, and what it makes of each frame. No sockets, no clock: the time is an argument.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use domain::{ConversationId, Seq};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use wire::frame::{
    AckFrame, AckedFrame, ClientFrame, DirtyFrame, ErrorFrame, EventBody, EventFrame, Head,
    HeadsFrame, HeadsRequest, HelloFrame, Limits, MessageEvent, NackFrame, PageFrame, PongFrame,
    PullFrame, ReadyFrame, Resume, Resumed, RevokedReason, ServerFrame,
};

use crate::log::{Log, Pull, Step};
use crate::outbox::{Outbox, OutboxFull, Outgoing};

/// Pages that may be on their way at the same time.
const PULLS_MAX: usize = 8;
/// Events between two acknowledgements: far below the server's window, far above one frame for each.
const EVENTS_PER_ACKED: u64 = 32;
/// When to try again if the server does not say.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// What to keep, so that the next session goes on where this one ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The place in the inbox up to which everything was seen.
    pub upos: u64,
    /// For each conversation the last event up to which everything was seen.
    pub have: BTreeMap<ConversationId, Seq>,
}

/// What happened, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// A connection stands.
    Connected(Resumed),
    /// The connection is lost; the session tries to come back.
    Disconnected,
    /// The next event of a conversation. An own message that this session sent comes as an event too.
    Event {
        /// Where.
        conversation: ConversationId,
        /// Its place there: always the next one.
        seq: Seq,
        /// What happened.
        event: EventBody,
    },
    /// The user may not see this part of a conversation.
    Gap {
        /// Where.
        conversation: ConversationId,
        /// The first place that is not seen.
        first: Seq,
        /// The last one.
        last: Seq,
    },
    /// Nothing more is to be had from this conversation.
    Gone(ConversationId),
    /// A message is durable and has its place.
    Acked {
        /// The message.
        message: Outgoing,
        /// Its place.
        ack: AckFrame,
        /// How often it was sent.
        attempts: u32,
    },
    /// A message will never be in the log.
    Refused {
        /// The message.
        message: Outgoing,
        /// Why: a stable code.
        problem: String,
        /// How often it was sent.
        attempts: u32,
    },
    /// More conversations changed than the socket names: list them with
    /// [`Rest::conversations`](crate::Rest::conversations), and tell their heads to
    /// [`Session::reaches`](crate::Session::reaches).
    MoreChanged,
    /// Something that has no place in a log: read positions, whispers, preferences.
    Notice(ServerFrame),
    /// The session needs another token; with a reason where it was ended on purpose.
    SignedOut(Option<RevokedReason>),
}

/// What a frame means for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    /// It goes on.
    Stays,
    /// It has to be made again after this time.
    Again(Duration),
    /// It is over until there is another token.
    Over,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    user: String,
    limits: Limits,
    logs: BTreeMap<ConversationId, Log>,
    /// Conversations of which something is missing.
    lagging: BTreeSet<ConversationId>,
    /// Conversations that the user has left: they are not in the digest.
    left: BTreeSet<ConversationId>,
    pulls: usize,
    outbox: Outbox,
    upos: u64,
    /// Will be `upos` once nothing is missing.
    upos_next: Option<u64>,
    /// The `upos` of a cold `ready` whose `dirty` has not come.
    upos_ready: Option<u64>,
    ticket: Option<String>,
    n: u64,
    n_acked: u64,
    urgent: VecDeque<ClientFrame>,
    updates: VecDeque<Update>,
}

impl State {
    pub(crate) fn new(place: Place) -> Self {
        let logs = place.have.into_iter().map(|(id, have)| (id, Log::after(have))).collect();
        Self { logs, upos: place.upos, ..Self::default() }
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            upos: self.upos,
            have: self.logs.iter().map(|(id, log)| (*id, log.have())).collect(),
        }
    }

    pub(crate) fn next_update(&mut self) -> Option<Update> {
        self.updates.pop_front()
    }

    pub(crate) fn send(&mut self, message: Outgoing) -> Result<(), OutboxFull> {
        self.outbox.push(message)
    }

    pub(crate) fn unsent(&self) -> usize {
        self.outbox.len()
    }

    pub(crate) fn oldest_in_flight(&self) -> Option<Instant> {
        self.outbox.oldest_in_flight()
    }

    /// Whether something is known to be missing.
    pub(crate) fn lags(&self) -> bool {
        !self.lagging.is_empty()
    }

    pub(crate) fn hello(&self, token: &str, device: Option<&str>) -> HelloFrame {
        HelloFrame {
            token: Some(token.to_owned()),
            device: device.map(str::to_owned),
            upos: Some(self.upos),
            resume: self.ticket.clone().map(|ticket| Resume { ticket, n: self.n }),
        }
    }

    pub(crate) fn ready(&mut self, ready: ReadyFrame) {
        self.user = ready.user_id;
        self.limits = ready.limits;
        self.ticket = ready.ticket;
        match ready.resumed {
            Resumed::Hot => self.upos_ready = None,
            Resumed::Cold => {
                self.upos_ready = Some(ready.upos);
                self.n = 0;
            }
        }
        self.n_acked = self.n;
        self.updates.push_back(Update::Connected(ready.resumed));
    }

    /// The connection is gone, and with it every question without an answer.
    pub(crate) fn lost(&mut self) {
        self.outbox.lost();
        self.urgent.clear();
        self.pulls = 0;
        self.upos_ready = None;
        for log in self.logs.values_mut() {
            log.set_pull(Pull::Idle);
        }
        self.updates.push_back(Update::Disconnected);
    }

    pub(crate) fn signed_out(&mut self, reason: Option<RevokedReason>) {
        self.updates.push_back(Update::SignedOut(reason));
    }

    /// What to write now.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<ClientFrame> {
        let mut frames: Vec<_> = self.urgent.drain(..).collect();
        if self.n >= self.n_acked + EVENTS_PER_ACKED {
            frames.extend(self.acked());
        }
        let wanting: Vec<_> = self
            .lagging
            .iter()
            .copied()
            .filter(|id| self.logs.get(id).is_some_and(|log| log.wants_pull(now)))
            .take(PULLS_MAX.saturating_sub(self.pulls))
            .collect();
        for id in wanting {
            frames.extend(self.pull(id));
        }
        frames.extend(
            self.outbox.due(now, self.limits.sends_in_flight).into_iter().map(ClientFrame::Send),
        );
        frames
    }

    /// Tells the server how much has arrived, if it does not know.
    pub(crate) fn acked(&mut self) -> Option<ClientFrame> {
        let news = self.n > self.n_acked;
        self.n_acked = self.n;
        news.then_some(ClientFrame::Acked(AckedFrame { n: self.n }))
    }

    fn pull(&mut self, id: ConversationId) -> Option<ClientFrame> {
        let log = self.logs.get_mut(&id)?;
        log.set_pull(Pull::Asked);
        self.pulls += 1;
        let after = log.have().number();
        Some(ClientFrame::Pull(PullFrame { conversation_id: id.to_string(), after, limit: None }))
    }

    /// When there may be something to write although nothing has arrived.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let pulls = self.lagging.iter().filter_map(|id| match self.logs.get(id)?.pull() {
            Pull::Wait(until) => Some(until),
            Pull::Idle | Pull::Asked => None,
        });
        pulls.chain(self.outbox.paused_until()).min()
    }

    pub(crate) fn handle(&mut self, frame: ServerFrame, now: Instant) -> Connection {
        match frame {
            ServerFrame::Ack(ack) => self.ack(ack),
            ServerFrame::Nack(nack) => self.nack(nack, now),
            ServerFrame::Event(event) => self.event(event),
            ServerFrame::Page(page) => self.page(page),
            ServerFrame::Dirty(dirty) => self.dirty(&dirty),
            ServerFrame::Heads(heads) => self.heads(&heads),
            ServerFrame::Pong(pong) => self.pong(&pong),
            ServerFrame::Error(error) => self.error(error, now),
            ServerFrame::Drain(drain) => {
                return Connection::Again(Duration::from_millis(drain.reconnect_in_ms));
            }
            ServerFrame::Revoked(revoked) => {
                // What had no answer goes again, with the next token.
                self.lost();
                self.signed_out(Some(revoked.reason));
                return Connection::Over;
            }
            notice @ (ServerFrame::Cursor(_)
            | ServerFrame::Typing(_)
            | ServerFrame::Presence(_)
            | ServerFrame::Preferences(_)) => self.updates.push_back(Update::Notice(notice)),
            ServerFrame::Ready(_) | ServerFrame::Unknown => {}
        }
        Connection::Stays
    }

    fn ack(&mut self, ack: AckFrame) {
        let done = self.outbox.done(&ack.client_message_id);
        let Ok(conversation) = ack.conversation_id.parse() else { return };
        match done {
            Some((message, attempts)) => {
                let own = own_message(&self.user, &message, &ack);
                let (seq, repeated) = (Seq::new(ack.seq), ack.dup);
                self.updates.push_back(Update::Acked { message, ack, attempts });
                if repeated {
                    // Somebody may have edited or deleted it meanwhile: its event comes from the log.
                    self.reaches(conversation, seq);
                } else {
                    // The socket that sent a message gets its ack in the place of the event.
                    self.arrived(conversation, |log| log.event(seq, own));
                }
            }
            None => self.reaches(conversation, Seq::new(ack.seq)),
        }
    }

    fn nack(&mut self, nack: NackFrame, now: Instant) {
        if !nack.is_final {
            let wait = nack.retry_after_ms.map_or(RETRY_AFTER, Duration::from_millis);
            self.outbox.refused_for_now(&nack.client_message_id, now + wait);
        } else if let Some((message, attempts)) = self.outbox.done(&nack.client_message_id) {
            self.updates.push_back(Update::Refused { message, problem: nack.problem, attempts });
        }
    }

    fn event(&mut self, frame: EventFrame) {
        self.n = self.n.max(frame.n);
        if let Ok(conversation) = frame.conversation_id.parse() {
            self.arrived(conversation, |log| log.event(Seq::new(frame.seq), frame.event));
        }
    }

    fn page(&mut self, page: PageFrame) {
        self.pulls = self.pulls.saturating_sub(1);
        if let Ok(conversation) = page.conversation_id.parse() {
            self.arrived(conversation, |log| log.page(page));
        }
    }

    fn dirty(&mut self, dirty: &DirtyFrame) {
        // Before the place can move: of all that is named here, something may be missing.
        self.all_reach(&dirty.conversations);
        // Only the one that belongs to `ready` names everything up to its `upos`.
        if self.upos_ready == Some(dirty.upos) && !dirty.more {
            self.upos_next = self.upos_ready.take();
        }
        if dirty.more {
            self.updates.push_back(Update::MoreChanged);
        }
        self.advance_upos();
    }

    fn heads(&mut self, heads: &HeadsFrame) {
        self.all_reach(&heads.conversations);
        if heads.more {
            self.updates.push_back(Update::MoreChanged);
        }
    }

    fn all_reach(&mut self, heads: &[Head]) {
        for head in heads {
            if let Ok(conversation) = head.conversation_id.parse() {
                self.reaches(conversation, Seq::new(head.head));
            }
        }
    }

    /// Finds whole conversations that were missed.
    fn pong(&mut self, pong: &PongFrame) {
        if !self.lags() && pong.digest.as_ref().is_some_and(|digest| *digest != self.digest()) {
            self.urgent.push_back(ClientFrame::Heads(HeadsRequest {}));
        }
    }

    fn error(&mut self, error: ErrorFrame, now: Instant) {
        if error.frame.as_deref() != Some("pull") {
            self.updates.push_back(Update::Notice(ServerFrame::Error(error)));
            return;
        }
        self.pulls = self.pulls.saturating_sub(1);
        let conversation = error.conversation_id.and_then(|id| id.parse().ok());
        let Some((id, log)) = conversation.and_then(|id| Some((id, self.logs.get_mut(&id)?)))
        else {
            return;
        };
        match error.retry_after_ms {
            Some(wait_ms) => log.set_pull(Pull::Wait(now + Duration::from_millis(wait_ms))),
            None => {
                log.close();
                self.lagging.remove(&id);
                self.updates.push_back(Update::Gone(id));
                self.advance_upos();
            }
        }
    }

    pub(crate) fn reaches(&mut self, conversation: ConversationId, seq: Seq) {
        self.arrived(conversation, |log| {
            log.reaches(seq);
            Step::default()
        });
    }

    fn arrived(&mut self, conversation: ConversationId, take: impl FnOnce(&mut Log) -> Step) {
        let log = self.logs.entry(conversation).or_default();
        let step = take(log);
        if log.lags() {
            self.lagging.insert(conversation);
        } else {
            self.lagging.remove(&conversation);
        }
        if let Some((first, last)) = step.gap {
            self.updates.push_back(Update::Gap { conversation, first, last });
        }
        for (seq, event) in step.ready {
            self.note_membership(conversation, &event);
            self.updates.push_back(Update::Event { conversation, seq, event });
        }
        self.advance_upos();
    }

    fn note_membership(&mut self, conversation: ConversationId, event: &EventBody) {
        match event {
            EventBody::Member(member) if member.user_id == self.user => {
                if member.role.is_some() {
                    self.left.remove(&conversation);
                } else {
                    self.left.insert(conversation);
                }
            }
            EventBody::Member(_)
            | EventBody::Message(_)
            | EventBody::Edit(_)
            | EventBody::Delete(_)
            | EventBody::Reaction(_)
            | EventBody::Settings(_)
            | EventBody::Unknown => {}
        }
    }

    fn advance_upos(&mut self) {
        if self.lagging.is_empty()
            && let Some(upos) = self.upos_next.take()
        {
            self.upos = upos;
        }
    }

    /// The digest of what is here, as the server computes it.
    pub(crate) fn digest(&self) -> String {
        let present =
            self.logs.iter().filter(|(id, log)| !self.left.contains(id) && log.have() > Seq::ZERO);
        let digest = present.fold(0, |digest, (id, log)| digest ^ head_hash(*id, log.have()));
        format!("{digest:016x}")
    }
}

/// What one conversation adds to the digest.
fn head_hash(conversation: ConversationId, head: Seq) -> u64 {
    let mut hash = Sha256::new();
    hash.update(conversation.to_bytes());
    hash.update(head.number().to_be_bytes());
    let bytes = hash.finalize().into_iter().take(8);
    bytes.fold(0, |number, byte| (number << 8) | u64::from(byte))
}

/// The event that the other members get, in the words of the one who sent it.
fn own_message(user: &str, message: &Outgoing, ack: &AckFrame) -> EventBody {
    EventBody::Message(MessageEvent {
        message_id: ack.message_id.clone(),
        sender_id: user.to_owned(),
        text: Some(message.text.clone()),
        sent_at: ack.sent_at,
        reply_to: message.reply_to.clone(),
        edited_at: None,
        deleted: false,
        reactions: Vec::new(),
        client_message_id: Some(ack.client_message_id.clone()),
    })
}

#[cfg(test)]
mod tests;
