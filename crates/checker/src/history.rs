//! What clients record: each call with the times around it, each event that arrived, and the log as it is at the end.
//!
//! All times are nanoseconds of one clock that never goes backwards, read by the test.

use std::hash::{DefaultHasher, Hasher};

use domain::{ClientMessageId, ConversationId, Seq, UserId};

/// One device of a user. Its messages to a conversation keep their order, so a test that sends from several places at
/// once, without an order between them, uses several devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// Whose it is.
    pub user: UserId,
    /// Which of their devices.
    pub number: u32,
}

/// Stands for a text or any other content: equal content, equal hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(u64);

impl ContentHash {
    /// The hash of a text.
    pub fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(text.as_bytes());
        Self(hasher.finish())
    }
}

/// A message as an observer sees it. Where the server does not tell the `client_message_id`, a test carries it in the
/// text and reads it back from there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// Who is named as the sender.
    pub sender: UserId,
    /// The sender's own id of it.
    pub client_message_id: ClientMessageId,
    /// Its text.
    pub content: ContentHash,
}

/// What stands at one place of a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A message with its text.
    Message(Message),
    /// What is left of a message after a delete.
    Deleted,
    /// Membership, settings, a reaction, the delete itself: only that all see the same matters.
    Other(ContentHash),
}

/// An event and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub seq: Seq,
    /// What stands there.
    pub event: Event,
}

/// One try to send a message. Every retry is an attempt of its own with the same `client_message_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendAttempt {
    /// The device that sent.
    pub device: Device,
    /// Where to.
    pub conversation: ConversationId,
    /// The sender's own id of the message.
    pub client_message_id: ClientMessageId,
    /// The text that was sent.
    pub content: ContentHash,
    /// Just before the first byte left.
    pub invoked_ns: u64,
    /// How it ended.
    pub outcome: SendOutcome,
}

/// How an attempt to send ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// Durable and ordered.
    Acked {
        /// The place in the log.
        seq: Seq,
        /// The server says that an earlier attempt had put it there.
        duplicate: bool,
        /// Just after the answer was read.
        completed_ns: u64,
    },
    /// A final refusal: it will never be in the log.
    Refused,
    /// No answer, or one that asks to try again: it may be in the log or not.
    Unknown,
}

/// An event that a device showed as it arrived over its socket, in the order of showing, without the repeats that the
/// device itself drops after a resume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The device that saw it.
    pub device: Device,
    /// The conversation.
    pub conversation: ConversationId,
    /// The event and its place.
    pub entry: Entry,
    /// Just after it was read.
    pub observed_ns: u64,
}

/// A piece of the log that a device asked for. A page that lists only messages can be recorded only where the log
/// holds nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The device that asked.
    pub device: Device,
    /// The conversation.
    pub conversation: ConversationId,
    /// The page starts behind this place: the one asked for, or the end of what the device may not see.
    pub after: Seq,
    /// The events, as answered.
    pub entries: Vec<Entry>,
    /// The end of the log, as answered.
    pub head: Seq,
    /// Just before the question left.
    pub invoked_ns: u64,
    /// Just after the answer was read.
    pub completed_ns: u64,
}

/// One try to delete a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// The device that asked.
    pub device: Device,
    /// The conversation.
    pub conversation: ConversationId,
    /// The place of the message.
    pub seq: Seq,
    /// Just before the request left.
    pub invoked_ns: u64,
    /// How it ended.
    pub outcome: DeleteOutcome,
}

/// How an attempt to delete ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// The text is gone.
    Acked {
        /// Just after the answer was read.
        completed_ns: u64,
    },
    /// A final refusal.
    Refused,
    /// No answer.
    Unknown,
}

/// The whole log of a conversation, read when all was quiet. Several reads of one conversation must agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalRead {
    /// The conversation.
    pub conversation: ConversationId,
    /// All events.
    pub entries: Vec<Entry>,
    /// The end of the log, as answered.
    pub head: Seq,
    /// Just before the first question left.
    pub invoked_ns: u64,
}

/// A device says, at the end, that it has everything: what it lacks now was lost silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaughtUp {
    /// The device.
    pub device: Device,
    /// The conversation.
    pub conversation: ConversationId,
    /// The first place that it may see.
    pub from: Seq,
}

/// What a user may see of a conversation. Users without any record may see all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The user.
    pub user: UserId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The first place they may see.
    pub from: Seq,
    /// The last place they may see, if the membership ended.
    pub until: Option<Seq>,
}

/// Everything that was recorded. The order inside a list matters only between records of the same device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// All attempts to send.
    pub sends: Vec<SendAttempt>,
    /// All events that arrived live.
    pub live: Vec<Live>,
    /// All pages.
    pub pages: Vec<Page>,
    /// All attempts to delete.
    pub deletes: Vec<Delete>,
    /// The whole log of every conversation, read at the end.
    pub finals: Vec<FinalRead>,
    /// The devices that claim to have everything.
    pub caught_up: Vec<CaughtUp>,
    /// Who may see what, where that is restricted.
    pub memberships: Vec<Membership>,
}

impl History {
    /// Adds what another recorder wrote down.
    pub fn append(&mut self, mut other: Self) {
        self.sends.append(&mut other.sends);
        self.live.append(&mut other.live);
        self.pages.append(&mut other.pages);
        self.deletes.append(&mut other.deletes);
        self.finals.append(&mut other.finals);
        self.caught_up.append(&mut other.caught_up);
        self.memberships.append(&mut other.memberships);
    }

    /// Every event that anybody saw, wherever.
    pub(crate) fn sightings(&self) -> impl Iterator<Item = Sighting<'_>> {
        let live = self.live.iter().map(|live| Sighting {
            device: Some(live.device),
            conversation: live.conversation,
            entry: &live.entry,
        });
        let pages = self.pages.iter().flat_map(|page| {
            page.entries.iter().map(|entry| Sighting {
                device: Some(page.device),
                conversation: page.conversation,
                entry,
            })
        });
        let finals = self.finals.iter().flat_map(|read| {
            read.entries.iter().map(|entry| Sighting {
                device: None,
                conversation: read.conversation,
                entry,
            })
        });
        live.chain(pages).chain(finals)
    }
}

/// An event that somebody saw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting<'h> {
    /// Who saw it; nobody in particular for a final read.
    pub(crate) device: Option<Device>,
    pub(crate) conversation: ConversationId,
    pub(crate) entry: &'h Entry,
}
