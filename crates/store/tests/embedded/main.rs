//! What only a store on a disk can get wrong: locks, damage, kills, and the known faults of the engine below it.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod child;
mod full_disk;
mod power_cut;
mod support;

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use child::{Disk, Task, Writer};
use fjall::Database;
use store::backend::{Embedded, EmbeddedOptions};
use store::{Direction, OpenError, ReadError, Store};
use support::{busy, bytes, count, number_key, numbers, open, put, room};
use tokio::time::timeout;

/// Nobody waits longer than this for a store that works.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_folder_is_used_by_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), &busy());
    assert!(matches!(Embedded::open(folder.path(), &busy()), Err(OpenError::Locked)));
    drop(first);
    drop(open(folder.path(), &busy()));
}

#[test]
fn a_folder_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), &busy()));
    std::fs::write(folder.path().join("format"), "2\n").unwrap();
    let refused = Embedded::open(folder.path(), &busy());
    assert!(matches!(refused, Err(OpenError::Newer { found: 2, known: 1 })));
}

#[cfg(unix)]
#[test]
fn a_new_folder_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;

    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    drop(open(&folder, &busy()));
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn shutting_down_finishes_what_waits_and_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::open(folder.path(), &busy()).unwrap();
    let store = Store::Embedded(embedded.clone());
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..100 {
        let store = store.clone();
        waiting.spawn(async move { store.commit(put(number, b"value")).await });
    }
    tokio::task::yield_now().await;
    embedded.shutdown();
    let accepted = waiting.join_all().await.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(store.commit(put(1000, b"value")).await, Err(store::CommitError::Busy));
    assert_eq!(count(&store).await, accepted);
}

/// What the journals under the rows hold.
fn journal_bytes(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder.join("rows")).unwrap().map(|file| file.unwrap().path());
    let journals =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "jnl"));
    journals.map(|path| path.metadata().unwrap().len()).sum()
}

#[tokio::test]
async fn a_clean_stop_leaves_an_empty_journal_and_everything_in_tables() {
    let folder = tempfile::tempdir().unwrap();
    let options = EmbeddedOptions::default();
    let mut written = Vec::new();
    for round in 0..3 {
        let store = open(folder.path(), &options);
        assert_eq!(numbers(&store).await, written, "all of it is there");
        for number in round * 300..(round + 1) * 300 {
            store.commit(put(number, &bytes(number, 8 * 1024))).await.unwrap();
            written.push(number);
        }
        let overwritten = store.commit(put(0, b"newer")).await.unwrap();
        drop(store);
        assert_eq!(journal_bytes(folder.path()), 0);
        let store = open(folder.path(), &options);
        let found = store.get(&room(), &number_key(0)).await.unwrap();
        assert_eq!(found, Some((b"newer".to_vec(), overwritten.version)));
    }
}

/// Changes one byte of the record of row `number`, as a failing disk would.
fn damage(folder: &Path, number: u32) {
    let database = Database::builder(folder.join("rows")).open().unwrap();
    let rows = database.keyspace("rows", Default::default).unwrap();
    let full_key = [room().prefix(), number_key(number)].concat();
    let mut record = rows.get(&full_key).unwrap().unwrap().to_vec();
    *record.last_mut().unwrap() ^= 1;
    rows.insert(full_key, record).unwrap();
    database.persist(fjall::PersistMode::SyncAll).unwrap();
}

#[tokio::test]
async fn a_damaged_record_is_reported_and_its_neighbours_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &busy());
    for number in 0..3 {
        store.commit(put(number, b"value")).await.unwrap();
    }
    drop(store);
    damage(folder.path(), 1);
    let store = open(folder.path(), &busy());
    for _ in 0..2 {
        let read = store.get(&room(), &number_key(1)).await;
        assert!(matches!(read, Err(ReadError::Damaged { key, .. }) if key == "00000001"));
    }
    assert_eq!(store.status().damaged_records, 1, "read twice, found once");
    assert!(store.get(&room(), &number_key(0)).await.unwrap().is_some());
    assert!(store.get(&room(), &number_key(2)).await.unwrap().is_some());
    let whole = store.scan(&room(), b"", &[u8::MAX; 8], (Direction::Forward, 10)).await;
    assert!(matches!(whole, Err(ReadError::Damaged { .. })), "a damaged row is never skipped");
    let after = store.scan(&room(), &number_key(2), &[u8::MAX; 8], (Direction::Forward, 10)).await;
    assert_eq!(after.unwrap().rows.len(), 1);
    store.commit(put(1, b"written again")).await.unwrap();
    assert!(store.get(&room(), &number_key(1)).await.unwrap().is_some());
}

