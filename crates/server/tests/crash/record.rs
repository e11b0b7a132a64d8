//! What the workers write down, and their dice.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use checker::{ContentHash, Entry, Event, History, Message, SendAttempt, SendOutcome};
use domain::{ClientMessageId, ConversationId, Seq};
use tokio::time::Instant;
use wire::frame::EventBody;

/// Stands between the id of a message, its text, and the number of its edit.
const SEPARATOR: char = '|';

/// Everything that one worker wrote down.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) history: History,
    pub(crate) edits: Vec<Edits>,
    /// Refusals, of which there must be none: all that is asked for here is allowed.
    pub(crate) refusals: Vec<String>,
    /// How often a device that dropped its connection found its place again.
    pub(crate) hot_resumes: u32,
}

/// How often a message was edited, by the only one who does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edits {
    pub(crate) conversation: ConversationId,
    pub(crate) seq: Seq,
    /// The last edit that was answered.
    pub(crate) acked: u32,
    /// The last edit that was asked for.
    pub(crate) asked: u32,
}

impl Recorded {
    /// Sends of which an earlier try had arrived, although its answer had not.
    pub(crate) fn repeated(&self) -> usize {
        let is_repeated = |send: &&SendAttempt| {
            matches!(send.outcome, SendOutcome::Acked { duplicate: true, .. })
        };
        self.history.sends.iter().filter(is_repeated).count()
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.history.append(other.history);
        self.edits.extend(other.edits);
        self.refusals.extend(other.refusals);
        self.hot_resumes += other.hot_resumes;
    }
}

/// Nanoseconds since the first call; never the same twice.
pub(crate) fn now_ns() -> u64 {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    static LAST: AtomicU64 = AtomicU64::new(0);
    let elapsed = STARTED.get_or_init(Instant::now).elapsed().as_nanos();
    let now = u64::try_from(elapsed).expect("a test does not run for centuries");
    let before = LAST.fetch_max(now, Ordering::SeqCst);
    if before < now { now } else { LAST.fetch_add(1, Ordering::SeqCst) + 1 }
}

/// The text of a message carries its id, since others are not told that.
pub(crate) fn text_of(id: &ClientMessageId, words: &str) -> String {
    format!("{id}{SEPARATOR}{words}")
}

/// The same text after its edit with this number.
pub(crate) fn edited(text: &str, number: u32) -> String {
    format!("{text}{SEPARATOR}{number}")
}

/// The text as it was sent, and the number of its last edit.
pub(crate) fn unedited(text: &str) -> (&str, u32) {
    let last = text.match_indices(SEPARATOR).nth(1).and_then(|(at, _)| text.split_at_checked(at));
    match last {
        Some((sent, number)) => (
            sent,
            number.trim_start_matches(SEPARATOR).parse().expect("an edit ends with its number"),
        ),
        None => (text, 0),
    }
}

/// An event as the checker wants it. An edited message counts as the one that was sent.
pub(crate) fn entry(seq: u64, body: &EventBody) -> Entry {
    let event = match body {
        EventBody::Message(message) => match &message.text {
            Some(text) => {
                let (sent, _) = unedited(text);
                let (id, _) = sent.split_once(SEPARATOR).expect("a text begins with its id");
                Event::Message(Message {
                    sender: message.sender_id.parse().expect("a sender is a user"),
                    client_message_id: id.parse().expect("the id was one when it was sent"),
                    content: ContentHash::of(sent),
                })
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

/// Choices that can be made again (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    seed: u64,
    state: u64,
}

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    /// From `KITH_SEED`, or by chance.
    pub(crate) fn from_environment() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the seed of a test is not configuration of Kith"
        )]
        let seed = std::env::var("KITH_SEED").ok();
        let seed = seed.map(|seed| seed.parse().expect("KITH_SEED is a number"));
        Self::new(seed.unwrap_or_else(|| RandomState::new().hash_one(())))
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let count = u64::try_from(from.len()).expect("a list fits into memory");
        let index = usize::try_from(self.below(count)).expect("the index is below the length");
        from.get(index).expect("the index is below the length")
    }

    /// Words of a length of their own.
    pub(crate) fn words(&mut self) -> String {
        let times = usize::try_from(1 + self.below(12)).expect("twelve fits");
        format!("{:016x} ", self.next()).repeat(times)
    }

    /// Lets the others work for a while, so that a kill does not always come right behind an ack.
    pub(crate) async fn yield_a_while(&mut self) {
        for _ in 0..self.below(2_000) {
            tokio::task::yield_now().await;
        }
    }
}

/// A line for whoever watches the test.
#[expect(clippy::print_stdout, reason = "a test that makes choices says which")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
