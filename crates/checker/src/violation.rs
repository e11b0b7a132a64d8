//! What can be wrong, each with what is needed to tell the story.

use std::fmt;

use domain::{ClientMessageId, ConversationId, Seq, UserId};

use crate::Summary;
use crate::history::{Device, Event};

/// How somebody knew that a place of the log was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// From the ack of a send.
    Ack,
    /// From the head of a page.
    Page,
    /// From an event that arrived live.
    Live,
}

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the fields say what their names say, and the story puts them into words"
)]
pub enum Violation {
    /// I1: nothing can be said about a conversation that nobody read at the end.
    #[error("I1: nobody read {conversation} at the end, so nothing can be said about it")]
    NoFinalRead { conversation: ConversationId },
    /// I1: acked, and the log ends before.
    #[error(
        "I1: {device} was told that {client_message_id} is at {seq} of {conversation}, but the log ends before"
    )]
    AckedLost {
        device: Device,
        conversation: ConversationId,
        client_message_id: ClientMessageId,
        seq: Seq,
    },
    /// I1: acked, and something else stands at its place.
    #[error(
        "I1: {device} was told that {client_message_id} is at {seq} of {conversation}, but there stands {found:?}"
    )]
    AckedOverwritten {
        device: Device,
        client_message_id: ClientMessageId,
        conversation: ConversationId,
        seq: Seq,
        found: Event,
    },
    /// I2: the final read does not count 1, 2, 3 … to its head.
    #[error("I2: the final read of {conversation} goes on with {} where {expected} should be", end_or(*found))]
    Hole { conversation: ConversationId, expected: Seq, found: Option<Seq> },
    /// I2: the final read goes on behind the head that it names.
    #[error("I2: the final read of {conversation} holds {found} although its head is {head}")]
    BehindHead { conversation: ConversationId, head: Seq, found: Seq },
    /// I2: two final reads end at different places.
    #[error("I2: two final reads of {conversation} end at {head} and at {other}")]
    FinalReadsDiffer { conversation: ConversationId, head: Seq, other: Seq },
    /// I2: one place, two events.
    #[error("I2: {} saw {seen:?} at {seq} of {conversation}, where at the end stands {last:?}", observer(*device))]
    Forked {
        device: Option<Device>,
        conversation: ConversationId,
        seq: Seq,
        seen: Event,
        last: Event,
    },
    /// I3: sent after the log was known to reach further, and yet it stands before that.
    #[error(
        "I3: {client_message_id} was sent to {conversation} after {known} {known_by}, but stands at {seq}"
    )]
    OutOfRealTimeOrder {
        conversation: ConversationId,
        client_message_id: ClientMessageId,
        seq: Seq,
        known: Seq,
        known_by: Source,
    },
    /// I4: one message stands at two places.
    #[error("I4: {client_message_id} stands in {conversation} at {first} and at {second}")]
    SentOnceStoredTwice {
        conversation: ConversationId,
        client_message_id: ClientMessageId,
        first: Seq,
        second: Seq,
    },
    /// I4: two acks of one message name two places.
    #[error("I4: {client_message_id} was acked in {conversation} at {first} and at {second}")]
    AcksDisagree {
        conversation: ConversationId,
        client_message_id: ClientMessageId,
        first: Seq,
        second: Seq,
    },
    /// I4: two attempts were both told that they were the first.
    #[error(
        "I4: two attempts of {client_message_id} in {conversation} were acked as the first, at {seq}"
    )]
    AckedAsNewTwice { conversation: ConversationId, client_message_id: ClientMessageId, seq: Seq },
    /// I4: the only attempt was told that an earlier one had been there.
    #[error(
        "I4: the only attempt of {client_message_id} in {conversation} was acked as a repetition, at {seq}"
    )]
    DuplicateOfNothing {
        conversation: ConversationId,
        client_message_id: ClientMessageId,
        seq: Seq,
    },
    /// I5: a device's later message stands before its earlier one.
    #[error("I5: {device} sent {} before {} to {conversation}, but they stand at {} and {}", earlier.0, later.0, earlier.1, later.1)]
    OutOfSenderOrder {
        device: Device,
        conversation: ConversationId,
        earlier: (ClientMessageId, Seq),
        later: (ClientMessageId, Seq),
    },
    /// I6: finally refused, and yet there.
    #[error(
        "I6: {device} was refused {client_message_id} for good, but it is at {seq} of {conversation}"
    )]
    RefusedButPresent {
        device: Device,
        conversation: ConversationId,
        client_message_id: ClientMessageId,
        seq: Seq,
    },
    /// I7: a page jumps, repeats or goes back.
    #[error(
        "I7: a page of {device} goes on with {found} of {conversation} where {expected} should be"
    )]
    PageHole { device: Device, conversation: ConversationId, expected: Seq, found: Seq },
    /// I7: a page holds an event behind the head that it names.
    #[error("I7: a page of {device} holds {found} of {conversation} although its head is {head}")]
    PageBehindHead { device: Device, conversation: ConversationId, head: Seq, found: Seq },
    /// I7: a page is empty although its head says that there is more.
    #[error(
        "I7: a page of {device} after {after} of {conversation} is empty although its head is {head}"
    )]
    PageEmpty { device: Device, conversation: ConversationId, after: Seq, head: Seq },
    /// I7: a page named a head that the log does not reach at the end.
    #[error(
        "I7: a page told {device} that {conversation} reaches {head}, but at the end it reaches only {last}"
    )]
    HeadLost { device: Device, conversation: ConversationId, head: Seq, last: Seq },
    /// I7: somebody saw an event that is not in the log at the end.
    #[error("I7: {} saw {seq} of {conversation}, which is not in the log at the end", observer(*device))]
    SeenThenLost { device: Option<Device>, conversation: ConversationId, seq: Seq },
    /// I8: a device says that it has everything, and does not.
    #[error(
        "I8: {device} says that it has all of {conversation}, but lacks {count} events, the first at {first}"
    )]
    Missing { device: Device, conversation: ConversationId, first: Seq, count: u64 },
    /// I9: a live event is not behind the one before it.
    #[error("I9: {device} showed {seq} of {conversation} after {before}")]
    LiveNotForwards { device: Device, conversation: ConversationId, before: Seq, seq: Seq },
    /// I10: a user's page does not reach the user's own acked message.
    #[error(
        "I10: {device} read {conversation} up to {head} after an own message had been acked at {written}"
    )]
    OwnWriteNotRead { device: Device, conversation: ConversationId, head: Seq, written: Seq },
    /// I10: a user's page does not reach what the user had seen.
    #[error("I10: {device} read {conversation} up to {head} after the same user had seen {seen}")]
    ReadWentBack { device: Device, conversation: ConversationId, head: Seq, seen: Seq },
    /// I11: a user saw an event outside their membership.
    #[error("I11: {device} saw {seq} of {conversation}, which is outside the membership")]
    NotAMember { device: Device, conversation: ConversationId, seq: Seq },
    /// I12: a deleted text was returned. No device means a final read.
    #[error("I12: {} was given the text at {seq} of {conversation} after it had been deleted", observer(*device))]
    DeletedTextReturned { device: Option<Device>, conversation: ConversationId, seq: Seq },
    /// I12: a text is gone, and nobody who may have been obeyed asked for that.
    #[error("I12: the text at {seq} of {conversation} is gone, and nobody had asked for that")]
    DeletedByNobody { conversation: ConversationId, seq: Seq },
    /// Phantom: a message that nobody sent.
    #[error(
        "phantom: {client_message_id} of {sender} is at {seq} of {conversation}, but was never sent"
    )]
    SentByNobody {
        sender: UserId,
        conversation: ConversationId,
        client_message_id: ClientMessageId,
        seq: Seq,
    },
    /// Phantom: a message with a text that its sender did not send.
    #[error(
        "phantom: {client_message_id} of {sender} is at {seq} of {conversation} with a text that was never sent"
    )]
    NotAsSent {
        sender: UserId,
        conversation: ConversationId,
        client_message_id: ClientMessageId,
        seq: Seq,
    },
}

