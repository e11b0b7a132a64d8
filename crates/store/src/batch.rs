//! What goes through the waist.

use crate::Partition;

/// When a row was last written: the number of the commit that wrote it. Equal versions mean equal values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

/// Which way a scan goes through its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest key first.
    Forward,
    /// Largest key first.
    Backward,
}

/// One stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its key in the partition.
    pub key: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
    /// When it was written.
    pub version: Version,
}

/// A row as [`Store::visit`](crate::Store::visit) shows it: it stays where it is, nothing of it is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowRef<'row> {
    /// Its key in the partition.
    pub key: &'row [u8],
    /// Its value.
    pub value: &'row [u8],
    /// When it was written.
    pub version: Version,
}

impl RowRef<'_> {
    /// A copy that may be kept.
    pub fn to_row(self) -> Row {
        Row { key: self.key.to_vec(), value: self.value.to_vec(), version: self.version }
    }
}

/// A bounded piece of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows, in the order of the scan.
    pub rows: Vec<Row>,
    /// Whether rows of the range remain.
    pub more: bool,
}

/// What must be true for a batch to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// The row is there and was last written by this commit.
    Version(Vec<u8>, Version),
    /// There is no such row.
    Absent(Vec<u8>),
}

impl Check {
    /// The check that a row still is what a read of it found.
    pub fn unchanged<T>(key: Vec<u8>, read: Option<&(T, Version)>) -> Self {
        match read {
            Some((_, version)) => Self::Version(key, *version),
            None => Self::Absent(key),
        }
    }
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Sets a row.
    Put(Vec<u8>, Vec<u8>),
    /// Removes a row; nothing happens if there is none.
    Remove(Vec<u8>),
}

/// Work that must follow a batch, also after a crash. It is stored in the same commit.
///
/// Jobs are rows of [`Partition::Jobs`]: a job with the key of an earlier one replaces it, so that many changes of
/// one thing lead to one run. Whoever has done the work removes the row with a check of its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Names the work; see `tables::job`.
    pub key: Vec<u8>,
    /// The row: from where on the work is to be done.
    pub value: Vec<u8>,
}

/// What a batch may do while the disk is nearly full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Space {
    /// Refused: it would take more space.
    #[default]
    Grows,
    /// Applied all the same: deletes, log-outs, and the removal of finished jobs.
    Essential,
}

/// Writes of one partition that are applied together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The one partition that all checks and writes belong to.
    pub partition: Partition,
    /// What must be true.
    pub checks: Vec<Check>,
    /// What changes.
    pub writes: Vec<Write>,
    /// What must follow.
    pub jobs: Vec<Job>,
    /// Whether it may be applied on a nearly full disk.
    pub space: Space,
}

impl Batch {
    /// An empty batch of `partition`.
    pub const fn new(partition: Partition) -> Self {
        Self {
            partition,
            checks: Vec::new(),
            writes: Vec::new(),
            jobs: Vec::new(),
            space: Space::Grows,
        }
    }
}

/// A batch is applied and on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The version of every row that it wrote.
    pub version: Version,
}
