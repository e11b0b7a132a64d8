//! Backups: what goes in comes out, and nothing else is ever taken for a backup.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::Path;

use domain::{ConversationId, UserId};
use fjall::Database;
use store::archive::{ArchiveError, restore, verify};
use store::backend::{Embedded, EmbeddedOptions, Memory, SCAN_ROWS_MAX};
use store::{Batch, Check, Direction, Job, Partition, Row, Store, Write};

fn room(number: u8) -> Partition {
    Partition::Conversation(ConversationId::from_bytes([number; 16]))
}

fn open(folder: &Path) -> Store {
    Store::Embedded(Embedded::open(folder, &EmbeddedOptions::default()).unwrap())
}

fn batch(partition: Partition, number: u32) -> Batch {
    Batch {
        writes: vec![Write::Put(number.to_be_bytes().to_vec(), vec![7; 100])],
        jobs: vec![Job { key: b"job".to_vec(), value: number.to_be_bytes().to_vec() }],
        ..Batch::new(partition)
    }
}

/// 2,500 rows in two conversations, and a job.
async fn fill(store: &Store) {
    for number in 0..2500 {
        let partition = room(u8::from(number % 2 == 0));
        store.commit(batch(partition, number)).await.unwrap();
    }
}

async fn rows(store: &Store) -> Vec<Row> {
    let mut rows = Vec::new();
    for partition in [room(0), room(1), Partition::Jobs] {
        let how = (Direction::Forward, SCAN_ROWS_MAX);
        rows.extend(store.scan(&partition, b"", &[u8::MAX; 8], how).await.unwrap().rows);
    }
    rows
}

fn backup(store: &Store) -> Vec<u8> {
    let mut bytes = Vec::new();
    let summary = store.backup(&mut bytes, |_| {}).unwrap();
    assert_eq!(summary.bytes, u64::try_from(bytes.len()).unwrap());
    assert_eq!(verify(bytes.as_slice(), |_| {}).unwrap(), summary);
    bytes
}

#[tokio::test]
async fn a_restored_store_is_the_one_that_was_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [Store::Memory(Memory::new()), open(&folder.path().join("first"))];
    for (index, store) in stores.iter().enumerate() {
        fill(store).await;
        let bytes = backup(store);
        let target = folder.path().join(format!("restored-{index}"));
        let mut told = Vec::new();
        let summary = restore(bytes.as_slice(), &target, |rows| told.push(rows)).unwrap();
        assert_eq!((summary.rows, summary.damaged), (2501, 0));
        assert_eq!(told, [1000, 2000, 2501]);
        let restored = open(&target);
        assert_eq!(rows(&restored).await, rows(store).await);
        let next = restored.commit(batch(room(0), 9999)).await.unwrap().version;
        assert!(next > summary.version, "versions go on where the backup ended");
    }
}

#[test]
fn a_backup_shows_one_moment_while_writing_goes_on() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    runtime.block_on(fill(&store));
    let before = runtime.block_on(rows(&store));
    let mut bytes = Vec::new();
    let mut late = 100_000;
    let summary = store.backup(&mut bytes, |_| {
        late += 1;
        runtime.block_on(store.commit(batch(room(1), late))).unwrap();
    });
    assert!(late > 100_001, "rows were written meanwhile");
    assert_eq!(summary.unwrap().rows, u64::try_from(before.len()).unwrap());
    let target = folder.path().join("restored");
    restore(bytes.as_slice(), &target, |_| {}).unwrap();
    assert_eq!(runtime.block_on(rows(&open(&target))), before);
}

#[tokio::test]
async fn no_changed_or_cut_stream_is_taken_for_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::Memory(Memory::new());
    store.commit(batch(room(0), 1)).await.unwrap();
    store.commit(batch(Partition::User(UserId::from_bytes([1; 16])), 2)).await.unwrap();
    let good = backup(&store);
    let target = folder.path().join("restored");
    for length in 0..good.len() {
        let result = verify(&good[..length], |_| {});
        assert!(
            matches!(result, Err(ArchiveError::CutOff { .. } | ArchiveError::NotABackup)),
            "{length} bytes"
        );
    }
    for index in 0..good.len() {
        let mut changed = good.clone();
        changed[index] ^= 0x10;
        verify(changed.as_slice(), |_| {}).expect_err("a changed byte is noticed");
    }
    let longer = [good.as_slice(), b"x"].concat();
    assert!(matches!(verify(longer.as_slice(), |_| {}), Err(ArchiveError::Damaged { .. })));
    restore(&good[..good.len() - 1], &target, |_| {}).expect_err("the trailer is cut");
    assert!(
        std::fs::read_dir(folder.path()).unwrap().next().is_none(),
        "nothing half restored stays"
    );
}

#[test]
fn a_folder_with_something_in_it_is_not_restored_into() {
    let folder = tempfile::tempdir().unwrap();
    let good = backup(&Store::Memory(Memory::new()));
    std::fs::write(folder.path().join("mine"), b"precious").unwrap();
    let refused = restore(good.as_slice(), folder.path(), |_| {});
    assert!(matches!(refused, Err(ArchiveError::NotEmpty)));
    std::fs::remove_file(folder.path().join("mine")).unwrap();
    restore(good.as_slice(), folder.path(), |_| {}).unwrap();
}

#[tokio::test]
async fn a_full_check_finds_damage_and_what_does_not_decode() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store).await;
    let report = store.check(|_, _| Ok(()), |_| {}).unwrap();
    assert_eq!((report.rows, report.damaged), (2501, 0));
    let undecodable = |key: &[u8], _: &[u8]| {
        if key.starts_with(b"j") { Err("not mine".to_owned()) } else { Ok(()) }
    };
    let report = store.check(undecodable, |_| {}).unwrap();
    assert_eq!((report.damaged, report.findings[0].problem.as_str()), (1, "not mine"));
    drop(store);

    let database = Database::builder(folder.path().join("rows")).open().unwrap();
    let keyspace = database.keyspace("rows", Default::default).unwrap();
    let full_key = [room(0).prefix(), 1_u32.to_be_bytes().to_vec()].concat();
    keyspace.insert(full_key, b"overwritten by a stray hand").unwrap();
    drop((keyspace, database));

    let store = open(folder.path());
    let report = store.check(|_, _| Ok(()), |_| {}).unwrap();
    assert_eq!((report.rows, report.damaged), (2501, 1));
    // It is in the backup as it was found: neither skipped nor a reason to have no backup.
    let summary = verify(backup(&store).as_slice(), |_| {}).unwrap();
    assert_eq!((summary.rows, summary.damaged), (2501, 1));
    let claim = Check::Absent(1_u32.to_be_bytes().to_vec());
    let outcome = store.commit(Batch { checks: vec![claim], ..batch(room(0), 1) }).await;
    assert_eq!(outcome, Err(store::CommitError::Conflict), "a damaged row is not absent");
}
