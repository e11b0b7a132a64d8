//! Records that fail their checksum: named, counted once, never touched.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::{Partition, ReadError, row};

/// Damaged records remembered, so that reading one again neither counts nor is logged again.
const REMEMBERED_MAX: usize = 1000;

/// What was found damaged since start.
#[derive(Default)]
pub(super) struct Damage {
    seen: Mutex<HashSet<Vec<u8>>>,
    found: AtomicU64,
}

impl Damage {
    /// Counts and logs the record at `full_key` if it is new, and makes the error for whoever wanted to read it.
    pub(super) fn report(&self, partition: &Partition, full_key: &[u8]) -> ReadError {
        let key = full_key.get(partition.prefix().len()..).unwrap_or_default();
        if self.is_new(full_key) {
            self.found.fetch_add(1, Ordering::Relaxed);
            tracing::error!(
                partition = %name(partition),
                key_checksum = crc32c::crc32c(full_key),
                "a stored record is damaged; a full check names its key"
            );
        }
        row::damaged(partition, key)
    }

    pub(super) fn found(&self) -> u64 {
        self.found.load(Ordering::Relaxed)
    }

    fn is_new(&self, full_key: &[u8]) -> bool {
        let mut seen = self.seen.lock();
        if seen.len() >= REMEMBERED_MAX {
            return !seen.contains(full_key);
        }
        seen.insert(full_key.to_vec())
    }
}

/// The partition for the log, without what people typed: claims are addresses, the directory holds names.
fn name(partition: &Partition) -> String {
    match partition {
        Partition::Claim(_) => "claim".to_owned(),
        Partition::Directory(_) => "directory".to_owned(),
        Partition::Conversation(_)
        | Partition::User(_)
        | Partition::Day(_)
        | Partition::Deployment
        | Partition::Jobs => row::hexadecimal(&partition.prefix()),
    }
}
