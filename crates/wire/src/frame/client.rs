//! Frames from a client. Whatever arrives is read without panicking: what is unknown is ignored, what is wrong is named.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::frame::{ErrorFrame, NackFrame, ServerFrame};
use crate::json::{self, JsonError};
use crate::problem::Problem;

/// A frame from a client.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Says who it is; the first frame, within 5 s.
    Hello(HelloFrame),
    /// Sends a message.
    Send(SendFrame),
    /// Asks for events of a conversation.
    Pull(PullFrame),
    /// Has got everything up to a place, so that it could be read.
    Delivered(DeliveredFrame),
    /// Has read everything up to a place.
    Read(ReadFrame),
    /// Its user is writing something.
    Typing(TypingFrame),
    /// Has got everything up to an event; opens the window.
    Acked(AckedFrame),
    /// Asks for the heads of all conversations, because the digests differ.
    Heads(HeadsRequest),
    /// Is still there.
    Ping(PingFrame),
    /// Something that this version does not know, and ignores.
    Unknown,
}

/// Says who the client is and what it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HelloFrame {
    /// The access token; absent where the request for the socket carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What the device is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "laptop")]
    pub device: Option<String>,
    /// The place in the inbox up to which the client is complete; 0 for a new device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upos: Option<u64>,
    /// Goes on where the last connection broke off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
}

/// The place where a connection broke off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resume {
    /// The ticket of that connection's `ready`.
    pub ticket: String,
    /// The `n` of the last event that arrived.
    pub n: u64,
}

/// A message to send. One of `conversation_id` and `receiver_id` says where to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SendFrame {
    /// A conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// A user or a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_id: Option<String>,
    /// The sender's own id of this send: retrying with the same one gives the first result.
    #[schema(example = "7f3d9c1e")]
    pub client_message_id: String,
    /// The text, at most 16 KiB.
    #[schema(example = "Hello")]
    pub text: String,
    /// The message this one answers, in the same conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
}

/// Asks for the events after a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullFrame {
    /// The conversation.
    pub conversation_id: String,
    /// The place: the last event the client has, or 0.
    #[schema(example = 3)]
    pub after: u64,
    /// At most so many events; 200 at most, and unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
}

/// Has got everything up to a place: it is on the device and could be read there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveredFrame {
    /// The conversation.
    pub conversation_id: String,
    /// The place.
    #[schema(example = 7)]
    pub seq: u64,
}

/// Has read everything up to a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadFrame {
    /// The conversation.
    pub conversation_id: String,
    /// The place.
    #[schema(example = 7)]
    pub seq: u64,
}

/// The client's user is writing something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TypingFrame {
    /// The conversation.
    pub conversation_id: String,
}

/// Has got everything up to an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AckedFrame {
    /// The `n` of the event.
    #[schema(example = 12)]
    pub n: u64,
}

/// Asks for the heads of all conversations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeadsRequest {}

/// Is still there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PingFrame {
    /// Any number; the `pong` repeats it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub t: Option<serde_json::Number>,
}

/// A frame that could not be read, with what is needed to answer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError {
    /// The `type`, where it could be read.
    pub frame: Option<&'static str>,
    /// The send that the frame was meant to be, where its id could be read.
    pub client_message_id: Option<String>,
    /// What is wrong.
    pub error: JsonError,
}

impl ClientFrame {
    /// Reads a frame.
    ///
    /// # Errors
    /// When the text is not a JSON object, too deep, or a known frame of a wrong shape.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        let unreadable = |error| FrameError { frame: None, client_message_id: None, error };
        let name = super::frame_type(text).map_err(unreadable)?;
        match name.as_ref() {
            "hello" => read(text, "hello").map(Self::Hello),
            "send" => read(text, "send").map(Self::Send),
            "pull" => read(text, "pull").map(Self::Pull),
            "delivered" => read(text, "delivered").map(Self::Delivered),
            "read" => read(text, "read").map(Self::Read),
            "typing" => read(text, "typing").map(Self::Typing),
            "acked" => read(text, "acked").map(Self::Acked),
            "heads" => read(text, "heads").map(Self::Heads),
            "ping" => read(text, "ping").map(Self::Ping),
            _ => Ok(Self::Unknown),
        }
    }

    /// The frame as text.
    pub fn to_json(&self) -> String {
        super::to_json(self)
    }
}

fn read<T: DeserializeOwned>(text: &str, frame: &'static str) -> Result<T, FrameError> {
    #[derive(Deserialize)]
    struct Named {
        client_message_id: Option<String>,
    }
    json::parse_shallow(text).map_err(|error| {
        let named = if frame == "send" { json::parse_shallow::<Named>(text).ok() } else { None };
        let client_message_id = named.and_then(|named| named.client_message_id);
        FrameError { frame: Some(frame), client_message_id, error }
    })
}

impl FrameError {
    /// The answer to the client: a final `nack` if it is known which send it was, otherwise an `error`.
    pub fn to_frame(&self) -> ServerFrame {
        let problem = Problem::from(&self.error);
        match &self.client_message_id {
            Some(id) => ServerFrame::Nack(NackFrame::new(id.clone(), &problem)),
            None => ServerFrame::Error(ErrorFrame::new(self.frame, &problem)),
        }
    }
}

#[cfg(test)]
mod tests;
