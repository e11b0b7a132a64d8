//! Rows on the local disk, through fjall behind one committer thread.
//!
//! What fjall is trusted with, and what not: its journal makes a group of batches durable with one sync, and its
//! tables are read through snapshots. Checks, versions, checksums and the question whether there is space are ours.
//! An error or a stall of a commit ends the process (see `abort`): nothing was confirmed, and a restart recovers.

mod abort;
mod committer;
mod damage;
mod engine;
mod folder;
mod journal;
mod space;
mod watchdog;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use fjall::{Readable, Snapshot, UserValue};
use parking_lot::{Mutex, RwLock};
use tokio::sync::{mpsc, oneshot};

pub(crate) use engine::{Loader, VERSION_KEY};
pub use folder::NetworkFolder;

use super::{SCAN_ROWS_MAX, assert_within_limits, full_key, full_range};
use crate::{
    Batch, CommitError, Committed, Direction, OpenError, Partition, ReadError, RowRef, Status,
    Version, record,
};
use committer::{Committer, Waiting};
use damage::Damage;
use engine::Engine;
use folder::Folder;
use space::Space;
use watchdog::Pulse;

/// Batches that may wait for the committer; more are answered [`CommitError::Busy`].
const QUEUE_BATCHES_MAX: usize = 16 * 1024;

/// How an embedded store is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Memory for blocks of tables that were read.
    pub cache_bytes: u64,
    /// Written bytes kept in memory before they become a table. A few times as much may be in memory at once.
    pub memtable_bytes: u64,
    /// Free bytes below which ordinary batches are refused; by default the smaller of 1 GiB and 5 % of the disk.
    pub free_bytes_min: Option<u64>,
    /// Whether a folder on a network file system is accepted.
    pub network_folder: NetworkFolder,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 64 * 1024 * 1024,
            memtable_bytes: 16 * 1024 * 1024,
            free_bytes_min: None,
            network_folder: NetworkFolder::Refused,
        }
    }
}

/// A store on the local disk. Clones share it; the last one to go finishes the queue and closes it.
#[derive(Clone)]
pub struct Embedded {
    open: Arc<Open>,
}

/// Fields go in this order: the lock of the folder is given back when nothing uses the folder any more.
struct Open {
    queue: RwLock<Option<mpsc::Sender<Waiting>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    shared: Arc<Shared>,
    _folder: Folder,
}

/// What the committer, the watchdog and the readers share.
struct Shared {
    engine: Engine,
    space: Space,
    damage: Damage,
    pulse: Pulse,
    committed_batches: AtomicU64,
    syncs: AtomicU64,
}

impl fmt::Debug for Embedded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Embedded").finish_non_exhaustive()
    }
}

impl Embedded {
    /// Opens the store in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// [`OpenError::Locked`] if another process uses the folder, [`OpenError::Newer`] if a newer version wrote it.
    pub fn open(folder: &Path, options: &EmbeddedOptions) -> Result<Self, OpenError> {
        let locked = Folder::open(folder, options.network_folder)?;
        let engine = Engine::open(folder, options)?;
        let version = engine.last_version()?;
        let shared = Arc::new(Shared {
            space: Space::new(folder, options.free_bytes_min, engine.promised())?,
            engine,
            damage: Damage::default(),
            pulse: Pulse::default(),
            committed_batches: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
        });
        let (queue, waiting) = mpsc::channel(QUEUE_BATCHES_MAX);
        let committer =
            Committer::new(waiting, Arc::clone(&shared), version, options.memtable_bytes);
        let (running, stopped) = std::sync::mpsc::channel::<()>();
        let watched = Arc::clone(&shared);
        let threads = vec![
            spawn("store-commit", move || {
                committer.run();
                drop(running);
            })?,
            spawn("store-watch", move || watchdog::run(&watched.pulse, &watched.engine, &stopped))?,
        ];
        let open = Open {
            queue: RwLock::new(Some(queue)),
            threads: Mutex::new(threads),
            shared,
            _folder: locked,
        };
        Ok(Self { open: Arc::new(open) })
    }

    /// Finishes what waits, then refuses every further batch with [`CommitError::Busy`]. Reads go on.
    ///
    /// Blocks the thread until the last batch is on disk.
    pub fn shutdown(&self) {
        self.open.stop();
    }

