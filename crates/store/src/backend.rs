//! The backends below the waist, and what they share: limits, whole keys, and the meaning of checks.

mod embedded;
mod memory;

pub use embedded::{Embedded, EmbeddedOptions, NetworkFolder};
pub(crate) use embedded::{Loader, VERSION_KEY};
pub use memory::{Faults, Memory};

use crate::{Batch, Check, Partition, Version, Write};

/// Bytes of one key, without the prefix of its partition.
pub const KEY_BYTES_MAX: usize = 1024;
/// Bytes of one value.
pub const VALUE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Rows of one page, whatever was asked for.
pub const SCAN_ROWS_MAX: usize = 10_000;

/// A row that a batch sets, or removes if there is no value. The key is whole, with the prefix of its partition.
pub(crate) struct Change {
    pub(crate) full_key: Vec<u8>,
    pub(crate) value: Option<Vec<u8>>,
}

/// The key with the prefix of its partition.
pub(crate) fn full_key(prefix: &[u8], key: &[u8]) -> Vec<u8> {
    [prefix, key].concat()
}

/// The whole keys between which a scan of `from..to` runs.
///
/// An end before the start makes the range empty, as a caller would expect, where ordered maps would panic.
pub(crate) fn full_range(prefix: &[u8], (from, to): (&[u8], &[u8])) -> (Vec<u8>, Vec<u8>) {
    (full_key(prefix, from), full_key(prefix, to.max(from)))
}

/// Whether all checks hold. `version_of` tells the version of the row at a whole key.
pub(crate) fn checks_hold<E>(
    batch: &Batch,
    mut version_of: impl FnMut(&[u8]) -> Result<Option<Version>, E>,
) -> Result<bool, E> {
    let prefix = batch.partition.prefix();
    for check in &batch.checks {
        let (key, expected) = match check {
            Check::Version(key, version) => (key, Some(*version)),
            Check::Absent(key) => (key, None),
        };
        if version_of(&full_key(&prefix, key))? != expected {
            return Ok(false);
        }
    }
    Ok(true)
}

/// All that a batch changes, its jobs included, in order: a later change of a key replaces an earlier one.
pub(crate) fn changes(batch: Batch) -> impl Iterator<Item = Change> {
    let prefix = batch.partition.prefix();
    let jobs_prefix = Partition::Jobs.prefix();
    let writes = batch.writes.into_iter().map(move |write| match write {
        Write::Put(key, value) => Change { full_key: full_key(&prefix, &key), value: Some(value) },
        Write::Remove(key) => Change { full_key: full_key(&prefix, &key), value: None },
    });
    let jobs = batch.jobs.into_iter().map(move |job| Change {
        full_key: full_key(&jobs_prefix, &job.key),
        value: Some(job.value),
    });
    writes.chain(jobs)
}

/// Bytes that a batch brings, for the limits of a group.
pub(crate) fn batch_bytes(batch: &Batch) -> usize {
    let writes = batch.writes.iter().map(|write| match write {
        Write::Put(key, value) => key.len() + value.len(),
        Write::Remove(key) => key.len(),
    });
    writes.chain(batch.jobs.iter().map(|job| job.key.len() + job.value.len())).sum()
}

/// Refuses a batch that no caller may make: the engine's own limits would end the whole process.
///
/// # Panics
/// If a key or value is longer than the limits above. What people type is limited long before this.
pub(crate) fn assert_within_limits(batch: &Batch) {
    for write in &batch.writes {
        let (key, value_bytes) = match write {
            Write::Put(key, value) => (key, value.len()),
            Write::Remove(key) => (key, 0),
        };
        assert!(key.len() <= KEY_BYTES_MAX, "a key has {} bytes", key.len());
        assert!(value_bytes <= VALUE_BYTES_MAX, "a value has {value_bytes} bytes");
    }
    for job in &batch.jobs {
        assert!(job.key.len() <= KEY_BYTES_MAX, "the key of a job has {} bytes", job.key.len());
        assert!(job.value.len() <= VALUE_BYTES_MAX, "a job has {} bytes", job.value.len());
    }
}
