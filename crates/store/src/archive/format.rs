//! The bytes of a backup.

use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};

use sha2::{Digest, Sha256};

use super::ArchiveError;
use crate::Version;
use crate::backend::{KEY_BYTES_MAX, VALUE_BYTES_MAX};

const MAGIC: &[u8; 8] = b"KITHBAK1";
const RECORD: u8 = 1;
const END: u8 = 0;
/// Bytes of a key with the prefix of its partition: claims are the longest.
const FULL_KEY_BYTES_MAX: usize = 2 * KEY_BYTES_MAX;
/// Bytes of a record: its value, checksum and version.
const RECORD_BYTES_MAX: usize = VALUE_BYTES_MAX + 16;

pub(super) struct Writer<W: Write> {
    to: BufWriter<W>,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(to: W, version: Version) -> io::Result<Self> {
        let mut writer = Self { to: BufWriter::new(to), hash: Sha256::new(), bytes: 0 };
        writer.put(MAGIC)?;
        writer.put(&version.0.to_le_bytes())?;
        Ok(writer)
    }

    pub(super) fn record(&mut self, full_key: &[u8], record: &[u8]) -> io::Result<()> {
        self.put(&[RECORD])?;
        self.put(&length(full_key)?)?;
        self.put(&length(record)?)?;
        self.put(full_key)?;
        self.put(record)?;
        self.put(&checksum(full_key, record).to_le_bytes())
    }

    /// Writes the trailer; how many bytes the backup has.
    pub(super) fn finish(mut self, rows: u64) -> io::Result<u64> {
        self.put(&[END])?;
        self.put(&rows.to_le_bytes())?;
        let hash = std::mem::take(&mut self.hash).finalize();
        self.put(&hash)?;
        self.to.flush()?;
        Ok(self.bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.to.write_all(bytes)
    }
}

fn length(bytes: &[u8]) -> io::Result<[u8; 4]> {
    let length = u32::try_from(bytes.len())
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "a row is too long"))?;
    Ok(length.to_le_bytes())
}

/// Each record stands for itself, so that damage is found where it is and not only at the end.
fn checksum(full_key: &[u8], record: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(full_key), record)
}

/// The next thing in a backup.
pub(super) enum Entry {
    Record {
        full_key: Vec<u8>,
        record: Vec<u8>,
    },
    /// The trailer fits all that was read.
    End {
        bytes: u64,
    },
}

pub(super) struct Reader<R: Read> {
    from: BufReader<R>,
    hash: Sha256,
    bytes: u64,
    version: Version,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(from: R) -> Result<Self, ArchiveError> {
        let mut reader =
            Self { from: BufReader::new(from), hash: Sha256::new(), bytes: 0, version: Version(0) };
        let mut magic = [0; MAGIC.len()];
        match reader.fill(&mut magic) {
            Ok(()) if magic == *MAGIC => {}
            Ok(()) => return Err(ArchiveError::NotABackup),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(ArchiveError::NotABackup);
            }
            Err(error) => return Err(error.into()),
        }
        let version = reader.array(0)?;
        reader.version = Version(u64::from_le_bytes(version));
        Ok(reader)
    }

    pub(super) const fn version(&self) -> Version {
        self.version
    }

    /// The next entry, after `rows` records.
    pub(super) fn next(&mut self, rows: u64) -> Result<Entry, ArchiveError> {
        match self.array(rows)? {
            [RECORD] => self.record(rows),
            [END] => self.end(rows),
            [_] => Err(ArchiveError::Damaged { rows, what: "an unknown kind of entry" }),
        }
    }

    fn record(&mut self, rows: u64) -> Result<Entry, ArchiveError> {
        let key_bytes = u32::from_le_bytes(self.array(rows)?);
        let record_bytes = u32::from_le_bytes(self.array(rows)?);
        let full_key = self.bytes(key_bytes, FULL_KEY_BYTES_MAX, rows)?;
        let record = self.bytes(record_bytes, RECORD_BYTES_MAX, rows)?;
        if u32::from_le_bytes(self.array(rows)?) != checksum(&full_key, &record) {
            return Err(ArchiveError::Damaged { rows, what: "the checksum of a row" });
        }
        Ok(Entry::Record { full_key, record })
    }

    fn end(&mut self, rows: u64) -> Result<Entry, ArchiveError> {
        if u64::from_le_bytes(self.array(rows)?) != rows {
            return Err(ArchiveError::Damaged { rows, what: "the number of rows" });
        }
        let expected: [u8; 32] = std::mem::take(&mut self.hash).finalize().into();
        if self.array(rows)? != expected {
            return Err(ArchiveError::Damaged { rows, what: "the checksum of the whole" });
        }
        let bytes = self.bytes;
        let mut beyond = [0];
        match self.from.read(&mut beyond)? {
            0 => Ok(Entry::End { bytes }),
            _ => Err(ArchiveError::Damaged { rows, what: "something follows its end" }),
        }
    }

    fn bytes(
        &mut self,
        length: u32,
        length_max: usize,
        rows: u64,
    ) -> Result<Vec<u8>, ArchiveError> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > length_max {
            return Err(ArchiveError::Damaged { rows, what: "the length of a row" });
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes).map_err(|error| cut_off(error, rows))?;
        Ok(bytes)
    }

    fn array<const LENGTH: usize>(&mut self, rows: u64) -> Result<[u8; LENGTH], ArchiveError> {
        let mut bytes = [0; LENGTH];
        self.fill(&mut bytes).map_err(|error| cut_off(error, rows))?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.from.read_exact(bytes)?;
        self.hash.update(&*bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}

fn cut_off(error: io::Error, rows: u64) -> ArchiveError {
    if error.kind() == ErrorKind::UnexpectedEof {
        ArchiveError::CutOff { rows }
    } else {
        error.into()
    }
}