    pub(crate) fn get(
        &self,
        partition: &Partition,
        key: &[u8],
    ) -> Result<Option<(Vec<u8>, Version)>, ReadError> {
        let full_key = full_key(&partition.prefix(), key);
        let shared = &self.open.shared;
        let found = shared.engine.snapshot().get(&shared.engine.rows, &full_key);
        let Some(record) = found.map_err(|error| shared.read_error(partition, key, &error))? else {
            return Ok(None);
        };
        let (version, value) = shared.decode(partition, &full_key, &record)?;
        Ok(Some((value.to_vec(), version)))
    }

    pub(crate) fn visit(
        &self,
        partition: &Partition,
        range: (&[u8], &[u8]),
        (direction, limit): (Direction, usize),
        mut see: impl FnMut(RowRef<'_>) -> Result<(), ReadError>,
    ) -> Result<bool, ReadError> {
        let shared = &self.open.shared;
        let prefix = partition.prefix();
        let (from, to) = full_range(&prefix, range);
        let mut found = shared.engine.snapshot().range(&shared.engine.rows, from..to);
        let mut left = limit.min(SCAN_ROWS_MAX);
        loop {
            let next = match direction {
                Direction::Forward => found.next(),
                Direction::Backward => found.next_back(),
            };
            let Some(next) = next else {
                return Ok(false);
            };
            if left == 0 {
                return Ok(true);
            }
            left -= 1;
            let (full_key, record) =
                next.into_inner().map_err(|error| shared.read_error(partition, &[], &error))?;
            let (version, value) = shared.decode(partition, &full_key, &record)?;
            let key = full_key.get(prefix.len()..).unwrap_or_default();
            see(RowRef { key, value, version })?;
        }
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        assert_within_limits(&batch);
        let (answer, answered) = oneshot::channel();
        {
            let queue = self.open.queue.read();
            let queue = queue.as_ref().ok_or(CommitError::Busy)?;
            queue.try_send(Waiting { batch, answer }).map_err(|_| CommitError::Busy)?;
        }
        answered.await.unwrap_or(Err(CommitError::Unknown))
    }

    pub(crate) fn status(&self) -> Status {
        let shared = &self.open.shared;
        let free = shared.space.look(shared.engine.promised());
        let waiting = self
            .open
            .queue
            .read()
            .as_ref()
            .map_or(0, |queue| queue.max_capacity() - queue.capacity());
        Status {
            free_bytes: free.free_bytes,
            full: free.is_full(),
            waiting_batches: u64::try_from(waiting).unwrap_or(u64::MAX),
            committed_batches: shared.committed_batches.load(Ordering::Relaxed),
            syncs: shared.syncs.load(Ordering::Relaxed),
            damaged_records: shared.damage.found(),
            disk_bytes: shared.engine.disk_bytes(),
        }
    }

    /// All records at one moment, and the number of the last commit before it.
    pub(crate) fn snapshot(
        &self,
    ) -> Result<(Version, impl Iterator<Item = Record> + use<>), fjall::Error> {
        let engine = &self.open.shared.engine;
        let snapshot: Snapshot = engine.snapshot();
        let version = engine.version_in(&snapshot)?;
        let records = snapshot.iter(&engine.rows).map(|record| record.into_inner());
        Ok((version, records))
    }
}

/// The whole key and the stored bytes of a row.
type Record = Result<(fjall::UserKey, UserValue), fjall::Error>;

impl Open {
    fn stop(&self) {
        // Without a sender the committer ends once the queue is empty, and the watchdog after it.
        drop(self.queue.write().take());
        for thread in self.threads.lock().drain(..) {
            // A panic of the committer has ended the process; one of the watchdog loses nothing.
            drop(thread.join());
        }
        self.shared.engine.settle();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn decode<'record>(
        &self,
        partition: &Partition,
        full_key: &[u8],
        record: &'record [u8],
    ) -> Result<(Version, &'record [u8]), ReadError> {
        record::decode(full_key, record)
            .map_err(|record::Damaged| self.damage.report(partition, full_key))
    }

    /// A block that fails the engine's own checksum is damage like ours; all else is the disk not answering.
    fn read_error(&self, partition: &Partition, key: &[u8], error: &fjall::Error) -> ReadError {
        if engine::is_damage(error) {
            tracing::error!(error = %error, "a block of the store is damaged");
            return self.damage.report(partition, &full_key(&partition.prefix(), key));
        }
        tracing::error!(error = %error, "the store cannot be read");
        ReadError::Unavailable(error.to_string())
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    thread.map_err(|error| OpenError::Io(error.to_string()))
}
