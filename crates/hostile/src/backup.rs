//! A file that is said to be a backup.

use store::archive::{self, ArchiveError};

/// What is not exactly a backup is refused, and never by running out of memory.
pub fn judge(bytes: &[u8]) {
    match archive::verify(bytes, |_| ()) {
        Ok(summary) => {
            assert_eq!(usize::try_from(summary.bytes), Ok(bytes.len()));
            assert!(summary.damaged <= summary.rows, "{summary:?}");
        }
        Err(
            ArchiveError::NotABackup | ArchiveError::CutOff { .. } | ArchiveError::Damaged { .. },
        ) => {}
        Err(refused) => panic!("bytes in memory can be read: {refused}"),
    }
}
