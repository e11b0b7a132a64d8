//! Events of a conversation as the socket and its pages carry them.
//!
//! An event goes to many sockets at once: [`EventFrame::encode_shared`] writes what is the same for all of them, once,
//! and [`event_frame_prefix`] the few bytes in front of it that are each socket's own.

use std::io::Write as _;

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::group::{HistoryPolicy, Role};
use crate::message::ReactionCount;

/// An event that was just committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventFrame {
    /// Counts the events of this connection: what `acked` and a hot resume name.
    #[schema(example = 12)]
    pub n: u64,
    /// The conversation.
    pub conversation_id: String,
    /// The place in it.
    #[schema(example = 7)]
    pub seq: u64,
    /// What happened.
    pub event: EventBody,
}

impl EventFrame {
    /// All of the frame that does not depend on the socket, which is all but `n`.
    pub fn encode_shared(&self) -> String {
        #[derive(Serialize)]
        struct Shared<'a> {
            conversation_id: &'a str,
            seq: u64,
            event: &'a EventBody,
        }
        let shared =
            Shared { conversation_id: &self.conversation_id, seq: self.seq, event: &self.event };
        let mut json = super::to_json(&shared);
        json.remove(0);
        json
    }
}

/// Writes what stands in front of the shared rest of an event frame.
pub fn event_frame_prefix(n: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"event","n":"#);
    write!(out, "{n},").expect("memory takes whatever is written to it");
}

/// An event with its place in a conversation that is named elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedEvent {
    /// Its place.
    #[schema(example = 4)]
    pub seq: u64,
    /// What happened.
    pub event: EventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventBody {
    /// Somebody wrote.
    Message(MessageEvent),
    /// The text of a message was replaced.
    Edit(EditEvent),
    /// A message was deleted.
    Delete(DeleteEvent),
    /// Somebody reacted, or took it back.
    Reaction(ReactionEvent),
    /// A member came, went or changed roles.
    Member(MemberEvent),
    /// The settings of the group changed.
    Settings(SettingsEvent),
    /// Something that this version does not know, or that the reader may not see. It has its place all the same.
    #[serde(other)]
    Unknown,
}

/// A message as it stands when the event is written: edits and reactions are folded in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageEvent {
    /// The message.
    pub message_id: String,
    /// Who sent it.
    pub sender_id: String,
    /// The text; null once the message is deleted.
    #[schema(example = "Hello")]
    pub text: Option<String>,
    /// When it got its place.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
    /// The message this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// When the text was last replaced.
    #[serde(default, with = "crate::time::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub edited_at: Option<Timestamp>,
    /// True once the message is deleted; absent before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The reactions to it; absent while there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<ReactionCount>,
    /// The sender's own id of the send; only in the reader's own messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<String>,
}

/// The text of a message was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditEvent {
    /// The message.
    pub message_id: String,
    /// Who replaced it.
    pub sender_id: String,
    /// The present text of the message; null once it is deleted.
    #[schema(example = "Hello!")]
    pub text: Option<String>,
    /// When.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
}

/// A message was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeleteEvent {
    /// The message.
    pub message_id: String,
    /// Who deleted it.
    pub sender_id: String,
    /// When.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
}

/// Somebody reacted, or took it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReactionEvent {
    /// The message.
    pub message_id: String,
    /// Who.
    pub sender_id: String,
    /// With what.
    #[schema(example = "👍")]
    pub emoji: String,
    /// Which of the two.
    pub change: ReactionChange,
    /// When.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
}

/// Whether a reaction came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReactionChange {
    /// It came.
    Added,
    /// It was taken back.
    Removed,
}

impl From<domain::event::ReactionChange> for ReactionChange {
    fn from(change: domain::event::ReactionChange) -> Self {
        match change {
            domain::event::ReactionChange::Added => Self::Added,
            domain::event::ReactionChange::Removed => Self::Removed,
        }
    }
}

/// A member came, went or changed roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberEvent {
    /// Who did it.
    pub sender_id: String,
    /// Whom it concerns.
    pub user_id: String,
    /// What changed.
    pub change: MemberChange,
    /// The role the member has now; absent once they are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// When.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
}

/// How a membership changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberChange {
    /// Somebody added them.
    Added,
    /// Somebody else removed them.
    Removed,
    /// They left.
    Left,
    /// They have another role now.
    Role,
}

/// The settings of the group changed; what is absent stayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingsEvent {
    /// Who changed them.
    pub sender_id: String,
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hiking")]
    pub name: Option<String>,
    /// The address of the new picture; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// What those who join later see of the time before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_for_new_members: Option<HistoryPolicy>,
    /// When.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
}
