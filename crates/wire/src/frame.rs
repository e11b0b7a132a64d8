//! Frames of the socket: one JSON object each, with a `type`. Both sides ignore types and fields that they do not know.

mod client;
mod event;
mod server;

pub use client::{
    AckedFrame, ClientFrame, DeliveredFrame, FrameError, HeadsRequest, HelloFrame, PingFrame,
    PullFrame, ReadFrame, Resume, SendFrame, TypingFrame,
};
pub use event::{
    DeleteEvent, EditEvent, EventBody, EventFrame, LoggedEvent, MemberChange, MemberEvent,
    MessageEvent, ReactionChange, ReactionEvent, SettingsEvent, event_frame_prefix,
};
pub use server::{
    AckFrame, CursorFrame, DirtyFrame, DrainFrame, ErrorFrame, Head, HeadsFrame, Limits, NackFrame,
    PageFrame, PongFrame, PreferencesFrame, PresenceFrame, ReadyFrame, Resumed, RevokedFrame,
    RevokedReason, ServerFrame, TypingNotice,
};

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::json::{self, JsonError};

/// The one field that all frames have.
#[derive(Deserialize)]
struct Tag<'a> {
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
}

/// The `type` of a frame, after the depth of the whole has been checked.
fn frame_type(text: &str) -> Result<Cow<'_, str>, JsonError> {
    if json::is_too_deep(text.as_bytes()) {
        return Err(JsonError::TooDeep);
    }
    json::parse_shallow::<Tag<'_>>(text).map(|tag| tag.name)
}

/// Appends a frame as text.
fn write_json<T: Serialize>(frame: &T, out: &mut Vec<u8>) {
    serde_json::to_writer(out, frame)
        .expect("frames are plain data with text for keys, which always has a JSON form");
}

/// Writes a frame as text.
fn to_json<T: Serialize>(frame: &T) -> String {
    serde_json::to_string(frame)
        .expect("frames are plain data with text for keys, which always has a JSON form")
}
