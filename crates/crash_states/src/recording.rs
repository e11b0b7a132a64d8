//! What the clients asked for and were answered, and how far the log of the disk had come at each of these moments.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context as _;
use domain::{ConversationId, Seq, UserId};
use serde::{Deserialize, Serialize};

use crate::block_log::BlockLog;
use crate::plan::FileRange;

/// Everything that a run recorded besides the log itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recording {
    pub(crate) seed: u64,
    /// How many states the plan has.
    pub(crate) states: usize,
    pub(crate) disk_bytes: u64,
    pub(crate) people: Vec<Person>,
    /// When everybody had an account, a session, and was in the first groups.
    pub(crate) gathered: Moment,
    pub(crate) operations: Vec<Operation>,
    /// Where the contents of files lay.
    pub(crate) files: Vec<FileRange>,
}

/// Somebody who took part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) user: String,
    pub(crate) token: String,
    /// What they are in from the beginning.
    pub(crate) conversations: Vec<String>,
}

impl Person {
    pub(crate) fn id(&self) -> UserId {
        self.user.parse().expect("the id of a user is one")
    }

    pub(crate) fn conversations(&self) -> Vec<ConversationId> {
        self.conversations.iter().map(|id| id_of(id)).collect()
    }
}

/// Reads the id of a conversation back.
pub(crate) fn id_of(conversation: &str) -> ConversationId {
    conversation.parse().expect("the id of a conversation is one")
}

/// One thing that somebody asked for, however often they had to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) user: String,
    pub(crate) device: u32,
    pub(crate) conversation: String,
    pub(crate) asked: Moment,
    /// When the answer came that it is done.
    pub(crate) done: Moment,
    pub(crate) act: Act,
}

/// A moment, on two clocks.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// Requests that the disk had got.
    pub(crate) requests: u64,
    /// Counts all moments.
    pub(crate) tick: u64,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Act {
    /// A message with an id of its own got this place.
    Send { client_message_id: String, text: String, seq: u64 },
    /// The message at this place has a new text, which ends with this number.
    Edit { seq: u64, number: u32 },
    /// The message at this place has no text any more.
    Delete { seq: u64 },
    /// A group was made, or a member came or went: an event of this kind is there.
    Change { what: String },
}

/// Tells the moment, and keeps what happened.
#[derive(Debug)]
pub(crate) struct Recorder {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    log: BlockLog,
    ticks: u64,
    operations: Vec<Operation>,
}

impl Recorder {
    pub(crate) fn new(log: BlockLog) -> Self {
        Self { inner: Mutex::new(Inner { log, ticks: 0, operations: Vec::new() }) }
    }

    pub(crate) fn now(&self) -> Moment {
        let mut inner = self.inner.lock().expect("nobody panics with it");
        while inner.log.next().expect("the log can be read").is_some() {}
        inner.ticks += 1;
        Moment { requests: inner.log.requests, tick: inner.ticks }
    }

    pub(crate) fn note(&self, operation: Operation) {
        self.inner.lock().expect("nobody panics with it").operations.push(operation);
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        let mut inner = self.inner.lock().expect("nobody panics with it");
        std::mem::take(&mut inner.operations)
    }
}

impl Recording {
    pub(crate) fn load(folder: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(file_of(folder));
        let text = text.with_context(|| format!("no recording in {}", folder.display()))?;
        Ok(serde_json::from_slice(&text)?)
    }

    pub(crate) fn save(&self, folder: &Path) -> anyhow::Result<()> {
        Ok(std::fs::write(file_of(folder), serde_json::to_vec(self)?)?)
    }

    /// Every conversation in which anything happened, and somebody who may read it.
    pub(crate) fn conversations(&self) -> BTreeMap<ConversationId, &Person> {
        let mut all = BTreeMap::new();
        for person in &self.people {
            let made = self.operations.iter().filter(|operation| operation.user == person.user);
            let made = made.map(|operation| id_of(&operation.conversation));
            for conversation in person.conversations().into_iter().chain(made) {
                all.entry(conversation).or_insert(person);
            }
        }
        all
    }
}

fn file_of(folder: &Path) -> std::path::PathBuf {
    folder.join("recording.json")
}

/// Stands between the id of a message, its text, and the number of its edit.
const SEPARATOR: char = '|';

/// The text of a message carries its id, since others are not told that.
pub(crate) fn text_of(id: &str, words: &str) -> String {
    format!("{id}{SEPARATOR}{words}")
}

/// The same text after its edit with this number.
pub(crate) fn edited(text: &str, number: u32) -> String {
    format!("{text}{SEPARATOR}{number}")
}

/// The text as it was sent, and the number of its last edit; nothing where nobody sent such a text.
pub(crate) fn unedited(text: &str) -> Option<(&str, u32)> {
    let last = text.match_indices(SEPARATOR).nth(1).and_then(|(at, _)| text.split_at_checked(at));
    match last {
        Some((sent, number)) => Some((sent, number.trim_start_matches(SEPARATOR).parse().ok()?)),
        None => Some((text, 0)),
    }
}

/// The id that a text carries.
pub(crate) fn id_in(text: &str) -> Option<&str> {
    text.split_once(SEPARATOR).map(|(id, _)| id)
}

/// What stands at one place of a log, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) seq: Seq,
    pub(crate) sender: UserId,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// A message and its text, unless it is deleted.
    Message(Option<String>),
    /// Any other event.
    Other(String),
}

/// Every conversation's log.
pub(crate) type Logs = BTreeMap<ConversationId, Vec<Found>>;

/// What stands in a log when somebody was added to a group.
pub(crate) fn added(user: UserId) -> String {
    format!("{user} added")
}

/// What stands in a log when somebody was removed from a group.
pub(crate) fn removed(user: UserId) -> String {
    format!("{user} removed")
}

/// What stands in a log when a message was deleted.
pub(crate) fn deleted(seq: Seq) -> String {
    format!("{seq} deleted")
}

/// What stands in a log when a message got another text.
pub(crate) fn edited_event(seq: Seq) -> String {
    format!("{seq} edited")
}
