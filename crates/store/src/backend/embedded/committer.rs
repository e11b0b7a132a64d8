//! The one thread that writes: takes all batches that wait, checks them in order, and syncs once for all of them.
//!
//! While one group is on its way to the disk the next one gathers, so a group is as large as the disk is slow, and a
//! lone batch waits for nothing. Only where many come, and the disk is quick, a group waits a moment for more: what a
//! sync costs the processor is then shared by many, instead of being paid for a few.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fjall::{Readable, Snapshot};
use tokio::sync::{mpsc, oneshot};

use super::Shared;
use super::abort::{AbortOnPanic, abort};
use super::engine::{self, Memtable, VERSION_KEY, Written};
use super::space::Free;
use crate::backend::{batch_bytes, changes, checks_hold};
use crate::{Batch, CommitError, Committed, Version, record};

/// Batches of one group: what a client may have to wait for besides its own.
const GROUP_BATCHES_MAX: usize = 4096;
/// Bytes of one group, exceeded by at most one batch.
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// So many batches in one group are a crowd: more will come in a moment.
const CROWD_BATCHES: usize = 8;
/// What the group after a crowd waits for more.
const CROWD_WAIT: Duration = Duration::from_millis(2);

/// A batch in the queue.
pub(super) struct Waiting {
    pub(super) batch: Batch,
    pub(super) answer: oneshot::Sender<Result<Committed, CommitError>>,
}

pub(super) struct Committer {
    queue: mpsc::Receiver<Waiting>,
    shared: Arc<Shared>,
    version: Version,
    memtable: Memtable,
}

impl Committer {
    pub(super) fn new(
        queue: mpsc::Receiver<Waiting>,
        shared: Arc<Shared>,
        version: Version,
        memtable_bytes: u64,
    ) -> Self {
        let memtable = Memtable::new(shared.engine.unflushed_bytes(), memtable_bytes);
        Self { queue, shared, version, memtable }
    }

    /// Runs until there is no sender left and the queue is empty.
    pub(super) fn run(mut self) {
        let _guard = AbortOnPanic;
        let mut last_batches = 0;
        while let Some(first) = self.queue.blocking_recv() {
            if last_batches >= CROWD_BATCHES {
                wait_for_more();
            }
            let group = self.gather(first);
            last_batches = group.len();
            self.shared.pulse.beat();
            self.commit(group);
            self.shared.pulse.beat();
        }
    }

    fn gather(&mut self, first: Waiting) -> Vec<Waiting> {
        let mut bytes = batch_bytes(&first.batch);
        let mut group = vec![first];
        while group.len() < GROUP_BATCHES_MAX && bytes < GROUP_BYTES_MAX {
            let Ok(next) = self.queue.try_recv() else {
                break;
            };
            bytes += batch_bytes(&next.batch);
            group.push(next);
        }
        group
    }

    fn commit(&mut self, waiting: Vec<Waiting>) {
        let shared = Arc::clone(&self.shared);
        let free = shared.space.keep(shared.engine.promised());
        let rows = waiting.iter().map(|waiting| rows_of(&waiting.batch)).sum();
        let mut group = Group {
            shared: &shared,
            snapshot: shared.engine.snapshot(),
            written: HashMap::with_capacity(rows),
            version: self.version,
        };
        let mut answers = Vec::with_capacity(waiting.len());
        for Waiting { batch, answer } in waiting {
            answers.push((answer, group.decide(batch, free)));
        }
        let Group { written, version, .. } = group;
        self.version = version;
        if !written.is_empty() {
            self.write(written);
        }
        let committed = answers.iter().filter(|(_, outcome)| outcome.is_ok()).count();
        shared
            .committed_batches
            .fetch_add(u64::try_from(committed).unwrap_or(u64::MAX), Ordering::Relaxed);
        for (answer, outcome) in answers {
            // Whoever asked may be gone; the batch is committed all the same.
            let _heard = answer.send(outcome).is_ok();
        }
        if self.memtable.take_full() {
            shared
                .engine
                .seal_memtable()
                .unwrap_or_else(|error| abort("a memtable could not be sealed", &error));
        }
    }

    fn write(&mut self, written: HashMap<Vec<u8>, Overlaid>) {
        let mut rows: Vec<Written> = Vec::with_capacity(written.len() + 1);
        rows.extend(written.into_iter().map(|(key, overlaid)| (key, overlaid.record)));
        rows.push((VERSION_KEY.to_vec(), Some(record::encode(VERSION_KEY, self.version, &[]))));
        rows.iter().for_each(|row| self.memtable.count(row));
        let result = self.shared.engine.write(rows.into_iter());
        result.unwrap_or_else(|error| abort("a commit failed", &error));
        self.shared.syncs.fetch_add(1, Ordering::Relaxed);
    }
}

const fn rows_of(batch: &Batch) -> usize {
    batch.writes.len() + batch.jobs.len()
}

#[expect(clippy::disallowed_methods, reason = "time for more to come is what is waited for")]
fn wait_for_more() {
    std::thread::sleep(CROWD_WAIT);
}

/// What a group has done to a row so far, seen by the checks of later batches.
struct Overlaid {
    version: Version,
    record: Option<Vec<u8>>,
}

/// Batches that will share one write and one sync.
struct Group<'shared> {
    shared: &'shared Shared,
    snapshot: Snapshot,
    written: HashMap<Vec<u8>, Overlaid>,
    version: Version,
}

impl Group<'_> {
    fn decide(&mut self, batch: Batch, free: Free) -> Result<Committed, CommitError> {
        if !free.admits(batch.space) {
            return Err(CommitError::Full);
        }
        if !checks_hold(&batch, |full_key| self.version_of(&batch, full_key))? {
            return Err(CommitError::Conflict);
        }
        let version = Version(self.version.0 + 1);
        self.version = version;
        for change in changes(batch) {
            let record =
                change.value.map(|value| record::encode(&change.full_key, version, &value));
            self.written.insert(change.full_key, Overlaid { version, record });
        }
        Ok(Committed { version })
    }

    fn version_of(&self, batch: &Batch, full_key: &[u8]) -> Result<Option<Version>, CommitError> {
        if let Some(overlaid) = self.written.get(full_key) {
            return Ok(overlaid.record.as_ref().map(|_| overlaid.version));
        }
        match self.snapshot.get(&self.shared.engine.rows, full_key) {
            Ok(None) => Ok(None),
            Ok(Some(stored)) => match record::decode(full_key, &stored) {
                Ok((version, _)) => Ok(Some(version)),
                Err(record::Damaged) => Err(self.damaged(batch, full_key)),
            },
            Err(error) if engine::is_damage(&error) => Err(self.damaged(batch, full_key)),
            Err(error) => {
                tracing::error!(error = %error, "the store cannot be read");
                Err(CommitError::Unknown)
            }
        }
    }

    /// Nobody can have read a damaged row, so no check of it holds; loading again tells the caller why.
    fn damaged(&self, batch: &Batch, full_key: &[u8]) -> CommitError {
        // The report is the point here; the error it makes is for readers.
        drop(self.shared.damage.report(&batch.partition, full_key));
        CommitError::Conflict
    }
}