impl Violation {
    /// The rule that is broken: `I1` to `I12`, or `phantom`.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::NoFinalRead { .. } | Self::AckedLost { .. } | Self::AckedOverwritten { .. } => {
                "I1"
            }
            Self::Hole { .. }
            | Self::BehindHead { .. }
            | Self::FinalReadsDiffer { .. }
            | Self::Forked { .. } => "I2",
            Self::OutOfRealTimeOrder { .. } => "I3",
            Self::SentOnceStoredTwice { .. }
            | Self::AcksDisagree { .. }
            | Self::AckedAsNewTwice { .. }
            | Self::DuplicateOfNothing { .. } => "I4",
            Self::OutOfSenderOrder { .. } => "I5",
            Self::RefusedButPresent { .. } => "I6",
            Self::PageHole { .. }
            | Self::PageBehindHead { .. }
            | Self::PageEmpty { .. }
            | Self::HeadLost { .. }
            | Self::SeenThenLost { .. } => "I7",
            Self::Missing { .. } => "I8",
            Self::LiveNotForwards { .. } => "I9",
            Self::OwnWriteNotRead { .. } | Self::ReadWentBack { .. } => "I10",
            Self::NotAMember { .. } => "I11",
            Self::DeletedTextReturned { .. } | Self::DeletedByNobody { .. } => "I12",
            Self::SentByNobody { .. } | Self::NotAsSent { .. } => "phantom",
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "device {} of {}", self.number, self.user)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ack => "had been acked",
            Self::Page => "had been the head of a page",
            Self::Live => "had arrived live",
        })
    }
}

fn observer(device: Option<Device>) -> String {
    device.map_or_else(|| "the final read".to_owned(), |device| device.to_string())
}

fn end_or(seq: Option<Seq>) -> String {
    seq.map_or_else(|| "the end".to_owned(), |seq| seq.to_string())
}

/// Collects violations and counts the work.
#[derive(Debug, Default)]
pub(crate) struct Report {
    violations: Vec<Violation>,
    steps: usize,
}

impl Report {
    pub(crate) fn add(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// Counts one comparison or look-up.
    pub(crate) const fn step(&mut self) {
        self.steps += 1;
    }

    pub(crate) fn into_result(
        self,
        summarise: impl FnOnce(usize) -> Summary,
    ) -> Result<Summary, Vec<Violation>> {
        if self.violations.is_empty() { Ok(summarise(self.steps)) } else { Err(self.violations) }
    }
}