/// Issues 257 (writes halt after a kill), 308 (a partial record before acknowledged ones), 230 (lost inserts).
#[tokio::test]
async fn what_was_confirmed_outlives_kills_and_writing_goes_on() {
    const ROWS_PER_ROUND: u32 = 300;

    let folder = tempfile::tempdir().unwrap();
    let mut first = 0;
    for round in 0..5 {
        let task = Task { folder: folder.path(), first, value_bytes: 64 * 1024, disk: Disk::Works };
        let mut writer = Writer::start(&task);
        let mut confirmed = first;
        while confirmed < first + ROWS_PER_ROUND {
            confirmed = writer.next_confirmed().unwrap();
        }
        writer.kill();
        while let Some(number) = writer.next_confirmed() {
            confirmed = number;
        }
        assert!(!writer.exit().success());
        let store = open(folder.path(), &busy());
        let found = numbers(&store).await;
        assert!(found.len() > usize::try_from(confirmed).unwrap(), "round {round}");
        first = u32::try_from(found.len()).unwrap();
        assert!(found.into_iter().eq(0..first), "round {round}");
        for number in 0..20 {
            let again = store.commit(put(number, &bytes(number, 100_000)));
            timeout(PATIENCE, again).await.unwrap().unwrap();
        }
    }
}

/// Issue 308: what a failed write leaves in the journal must not stand before anything confirmed.
#[tokio::test]
async fn a_write_that_fails_ends_the_process_and_loses_nothing_confirmed() {
    const SIGABRT: i32 = 6;

    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::EndsWithTheJournal;
    let task = Task { folder: folder.path(), first: 0, value_bytes: 1024 * 1024, disk };
    let mut writer = Writer::start(&task);
    let mut confirmed = 0;
    while let Some(number) = writer.next_confirmed() {
        confirmed = number;
    }
    assert_eq!(writer.exit().signal(), Some(SIGABRT));
    assert!(confirmed > 50, "only {confirmed} rows were written");
    let store = open(folder.path(), &busy());
    assert!(numbers(&store).await.into_iter().eq(0..=confirmed));
    store.commit(put(confirmed + 1, b"after")).await.unwrap();
    drop(store);
    let store = open(folder.path(), &busy());
    assert!(numbers(&store).await.into_iter().eq(0..=confirmed + 1));
}

/// Issue 288: sealed journals that are never removed.
#[tokio::test]
async fn overwriting_one_row_does_not_fill_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &EmbeddedOptions { memtable_bytes: 8 * 1024 * 1024, ..busy() });
    for round in 0..256 {
        timeout(PATIENCE, store.commit(put(0, &bytes(round, 1024 * 1024)))).await.unwrap().unwrap();
    }
    drop(store);
    let store = open(folder.path(), &busy());
    let disk_mib = store.status().disk_bytes / (1024 * 1024);
    assert!(disk_mib < 192, "{disk_mib} MiB for one row of 1 MiB, written 256 times");
    assert_eq!(
        store.get(&room(), &number_key(0)).await.unwrap().unwrap().0,
        bytes(255, 1024 * 1024)
    );
}

/// Issue 112: rows missing after a reopen.
#[tokio::test]
async fn many_rows_are_all_there_after_reopening() {
    const ROWS: u32 = 60_000;

    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &busy());
    for step in 0..ROWS / 1000 {
        let mut batch = put(step * 1000, b"value");
        // Spread over the whole range, so that tables overlap and are merged.
        batch
            .writes
            .extend((1..1000).flat_map(|row| put(step + row * ROWS / 1000, b"value").writes));
        batch.writes.extend((0..1000).flat_map(|row| put(step * 1000 + row, b"value").writes));
        timeout(PATIENCE, store.commit(batch)).await.unwrap().unwrap();
    }
    for _ in 0..2 {
        assert_eq!(count(&store).await, usize::try_from(ROWS).unwrap());
    }
    drop(store);
    let store = open(folder.path(), &busy());
    assert_eq!(count(&store).await, usize::try_from(ROWS).unwrap());
}
