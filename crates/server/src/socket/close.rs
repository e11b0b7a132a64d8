//! How a socket ends: a last frame where there is something to say, a code, and little patience.

use std::time::Duration;

use app::live::outbox::End;
use domain::limits::CLIENT_FRAME_BYTES_MAX;
use wire::frame::{RevokedFrame, RevokedReason, ServerFrame};

use super::codec::{self, Violation};
use super::connection::Connection;

/// How long the client may take to read why its socket ends. Revoked sessions have to be gone within a second.
const PATIENCE: Duration = Duration::from_millis(500);

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// The connection is lost.
    Gone,
    /// The client has closed it, and gets its code back.
    Left(Option<u16>),
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
            Self::Gone | Self::Left(None) => None,
            Self::Left(Some(code)) => Some((code, "")),
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
            | Self::Left(_)
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
}

impl From<Violation> for Close {
    fn from(violation: Violation) -> Self {
        match violation {
            Violation::Protocol | Violation::NotText => Self::Protocol,
            Violation::TooBig => Self::TooBig,
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
pub(super) async fn close(mut connection: Connection, close: Close) {
    let is_cut = !connection.cut().is_empty();
    let farewell = async {
        let mut bytes = Vec::new();
        if let Some(frame) = close.last_frame() {
            codec::text(&mut bytes, |out| frame.write_json(out));
        }
        codec::close(close.code_and_reason(), &mut bytes);
        connection.write(&bytes).await?;
        if !matches!(close, Close::Left(_)) {
            connection.until_ended().await;
        }
        connection.shutdown().await
    };
    let heard = match close {
        Close::Gone => None,
        // The rest of a frame comes before anything else, and is not for this client any more.
        Close::Revoked if is_cut => None,
        Close::Left(_)
        | Close::Unauthenticated
        | Close::Revoked
        | Close::Slow
        | Close::Idle
        | Close::TooBig
        | Close::Restart
        | Close::Overloaded
        | Close::Protocol
        | Close::Replaced => tokio::time::timeout(PATIENCE, farewell).await.ok(),
    };
    tracing::debug!(?close, heard = heard.is_some(), "a socket ended");
}
