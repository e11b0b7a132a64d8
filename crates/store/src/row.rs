//! How typed rows become bytes: one byte for the version of the layout, then postcard.
//!
//! A table keeps its layouts as `mod v1`, `mod v2` …; a row is read in the layout it was written in and converted.

use serde::{Deserialize, Serialize};

use crate::{Partition, ReadError};

/// Encodes a row in layout `version`.
pub(crate) fn encode<T: Serialize>(version: u8, row: &T) -> Vec<u8> {
    postcard::to_extend(row, vec![version])
        .expect("rows are plain data, which postcard always encodes")
}

/// The bytes are not a row of a layout that this version knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecodable;

/// Decodes a row that has only ever had layout 1.
pub(crate) fn decode_v1<'row, T: Deserialize<'row>>(bytes: &'row [u8]) -> Result<T, Undecodable> {
    match bytes.split_first() {
        Some((1, row)) => postcard::from_bytes(row).map_err(|_| Undecodable),
        Some(_) | None => Err(Undecodable),
    }
}

/// Names a row that does not decode, so that an operator can find it.
pub(crate) fn damaged(partition: &Partition, key: &[u8]) -> ReadError {
    ReadError::Damaged { partition: hexadecimal(&partition.prefix()), key: hexadecimal(key) }
}

/// Bytes for people.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

/// The smallest key after all that start with `prefix`: the end of a scan of that prefix.
pub(crate) fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    vec![u8::MAX; 64]
}
