//! What a conversation's log holds: everything that its members can see, in one order.

use crate::member::{HistoryPolicy, Role};
use crate::text::{Emoji, Name, Picture, Text};
use crate::{ClientMessageId, Seq, Timestamp, UserId};

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place: dense from 1.
    pub seq: Seq,
    /// Who caused it.
    pub sender: UserId,
    /// When; never before the event in front of it. For display only.
    pub at: Timestamp,
    /// The sender's own id of it, if it was sent with one.
    pub client_message_id: Option<ClientMessageId>,
    /// How many messages the log holds up to and including this event: the difference of two is an unread count.
    pub messages: u64,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventBody {
    /// Somebody wrote.
    Message(Message),
    /// The text of a message was replaced. The text itself stands with the message, so that a delete finds one place.
    Edit {
        /// The message.
        target: Seq,
    },
    /// A message was deleted, text and all.
    Delete {
        /// The message.
        target: Seq,
    },
    /// Somebody reacted, or took it back.
    Reaction {
        /// The message.
        target: Seq,
        /// With what.
        emoji: Emoji,
        /// Which of the two.
        change: ReactionChange,
    },
    /// A member came, went, or changed roles.
    Member {
        /// Whom it concerns.
        user: UserId,
        /// What changed.
        change: MemberChange,
    },
    /// The settings of the group changed; what is absent stayed.
    Settings(SettingsChange),
}

/// A message as it stands now: edits and reactions are folded in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The present text; nothing once it is deleted.
    pub text: Option<Text>,
    /// The message that it answers.
    pub reply_to: Option<Seq>,
    /// When the text was last replaced.
    pub edited_at: Option<Timestamp>,
    /// How often the text was replaced.
    pub edits: u32,
    /// Who reacted with what, in the order of first use.
    pub reactions: Vec<Reaction>,
}

impl Message {
    /// A message that nobody has changed yet.
    pub const fn new(text: Text, reply_to: Option<Seq>) -> Self {
        Self { text: Some(text), reply_to, edited_at: None, edits: 0, reactions: Vec::new() }
    }
}

/// All who reacted to a message with one emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: Emoji,
    /// Who, in the order in which they did.
    pub users: Vec<UserId>,
}

/// Whether a reaction came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReactionChange {
    /// It came.
    Added,
    /// It was taken back.
    Removed,
}

/// How a membership changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// Added, with this role.
    Added(Role),
    /// Removed by somebody else.
    Removed,
    /// Left.
    Left,
    /// Has this role now.
    Role(Role),
}

/// New settings of a group; `None` leaves a setting as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// The new name.
    pub name: Option<Name>,
    /// The new picture; `Some(None)` takes it away.
    pub picture: Option<Option<Picture>>,
    /// What new members may read.
    pub history: Option<HistoryPolicy>,
}
