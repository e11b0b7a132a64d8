//! The literal `status` that an answer to a change carries.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was done, as one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The session is over.
    Success,
    /// The account exists now.
    UserCreated,
    /// The profile was changed.
    ProfileUpdated,
    /// The session of another device is over.
    SessionRevoked,
    /// The person can no longer write to the caller.
    UserBlocked,
    /// The person can write to the caller again.
    UserUnblocked,
    /// The message is durable and has its place.
    MessageSent,
    /// The text is gone everywhere.
    MessageDeleted,
    /// The new text has replaced the old one.
    MessageEdited,
    /// The caller's reaction stands at the message.
    ReactionAdded,
    /// The caller's reaction no longer stands at the message.
    ReactionRemoved,
    /// The read position was taken.
    ConversationRead,
    /// No notifications from this conversation.
    ConversationMuted,
    /// Notifications from this conversation again.
    ConversationUnmuted,
    /// The group exists now.
    GroupCreated,
    /// The group's settings were changed.
    GroupUpdated,
    /// The person is a member now.
    ParticipantAdded,
    /// The person is not a member any more.
    ParticipantRemoved,
    /// The member has the role now.
    RoleChanged,
    /// The group has another owner now.
    OwnershipTransferred,
}

/// The answer to a change that has nothing more to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// What was done.
    pub status: Status,
}

impl From<Status> for Done {
    fn from(status: Status) -> Self {
        Self { status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_literals_are_those_of_the_contract() {
        let literals = [
            (Status::Success, "success"),
            (Status::ProfileUpdated, "profile_updated"),
            (Status::MessageDeleted, "message_deleted"),
            (Status::MessageEdited, "message_edited"),
            (Status::ReactionAdded, "reaction_added"),
            (Status::ReactionRemoved, "reaction_removed"),
            (Status::ParticipantAdded, "participant_added"),
            (Status::ParticipantRemoved, "participant_removed"),
        ];
        for (status, literal) in literals {
            let answer = serde_json::to_string(&Done::from(status)).unwrap();
            assert_eq!(answer, format!(r#"{{"status":"{literal}"}}"#));
        }
    }
}
