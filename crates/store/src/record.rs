//! How a row lies on the disk: a checksum, the version of the row, its value.
//!
//! The checksum covers the key too, so that a record found at a wrong place counts as damaged like a changed one.

use crate::Version;

const CHECKSUM_BYTES: usize = 4;
/// Bytes of the longest version: 64 bits, seven in a byte.
const VERSION_BYTES_MAX: usize = 10;
const CONTINUES: u8 = 0x80;

/// The record does not carry the checksum of its key and content, or is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

/// The record of a row whose whole key, with the prefix of its partition, is `full_key`.
pub(crate) fn encode(full_key: &[u8], version: Version, value: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(CHECKSUM_BYTES + VERSION_BYTES_MAX + value.len());
    record.extend_from_slice(&[0; CHECKSUM_BYTES]);
    push_varint(&mut record, version.0);
    record.extend_from_slice(value);
    let (checksum, content) = record.split_at_mut(CHECKSUM_BYTES);
    checksum.copy_from_slice(&checksum_of(full_key, content).to_le_bytes());
    record
}

/// The version and value of a record found at `full_key`.
pub(crate) fn decode<'record>(
    full_key: &[u8],
    record: &'record [u8],
) -> Result<(Version, &'record [u8]), Damaged> {
    let (checksum, content) = record.split_first_chunk::<CHECKSUM_BYTES>().ok_or(Damaged)?;
    if u32::from_le_bytes(*checksum) != checksum_of(full_key, content) {
        return Err(Damaged);
    }
    let (version, value) = split_varint(content).ok_or(Damaged)?;
    Ok((Version(version), value))
}

fn checksum_of(full_key: &[u8], content: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(full_key), content)
}

fn push_varint(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & !CONTINUES);
            return;
        }
        bytes.push(low | CONTINUES);
    }
}

fn split_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    let mut rest = bytes;
    for index in 0..VERSION_BYTES_MAX {
        let (byte, after) = rest.split_first()?;
        rest = after;
        number |= u64::from(byte & !CONTINUES) << (7 * index);
        if byte & CONTINUES == 0 {
            return Some((number, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_back_what_went_in() {
        for version in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            for value in [&b""[..], b"x", &[0; 1000]] {
                let record = encode(b"key", Version(version), value);
                assert_eq!(decode(b"key", &record), Ok((Version(version), value)));
            }
        }
    }

    #[test]
    fn a_changed_bit_is_noticed_wherever_it_is() {
        let record = encode(b"key", Version(300), b"value");
        for index in 0..record.len() {
            for bit in 0..8 {
                let mut changed = record.clone();
                changed[index] ^= 1 << bit;
                assert_eq!(decode(b"key", &changed), Err(Damaged), "bit {bit} of byte {index}");
            }
        }
    }

    #[test]
    fn a_cut_or_misplaced_record_is_damaged() {
        let record = encode(b"key", Version(300), b"value");
        for bytes in 0..record.len() {
            assert_eq!(decode(b"key", &record[..bytes]), Err(Damaged), "cut to {bytes} bytes");
        }
        assert_eq!(decode(b"kez", &record), Err(Damaged));
    }
}
