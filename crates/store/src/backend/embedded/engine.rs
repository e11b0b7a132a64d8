//! How fjall is set up and asked. Written against 3.1.13: read its source again before another version is taken.
//!
//! - One keyspace, so that no idle one can hold journals back (its issue 288). No `clear`, no ingestion, no separated
//!   values: each of them has lost data (241, 265, 320 of lsm-tree).
//! - One worker thread. With two, the first one spins while the second merges, which is half of a small machine; and
//!   several have lost inserts (230).
//! - Its worker has a lower priority than the threads that people wait for. Where one processor does everything, making
//!   a table would otherwise take half of it for a fifth of a second, and every message would wait twice as long.
//! - We seal the memtable ourselves. fjall asks its workers through a bounded queue, which a burst of commits fills
//!   with the same request; the only worker would then wait for its own queue. Sealing by number of rows as well keeps
//!   the many versions of a hot row from slowing down every scan past it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fjall::compaction::Leveled;
use fjall::config::{BlockSizePolicy, CompressionPolicy, PartitioningPolicy};
use fjall::{
    CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable, Snapshot,
};

use super::EmbeddedOptions;
use super::folder::{Folder, NetworkFolder, sync_below, sync_folder};
use super::journal;
use super::space::Promised;
use crate::{OpenError, Version, record};

/// Holds the number of the last commit; no partition's prefix starts with a zero.
pub(crate) const VERSION_KEY: &[u8] = b"\0version";

const ROWS_FOLDER: &str = "rows";
/// Where the rows are before they are complete.
const UNFINISHED_FOLDER: &str = "rows.new";
const KEYSPACE: &str = "rows";
const WORKER_THREADS: usize = 1;
/// Added to the niceness of the worker: a quarter of a processor that others want too.
const WORKER_NICENESS: i32 = 5;
const JOURNALS_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// fjall would seal a memtable of this size itself; we do so long before.
const MEMTABLE_BYTES_NEVER: u64 = 4 * 1024 * 1024 * 1024;
/// Bytes that a row takes in a memtable beside its key and value.
const ROW_OVERHEAD_BYTES: u64 = 64;
/// Rows and versions of rows in one memtable.
const MEMTABLE_ROWS_MAX: u64 = 100_000;
/// What a merge makes. It takes all of the first level, which is four tables, or about eleven tables of two others: the only
/// worker is back at the memtables, of which four may wait, before writers have to be held up.
const TABLE_BYTES: u64 = 8 * 1024 * 1024;
/// A page of fifty messages is one or two blocks, and a lone row costs little more than a smaller one would.
const BLOCK_OF_ROWS_BYTES: u32 = 8 * 1024;
/// A journal smaller than this is read again at the next start sooner than what is in it is made a table at the end.
const SETTLE_BYTES_MIN: u64 = 1024 * 1024;
/// How long the end waits for the last table. Nothing is lost without it: it is in the journal.
const SETTLE_TIME: Duration = Duration::from_secs(3);
const SETTLE_LOOK: Duration = Duration::from_millis(5);
/// A merge of tables writes the new ones before it removes the old ones; one merge takes about this much at most.
const MERGE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Unit of `st_blocks`, whatever the file system.
pub(super) const BLOCK_BYTES: u64 = 512;

/// An open database. The rows go before the database, which stops its threads when it goes.
pub(super) struct Engine {
    pub(super) rows: Keyspace,
    database: Database,
    folder: PathBuf,
}

/// A whole key and its record, or nothing where the row is removed.
pub(super) type Written = (Vec<u8>, Option<Vec<u8>>);

impl Engine {
    pub(super) fn open(folder: &Path, options: &EmbeddedOptions) -> Result<Self, OpenError> {
        let rows = folder.join(ROWS_FOLDER);
        if !rows.exists() {
            create(folder, options)?;
        }
        journal::cut_unfinished(&rows)?;
        Self::open_rows(rows, options)
    }

