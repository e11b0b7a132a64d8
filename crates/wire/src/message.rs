//! Messages: sending, reading back, changing.

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::status::Status;

/// A message to send. One of `receiver_id`, `receiver_ids` and `conversation_id` says where to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SendMessage {
    /// Where present, the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_id: Option<String>,
    /// A user or a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_id: Option<String>,
    /// Several users or groups, each of which gets the message in a conversation of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_ids: Option<Vec<String>>,
    /// A conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// The text, at most 16 KiB.
    #[schema(example = "Hello")]
    pub message: String,
    /// The sender's own id of this send: retrying with the same one gives the first result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "7f3d9c1e")]
    pub client_message_id: Option<String>,
    /// The message this one answers, in the same conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
}

/// The message is durable and has its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageSent {
    /// `message_sent`.
    pub status: Status,
    /// The message; for several recipients that of the first.
    pub message_id: String,
    /// For several recipients: the messages in the order of the recipients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ids: Option<Vec<String>>,
    /// The conversation of `message_id`.
    pub conversation_id: String,
    /// The place of `message_id` in its conversation.
    #[schema(example = 7)]
    pub seq: u64,
    /// When it got its place.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
    /// Whether this send was a retry of one that had succeeded already.
    pub dup: bool,
}

/// Asks for a page of a conversation. At most one of `before`, `after` and `around`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// A group, a direct conversation, or the other user of a direct conversation. Required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// At most so many messages; 20 unless told, 200 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// Only messages before this one: the nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Only messages after this one: the nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// This message and those on both sides of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<String>,
}

impl HistoryQuery {
    /// These parameters, and those of `body` where they are absent here.
    #[must_use]
    pub fn or(self, body: Self) -> Self {
        Self {
            conversation_id: self.conversation_id.or(body.conversation_id),
            limit: self.limit.or(body.limit),
            before: self.before.or(body.before),
            after: self.after.or(body.after),
            around: self.around.or(body.around),
        }
    }
}

/// A message as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryMessage {
    /// The message.
    pub message_id: String,
    /// The conversation it stands in.
    pub conversation_id: String,
    /// Its place there.
    #[schema(example = 7)]
    pub seq: u64,
    /// Who sent it.
    pub sender_id: String,
    /// The text; null once the message is deleted.
    #[schema(example = "Hello")]
    pub text: Option<String>,
    /// When it got its place.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
    /// When the text was last replaced.
    #[serde(default, with = "crate::time::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub edited_at: Option<Timestamp>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The message this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The reactions to it.
    pub reactions: Vec<ReactionCount>,
    /// The caller's own id of the send; only in the caller's own messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<String>,
}

/// Who reacted with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReactionCount {
    /// The emoji.
    #[schema(example = "👍")]
    pub emoji: String,
    /// How many people.
    #[schema(example = 1)]
    pub count: u64,
    /// Who they are.
    pub user_ids: Vec<String>,
}

/// The optional body of a deletion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeleteMessage {
    /// Where present, the message named in the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// A new text for a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditMessage {
    /// The text, at most 16 KiB.
    #[schema(example = "Hello!")]
    pub message: String,
}

/// A reaction to add or to take back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    /// One emoji.
    #[schema(example = "👍")]
    pub emoji: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn a_send_needs_only_what_the_contract_names() {
        let send: SendMessage =
            json::parse(br#"{"sender_id":"u1","receiver_id":"u2","message":"Hello"}"#).unwrap();
        assert_eq!(send.sender_id.as_deref(), Some("u1"));
        assert_eq!(send.receiver_id.as_deref(), Some("u2"));
        assert_eq!(send.message, "Hello");
        assert_eq!((send.receiver_ids, send.client_message_id), (None, None));
    }

    #[test]
    fn a_sent_message_answers_as_the_contract_says() {
        let sent = MessageSent {
            status: Status::MessageSent,
            message_id: "d1-7".to_owned(),
            message_ids: None,
            conversation_id: "d1".to_owned(),
            seq: 7,
            sent_at: Timestamp::from_ms(0),
            dup: false,
        };
        let expected = concat!(
            r#"{"status":"message_sent","message_id":"d1-7","conversation_id":"d1","seq":7,"#,
            r#""sent_at":"1970-01-01T00:00:00.000Z","dup":false}"#
        );
        assert_eq!(serde_json::to_string(&sent).unwrap(), expected);
        assert_eq!(json::parse_text::<MessageSent>(expected), Ok(sent));
    }

    #[test]
    fn a_deleted_message_has_a_null_text() {
        let message = HistoryMessage {
            message_id: "d1-7".to_owned(),
            conversation_id: "d1".to_owned(),
            seq: 7,
            sender_id: "u1".to_owned(),
            text: None,
            sent_at: Timestamp::from_ms(0),
            edited_at: None,
            deleted: true,
            reply_to: None,
            reactions: Vec::new(),
            client_message_id: None,
        };
        let expected = concat!(
            r#"{"message_id":"d1-7","conversation_id":"d1","seq":7,"sender_id":"u1","text":null,"#,
            r#""sent_at":"1970-01-01T00:00:00.000Z","deleted":true,"reactions":[]}"#
        );
        assert_eq!(serde_json::to_string(&message).unwrap(), expected);
        assert_eq!(json::parse_text::<HistoryMessage>(expected), Ok(message));
    }

    #[test]
    fn query_parameters_win_over_the_body() {
        let query = HistoryQuery { limit: Some(5), ..HistoryQuery::default() };
        let body = HistoryQuery {
            conversation_id: Some("g1".to_owned()),
            limit: Some(9),
            ..HistoryQuery::default()
        };
        let both = query.or(body);
        assert_eq!((both.conversation_id.as_deref(), both.limit), (Some("g1"), Some(5)));
    }
}
