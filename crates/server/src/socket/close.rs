//! How a socket ends: a last frame where there is something to say, a code, and little patience.

use std::time::Duration;

use app::live::outbox::End;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use domain::limits::CLIENT_FRAME_BYTES_MAX;
use futures_util::{SinkExt as _, StreamExt as _};
use wire::frame::{RevokedFrame, RevokedReason, ServerFrame};

/// How long the client may take to read why its socket ends. Revoked sessions have to be gone within a second.
const PATIENCE: Duration = Duration::from_millis(500);

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// The client has closed it, or the connection is lost.
    Gone,
    /// The client did not show who it is.
    Unauthenticated,
    /// The session is over.
    Revoked,
    /// The client did not read.
    Slow,
    /// The client was silent.
    Idle,
    /// A frame was too large.
    TooBig,
    /// The server stops.
    Restart,
    /// Too many new sockets, or the server could not look up who it is.
    Overloaded,
    /// The client does not keep to the protocol.
    Protocol,
    /// The same place was taken up on another socket.
    Replaced,
}

impl Close {
    const fn code_and_reason(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Gone => None,
            Self::Unauthenticated => Some((4001, "sign in first")),
            Self::Revoked => Some((4003, "the session is over")),
            Self::Slow => Some((4008, "too slow")),
            Self::Idle => Some((1001, "silent for too long")),
            Self::TooBig => Some((1009, "frame too large")),
            Self::Restart => Some((1012, "the server restarts")),
            Self::Overloaded => Some((1013, "try again later")),
            Self::Protocol => Some((4010, "not the protocol")),
            Self::Replaced => Some((4011, "replaced by another socket")),
        }
    }

    const fn last_frame(self) -> Option<ServerFrame> {
        match self {
            Self::Revoked => {
                Some(ServerFrame::Revoked(RevokedFrame { reason: RevokedReason::Ended }))
            }
            Self::Gone
            | Self::Unauthenticated
            | Self::Slow
            | Self::Idle
            | Self::TooBig
            | Self::Restart
            | Self::Overloaded
            | Self::Protocol
            | Self::Replaced => None,
        }
    }

    /// Why a message could not be read.
    pub(super) fn of_error(error: axum::Error) -> Self {
        use tokio_tungstenite::tungstenite::Error;
        use tokio_tungstenite::tungstenite::error::ProtocolError;

        match error.into_inner().downcast_ref::<Error>() {
            Some(Error::Capacity(_)) => Self::TooBig,
            Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) | Error::Io(_)) => {
                Self::Gone
            }
            Some(Error::Protocol(_) | Error::Utf8(_)) => Self::Protocol,
            _ => Self::Gone,
        }
    }
}

impl From<End> for Close {
    fn from(end: End) -> Self {
        match end {
            End::Revoked => Self::Revoked,
            End::Drained => Self::Restart,
            End::Replaced => Self::Replaced,
            End::Slow => Self::Slow,
        }
    }
}

/// The text of a frame from the client, if it is one and not larger than `bytes_max`.
///
/// # Errors
/// How to end the socket.
pub(super) fn checked(text: &str, bytes_max: usize) -> Result<&str, Close> {
    debug_assert!(bytes_max <= CLIENT_FRAME_BYTES_MAX, "the library refuses what is larger");
    if text.len() > bytes_max { Err(Close::TooBig) } else { Ok(text) }
}

/// Says why, and ends the socket even if the client does not listen.
pub(super) async fn close(mut socket: WebSocket, close: Close) {
    let farewell = async {
        if let Some((code, reason)) = close.code_and_reason() {
            if let Some(frame) = close.last_frame() {
                socket.feed(Message::Text(frame.to_json().into())).await?;
            }
            let frame = CloseFrame { code, reason: reason.into() };
            socket.send(Message::Close(Some(frame))).await?;
        }
        while let Some(message) = socket.next().await {
            message?;
        }
        Ok::<(), axum::Error>(())
    };
    let heard = tokio::time::timeout(PATIENCE, farewell).await;
    tracing::debug!(?close, heard = heard.is_ok(), "a socket ended");
}