    fn open_rows(folder: PathBuf, options: &EmbeddedOptions) -> Result<Self, OpenError> {
        let open = || {
            let database = Database::builder(&folder)
                .worker_threads(WORKER_THREADS)
                .cache_size(options.cache_bytes)
                .max_journaling_size(JOURNALS_BYTES_MAX)
                .manual_journal_persist(true)
                .open()?;
            let rows = database.keyspace(KEYSPACE, layout)?;
            database.persist(PersistMode::SyncAll)?;
            Ok((database, rows))
        };
        match with_lower_priority(open) {
            Ok((database, rows)) => Ok(Self { rows, database, folder }),
            Err(fjall::Error::Locked) => Err(OpenError::Locked),
            Err(error) => Err(OpenError::Io(error.to_string())),
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.database.snapshot()
    }

    /// Writes rows, each at most once, so that a crash leaves all or none; on disk when it returns.
    pub(super) fn write(&self, written: impl Iterator<Item = Written>) -> Result<(), fjall::Error> {
        self.write_as(PersistMode::SyncData, written)
    }

    fn write_as(
        &self,
        mode: PersistMode,
        written: impl Iterator<Item = Written>,
    ) -> Result<(), fjall::Error> {
        let mut batch = self.database.batch().durability(Some(mode));
        for (full_key, record) in written {
            match record {
                Some(record) => batch.insert(&self.rows, full_key, record),
                None => batch.remove(&self.rows, full_key),
            }
        }
        batch.commit()
    }

    pub(super) fn seal_memtable(&self) -> Result<(), fjall::Error> {
        self.rows.rotate_memtable().map(|_| ())
    }

    /// Makes tables of what is in memory, so that the next start need not read it from the journal. Nothing may be
    /// written after this: the journal is then empty.
    pub(super) fn settle(&self) {
        match journal::occupied_bytes(&self.folder) {
            Ok(bytes) if bytes < SETTLE_BYTES_MIN => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "the next start has to read the journal"),
        }
        if let Err(error) = self.seal_memtable() {
            return tracing::warn!(%error, "the next start has to read the journal");
        }
        let looks = SETTLE_TIME.as_millis() / SETTLE_LOOK.as_millis();
        for _ in 0..looks {
            if self.rows.sealed_memtable_count() == 0 && self.unflushed_bytes() == 0 {
                return self.clear_journal();
            }
            self.pause();
        }
    }

    /// All of it is in tables, which the engine has synced, just as when it removes a journal itself.
    fn clear_journal(&self) {
        if let Err(error) = journal::clear(&self.folder) {
            tracing::warn!(%error, "the next start has to read the journal");
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the engine tells nobody when a table is ready")]
    fn pause(&self) {
        std::thread::sleep(SETTLE_LOOK);
    }

    /// Bytes in memory that still have to become tables.
    pub(super) fn unflushed_bytes(&self) -> u64 {
        self.database.write_buffer_size()
    }

    /// What the engine will need of the disk for what it has taken already.
    pub(super) fn promised(&self) -> Promised {
        let merge_bytes = self.rows.disk_space().min(MERGE_BYTES_MAX);
        Promised { unflushed_bytes: self.unflushed_bytes(), merge_bytes }
    }

    pub(super) fn is_merging(&self) -> bool {
        self.database.active_compactions() > 0
    }

    /// Bytes of tables and journals, of the latter only what is really occupied.
    pub(super) fn disk_bytes(&self) -> u64 {
        let files = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let occupied =
            files.filter_map(|file| file.metadata().ok()).filter(std::fs::Metadata::is_file);
        self.rows.disk_space()
            + occupied.map(|metadata| metadata.blocks() * BLOCK_BYTES).sum::<u64>()
    }

    /// The number of the last commit that `snapshot` shows.
    pub(super) fn version_in(&self, snapshot: &Snapshot) -> Result<Version, fjall::Error> {
        let stored = snapshot.get(&self.rows, VERSION_KEY)?;
        let decoded =
            stored.map(|record| record::decode(VERSION_KEY, &record).map(|(version, _)| version));
        match decoded {
            Some(Ok(version)) => Ok(version),
            None if snapshot.is_empty(&self.rows)? => Ok(Version(0)),
            // No row is newer than the last commit, so the newest row says what the damaged one can no longer say.
            None | Some(Err(record::Damaged)) => self.newest_in(snapshot),
        }
    }

    pub(super) fn last_version(&self) -> Result<Version, OpenError> {
        self.version_in(&self.snapshot()).map_err(|error| OpenError::Io(error.to_string()))
    }

    fn newest_in(&self, snapshot: &Snapshot) -> Result<Version, fjall::Error> {
        tracing::error!("the number of the last commit is damaged; all rows are read to find it");
        let mut newest = Version(0);
        for row in snapshot.iter(&self.rows) {
            let (full_key, record) = row.into_inner()?;
            if let Ok((version, _)) = record::decode(&full_key, &record) {
                newest = newest.max(version);
            }
        }
        Ok(newest)
    }
}

/// Runs `open` on a thread of lower priority, which the threads that it starts inherit.
fn with_lower_priority<T: Send>(open: impl FnOnce() -> T + Send) -> T {
    let opened = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // Elsewhere it would be that of the whole process.
            if cfg!(target_os = "linux")
                && let Err(error) = rustix::process::nice(WORKER_NICENESS)
            {
                tracing::warn!(%error, "tables are made at the priority of everything else");
            }
            open()
        });
        thread.join()
    });
    opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// How rows are kept in tables. A store keeps to what it was made with.
fn layout() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .compaction_strategy(Arc::new(Leveled::default().with_table_target_size(TABLE_BYTES)))
        .max_memtable_size(MEMTABLE_BYTES_NEVER)
        .data_block_size_policy(BlockSizePolicy::all(BLOCK_OF_ROWS_BYTES))
        .data_block_compression_policy(CompressionPolicy::all(CompressionType::Lz4))
        .index_block_partitioning_policy(PartitioningPolicy::all(true))
}

