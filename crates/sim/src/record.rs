//! What everybody saw and did, as the checker wants it, and what no checker of histories can see.

use std::collections::BTreeMap;

use checker::{ContentHash, Entry, Event, History, Message};
use domain::{ConversationId, Seq, SessionId, UserId};
use tokio::time::Instant;
use wire::frame::EventBody;

mod blocks;

pub(crate) use blocks::{BlockAsk, Blocks, Wish};

/// Stands between the id of a message, its text, and the number of its edit.
const SEPARATOR: char = '|';
/// Stands around the number by which a text is found in whatever a node writes.
pub(crate) const CANARY: char = '^';

/// Everything that was written down.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// For the checker.
    pub(crate) history: History,
    /// What was found on the spot.
    pub(crate) violations: Vec<String>,
    /// The texts that are deleted, by their canary, and since when everybody may know.
    pub(crate) deleted: BTreeMap<u64, Instant>,
    /// Sessions that are over, and since when everybody may know.
    pub(crate) over: BTreeMap<SessionId, Instant>,
    /// The furthest read position of a user that was confirmed.
    pub(crate) read: BTreeMap<(ConversationId, UserId), Seq>,
    /// Places at which a device saw an event, and when.
    pub(crate) seen: BTreeMap<(UserId, ConversationId), Vec<(Seq, u64)>>,
    /// Who asked to block whom, or to end that.
    pub(crate) blocks: Blocks,
    canaries: u64,
    last_ns: u64,
}

impl Record {
    /// The time, never twice the same.
    pub(crate) fn now_ns(&mut self, clock_ns: u64) -> u64 {
        self.last_ns = clock_ns.max(self.last_ns + 1);
        self.last_ns
    }

    /// The number of the next text.
    pub(crate) const fn canary(&mut self) -> u64 {
        self.canaries += 1;
        self.canaries
    }

    /// Writes down what is wrong; a run that breaks something breaks it again and again.
    pub(crate) fn violation(&mut self, what: String) {
        if self.violations.len() < 50 {
            self.violations.push(what);
        }
    }
}

/// A text that carries its id, since others are not told that, and its canary.
pub(crate) fn text_of(id: &str, canary: u64, words: &str) -> String {
    format!("{id}{SEPARATOR}{CANARY}{canary}{CANARY}{words}")
}

/// The same text after its edit with this number.
pub(crate) fn edited(text: &str, number: u64) -> String {
    let (sent, _) = unedited(text);
    format!("{sent}{SEPARATOR}{number}")
}

/// The text as it was sent, and the number of its last edit.
pub(crate) fn unedited(text: &str) -> (&str, u64) {
    let last = text.match_indices(SEPARATOR).nth(1).and_then(|(at, _)| text.split_at_checked(at));
    match last {
        Some((sent, number)) => {
            (sent, number.trim_start_matches(SEPARATOR).parse().unwrap_or(u64::MAX))
        }
        None => (text, 0),
    }
}

/// The canary of a text.
pub(crate) fn canary_of(text: &str) -> Option<u64> {
    text.split(CANARY).nth(1)?.parse().ok()
}

/// An event as the checker wants it. An edited message counts as the one that was sent.
pub(crate) fn entry(seq: u64, body: &EventBody) -> Entry {
    let event = match body {
        EventBody::Message(message) => match &message.text {
            Some(text) => {
                let (sent, _) = unedited(text);
                let id = sent.split(SEPARATOR).next().unwrap_or_default();
                match (message.sender_id.parse(), id.parse()) {
                    (Ok(sender), Ok(client_message_id)) => Event::Message(Message {
                        sender,
                        client_message_id,
                        content: ContentHash::of(sent),
                    }),
                    (_, _) => other("a message of nobody", message),
                }
            }
            None => Event::Deleted,
        },
        // The text of an edit is the present one, which later edits and deletes change.
        EventBody::Edit(edit) => {
            other("edit", &(&edit.message_id, &edit.sender_id, edit.sent_at.as_ms()))
        }
        EventBody::Delete(delete) => other("delete", delete),
        EventBody::Member(member) => other("member", member),
        EventBody::Reaction(reaction) => other("reaction", reaction),
        EventBody::Settings(settings) => other("settings", settings),
        EventBody::Unknown => other("unknown", &()),
    };
    Entry { seq: Seq::new(seq), event }
}

fn other(kind: &str, what: &impl std::fmt::Debug) -> Event {
    Event::Other(ContentHash::of(&format!("{kind} {what:?}")))
}
