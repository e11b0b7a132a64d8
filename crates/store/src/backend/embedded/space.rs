//! Whether the disk has room, and the reserve that keeps deletes possible when it has not.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{OpenError, Space as Need};

const RESERVE_FILE: &str = "reserve";
const RESERVE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The reserve is at most this part of a small disk.
const RESERVE_PART: u64 = 16;
const FREE_BYTES_MIN_AT_MOST: u64 = 1024 * 1024 * 1024;
const FREE_BYTES_MIN_AT_LEAST: u64 = 32 * 1024 * 1024;
/// A twentieth, 5 %, of a smaller disk stays free.
const FREE_PART: u64 = 20;
/// Below this not even a delete is written: the engine itself must be able to finish its work.
const ESSENTIAL_BYTES_MIN: u64 = 4 * 1024 * 1024;

/// The space of the disk that holds the store.
pub(super) struct Space {
    folder: PathBuf,
    free_bytes_min: u64,
    reserve_bytes: u64,
    reserve_held: AtomicBool,
}

/// What the engine will still write for what was committed before. A failed write of it would end the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Promised {
    /// For memtables that become tables beside the journal.
    pub(super) unflushed_bytes: u64,
    /// For tables that are merged into new ones beside the old ones.
    pub(super) merge_bytes: u64,
}

/// What there was room for at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Free {
    pub(super) free_bytes: u64,
    room: Room,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// For everything, and to give the reserve back its place.
    Ample,
    /// For everything.
    Enough,
    /// For what is essential.
    Essential,
    /// For nothing.
    Nothing,
}

impl Free {
    pub(super) const fn is_full(self) -> bool {
        !self.admits(Need::Grows)
    }

    pub(super) const fn admits(self, need: Need) -> bool {
        match (self.room, need) {
            (Room::Ample | Room::Enough, Need::Grows | Need::Essential)
            | (Room::Essential, Need::Essential) => true,
            (Room::Essential, Need::Grows) | (Room::Nothing, Need::Grows | Need::Essential) => {
                false
            }
        }
    }
}

impl Space {
    pub(super) fn new(
        folder: &Path,
        free_bytes_min: Option<u64>,
        promised: Promised,
    ) -> Result<Self, OpenError> {
        let (total_bytes, _) = measure(folder).map_err(|error| OpenError::Io(error.to_string()))?;
        let twentieth =
            (total_bytes / FREE_PART).clamp(FREE_BYTES_MIN_AT_LEAST, FREE_BYTES_MIN_AT_MOST);
        let reserve_bytes = RESERVE_BYTES_MAX.min(total_bytes / RESERVE_PART);
        let file = std::fs::metadata(folder.join(RESERVE_FILE));
        let space = Self {
            folder: folder.to_owned(),
            free_bytes_min: free_bytes_min.unwrap_or(twentieth),
            reserve_bytes,
            reserve_held: AtomicBool::new(file.is_ok_and(|file| file.len() >= reserve_bytes)),
        };
        space.keep(promised);
        Ok(space)
    }

    /// What there is room for.
    pub(super) fn look(&self, promised: Promised) -> Free {
        match measure(&self.folder) {
            Ok((_, free_bytes)) => {
                let reserve_held = self.reserve_held.load(Ordering::Relaxed);
                Free { free_bytes, room: self.room(free_bytes, promised, reserve_held) }
            }
            Err(error) => {
                tracing::error!(error = %error, "the free space of the disk is not known");
                Free { free_bytes: 0, room: Room::Essential }
            }
        }
    }

    /// As [`Space::look`], and gives the reserve away or takes it back as the disk fills and empties.
    pub(super) fn keep(&self, promised: Promised) -> Free {
        let free = self.look(promised);
        let held = self.reserve_held.load(Ordering::Relaxed);
        match free.room {
            Room::Ample if !held => self.take_reserve(),
            Room::Essential | Room::Nothing if held => {
                self.release_reserve();
                return self.look(promised);
            }
            Room::Ample | Room::Enough | Room::Essential | Room::Nothing => {}
        }
        free
    }

    /// The reserve counts as free neither while it is held nor while it is given away.
    fn room(&self, free_bytes: u64, promised: Promised, reserve_held: bool) -> Room {
        let reserve_bytes = if reserve_held { 0 } else { self.reserve_bytes };
        let needed = self.free_bytes_min.max(promised.unflushed_bytes + promised.merge_bytes);
        let enough = needed.saturating_add(reserve_bytes);
        if free_bytes >= enough.saturating_add(needed / 8) {
            Room::Ample
        } else if free_bytes >= enough {
            Room::Enough
        } else if free_bytes >= ESSENTIAL_BYTES_MIN + promised.unflushed_bytes {
            Room::Essential
        } else {
            Room::Nothing
        }
    }

    fn take_reserve(&self) {
        let path = self.folder.join(RESERVE_FILE);
        match allocate(&path, self.reserve_bytes) {
            Ok(()) => self.reserve_held.store(true, Ordering::Relaxed),
            Err(error) => {
                tracing::warn!(error = %error, "no reserve could be made for a full disk");
                // What there is of it is no reserve, and its absence is no failure.
                drop(std::fs::remove_file(path));
            }
        }
    }

    fn release_reserve(&self) {
        tracing::warn!(
            "the disk is nearly full: only deletes are accepted until there is space again"
        );
        if let Err(error) = std::fs::remove_file(self.folder.join(RESERVE_FILE)) {
            tracing::error!(error = %error, "the reserve for a full disk could not be released");
        }
        self.reserve_held.store(false, Ordering::Relaxed);
    }
}

fn allocate(path: &Path, bytes: u64) -> std::io::Result<()> {
    let file: File = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes)?;
    file.sync_all()
}

/// All bytes of the file system, and those free for this process.
fn measure(folder: &Path) -> std::io::Result<(u64, u64)> {
    let found = rustix::fs::statvfs(folder)?;
    Ok((
        found.f_blocks.saturating_mul(found.f_frsize),
        found.f_bavail.saturating_mul(found.f_frsize),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn the_disk_fills_and_empties_without_flapping() {
        let space = Space {
            folder: PathBuf::new(),
            free_bytes_min: 32 * MIB,
            reserve_bytes: 8 * MIB,
            reserve_held: AtomicBool::new(true),
        };
        let nothing = Promised::default();
        for (free, held, room) in [
            (100, true, Room::Ample),
            (33, true, Room::Enough),
            (31, true, Room::Essential),
            // The reserve is given away: what it frees is not for ordinary batches.
            (31 + 8, false, Room::Essential),
            (41, false, Room::Enough),
            (44, false, Room::Ample),
            // It is taken back, and there is still enough.
            (44 - 8, true, Room::Ample),
            (3, false, Room::Nothing),
        ] {
            assert_eq!(
                space.room(free * MIB, nothing, held),
                room,
                "{free} MiB free, reserve held: {held}"
            );
        }
        let promised = Promised { unflushed_bytes: 20 * MIB, merge_bytes: 40 * MIB };
        for (free, room) in
            [(70, Room::Ample), (61, Room::Enough), (59, Room::Essential), (23, Room::Nothing)]
        {
            let found = space.room(free * MIB, promised, true);
            assert_eq!(found, room, "{free} MiB free, 60 MiB promised");
        }
    }
}
