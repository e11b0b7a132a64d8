//! What a power cut leaves of a commit that was never finished, and what only damage leaves.

use std::path::Path;

use store::backend::Embedded;
use store::{OpenError, Store};
use tempfile::TempDir;

use crate::support::{busy, bytes, numbers, open, put};

/// What a disk writes all of or nothing of.
const SECTOR_BYTES: usize = 512;
const JOURNAL: &str = "rows/0.jnl";
/// Several sectors, and more than fjall writes at once.
const VALUE_BYTES: usize = 12_000;
const ROWS: u32 = 6;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Rows 0 to 5, each a commit, left behind as by a kill; and where each commit ends in the journal.
async fn killed() -> (TempDir, Vec<usize>) {
    let (folder, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path(), &busy());
    let mut ends = Vec::new();
    for number in 0..ROWS {
        store.commit(put(number, &bytes(number, VALUE_BYTES))).await.unwrap();
        let journal = std::fs::read(folder.path().join(JOURNAL)).unwrap();
        ends.push(journal.iter().rposition(|byte| *byte != 0).unwrap() + 1);
    }
    copy(folder.path(), killed.path());
    (killed, ends)
}

fn sectors(from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
    (from / SECTOR_BYTES..to.div_ceil(SECTOR_BYTES))
        .map(move |sector| (from.max(sector * SECTOR_BYTES), to.min((sector + 1) * SECTOR_BYTES)))
}

/// The same folder, with zeros in this part of the journal.
fn without(folder: &Path, (from, to): (usize, usize)) -> TempDir {
    let cut = tempfile::tempdir().unwrap();
    copy(folder, cut.path());
    let mut journal = std::fs::read(folder.join(JOURNAL)).unwrap();
    journal.splice(from..to, std::iter::repeat_n(0, to - from));
    std::fs::write(cut.path().join(JOURNAL), journal).unwrap();
    cut
}

#[tokio::test]
async fn a_commit_of_which_any_sector_is_missing_is_cut_off() {
    let (folder, ends) = killed().await;
    let (before, end) = (ends[ends.len() - 2], ends[ends.len() - 1]);
    for sector in sectors(before, end) {
        let cut = without(folder.path(), sector);
        let store = open(cut.path(), &busy());
        assert!(numbers(&store).await.into_iter().eq(0..ROWS - 1), "without {sector:?}");
        store.commit(put(ROWS, b"after")).await.unwrap();
        drop(store);
        let expected = (0..ROWS - 1).chain([ROWS]);
        assert!(numbers(&open(cut.path(), &busy())).await.into_iter().eq(expected));
    }
}

#[tokio::test]
async fn a_commit_with_whole_ones_behind_it_is_damage_and_nothing_is_cut_off() {
    let (folder, ends) = killed().await;
    for sector in sectors(ends[1], ends[2]) {
        let damaged = without(folder.path(), sector);
        let journal = std::fs::read(damaged.path().join(JOURNAL)).unwrap();
        let refused = Embedded::open(damaged.path(), &busy()).map(Store::Embedded);
        let told = match refused {
            Err(OpenError::Io(told)) => told,
            other => panic!("without {sector:?}: {other:?}"),
        };
        assert!(told.contains("is damaged at byte"), "{told}");
        assert_eq!(std::fs::read(damaged.path().join(JOURNAL)).unwrap(), journal);
    }
}

#[tokio::test]
async fn rows_that_were_only_begun_to_be_made_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("rows.new/keyspaces")).unwrap();
    std::fs::write(folder.path().join("rows.new/0.jnl"), "").unwrap();
    let store = open(folder.path(), &busy());
    store.commit(put(0, b"first")).await.unwrap();
    drop(store);
    assert!(!folder.path().join("rows.new").exists());
    assert_eq!(numbers(&open(folder.path(), &busy())).await, [0]);
}
