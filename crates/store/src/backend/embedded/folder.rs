//! The data folder: one process at a time, a format that this version knows, a disk of this machine.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use crate::OpenError;

/// The layout of the folder that this version writes, and the newest that it reads.
const FORMAT: u32 = 1;
const FORMAT_FILE: &str = "format";
const LOCK_FILE: &str = "lock";
/// Only the account that runs the server may look inside.
const FOLDER_MODE: u32 = 0o700;
/// NFS, SMB, CIFS, SMB2, AFS, Ceph: a lock or a sync there need not mean what it means on a disk.
const NETWORK_FILE_SYSTEMS: [u32; 6] =
    [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x5346_414F, 0x00C3_6400];

/// Whether a folder on a network file system is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkFolder {
    /// Opening it fails.
    #[default]
    Refused,
    /// The operator knows what its locks and syncs are worth.
    Accepted,
}

/// A locked folder. The lock ends with the value, or with the process.
pub(super) struct Folder {
    _lock: File,
}

impl Folder {
    pub(super) fn open(path: &Path, network_folder: NetworkFolder) -> Result<Self, OpenError> {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path).map_err(io)?;
        let lock = File::create(path.join(LOCK_FILE)).map_err(io)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::Locked,
            TryLockError::Error(error) => io(error),
        })?;
        if network_folder == NetworkFolder::Refused {
            refuse_network(path)?;
        }
        check_format(path)?;
        Ok(Self { _lock: lock })
    }
}

fn check_format(path: &Path) -> Result<(), OpenError> {
    let file = path.join(FORMAT_FILE);
    let found = match std::fs::read_to_string(&file) {
        Ok(text) => text
            .trim()
            .parse()
            .map_err(|_| OpenError::Io(format!("{} is not a number", file.display())))?,
        Err(error) if error.kind() == ErrorKind::NotFound => return write_format(path),
        Err(error) => return Err(io(error)),
    };
    if found > FORMAT { Err(OpenError::Newer { found, known: FORMAT }) } else { Ok(()) }
}

fn write_format(path: &Path) -> Result<(), OpenError> {
    let unfinished = path.join(format!("{FORMAT_FILE}.new"));
    let mut file = File::create(&unfinished).map_err(io)?;
    writeln!(file, "{FORMAT}").and_then(|()| file.sync_all()).map_err(io)?;
    std::fs::rename(&unfinished, path.join(FORMAT_FILE)).map_err(io)?;
    sync_folder(path).map_err(io)
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes a folder and everything in it durable.
pub(super) fn sync_below(path: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_below(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    sync_folder(path)
}

#[cfg(target_os = "linux")]
fn refuse_network(path: &Path) -> Result<(), OpenError> {
    let kind = rustix::fs::statfs(path).map_err(|error| OpenError::Io(error.to_string()))?.f_type;
    if NETWORK_FILE_SYSTEMS.iter().any(|network| i64::from(*network) == kind) {
        return Err(OpenError::Io("it lies on a network file system".to_owned()));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn refuse_network(_path: &Path) -> Result<(), OpenError> {
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "it is the shape that map_err wants")]
fn io(error: std::io::Error) -> OpenError {
    OpenError::Io(error.to_string())
}
