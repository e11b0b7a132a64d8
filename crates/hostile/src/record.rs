//! Records as they lie on the disk, in a backup whose own checksums are right.

use sha2::Digest as _;
use store::archive;

/// What stands before the entries: the magic and the number of the last commit.
const HEAD: &[u8] = b"KITHBAK1\x07\0\0\0\0\0\0\0";
const RECORD: u8 = 1;
const END: u8 = 0;

/// Records of any content travel in a backup and are counted as damaged or good; changing any one byte of the backup
/// is noticed.
///
/// The first three bytes say which byte is changed, and how. Then come the records: two bytes for the lengths of key
/// and record, then these.
pub fn judge(bytes: &[u8]) {
    let Some(([high, low, change], entries)) = bytes.split_first_chunk() else { return };
    let (mut stream, rows) = backup(entries);
    let summary = archive::verify(stream.as_slice(), |_| ()).expect("it is a backup");
    assert_eq!(summary.rows, rows);
    assert!(summary.damaged <= rows, "{summary:?}");

    let place = usize::from(u16::from_be_bytes([*high, *low])) % stream.len();
    if let Some(byte) = stream.get_mut(place).filter(|_| *change != 0) {
        *byte ^= change;
        assert!(archive::verify(stream.as_slice(), |_| ()).is_err(), "byte {place} was changed");
    }
    stream.truncate(place);
    assert!(archive::verify(stream.as_slice(), |_| ()).is_err(), "it was cut to {place} bytes");
}

fn backup(mut entries: &[u8]) -> (Vec<u8>, u64) {
    let (mut stream, mut rows) = (HEAD.to_vec(), 0);
    while let Some(([key_bytes, record_bytes], rest)) = entries.split_first_chunk() {
        let (key, rest) = split(rest, *key_bytes);
        let (record, rest) = split(rest, *record_bytes);
        stream.push(RECORD);
        stream.extend_from_slice(&length(key));
        stream.extend_from_slice(&length(record));
        stream.extend_from_slice(key);
        stream.extend_from_slice(record);
        let checksum = crc32c::crc32c_append(crc32c::crc32c(key), record);
        stream.extend_from_slice(&checksum.to_le_bytes());
        rows += 1;
        entries = rest;
    }
    stream.push(END);
    stream.extend_from_slice(&u64::to_le_bytes(rows));
    let hash: [u8; 32] = sha2::Sha256::digest(&stream).into();
    stream.extend_from_slice(&hash);
    (stream, rows)
}

fn split(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    bytes.split_at(usize::from(at).min(bytes.len()))
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).expect("at most 255 bytes").to_le_bytes()
}
