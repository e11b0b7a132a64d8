//! Frames to a client.

use domain::{Timestamp, limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::frame::{EventFrame, LoggedEvent};
use crate::json::{self, JsonError};
use crate::preference::Preferences;
use crate::problem::Problem;

/// A frame to a client.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The answer to `hello`.
    Ready(ReadyFrame),
    /// A send is durable and has its place.
    Ack(AckFrame),
    /// A send was refused.
    Nack(NackFrame),
    /// An event was committed.
    Event(EventFrame),
    /// The answer to `pull`.
    Page(PageFrame),
    /// Somebody's position moved.
    Cursor(CursorFrame),
    /// Somebody is writing.
    Typing(TypingNotice),
    /// Somebody came or went.
    Presence(PresenceFrame),
    /// Conversations changed while the client was away or slow: pull what is shown.
    Dirty(DirtyFrame),
    /// The answer to `heads`.
    Heads(HeadsFrame),
    /// The server is about to stop: connect again.
    Drain(DrainFrame),
    /// The session is over.
    Revoked(RevokedFrame),
    /// The answer to `ping`.
    Pong(PongFrame),
    /// Another device of the user changed the preferences.
    Preferences(PreferencesFrame),
    /// The frame before could not be read, or what it asked for is refused.
    Error(ErrorFrame),
    /// Something that this version does not know, and ignores.
    Unknown,
}

impl ServerFrame {
    /// The frame as text.
    pub fn to_json(&self) -> String {
        super::to_json(self)
    }

    /// Appends the frame as text.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        super::write_json(self, out);
    }

    /// Reads a frame, as a client does.
    ///
    /// # Errors
    /// When the text is not a JSON object, too deep, or a known frame of a wrong shape.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        let name = super::frame_type(text)?;
        match name.as_ref() {
            "ready" => json::parse_shallow(text).map(Self::Ready),
            "ack" => json::parse_shallow(text).map(Self::Ack),
            "nack" => json::parse_shallow(text).map(Self::Nack),
            "event" => json::parse_shallow(text).map(Self::Event),
            "page" => json::parse_shallow(text).map(Self::Page),
            "cursor" => json::parse_shallow(text).map(Self::Cursor),
            "typing" => json::parse_shallow(text).map(Self::Typing),
            "presence" => json::parse_shallow(text).map(Self::Presence),
            "dirty" => json::parse_shallow(text).map(Self::Dirty),
            "heads" => json::parse_shallow(text).map(Self::Heads),
            "drain" => json::parse_shallow(text).map(Self::Drain),
            "revoked" => json::parse_shallow(text).map(Self::Revoked),
            "pong" => json::parse_shallow(text).map(Self::Pong),
            "preferences" => json::parse_shallow(text).map(Self::Preferences),
            "error" => json::parse_shallow(text).map(Self::Error),
            _ => Ok(Self::Unknown),
        }
    }
}

/// The answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadyFrame {
    /// Who the client is.
    pub user_id: String,
    /// The session it belongs to.
    pub session_id: String,
    /// The place in the inbox up to which the client is complete once it has handled what follows.
    #[schema(example = 41)]
    pub upos: u64,
    /// Whether the last connection goes on.
    pub resumed: Resumed,
    /// A digest of the heads of all conversations: a client whose own differs asks for `heads`.
    pub digest: String,
    /// The limits of this server.
    pub limits: Limits,
    /// Names this connection in the `resume` of a later `hello`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// Whether the last connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resumed {
    /// It does: the events after its `n` follow, counted on.
    Hot,
    /// It does not: what changed since `upos` follows as `dirty`, and `n` begins at 1.
    Cold,
}

/// The limits of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Bytes of a text.
    pub text_bytes: usize,
    /// Bytes of a frame from a client.
    pub frame_bytes: usize,
    /// Sends that may wait for their ack.
    pub sends_in_flight: usize,
    /// Events of a page.
    pub page_events: usize,
    /// Events that may wait for `acked` before the client counts as slow.
    pub window_frames: usize,
    /// Bytes that may wait for `acked` before the client counts as slow.
    pub window_bytes: usize,
    /// Members of a group.
    pub group_members: usize,
    /// Milliseconds without a frame from the client after which the socket ends.
    pub idle_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: limits::TEXT_BYTES_MAX,
            frame_bytes: limits::CLIENT_FRAME_BYTES_MAX,
            sends_in_flight: limits::SENDS_IN_FLIGHT_MAX,
            page_events: limits::PAGE_EVENTS_MAX,
            window_frames: limits::WINDOW_FRAMES_MAX,
            window_bytes: limits::WINDOW_BYTES_MAX,
            group_members: limits::GROUP_MEMBERS_MAX,
            idle_ms: limits::SOCKET_IDLE_MS,
        }
    }
}

