//! What can go wrong below the waist.

use thiserror::Error;

/// A read gave no answer.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The record fails its checksum or does not decode. It stays where it is and is reported.
    #[error("a stored record is damaged (partition {partition}, key {key})")]
    Damaged {
        /// The partition, in hexadecimal.
        partition: String,
        /// The key, in hexadecimal.
        key: String,
    },
    /// The engine failed.
    #[error("the store cannot be read: {0}")]
    Unavailable(String),
}

/// A batch was not confirmed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CommitError {
    /// A check failed; nothing was applied. Load again and decide again.
    #[error("a row has changed since it was read")]
    Conflict,
    /// The answer is lost: applied or not. Read back before anything else.
    #[error("the outcome of the commit is not known")]
    Unknown,
    /// The disk is nearly full; nothing was applied.
    #[error("the disk is nearly full")]
    Full,
    /// More batches wait than the queue holds; nothing was applied.
    #[error("too many batches are waiting")]
    Busy,
}

/// The store cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process uses the folder.
    #[error("another kith is already using this data folder")]
    Locked,
    /// The folder was written by a newer version.
    #[error(
        "the data folder was written by a newer version of kith (format {found}, this one knows {known})"
    )]
    Newer {
        /// The format found.
        found: u32,
        /// The newest format that this version reads.
        known: u32,
    },
    /// The operating system or the engine refused.
    #[error("the data folder cannot be opened: {0}")]
    Io(String),
}
