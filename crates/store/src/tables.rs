//! The typed tables, written once above the waist: keys, row layouts and questions, by subject.

pub mod account;
pub mod block;
pub mod conversation;
pub mod cursor;
pub mod deployment;
pub mod directory;
pub mod event;
pub mod inbox;
pub mod job;
pub mod preference;
pub mod session;
pub mod statistic;

use serde::de::DeserializeOwned;

use crate::row::{self, Undecodable};
use crate::{Direction, Partition, ReadError, Row, Store, Version};

/// Rows read by one step of a scan that reads a whole prefix.
const SCAN_STEP_ROWS: usize = 1000;

/// A row of layout 1, if it is there.
async fn get_v1<T: DeserializeOwned>(
    store: &Store,
    partition: &Partition,
    key: &[u8],
) -> Result<Option<(T, Version)>, ReadError> {
    let Some((bytes, version)) = store.get(partition, key).await? else {
        return Ok(None);
    };
    let row = row::decode_v1(&bytes).map_err(|_| row::damaged(partition, key))?;
    Ok(Some((row, version)))
}

/// All rows whose keys start with `prefix`, read in bounded steps. Only for prefixes that a limit of `domain` bounds.
async fn scan_prefix(
    store: &Store,
    partition: &Partition,
    prefix: &[u8],
) -> Result<Vec<Row>, ReadError> {
    let end = row::end_of(prefix);
    let mut from = prefix.to_vec();
    let mut rows = Vec::new();
    loop {
        let page = store.scan(partition, &from, &end, (Direction::Forward, SCAN_STEP_ROWS)).await?;
        if let Some(last) = page.rows.last() {
            from.clone_from(&last.key);
            from.push(0);
        }
        rows.extend(page.rows);
        if !page.more {
            return Ok(rows);
        }
    }
}

/// The 16 bytes of an id that follow `prefix` in a key.
fn id_after(key: &[u8], prefix: &[u8]) -> Option<[u8; 16]> {
    key.strip_prefix(prefix)?.get(..16)?.try_into().ok()
}

/// The big-endian number that follows `prefix` in a key.
fn number_after(key: &[u8], prefix: &[u8]) -> Option<u64> {
    key.strip_prefix(prefix)?.get(..8)?.try_into().ok().map(u64::from_be_bytes)
}

fn key(prefix: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let bytes = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut key = Vec::with_capacity(prefix.len() + bytes);
    key.extend_from_slice(prefix);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

/// Whether a stored row decodes, for `kith store check`. `full_key` starts with the partition's prefix.
///
/// # Errors
/// A row of a known table that does not decode.
pub fn check_row(full_key: &[u8], value: &[u8]) -> Result<(), Undecodable> {
    let key = |prefix_bytes| full_key.get(prefix_bytes..).unwrap_or_default();
    match full_key.first() {
        Some(b'c') => check_row_of_conversation(key(17), value),
        Some(b'u') => check_row_of_user(key(17), value),
        Some(b'n') => account::check_claim(value),
        Some(b's') => statistic::check_row(key(9), value),
        Some(b'd') => deployment::check_row(value),
        Some(b'j') => job::check_row(value),
        Some(_) | None => Ok(()),
    }
}

fn check_row_of_conversation(key: &[u8], value: &[u8]) -> Result<(), Undecodable> {
    match key.first() {
        Some(b'e') => event::check_row(value),
        Some(b'c' | b'r') => cursor::check_row(value),
        Some(_) | None => conversation::check_row(key, value),
    }
}

fn check_row_of_user(key: &[u8], value: &[u8]) -> Result<(), Undecodable> {
    match key.first() {
        Some(b'a') => account::check_row(value),
        Some(b'l') => account::check_last_seen(value),
        Some(b's') => session::check_row(value),
        Some(b'x' | b'u') => inbox::check_row(key, value),
        Some(b'p') => preference::check_row(value),
        Some(b'w') => directory::check_indexed(value),
        Some(_) | None => Ok(()),
    }
}
