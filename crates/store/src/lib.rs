//! Ordered bytes in partitions, and the typed tables written once above them.
//!
//! The waist is three verbs: [`Store::get`], [`Store::scan`] and [`Store::commit`]; [`Store::visit`] is a scan that
//! copies nothing. A batch touches one partition, which is the largest promise that an embedded store and a
//! distributed one both keep; what spans partitions is a job in the same batch. What is deliberately not here: rules, publishing, retries of a refused commit.

pub mod archive;
pub mod backend;
pub mod batch;
pub mod error;
pub mod partition;
mod record;
mod row;
pub mod tables;

pub use batch::{
    Batch, Check, Committed, Direction, Job, Page, Row, RowRef, Space, Version, Write,
};
pub use error::{CommitError, OpenError, ReadError};
pub use partition::Partition;

use backend::{Embedded, Memory};

/// Where rows live. An enum and not a trait: no type parameter spreads, and a reader sees all that exist.
#[derive(Clone, Debug)]
pub enum Store {
    /// In memory, for tests and the simulator: can crash and lose what was not synced.
    Memory(Memory),
    /// On the local disk, through fjall.
    Embedded(Embedded),
}

/// How the store is doing, for health and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Bytes free on the file system that holds the data; `u64::MAX` where there is none.
    pub free_bytes: u64,
    /// Whether ordinary batches are refused because the disk is nearly full.
    pub full: bool,
    /// Batches waiting for the committer.
    pub waiting_batches: u64,
    /// Batches committed since start.
    pub committed_batches: u64,
    /// Syncs since start: many batches share one.
    pub syncs: u64,
    /// Records found damaged since start.
    pub damaged_records: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
}

impl Store {
    /// The value and version of one row.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] if the stored record fails its checksum: it is reported, never served or skipped.
    pub async fn get(
        &self,
        partition: &Partition,
        key: &[u8],
    ) -> Result<Option<(Vec<u8>, Version)>, ReadError> {
        match self {
            Self::Memory(memory) => memory.get(partition, key).await,
            Self::Embedded(embedded) => embedded.get(partition, key),
        }
    }

    /// At most `limit` rows of `partition` whose keys lie in `from..to`, in key order or against it.
    ///
    /// `from` is included, `to` is not. [`Page::more`] tells whether rows of the range remain.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn scan(
        &self,
        partition: &Partition,
        from: &[u8],
        to: &[u8],
        page: (Direction, usize),
    ) -> Result<Page, ReadError> {
        let mut rows = Vec::new();
        let keep = |row: RowRef<'_>| {
            rows.push(row.to_row());
            Ok(())
        };
        let more = self.visit(partition, (from, to), page, keep).await?;
        Ok(Page { rows, more })
    }

    /// The same without a copy of each row: shows them to `see` one after the other, and tells whether rows of the range
    /// remain. An error of `see` ends it.
    ///
    /// # Errors
    /// As [`Store::get`], and what `see` gives.
    pub async fn visit(
        &self,
        partition: &Partition,
        range: (&[u8], &[u8]),
        page: (Direction, usize),
        see: impl FnMut(RowRef<'_>) -> Result<(), ReadError> + Send,
    ) -> Result<bool, ReadError> {
        match self {
            Self::Memory(memory) => memory.visit(partition, range, page, see).await,
            Self::Embedded(embedded) => embedded.visit(partition, range, page, see),
        }
    }

    /// Applies a batch: all of it or nothing, durable when it answers.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] if a check failed, [`CommitError::Full`] if the disk is nearly full (nothing was
    /// applied), [`CommitError::Unknown`] if the answer was lost: the batch may be applied, now or later.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        match self {
            Self::Memory(memory) => memory.commit(batch).await,
            Self::Embedded(embedded) => embedded.commit(batch).await,
        }
    }

    /// How the store is doing.
    pub fn status(&self) -> Status {
        match self {
            Self::Memory(memory) => memory.status(),
            Self::Embedded(embedded) => embedded.status(),
        }
    }
}
