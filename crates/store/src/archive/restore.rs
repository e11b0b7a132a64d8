//! Bringing a backup back into an empty folder.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::{ArchiveError, Summary, read};
use crate::backend::Loader;

/// Restores a backup into `folder`, which must be empty or not there.
///
/// The rows are written into `<folder>.partial`, and that is renamed once the whole backup has proved good. What an
/// earlier attempt left there is removed first.
///
/// # Errors
/// If the backup is not good, or the folder not empty. `folder` is then as it was before.
pub fn restore(
    from: impl Read,
    folder: &Path,
    progress: impl FnMut(u64),
) -> Result<Summary, ArchiveError> {
    refuse_if_used(folder)?;
    let partial = beside(folder);
    remove_folder(&partial)?;
    let result = load(from, &partial, progress).and_then(|summary| {
        put_in_place(&partial, folder)?;
        Ok(summary)
    });
    if result.is_err() {
        remove_folder(&partial)?;
    }
    result
}

fn load(
    from: impl Read,
    partial: &Path,
    progress: impl FnMut(u64),
) -> Result<Summary, ArchiveError> {
    let mut loader = Loader::new(partial)?;
    let summary = read(from, progress, |full_key, record| Ok(loader.put(full_key, record)?))?;
    loader.finish(summary.version)?;
    Ok(summary)
}

fn refuse_if_used(folder: &Path) -> Result<(), ArchiveError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(ArchiveError::NotEmpty),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The rename replaces an empty folder, and fails if someone has put something there meanwhile.
fn put_in_place(partial: &Path, folder: &Path) -> io::Result<()> {
    std::fs::rename(partial, folder)?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn beside(folder: &Path) -> PathBuf {
    let mut name: OsString = folder.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
