//! Conversations: the inbox, one conversation with its members, read positions.

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::account::UserView;
use crate::frame::LoggedEvent;
use crate::group::{HistoryPolicy, Role};
use crate::status::Status;

/// What kind of conversation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Between two people.
    Direct,
    /// With a name and roles.
    Group,
}

impl From<domain::ConversationKind> for ConversationKind {
    fn from(kind: domain::ConversationKind) -> Self {
        match kind {
            domain::ConversationKind::Direct => Self::Direct,
            domain::ConversationKind::Group => Self::Group,
        }
    }
}

/// Asks for a page of the inbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InboxQuery {
    /// At most so many conversations; 100 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl InboxQuery {
    /// These parameters, and those of `body` where they are absent here.
    #[must_use]
    pub fn or(self, body: Self) -> Self {
        Self { limit: self.limit.or(body.limit), cursor: self.cursor.or(body.cursor) }
    }
}

/// A page of the inbox, the conversation with the latest activity first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboxPage {
    /// The conversations.
    pub conversations: Vec<InboxItem>,
    /// Asks for the page after this one; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One conversation in the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboxItem {
    /// The conversation.
    pub conversation_id: String,
    /// Direct or group.
    pub kind: ConversationKind,
    /// The name of the group, or of the other person.
    #[schema(example = "Ben")]
    pub name: String,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The other person of a direct conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<UserView>,
    /// The `seq` of the last event.
    #[schema(example = 7)]
    pub head: u64,
    /// How far the caller has read.
    #[schema(example = 5)]
    pub read_seq: u64,
    /// Messages of others after `read_seq`.
    #[schema(example = 2)]
    pub unread: u64,
    /// Whether the caller wants no notifications from it.
    pub muted: bool,
    /// Where it stands in the caller's inbox: the higher, the later it changed.
    #[schema(example = 41)]
    pub upos: u64,
    /// When the last event happened.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub last_activity_at: Timestamp,
    /// The last event to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event: Option<LoggedEvent>,
    /// How many members it has.
    #[schema(example = 2)]
    pub member_count: u64,
    /// The caller's role.
    pub role: Role,
}

/// One conversation with its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationDetail {
    /// The conversation.
    pub conversation_id: String,
    /// Direct or group.
    pub kind: ConversationKind,
    /// The name of the group, or of the other person.
    #[schema(example = "Hiking")]
    pub name: String,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The other person of a direct conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<UserView>,
    /// In a group: what those who join later see of the time before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_for_new_members: Option<HistoryPolicy>,
    /// The `seq` of the last event.
    #[schema(example = 7)]
    pub head: u64,
    /// How far the caller has read.
    #[schema(example = 5)]
    pub read_seq: u64,
    /// Whether the caller wants no notifications from it.
    pub muted: bool,
    /// The caller's role.
    pub role: Role,
    /// How many members it has.
    #[schema(example = 2)]
    pub member_count: u64,
    /// The members.
    pub members: Vec<MemberView>,
}

/// One member of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberView {
    /// The member.
    pub user_id: String,
    /// The name to show.
    #[schema(example = "Anna")]
    pub name: String,
    /// The name to be found by, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "anna")]
    pub username: Option<String>,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_pic: Option<String>,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    #[serde(default, with = "crate::time::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub joined_at: Option<Timestamp>,
    /// How far they have read; absent where they do not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_seq: Option<u64>,
    /// How far it has reached one of their devices; absent where they do not show what they read, and in conversations
    /// of more than 50 members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_seq: Option<u64>,
}

/// The caller has read everything up to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadConversation {
    /// The place.
    #[schema(example = 7)]
    pub seq: u64,
}

/// The read position as it stands now; it never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationRead {
    /// `conversation_read`.
    pub status: Status,
    /// How far the caller has read.
    #[schema(example = 7)]
    pub read_seq: u64,
}

/// Whether the caller wants notifications from a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MuteConversation {
    /// True for none.
    pub muted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inbox_item_leaves_out_what_is_not_there() {
        let item = InboxItem {
            conversation_id: "g1".to_owned(),
            kind: domain::ConversationKind::Group.into(),
            name: "Hiking".to_owned(),
            picture: None,
            peer: None,
            head: 7,
            read_seq: 5,
            unread: 2,
            muted: false,
            upos: 41,
            last_activity_at: Timestamp::from_ms(0),
            last_event: None,
            member_count: 3,
            role: Role::Owner,
        };
        let page = InboxPage { conversations: vec![item], next_cursor: None };
        let expected = concat!(
            r#"{"conversations":[{"conversation_id":"g1","kind":"group","name":"Hiking","head":7,"read_seq":5,"#,
            r#""unread":2,"muted":false,"upos":41,"last_activity_at":"1970-01-01T00:00:00.000Z","#,
            r#""member_count":3,"role":"owner"}]}"#
        );
        assert_eq!(serde_json::to_string(&page).unwrap(), expected);
        assert_eq!(crate::json::parse_text::<InboxPage>(expected), Ok(page));
    }
}