/// Makes the rows under another name first: fjall does not open a folder that it had only begun to make when the power
/// went, and what has the final name is complete.
fn create(folder: &Path, options: &EmbeddedOptions) -> Result<(), OpenError> {
    let unfinished = folder.join(UNFINISHED_FOLDER);
    let renamed = || {
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        let made = Engine::open_rows(unfinished.clone(), options);
        drop(made.map_err(std::io::Error::other)?);
        sync_below(&unfinished)?;
        std::fs::rename(&unfinished, folder.join(ROWS_FOLDER))?;
        sync_folder(folder)
    };
    renamed().map_err(|error: std::io::Error| OpenError::Io(error.to_string()))
}

/// Whether the engine found content that fails its checksums, rather than a disk that does not answer.
pub(super) const fn is_damage(error: &fjall::Error) -> bool {
    match error {
        fjall::Error::Storage(error) => !matches!(error, fjall::LsmError::Io(_)),
        fjall::Error::Decompress(_)
        | fjall::Error::InvalidTag(_)
        | fjall::Error::InvalidTrailer => true,
        // Also what a later version of the engine may add: better an error that is tried again than a wrong verdict.
        fjall::Error::Io(_)
        | fjall::Error::JournalRecovery(_)
        | fjall::Error::InvalidVersion(_)
        | fjall::Error::Poisoned
        | fjall::Error::KeyspaceDeleted
        | fjall::Error::Locked
        | fjall::Error::Unrecoverable
        | _ => false,
    }
}

/// Counts what goes into the memtable, and tells when it should be sealed.
pub(super) struct Memtable {
    bytes: u64,
    rows: u64,
    bytes_max: u64,
}

impl Memtable {
    /// `bytes` are in it already.
    pub(super) const fn new(bytes: u64, bytes_max: u64) -> Self {
        Self { bytes, rows: 0, bytes_max }
    }

    pub(super) fn count(&mut self, (full_key, record): &Written) {
        let bytes = full_key.len() + record.as_ref().map_or(0, Vec::len);
        self.bytes += u64::try_from(bytes).unwrap_or(u64::MAX) + ROW_OVERHEAD_BYTES;
        self.rows += 1;
    }

    /// Whether it is time to seal; counting then starts anew.
    pub(super) const fn take_full(&mut self) -> bool {
        let full = self.bytes >= self.bytes_max || self.rows >= MEMTABLE_ROWS_MAX;
        if full {
            self.bytes = 0;
            self.rows = 0;
        }
        full
    }
}

/// Fills a new folder with records as they are, for a restore. The folder is worth nothing before [`Loader::finish`].
pub(crate) struct Loader {
    waiting: Vec<Written>,
    waiting_bytes: usize,
    memtable: Memtable,
    engine: Engine,
    path: PathBuf,
    _folder: Folder,
}

/// Bytes of records loaded in one step.
const LOAD_BYTES: usize = 1024 * 1024;

impl Loader {
    pub(crate) fn new(folder: &Path) -> Result<Self, OpenError> {
        let options = EmbeddedOptions::default();
        let locked = Folder::open(folder, NetworkFolder::Accepted)?;
        Ok(Self {
            waiting: Vec::new(),
            waiting_bytes: 0,
            memtable: Memtable::new(0, options.memtable_bytes),
            engine: Engine::open(folder, &options)?,
            path: folder.to_owned(),
            _folder: locked,
        })
    }

    pub(crate) fn put(&mut self, full_key: Vec<u8>, record: Vec<u8>) -> Result<(), OpenError> {
        self.waiting_bytes += full_key.len() + record.len();
        let written = (full_key, Some(record));
        self.memtable.count(&written);
        self.waiting.push(written);
        if self.waiting_bytes >= LOAD_BYTES { self.write(PersistMode::Buffer) } else { Ok(()) }
    }

    /// Sets the number of the last commit and makes all durable.
    pub(crate) fn finish(mut self, version: Version) -> Result<(), OpenError> {
        self.put(VERSION_KEY.to_vec(), record::encode(VERSION_KEY, version, &[]))?;
        self.write(PersistMode::SyncAll)?;
        sync_folder(&self.path).map_err(|error| OpenError::Io(error.to_string()))
    }

    fn write(&mut self, mode: PersistMode) -> Result<(), OpenError> {
        self.waiting_bytes = 0;
        let written = self.engine.write_as(mode, self.waiting.drain(..));
        let sealed = written.and_then(|()| {
            if self.memtable.take_full() { self.engine.seal_memtable() } else { Ok(()) }
        });
        sealed.map_err(|error| OpenError::Io(error.to_string()))
    }
}
