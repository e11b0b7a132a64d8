//! Rows in memory: the store of tests and of the simulator, which can fail in every way that a real one may.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::{SCAN_ROWS_MAX, assert_within_limits, changes, checks_hold, full_key, full_range};
use crate::{
    Batch, CommitError, Committed, Direction, Partition, ReadError, RowRef, Space, Status, Version,
    record,
};

/// How often a store in memory fails, out of 1000 times. The same seed and the same calls fail in the same places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// What the failures are drawn from.
    pub seed: u64,
    /// Commits refused as if another had come first.
    pub conflict_per_1000: u32,
    /// Commits whose answer is lost; each is applied at once, later, or never.
    pub unknown_per_1000: u32,
    /// Commits refused because too many wait.
    pub busy_per_1000: u32,
    /// Reads that the engine refuses.
    pub unavailable_per_1000: u32,
    /// How long a commit may take, in milliseconds of tokio's time. Until then it is in no row, and a crash may lose it.
    pub commit_ms_max: u64,
    /// How long one read of five may take, in milliseconds of tokio's time.
    pub read_ms_max: u64,
}

/// A store in memory. Clones share their rows.
#[derive(Clone, Default)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    /// Set once whoever holds this is dead.
    dead: Arc<AtomicBool>,
}

/// The whole key of a row and its record.
type Record = (Vec<u8>, Vec<u8>);

#[derive(Default)]
struct State {
    rows: BTreeMap<Vec<u8>, (Version, Vec<u8>)>,
    version: u64,
    /// Batches whose answer was lost on their way to the disk. They are in no row yet, and a crash loses some of them.
    unsynced: Vec<Batch>,
    /// Batches that wait for the disk, in the order in which they came.
    queue: VecDeque<(u64, Batch)>,
    queued: u64,
    /// Outcomes that nobody has asked for yet.
    outcomes: BTreeMap<u64, Result<Committed, CommitError>>,
    faults: Faults,
    dice: Dice,
    full: bool,
    committed_batches: u64,
}