/// A send is durable and has its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AckFrame {
    /// The send.
    pub client_message_id: String,
    /// The conversation.
    pub conversation_id: String,
    /// The place in it.
    #[schema(example = 7)]
    pub seq: u64,
    /// The message.
    pub message_id: String,
    /// When it got its place.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
    /// Whether this send was a retry of one that had succeeded already.
    pub dup: bool,
}

/// A send was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NackFrame {
    /// The send.
    pub client_message_id: String,
    /// Why: a stable code.
    #[schema(example = "text-too-long")]
    pub problem: String,
    /// Whether it will never succeed. If not, retry with the same `client_message_id`.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// When to retry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl NackFrame {
    /// Refuses a send for the same reason that a request would be.
    pub fn new(client_message_id: String, problem: &Problem) -> Self {
        Self {
            client_message_id,
            problem: problem.frame_code(),
            is_final: problem.is_final(),
            retry_after_ms: problem.retry_after_ms,
        }
    }
}

/// The answer to `pull`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageFrame {
    /// The conversation.
    pub conversation_id: String,
    /// The events, in order.
    pub events: Vec<LoggedEvent>,
    /// The `seq` of the last event of the conversation.
    #[schema(example = 7)]
    pub head: u64,
    /// Whether events follow the last one here.
    pub more: bool,
    /// Where present: the client may not see, or was too far behind for, what stands before this place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated_before: Option<u64>,
}

/// Somebody's position moved; it never goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CursorFrame {
    /// The conversation.
    pub conversation_id: String,
    /// Who; also the client's own user, on another device.
    pub user_id: String,
    /// How far they have read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_seq: Option<u64>,
    /// How far it has reached one of their devices. Whoever has read something has got it, which is not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_seq: Option<u64>,
}

/// Somebody is writing. Never stored, may be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TypingNotice {
    /// The conversation.
    pub conversation_id: String,
    /// Who.
    pub user_id: String,
}

/// Somebody came or went. Never stored, may be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PresenceFrame {
    /// Who.
    pub user_id: String,
    /// Whether a device is connected.
    pub online: bool,
    /// When a device was last connected.
    #[serde(default, with = "crate::time::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
}

/// How far a conversation goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Head {
    /// The conversation.
    pub conversation_id: String,
    /// The `seq` of its last event.
    #[schema(example = 7)]
    pub head: u64,
}

/// Conversations changed while the client was away or slow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirtyFrame {
    /// Which, the latest first.
    pub conversations: Vec<Head>,
    /// The place in the inbox up to which this tells everything.
    #[schema(example = 41)]
    pub upos: u64,
    /// Whether there are more than fit: list them with `GET /conversations`.
    pub more: bool,
}

/// The heads of all conversations of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeadsFrame {
    /// The heads.
    pub conversations: Vec<Head>,
    /// Their digest.
    pub digest: String,
    /// Whether there are more than fit: list them with `GET /conversations`.
    pub more: bool,
}

/// The server is about to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrainFrame {
    /// When to connect again.
    #[schema(example = 1500)]
    pub reconnect_in_ms: u64,
}

/// The session is over; the socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokedFrame {
    /// Why.
    pub reason: RevokedReason,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokedReason {
    /// Its own device signed out.
    SignedOut,
    /// It was ended from another device, or to make room for a new one.
    Ended,
    /// The account is disabled.
    Disabled,
    /// The password was changed.
    PasswordChanged,
}

/// The answer to `ping`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PongFrame {
    /// The number of the `ping`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub t: Option<serde_json::Number>,
    /// The digest of heads; in every fifth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Another device of the user changed the preferences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreferencesFrame {
    /// The preferences as they are now.
    pub preferences: Preferences,
}

/// A frame could not be read, or what it asked for is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorFrame {
    /// Why: a stable code.
    #[schema(example = "not-found")]
    pub problem: String,
    /// What to do about it.
    pub detail: String,
    /// The `type` of the frame, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
    /// The conversation it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// When to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl ErrorFrame {
    /// Refuses a frame for the same reason that a request would be.
    pub fn new(frame: Option<&str>, problem: &Problem) -> Self {
        Self {
            problem: problem.frame_code(),
            detail: problem.frame_detail(),
            frame: frame.map(str::to_owned),
            conversation_id: None,
            retry_after_ms: problem.retry_after_ms,
        }
    }
}

#[cfg(test)]
mod tests;
