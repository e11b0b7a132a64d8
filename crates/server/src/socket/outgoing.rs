//! What goes to the client: frames from the outbox and answers, written as fast as the client takes them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::task::{Context, Poll, ready};

use app::Failure;
use app::live::{Item, LiveEvent, Sent};
use bytes::Bytes;
use domain::limits::DIRTY_CONVERSATIONS_MAX;
use domain::{ClientMessageId, ConversationId, Receipt, Seq, Timestamp, UserId};
use wire::frame::{
    AckFrame, CursorFrame, DirtyFrame, DrainFrame, EventFrame, Head, NackFrame, PresenceFrame,
    ServerFrame, TypingNotice, event_frame_prefix,
};

use super::codec;
use super::connection::Connection;
use crate::problem::Failed;
use crate::render;

/// Answers that may wait. A client that asks more and does not read is not heard until it does.
const ANSWERS_MAX: usize = 16;
/// About how many bytes one write takes.
const WRITE_BYTES: usize = 64 * 1024;
/// A buffer that has grown beyond this is not kept.
const KEPT_BYTES_MAX: usize = 4 * WRITE_BYTES;

thread_local! {
    /// Where frames are put together, by whichever socket is writing. What the client does not take is forgotten, and
    /// encoded again when it does.
    static WRITE: RefCell<Write> = const { RefCell::new(Write { bytes: Vec::new(), ends: Vec::new() }) };
}

/// Frames in a row.
struct Write {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

/// What is being written.
pub(super) struct Outgoing {
    /// Answers to the client's own frames.
    answers: VecDeque<Vec<u8>>,
    /// What was taken from the outbox. It is encoded only when there is room, so that what is deleted meanwhile is
    /// not written.
    items: VecDeque<Item>,
    /// Up to which place in the inbox the client has been told everything.
    upos: u64,
    /// Who receives it.
    user: UserId,
    unflushed: bool,
    /// Whether the client took less than there was. Then one frame is enough to find out whether it takes more.
    is_blocked: bool,
    since: Option<Timestamp>,
}

impl Outgoing {
    /// Nothing yet, for a user's client that has been told everything up to `upos`.
    pub(super) fn new(user: UserId, upos: u64) -> Self {
        Self {
            answers: VecDeque::new(),
            items: VecDeque::new(),
            upos,
            user,
            unflushed: false,
            is_blocked: false,
            since: None,
        }
    }

    /// Whether everything is written.
    pub(super) fn is_empty(&self) -> bool {
        self.since.is_none()
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
        let mut bytes = Vec::new();
        codec::text(&mut bytes, |out| frame.write_json(out));
        self.answer_bytes(bytes, now);
    }

    /// Writes the `bytes` of a frame next.
    pub(super) fn answer_bytes(&mut self, bytes: Vec<u8>, now: Timestamp) {
        self.since.get_or_insert(now);
        self.answers.push_back(bytes);
    }

    /// Writes what the outbox gave. Only when everything before is written.
    pub(super) fn items(&mut self, items: Vec<Item>, now: Timestamp) {
        self.since.get_or_insert(now);
        self.items = items.into();
    }

    /// Writes on, as many frames as there are with one call. Ready once everything is with the operating system: true if
    /// there was anything.
    pub(super) fn poll_write(
        &mut self,
        connection: &mut Connection,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        if self.is_empty() {
            return Poll::Ready(Ok(false));
        }
        while !(self.answers.is_empty() && self.items.is_empty() && connection.cut().is_empty()) {
            ready!(WRITE.with_borrow_mut(|write| self.poll_frames(write, connection, context)))?;
        }
        if self.unflushed {
            ready!(connection.poll_flush(context))?;
        }
        self.unflushed = false;
        self.since = None;
        self.answers = VecDeque::new();
        self.items = VecDeque::new();
        Poll::Ready(Ok(true))
    }

    fn poll_frames(
        &mut self,
        write: &mut Write,
        connection: &mut Connection,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let enough = if self.is_blocked { 1 } else { WRITE_BYTES };
        write.clear();
        write.push(|out| out.extend_from_slice(connection.cut()));
        for answer in &self.answers {
            if write.bytes.len() >= enough {
                break;
            }
            write.push(|out| out.extend_from_slice(answer));
        }
        for item in &self.items {
            if write.bytes.len() >= enough {
                break;
            }
            write.push(|out| encode(item, self.user, self.upos, out));
        }
        if write.bytes.is_empty() {
            self.items.clear();
            return Poll::Ready(Ok(()));
        }
        self.is_blocked = true;
        let written = ready!(connection.poll_write(context, &write.bytes))?;
        self.is_blocked = written < write.bytes.len();
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.unflushed = true;
        self.written(write, written, connection.cut());
        Poll::Ready(Ok(()))
    }

    /// Forgets the frames that were written, and keeps the rest of the one that was begun.
    fn written(&mut self, write: &Write, bytes: usize, cut: &mut Vec<u8>) {
        let whole = write.ends.partition_point(|end| *end <= bytes);
        let end_of_whole = whole.checked_sub(1).and_then(|last| write.ends.get(last));
        let is_begun = end_of_whole.copied().unwrap_or_default() < bytes;
        let rest = match write.ends.get(whole) {
            Some(end) if is_begun => write.bytes.get(bytes..*end).unwrap_or_default(),
            Some(_) | None => &[],
        };
        *cut = rest.to_vec();
        let gone = (whole + usize::from(is_begun)).saturating_sub(1);
        let answers = gone.min(self.answers.len());
        self.answers.drain(..answers);
        self.items.drain(..(gone - answers).min(self.items.len()));
    }
}

impl Write {
    fn push(&mut self, frame: impl FnOnce(&mut Vec<u8>)) {
        frame(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES_MAX);
        self.ends.clear();
    }
}

/// Writes an item as a frame. Preferences are read and written as an answer.
fn encode(item: &Item, user: UserId, upos: u64, out: &mut Vec<u8>) {
    let frame = match item {
        Item::Event(n, event) => return encode_event(*n, event, user, out),
        Item::Preferences(_) => return,
        Item::Answer(id, outcome) => outcome_frame(id, outcome),
        Item::Receipt { conversation, user, receipt, seq } => ServerFrame::Cursor(CursorFrame {
            conversation_id: conversation.to_string(),
            user_id: user.to_string(),
            read_seq: (*receipt == Receipt::Read).then_some(seq.number()),
            delivered_seq: (*receipt == Receipt::Delivered).then_some(seq.number()),
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
    codec::text(out, |out| frame.write_json(out));
}

/// What all receivers share is encoded once; only the number in front of it is each socket's own.
fn encode_event(n: u64, event: &LiveEvent, user: UserId, out: &mut Vec<u8>) {
    if !event.may_be_seen_by(user) {
        return;
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
    codec::text(out, |out| {
        event_frame_prefix(n, out);
        out.extend_from_slice(&shared);
    });
}

fn outcome_frame(id: &ClientMessageId, outcome: &Result<Sent, Failure>) -> ServerFrame {
    match outcome {
        Ok(sent) => ServerFrame::Ack(AckFrame {
            client_message_id: id.to_string(),
            conversation_id: sent.conversation.to_string(),
            seq: sent.seq.number(),
            message_id: render::message_id(sent.conversation, sent.seq),
            sent_at: sent.at,
            dup: sent.duplicate,
        }),
        Err(failure) => nack(&id.text(), failure.clone()),
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