impl fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl Memory {
    /// An empty store that never fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that fails as told.
    pub fn with_faults(faults: Faults) -> Self {
        let state = State { faults, dice: Dice(faults.seed), ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), dead: Arc::default() }
    }

    /// Changes how often the store fails from now on; the rows stay.
    pub fn set_faults(&self, faults: Faults) {
        let mut state = self.state.lock();
        state.faults = faults;
        state.dice = Dice(faults.seed);
    }

    /// Ends and restarts the store: confirmed rows stay. Of what waits for the disk, some has reached it unheard, and
    /// the rest is lost.
    pub fn crash(&self) {
        self.state.lock().crash();
    }

    /// The same rows for another process.
    #[must_use]
    pub fn connect(&self) -> Self {
        Self { state: self.state.clone(), dead: Arc::default() }
    }

    /// The process that holds this dies: it never gets an answer again. What it had handed over goes its way.
    pub fn disconnect(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// Goes on only for the living.
    async fn alive(&self) {
        if self.dead.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    async fn wait_to_read(&self) {
        self.alive().await;
        let wait_ms = self.state.lock().read_ms();
        if wait_ms > 0 {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            self.alive().await;
        }
    }

    /// From now on the disk counts as nearly full.
    pub fn fill_disk(&self) {
        self.state.lock().full = true;
    }

    /// The disk has space again.
    pub fn free_disk(&self) {
        self.state.lock().full = false;
    }

    pub(crate) async fn get(
        &self,
        partition: &Partition,
        key: &[u8],
    ) -> Result<Option<(Vec<u8>, Version)>, ReadError> {
        self.wait_to_read().await;
        let mut state = self.state.lock();
        state.may_read()?;
        let found = state.rows.get(&full_key(&partition.prefix(), key));
        Ok(found.map(|(version, value)| (value.clone(), *version)))
    }

    pub(crate) async fn visit(
        &self,
        partition: &Partition,
        range: (&[u8], &[u8]),
        (direction, limit): (Direction, usize),
        see: impl FnMut(RowRef<'_>) -> Result<(), ReadError> + Send,
    ) -> Result<bool, ReadError> {
        self.wait_to_read().await;
        let mut state = self.state.lock();
        state.may_read()?;
        let prefix = partition.prefix();
        let (from, to) = full_range(&prefix, range);
        let range = state.rows.range((Bound::Included(from), Bound::Excluded(to)));
        let rows = range.map(|(full_key, (version, value))| RowRef {
            key: full_key.get(prefix.len()..).unwrap_or_default(),
            value,
            version: *version,
        });
        match direction {
            Direction::Forward => show(rows, limit, see),
            Direction::Backward => show(rows.rev(), limit, see),
        }
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        assert_within_limits(&batch);
        self.alive().await;
        let (ticket, wait_ms) = {
            let mut state = self.state.lock();
            if state.faults.commit_ms_max == 0 && state.queue.is_empty() {
                return state.commit(batch);
            }
            state.enqueue(batch)
        };
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        self.alive().await;
        self.state.lock().sync_through(ticket)
    }

    pub(crate) fn status(&self) -> Status {
        let state = self.state.lock();
        Status {
            free_bytes: if state.full { 0 } else { u64::MAX },
            full: state.full,
            committed_batches: state.committed_batches,
            syncs: state.committed_batches,
            ..Status::default()
        }
    }

    /// The number of the last commit, and every row as a record with its whole key, at one moment.
    pub(crate) fn records(&self) -> (Version, Vec<Record>) {
        let state = self.state.lock();
        let rows = state.rows.iter();
        let records =
            rows.map(|(key, (version, value))| (key.clone(), record::encode(key, *version, value)));
        (Version(state.version), records.collect())
    }
}

fn show<'row>(
    mut rows: impl Iterator<Item = RowRef<'row>>,
    limit: usize,
    see: impl FnMut(RowRef<'row>) -> Result<(), ReadError>,
) -> Result<bool, ReadError> {
    rows.by_ref().take(limit.min(SCAN_ROWS_MAX)).try_for_each(see)?;
    Ok(rows.next().is_some())
}

/// What becomes of a batch whose answer is lost.
enum Fate {
    Applied,
    Unsynced,
    Lost,
}

impl State {
    fn commit(&mut self, batch: Batch) -> Result<Committed, CommitError> {
        self.sync_some();
        if self.full && batch.space == Space::Grows {
            return Err(CommitError::Full);
        }
        if self.dice.falls(self.faults.busy_per_1000) {
            return Err(CommitError::Busy);
        }
        if self.dice.falls(self.faults.conflict_per_1000) {
            return Err(CommitError::Conflict);
        }
        if !self.dice.falls(self.faults.unknown_per_1000) {
            return self.apply(batch);
        }
        match self.dice.fate() {
            // Whether its checks held is part of what the caller does not learn.
            Fate::Applied => {
                let _checks_held = self.apply(batch).is_ok();
            }
            Fate::Unsynced => self.unsynced.push(batch),
            Fate::Lost => {}
        }
        Err(CommitError::Unknown)
    }

    /// Takes a batch in. Returns its place in the order, and how long the disk needs for it.
    fn enqueue(&mut self, batch: Batch) -> (u64, u64) {
        self.queued += 1;
        self.queue.push_back((self.queued, batch));
        (self.queued, 1 + self.dice.next() % self.faults.commit_ms_max.max(1))
    }

    /// The disk has everything up to this batch. Its own outcome.
    fn sync_through(&mut self, ticket: u64) -> Result<Committed, CommitError> {
        while self.queue.front().is_some_and(|(first, _)| *first <= ticket) {
            if let Some((of, batch)) = self.queue.pop_front() {
                let outcome = self.commit(batch);
                self.outcomes.insert(of, outcome);
            }
        }
        self.outcomes.remove(&ticket).unwrap_or(Err(CommitError::Unknown))
    }

    fn crash(&mut self) {
        let reached = self.dice.next() % (self.queue.len() as u64 + 1);
        for _ in 0..reached {
            if let Some((_, batch)) = self.queue.pop_front() {
                let _checks_held = self.apply(batch).is_ok();
            }
        }
        for batch in std::mem::take(&mut self.unsynced) {
            if self.dice.falls(500) {
                let _checks_held = self.apply(batch).is_ok();
            }
        }
        self.queue.clear();
        self.outcomes.clear();
    }

    fn read_ms(&mut self) -> u64 {
        let max = self.faults.read_ms_max;
        if max > 0 && self.dice.falls(200) { 1 + self.dice.next() % max } else { 0 }
    }

    /// Batches with a lost answer reach the disk at any later time, and are checked only then.
    fn sync_some(&mut self) {
        for batch in std::mem::take(&mut self.unsynced) {
            if self.dice.falls(500) {
                let _checks_held = self.apply(batch).is_ok();
            } else {
                self.unsynced.push(batch);
            }
        }
    }

    fn apply(&mut self, batch: Batch) -> Result<Committed, CommitError> {
        let version_of =
            |key: &[u8]| Ok::<_, CommitError>(self.rows.get(key).map(|(version, _)| *version));
        if !checks_hold(&batch, version_of)? {
            return Err(CommitError::Conflict);
        }
        self.version += 1;
        let version = Version(self.version);
        for change in changes(batch) {
            match change.value {
                Some(value) => self.rows.insert(change.full_key, (version, value)),
                None => self.rows.remove(&change.full_key),
            };
        }
        self.committed_batches += 1;
        Ok(Committed { version })
    }

    fn may_read(&mut self) -> Result<(), ReadError> {
        if self.dice.falls(self.faults.unavailable_per_1000) {
            return Err(ReadError::Unavailable("a fault was asked for".to_owned()));
        }
        Ok(())
    }
}

/// `SplitMix64`: small, even enough for faults, and the same on every machine.
#[derive(Default)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn falls(&mut self, per_1000: u32) -> bool {
        per_1000 > 0 && self.next() % 1000 < u64::from(per_1000)
    }

    fn fate(&mut self) -> Fate {
        match self.next() % 3 {
            0 => Fate::Applied,
            1 => Fate::Unsynced,
            _ => Fate::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Write;

    const ALWAYS_UNKNOWN: Faults = Faults {
        seed: 7,
        unknown_per_1000: 1000,
        conflict_per_1000: 0,
        busy_per_1000: 0,
        unavailable_per_1000: 0,
        commit_ms_max: 0,
        read_ms_max: 0,
    };

    fn put(key: &[u8]) -> Batch {
        Batch {
            writes: vec![Write::Put(key.to_vec(), b"value".to_vec())],
            ..Batch::new(Partition::Deployment)
        }
    }

    async fn rows(memory: &Memory) -> usize {
        let mut rows = 0;
        let count = |_: RowRef<'_>| {
            rows += 1;
            Ok(())
        };
        let all = (Direction::Forward, SCAN_ROWS_MAX);
        memory.visit(&Partition::Deployment, (b"", &[u8::MAX]), all, count).await.unwrap();
        rows
    }

    #[tokio::test]
    async fn a_lost_answer_means_applied_at_once_later_or_never() {
        let memory = Memory::with_faults(ALWAYS_UNKNOWN);
        for number in 0..300_u32 {
            assert_eq!(memory.commit(put(&number.to_be_bytes())).await, Err(CommitError::Unknown));
        }
        let before = rows(&memory).await;
        assert!((120..280).contains(&before), "{before} of 300 were applied");
        assert!(memory.state.lock().unsynced.len() < 30, "those on their way arrive in time");
    }

    #[tokio::test]
    async fn a_crash_loses_what_was_not_synced_and_nothing_confirmed() {
        let memory = Memory::with_faults(ALWAYS_UNKNOWN);
        while memory.state.lock().unsynced.is_empty() {
            assert_eq!(memory.commit(put(b"in doubt")).await, Err(CommitError::Unknown));
        }
        memory.set_faults(Faults::default());
        memory.crash();
        let before = rows(&memory).await;
        memory.commit(put(b"confirmed")).await.unwrap();
        memory.crash();
        assert_eq!(rows(&memory).await, before + 1);
    }

    #[tokio::test]
    async fn the_dead_hear_nothing_and_the_living_find_what_was_confirmed() {
        let slow = Faults { seed: 3, commit_ms_max: 5, ..Faults::default() };
        let before = Memory::with_faults(slow);
        let after = before.connect();
        before.commit(put(b"confirmed")).await.unwrap();
        let mut in_doubt = std::pin::pin!(before.commit(put(b"in doubt")));
        assert!(futures_poll(in_doubt.as_mut()).is_pending(), "the disk needs its time");
        before.disconnect();
        after.crash();
        assert!((1..=2).contains(&rows(&after).await), "the confirmed one, and perhaps the other");
        let waiting = tokio::time::timeout(Duration::from_millis(20), in_doubt).await;
        assert!(waiting.is_err(), "the dead hear nothing");
    }

    fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
        future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    }

    #[tokio::test]
    async fn the_same_seed_fails_in_the_same_places() {
        let faults =
            Faults { seed: 42, conflict_per_1000: 200, unknown_per_1000: 200, ..Faults::default() };
        let mut runs = Vec::new();
        for _ in 0..2 {
            let memory = Memory::with_faults(faults);
            let mut answers = Vec::new();
            for number in 0..100_u32 {
                answers.push(memory.commit(put(&number.to_be_bytes())).await);
            }
            runs.push((answers, memory.records()));
        }
        assert_eq!(runs[0], runs[1]);
    }
}
