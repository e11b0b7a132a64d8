//! Backups of a whole store, their verification and restore, and the full check of a store.
//!
//! A backup is one stream: a magic, the number of the last commit, then the records in key order as they lie on the
//! disk, each with a checksum, then their count and the SHA-256 of all before it. All of this blocks: call it from a
//! thread that may. A restore writes beside its target and renames, so that a folder is never half restored.

mod check;
mod format;
mod restore;

use std::io::{Read, Write};

use thiserror::Error;

pub use check::{Finding, Report};
pub use restore::restore;

use crate::{OpenError, Store, Version, record};
use format::{Entry, Reader, Writer};

/// How many records pass between two calls that tell of progress.
const PROGRESS_ROWS: u64 = 1000;

/// A backup or restore did not succeed.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// Writing or reading the stream failed.
    #[error("the backup cannot be read or written")]
    Io(#[from] std::io::Error),
    /// The stream does not start like a backup.
    #[error("this is not a backup of kith, or one of a newer version")]
    NotABackup,
    /// The stream ends before its trailer.
    #[error("the backup is cut off after {rows} rows")]
    CutOff {
        /// Rows before the end.
        rows: u64,
    },
    /// A checksum is wrong.
    #[error("the backup is damaged after {rows} rows: {what}")]
    Damaged {
        /// Good rows before the damage.
        rows: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// The target of a restore holds something.
    #[error("the folder to restore into is not empty")]
    NotEmpty,
    /// The store could not be opened or written.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store could not be read.
    #[error("the store cannot be read: {0}")]
    Store(String),
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows of all partitions.
    pub rows: u64,
    /// Bytes of the stream.
    pub bytes: u64,
    /// Rows that were damaged in the store already. They are in the backup as they were found.
    pub damaged: u64,
    /// The number of the last commit that the backup contains.
    pub version: Version,
}

impl Store {
    /// Writes all rows, as they are at one moment, to `to`. Commits go on meanwhile.
    ///
    /// `progress` is told the number of rows so far, now and then.
    ///
    /// # Errors
    /// If `to` cannot be written or the store not be read; what was written is then no backup.
    pub fn backup(
        &self,
        to: impl Write,
        mut progress: impl FnMut(u64),
    ) -> Result<Summary, ArchiveError> {
        let (version, records) = self.records()?;
        let mut summary = Summary { version, ..Summary::default() };
        let mut writer = Writer::new(to, version)?;
        for found in records {
            let (full_key, record) = found?;
            summary.count(&full_key, &record);
            tell(&mut progress, summary.rows);
            writer.record(&full_key, &record)?;
        }
        summary.bytes = writer.finish(summary.rows)?;
        progress(summary.rows);
        Ok(summary)
    }
}

/// Reads a whole backup and checks every checksum in it.
///
/// # Errors
/// If it is cut off, damaged, or no backup.
pub fn verify(from: impl Read, progress: impl FnMut(u64)) -> Result<Summary, ArchiveError> {
    read(from, progress, |_, _| Ok(()))
}

/// Hands over every record. What was handed over counts only if this ends without an error.
fn read(
    from: impl Read,
    mut progress: impl FnMut(u64),
    mut each: impl FnMut(Vec<u8>, Vec<u8>) -> Result<(), ArchiveError>,
) -> Result<Summary, ArchiveError> {
    let mut reader = Reader::new(from)?;
    let mut summary = Summary { version: reader.version(), ..Summary::default() };
    loop {
        match reader.next(summary.rows)? {
            Entry::Record { full_key, record } => {
                summary.count(&full_key, &record);
                tell(&mut progress, summary.rows);
                each(full_key, record)?;
            }
            Entry::End { bytes } => {
                summary.bytes = bytes;
                progress(summary.rows);
                return Ok(summary);
            }
        }
    }
}

impl Summary {
    fn count(&mut self, full_key: &[u8], record: &[u8]) {
        self.rows += 1;
        self.damaged += u64::from(record::decode(full_key, record).is_err());
    }
}

fn tell(progress: &mut impl FnMut(u64), rows: u64) {
    if rows.is_multiple_of(PROGRESS_ROWS) {
        progress(rows);
    }
}
