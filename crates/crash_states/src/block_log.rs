//! The log of block writes, as `blklogwrites` of QEMU writes it: the format of dm-log-writes.
//!
//! One header and then, for every request in the order in which the disk got them, an entry and its data. The rest of
//! the file is zeros, so a reader can follow a log that is still being written.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

const MAGIC: u64 = 0x006a_7366_7773_6872;
const VERSION: u64 = 1;
const FLUSH: u64 = 1;
const FORCED: u64 = 2;
const DISCARD: u64 = 4;
/// Magic, version and number of entries, which is out of date while the log is written; then the size of a sector.
const HEADER_BYTES: usize = 28;
/// Sector, number of sectors, flags, and the length of a mark, which nobody writes.
const ENTRY_BYTES: usize = 32;

/// What the disk was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Bytes of the log, from `data_at` on, go to the disk at `at`.
    Write { at: u64, bytes: u64, data_at: u64 },
    /// This part of the disk is not needed any more, and reads as zeros.
    Discard { at: u64, bytes: u64 },
    /// Everything that was answered before is durable once this is answered.
    Flush,
}

/// A log, read from its beginning.
#[derive(Debug)]
pub(crate) struct BlockLog {
    file: File,
    sector_bytes: u64,
    next_at: u64,
    /// A forced write counts as the write and a flush behind it.
    flush_follows: bool,
    /// Requests read so far.
    pub(crate) requests: u64,
}

impl BlockLog {
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("no log at {}", path.display()))?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0).context("the log has no header")?;
        let sector_bytes = u64::from(u32::from_le_bytes(*header.last_chunk().expect("28 > 4")));
        ensure!(number(&header, 0) == MAGIC && number(&header, 1) == VERSION, "not such a log");
        ensure!(sector_bytes.is_power_of_two(), "sectors of {sector_bytes} bytes");
        Ok(Self { file, sector_bytes, next_at: sector_bytes, flush_follows: false, requests: 0 })
    }

    /// The next request, if the disk has got it.
    pub(crate) fn next(&mut self) -> anyhow::Result<Option<Request>> {
        if self.flush_follows {
            self.flush_follows = false;
            self.requests += 1;
            return Ok(Some(Request::Flush));
        }
        let mut entry = [0; ENTRY_BYTES];
        if self.file.read_at(&mut entry, self.next_at)? < ENTRY_BYTES || entry == [0; ENTRY_BYTES] {
            return Ok(None);
        }
        let at = number(&entry, 0) * self.sector_bytes;
        let bytes = number(&entry, 1) * self.sector_bytes;
        let flags = number(&entry, 2);
        let data_at = self.next_at + self.sector_bytes;
        self.next_at = data_at;
        self.requests += 1;
        if flags & DISCARD != 0 {
            return Ok(Some(Request::Discard { at, bytes }));
        }
        self.next_at += bytes;
        match (flags & !FORCED, bytes) {
            (FLUSH, 0) => Ok(Some(Request::Flush)),
            (0, 1..) => {
                self.flush_follows = flags & FORCED != 0;
                Ok(Some(Request::Write { at, bytes, data_at }))
            }
            _ => bail!("an entry with the flags {flags} and {bytes} bytes"),
        }
    }

    /// All requests that the disk has got.
    pub(crate) fn rest(&mut self) -> anyhow::Result<Vec<Request>> {
        let mut requests = Vec::new();
        while let Some(request) = self.next()? {
            requests.push(request);
        }
        Ok(requests)
    }

    /// What was written by a request.
    pub(crate) fn data(&self, data_at: u64, bytes: u64) -> anyhow::Result<Vec<u8>> {
        let mut data = vec![0; usize::try_from(bytes)?];
        self.file.read_exact_at(&mut data, data_at).context("the log ends inside an entry")?;
        Ok(data)
    }
}

/// The number in the given place of a row of numbers.
fn number(from: &[u8], place: usize) -> u64 {
    let (chunks, _) = from.as_chunks();
    u64::from_le_bytes(*chunks.get(place).expect("the place is inside the header"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const SECTOR: u64 = 512;

    fn padded(numbers: &[u64]) -> Vec<u8> {
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        bytes.resize(512, 0);
        bytes
    }

    fn log(entries: &[[u64; 3]]) -> anyhow::Result<Vec<Request>> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(&padded(&[MAGIC, VERSION, 0, SECTOR]))?;
        for [sector, sectors, flags] in entries {
            file.write_all(&padded(&[*sector, *sectors, *flags, 0]))?;
            let has_data = flags & DISCARD == 0;
            file.write_all(&vec![7; usize::try_from(sectors * SECTOR * u64::from(has_data))?])?;
        }
        // What nobody has written yet.
        file.write_all(&[0; 4096])?;
        BlockLog::open(file.path())?.rest()
    }

    #[test]
    fn every_kind_of_request_is_read_up_to_the_end() {
        let write = Request::Write { at: 8 * SECTOR, bytes: 2 * SECTOR, data_at: 2 * SECTOR };
        let forced = Request::Write { at: SECTOR, bytes: SECTOR, data_at: 6 * SECTOR };
        let discard = Request::Discard { at: 0, bytes: 4 * SECTOR };
        let entries = [[8, 2, 0], [0, 0, FLUSH], [1, 1, FORCED], [0, 4, DISCARD]];
        let expected = [write, Request::Flush, forced, Request::Flush, discard];
        assert_eq!(log(&entries).unwrap(), expected);
        assert_eq!(log(&[]).unwrap(), []);
    }

    #[test]
    fn what_is_no_such_log_is_refused() {
        assert!(log(&[[0, 0, 64]]).is_err(), "an unknown flag");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [0; 1024]).unwrap();
        assert!(BlockLog::open(file.path()).is_err());
    }
}
