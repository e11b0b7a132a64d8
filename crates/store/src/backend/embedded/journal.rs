//! What a power cut leaves at the end of fjall's journal.
//!
//! A batch that was being written when the power went has no sync behind it, so any of its sectors may be there and any
//! may be missing. fjall 3.1.13 drops such a batch only where it ends too early; where a sector in its middle is
//! missing, it calls the journal damaged and does not open. So the batch is cut off before fjall looks.
//!
//! Each commit is synced before the next one is written. Therefore a whole batch behind a broken one proves that the
//! broken one had been on disk: that is damage, and no reason to throw anything away.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::engine::BLOCK_BYTES;
use crate::OpenError;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
/// What a batch ends with, behind its checksum.
const TRAILER: [u8; 4] = *b"FJL\x03";
/// Kind of the value, compression, keyspace; then the lengths of the key, of the value, and of the value as it is here.
const ITEM_HEAD_BYTES: usize = 20;
const KEYSPACE_BYTES: usize = 8;
const BUFFER_BYTES: usize = 64 * 1024;
static ZEROS: [u8; BUFFER_BYTES] = [0; BUFFER_BYTES];

/// Cuts off what the last commit before a power cut left unfinished in the journal that is written next.
pub(super) fn cut_unfinished(folder: &Path) -> Result<(), OpenError> {
    let Some(path) = newest(folder).map_err(|error| io(&error))? else { return Ok(()) };
    let file = OpenOptions::new().read(true).write(true).open(&path).map_err(|error| io(&error))?;
    let journal = Journal::read(&file).map_err(|error| io(&error))?;
    if journal.rest.is_empty() {
        return Ok(());
    }
    if journal.has_whole_batch_behind() {
        let (path, at) = (path.display(), journal.whole_bytes);
        return Err(OpenError::Io(format!("the journal {path} is damaged at byte {at}")));
    }
    let cut_bytes = journal.rest.len();
    tracing::warn!(journal.cut_bytes = cut_bytes, "cut off a commit that was never finished");
    let cut = file.set_len(journal.whole_bytes).and_then(|()| file.sync_all());
    cut.map_err(|error| io(&error))
}

/// What the journal that is written holds of the disk, without what is allotted in advance.
pub(super) fn occupied_bytes(folder: &Path) -> std::io::Result<u64> {
    let Some(path) = newest(folder)? else { return Ok(0) };
    Ok(path.metadata()?.blocks() * BLOCK_BYTES)
}

/// Empties the journal that was written, whose batches are all in tables.
pub(super) fn clear(folder: &Path) -> std::io::Result<()> {
    let Some(path) = newest(folder)? else { return Ok(()) };
    let journal = OpenOptions::new().write(true).open(path)?;
    journal.set_len(0)?;
    journal.sync_all()
}

fn io(error: &std::io::Error) -> OpenError {
    OpenError::Io(error.to_string())
}

/// The journal with the highest number; all others were synced before it was begun.
fn newest(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    let mut newest: Option<(u64, PathBuf)> = None;
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let number = path.file_stem().and_then(OsStr::to_str).and_then(|stem| stem.parse().ok());
        let Some(number) = number.filter(|_| path.extension() == Some(OsStr::new("jnl"))) else {
            continue;
        };
        if newest.as_ref().is_none_or(|(highest, _)| number > *highest) {
            newest = Some((number, path));
        }
    }
    Ok(newest.map(|(_, path)| path))
}

/// A journal: whole batches, and what follows them.
struct Journal {
    whole_bytes: u64,
    last_number: Option<u64>,
    /// Without the zeros behind it, which fjall allots in advance.
    rest: Vec<u8>,
}

impl Journal {
    fn read(file: &File) -> std::io::Result<Self> {
        let length = file.metadata()?.len();
        let mut journal = Self { whole_bytes: 0, last_number: None, rest: Vec::new() };
        let mut reader = Reader::new(BufReader::with_capacity(BUFFER_BYTES, file), length);
        while let Some(number) = reader.batch()? {
            journal.whole_bytes = reader.position;
            journal.last_number = Some(number);
        }
        journal.rest = rest(file, journal.whole_bytes)?;
        Ok(journal)
    }

