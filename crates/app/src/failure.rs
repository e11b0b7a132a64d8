//! Why a use case gave no result.

use domain::Refusal;
use store::{CommitError, ReadError};

/// When to try again while the server is busy, in milliseconds.
const BUSY_RETRY_MS: u64 = 1_000;

/// Why a use case gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The rules say no.
    Refused(Refusal),
    /// The server's limit, or an outcome that is not known yet: try the same again.
    Busy {
        /// When, in milliseconds.
        retry_after_ms: u64,
    },
    /// The disk is nearly full. Nothing was stored; deleting still works.
    StorageFull,
    /// A stored record is damaged.
    Damaged,
}

impl Failure {
    /// The server's limit.
    pub const fn busy() -> Self {
        Self::Busy { retry_after_ms: BUSY_RETRY_MS }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        tracing::error!(error = %error, "a read from the store failed");
        match error {
            ReadError::Damaged { .. } => Self::Damaged,
            ReadError::Unavailable(_) => Self::busy(),
        }
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Full => Self::StorageFull,
            CommitError::Conflict | CommitError::Unknown | CommitError::Busy => Self::busy(),
        }
    }
}
