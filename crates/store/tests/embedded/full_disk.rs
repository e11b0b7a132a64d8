//! A small file system that fills up.

use std::path::{Path, PathBuf};
use std::process::Command;

use store::backend::EmbeddedOptions;
use store::{Batch, CommitError, Space, Write};

use crate::support::{busy, bytes, number_key, numbers, open, put, room};

const MIB: usize = 1024 * 1024;
const DISK_BYTES: usize = 64 * MIB;

/// A file system in memory, gone with the value.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// Nothing, and a visible remark, where this process may not mount.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={DISK_BYTES}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path());
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        skipped();
        None
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Bytes of somebody else.
    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }

    fn put_ballast(&self, length: usize) {
        std::fs::write(self.ballast(), vec![1; length]).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.folder.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "the small disk is still in use");
    }
}

#[expect(clippy::print_stderr, reason = "whoever reads the results must see what was not tested")]
fn skipped() {
    eprintln!("SKIPPED: a small file system cannot be mounted here");
}

fn reserve(folder: &Path) -> bool {
    folder.join("reserve").exists()
}

#[tokio::test]
async fn a_disk_that_fills_refuses_in_time_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    disk.put_ballast(24 * MIB);
    let options = EmbeddedOptions { free_bytes_min: Some(6 * 1024 * 1024), ..busy() };
    let store = open(&disk.store(), &options);
    assert!(reserve(&disk.store()));
    let mut confirmed = 0;
    let refused = loop {
        match store.commit(put(confirmed, &bytes(confirmed, 64 * 1024))).await {
            Ok(_) => confirmed += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, CommitError::Full);
    assert!(confirmed > 50, "only {confirmed} rows fitted");
    assert!(store.status().full);
    assert!(!reserve(&disk.store()), "the reserve is given away");

    let removes = Batch {
        writes: (0..10).map(|number| Write::Remove(number_key(number))).collect(),
        space: Space::Essential,
        ..Batch::new(room())
    };
    store.commit(removes).await.unwrap();
    assert_eq!(store.commit(put(confirmed, b"small")).await, Err(CommitError::Full));
    assert!(numbers(&store).await.into_iter().eq(10..confirmed), "nothing is lost");

    std::fs::remove_file(disk.ballast()).unwrap();
    store.commit(put(confirmed, b"small")).await.unwrap();
    store.commit(put(confirmed + 1, b"small")).await.unwrap();
    assert!(!store.status().full);
    assert!(reserve(&disk.store()), "the reserve is taken back");
    drop(store);
    let store = open(&disk.store(), &options);
    assert!(numbers(&store).await.into_iter().eq(10..confirmed + 2));
}
