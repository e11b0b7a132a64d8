//! Why there is no answer, in the only three ways that matter.

use wire::frame::ErrorFrame;
use wire::{JsonError, Problem};

/// The socket ends with this code where the token is not good, or the hello late.
const CLOSE_UNAUTHENTICATED: u16 = 4001;
/// The socket ends with this code once the session is over.
pub(crate) const CLOSE_REVOKED: u16 = 4003;

/// Why something asked for has no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server says why. It was not done.
    #[error("refused with {}: {}", .0.code, .0.detail)]
    Refused(Box<Problem>),
    /// No answer came. It may have been done or not: ask again, with the same id.
    #[error("no answer")]
    Unknown(#[source] Cause),
    /// What came is no answer of Kith. It may have been done or not.
    #[error("an answer with status {status} that is not Kith's")]
    Foreign {
        /// The HTTP status; 0 for the socket.
        status: u16,
        /// What was wrong with the JSON; nothing where it says something else.
        json: Option<JsonError>,
    },
    /// The server refuses a frame.
    #[error("a frame was refused with {}: {}", .0.problem, .0.detail)]
    Frame(Box<ErrorFrame>),
    /// The socket is closed.
    #[error("the socket was closed with the code {0}")]
    Closed(u16),
    /// The address cannot be used.
    #[error("not an address of a server: {0}")]
    Address(String),
}

/// What broke, for people to read.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Whether asking the same again, with the same id, can give another answer.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.is_final(),
            Self::Frame(frame) => frame.retry_after_ms.is_none(),
            Self::Unknown(_) | Self::Foreign { .. } | Self::Closed(_) => false,
            Self::Address(_) => true,
        }
    }

    /// Whether the token is not good any more: refresh it, or sign in.
    pub fn needs_token(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.status == 401,
            Self::Frame(frame) => frame.problem == "unauthenticated",
            Self::Closed(code) => matches!(*code, CLOSE_UNAUTHENTICATED | CLOSE_REVOKED),
            Self::Unknown(_) | Self::Foreign { .. } | Self::Address(_) => false,
        }
    }

    /// What the server says, if it said something.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            Self::Unknown(_)
            | Self::Foreign { .. }
            | Self::Frame(_)
            | Self::Closed(_)
            | Self::Address(_) => None,
        }
    }

    pub(crate) fn unknown(cause: impl Into<Cause>) -> Self {
        Self::Unknown(cause.into())
    }
}