    /// Numbers of batches only grow, so an older one is nothing that was written behind the last whole one.
    fn has_whole_batch_behind(&self) -> bool {
        let starts = self.rest.iter().enumerate().filter(|(_, byte)| **byte == START);
        let mut tails = starts.filter_map(|(at, _)| self.rest.get(at..));
        tails.any(|tail| {
            let length = u64::try_from(tail.len()).unwrap_or(u64::MAX);
            let number = Reader::new(tail, length).batch().ok().flatten();
            number.is_some_and(|number| Some(number) > self.last_number)
        })
    }
}

/// What follows a place, up to the last byte that is not zero.
fn rest(mut file: &File, from: u64) -> std::io::Result<Vec<u8>> {
    let mut rest = Vec::new();
    let mut piece = Vec::with_capacity(BUFFER_BYTES);
    let mut at = from;
    while let Some(data_at) = next_data(file, at)? {
        file.seek(SeekFrom::Start(data_at))?;
        piece.clear();
        let read = file.take(BUFFER_BYTES as u64).read_to_end(&mut piece)?;
        if read == 0 {
            break;
        }
        at = data_at + read as u64;
        // As one comparison: what fjall allots in advance is much, and all of it zero.
        if ZEROS.get(..read) == Some(&piece) {
            continue;
        }
        let used = piece.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let before = usize::try_from(data_at - from).map_err(std::io::Error::other)?;
        rest.resize(before, 0);
        rest.extend(piece.iter().take(used));
    }
    Ok(rest)
}

/// Where bytes begin that really lie on the disk, at this place or behind it.
fn next_data(file: &File, at: u64) -> std::io::Result<Option<u64>> {
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(at)) {
        Ok(data_at) => Ok(Some(data_at)),
        Err(rustix::io::Errno::NXIO) => Ok(None),
        // A file system that knows nothing of holes.
        Err(rustix::io::Errno::INVAL) => Ok(Some(at)),
        Err(error) => Err(error.into()),
    }
}

/// Reads batches as fjall 3.1.13 writes them.
struct Reader<R> {
    from: R,
    position: u64,
    length: u64,
    body: Vec<u8>,
}

impl<R: Read> Reader<R> {
    const fn new(from: R, length: u64) -> Self {
        Self { from, position: 0, length, body: Vec::new() }
    }

    /// The number of the next batch; nothing where there is no whole one.
    fn batch(&mut self) -> std::io::Result<Option<u64>> {
        match self.try_batch() {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            read => read,
        }
    }

    fn try_batch(&mut self) -> std::io::Result<Option<u64>> {
        if self.bytes()? != [START] {
            return Ok(None);
        }
        let items = u32::from_le_bytes(self.bytes()?);
        let number = u64::from_le_bytes(self.bytes()?);
        let mut checksum = Xxh3::new();
        for _ in 0..items {
            if !self.item(&mut checksum)? {
                return Ok(None);
            }
        }
        let is_whole = self.bytes()? == [END]
            && u64::from_le_bytes(self.bytes()?) == checksum.digest()
            && self.bytes()? == TRAILER;
        Ok(is_whole.then_some(number))
    }

    fn item(&mut self, checksum: &mut Xxh3) -> std::io::Result<bool> {
        let tag: [u8; 1] = self.bytes()?;
        checksum.update(&tag);
        match tag {
            [ITEM] => {
                let head: [u8; ITEM_HEAD_BYTES] = self.bytes()?;
                checksum.update(&head);
                let [_, _, _, _, _, _, _, _, _, _, k0, k1, _, _, _, _, v0, v1, v2, v3] = head;
                let key_bytes = u64::from(u16::from_le_bytes([k0, k1]));
                let value_bytes = u64::from(u32::from_le_bytes([v0, v1, v2, v3]));
                checksum.update(self.body(key_bytes + value_bytes)?);
                Ok(true)
            }
            [CLEAR] => {
                let keyspace: [u8; KEYSPACE_BYTES] = self.bytes()?;
                checksum.update(&keyspace);
                Ok(true)
            }
            [_] => Ok(false),
        }
    }

    fn bytes<const N: usize>(&mut self) -> std::io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        self.position += N as u64;
        Ok(bytes)
    }

    /// A length that was never written can say anything, so it is not believed beyond the end of the file.
    fn body(&mut self, length: u64) -> std::io::Result<&[u8]> {
        if length > self.length.saturating_sub(self.position) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let length = usize::try_from(length).map_err(|_| ErrorKind::UnexpectedEof)?;
        self.body.resize(length, 0);
        self.from.read_exact(&mut self.body)?;
        self.position += length as u64;
        Ok(&self.body)
    }
}
