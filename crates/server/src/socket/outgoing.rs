//! What goes to the client: frames from the outbox and answers, written as fast as the client takes them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use app::Failure;
use app::live::{Item, LiveEvent, Sent};
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use domain::limits::DIRTY_CONVERSATIONS_MAX;
use domain::{ClientMessageId, ConversationId, Seq, Timestamp, UserId};
use futures_util::Sink as _;
use wire::frame::{
    AckFrame, CursorFrame, DirtyFrame, DrainFrame, EventFrame, Head, NackFrame, PresenceFrame,
    ServerFrame, TypingNotice, event_frame_prefix,
};

use crate::problem::Failed;
use crate::render;

/// Answers that may wait. A client that asks more and does not read is not heard until it does.
const ANSWERS_MAX: usize = 16;

/// What is being written.
pub(super) struct Outgoing {
    /// Answers to the client's own frames.
    answers: VecDeque<Message>,
    /// What was taken from the outbox. It is encoded only when there is room, so that what is deleted meanwhile is
    /// not written.
    items: std::vec::IntoIter<Item>,
    /// Up to which place in the inbox the client has been told everything.
    upos: u64,
    /// Who receives it.
    user: UserId,
    unflushed: bool,
    since: Option<Timestamp>,
}

impl Outgoing {
    /// Nothing yet, for a user's client that has been told everything up to `upos`.
    pub(super) fn new(user: UserId, upos: u64) -> Self {
        Self {
            answers: VecDeque::new(),
            items: Vec::new().into_iter(),
            upos,
            user,
            unflushed: false,
            since: None,
        }
    }

    /// Whether everything is written.
    pub(super) fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.items.as_slice().is_empty() && !self.unflushed
    }

    /// Whether the client has to read before it may ask more.
    pub(super) fn is_congested(&self) -> bool {
        self.answers.len() >= ANSWERS_MAX
    }

    /// Whether nothing was taken for `ms`.
    pub(super) fn is_stuck(&self, now: Timestamp, ms: u64) -> bool {
        self.since.is_some_and(|since| now.since_ms(since) > ms)
    }

    /// Writes `frame` next.
    pub(super) fn answer(&mut self, frame: &ServerFrame, now: Timestamp) {
        self.message(Message::Text(frame.to_json().into()), now);
    }

    /// Writes `message` next.
    pub(super) fn message(&mut self, message: Message, now: Timestamp) {
        self.since.get_or_insert(now);
        self.answers.push_back(message);
    }

    /// Writes what the outbox gave. Only when everything before is written.
    pub(super) fn items(&mut self, items: Vec<Item>, now: Timestamp) {
        self.since.get_or_insert(now);
        self.items = items.into_iter();
    }

    /// Writes on. Ready once everything is with the operating system; pending for ever when there is nothing to write.
    pub(super) fn poll_write(
        &mut self,
        mut socket: Pin<&mut WebSocket>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), axum::Error>> {
        while !self.answers.is_empty() || !self.items.as_slice().is_empty() {
            ready!(socket.as_mut().poll_ready(context))?;
            if let Some(message) = self.next() {
                self.unflushed = true;
                socket.as_mut().start_send(message)?;
            }
        }
        if !self.unflushed {
            self.since = None;
            return Poll::Pending;
        }
        ready!(socket.as_mut().poll_flush(context))?;
        *self = Self::new(self.user, self.upos);
        Poll::Ready(Ok(()))
    }

    fn next(&mut self) -> Option<Message> {
        self.answers.pop_front().or_else(|| {
            let (user, upos) = (self.user, self.upos);
            let text = self.items.find_map(|item| encode(&item, user, upos))?;
            Some(Message::Text(text.into()))
        })
    }
}

/// An item as text. Preferences are read and written as an answer.
fn encode(item: &Item, user: UserId, upos: u64) -> Option<String> {
    let frame = match item {
        Item::Event(n, event) => return event_text(*n, event, user),
        Item::Preferences(_) => return None,
        Item::Answer(id, outcome) => outcome_frame(id, outcome),
        Item::Read { conversation, user, seq } => ServerFrame::Cursor(CursorFrame {
            conversation_id: conversation.to_string(),
            user_id: user.to_string(),
            read_seq: Some(seq.number()),
            delivered_seq: None,
        }),
        Item::Typing { conversation, user } => ServerFrame::Typing(TypingNotice {
            conversation_id: conversation.to_string(),
            user_id: user.to_string(),
        }),
        Item::Presence { user, last_seen_at } => ServerFrame::Presence(PresenceFrame {
            user_id: user.to_string(),
            online: last_seen_at.is_none(),
            last_seen_at: *last_seen_at,
        }),
        Item::Dirty(changed) => ServerFrame::Dirty(dirty(changed, upos)),
        Item::Drain(ms) => ServerFrame::Drain(DrainFrame { reconnect_in_ms: *ms }),
    };
    Some(frame.to_json())
}

/// What all receivers share is encoded once; only the number in front of it is each socket's own.
fn event_text(n: u64, event: &LiveEvent, user: UserId) -> Option<String> {
    /// Room for the number and what stands around it.
    const PREFIX_BYTES: usize = 48;

    if !event.may_be_seen_by(user) {
        return None;
    }
    let shared = event.encoded_for(user, |conversation, event, target| {
        let frame = EventFrame {
            n: 0,
            conversation_id: conversation.to_string(),
            seq: event.seq.number(),
            event: render::event_body(conversation, event, target),
        };
        Bytes::from(frame.encode_shared())
    });
    let mut text = String::with_capacity(PREFIX_BYTES + shared.len());
    event_frame_prefix(n, &mut text);
    text.push_str(std::str::from_utf8(&shared).expect("it was made from a string"));
    Some(text)
}

fn outcome_frame(id: &ClientMessageId, outcome: &Result<Sent, Failure>) -> ServerFrame {
    match outcome {
        Ok(sent) => ServerFrame::Ack(AckFrame {
            client_message_id: id.as_str().to_owned(),
            conversation_id: sent.conversation.to_string(),
            seq: sent.seq.number(),
            message_id: render::message_id(sent.conversation, sent.seq),
            sent_at: sent.at,
            dup: sent.duplicate,
        }),
        Err(failure) => nack(id.as_str(), failure.clone()),
    }
}

/// Refuses a send.
pub(super) fn nack(id: &str, failure: impl Into<Failed>) -> ServerFrame {
    ServerFrame::Nack(NackFrame::new(id.to_owned(), &failure.into().0))
}

/// Conversations and their heads.
pub(super) fn heads(changed: &[(ConversationId, Seq)]) -> Vec<Head> {
    let head = |(id, head): &(ConversationId, Seq)| Head {
        conversation_id: id.to_string(),
        head: head.number(),
    };
    changed.iter().take(DIRTY_CONVERSATIONS_MAX).map(head).collect()
}

fn dirty(changed: &[(ConversationId, Seq)], upos: u64) -> DirtyFrame {
    let more = changed.len() > DIRTY_CONVERSATIONS_MAX;
    DirtyFrame { conversations: heads(changed), upos, more }
}
