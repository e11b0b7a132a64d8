//! Rows with numbers, and the ways to write and find them.

use std::path::Path;

use domain::ConversationId;
use store::backend::{Embedded, EmbeddedOptions};
use store::{Batch, Direction, Partition, Store, Write};

const PAGE_ROWS: usize = 1000;

/// Many small memtables, so that little data brings many flushes and merges.
pub(crate) fn busy() -> EmbeddedOptions {
    EmbeddedOptions { memtable_bytes: 256 * 1024, ..EmbeddedOptions::default() }
}

pub(crate) fn open(folder: &Path, options: &EmbeddedOptions) -> Store {
    Store::Embedded(Embedded::open(folder, options).unwrap())
}

pub(crate) fn room() -> Partition {
    Partition::Conversation(ConversationId::from_bytes([1; 16]))
}

pub(crate) fn number_key(number: u32) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

pub(crate) fn put(number: u32, value: &[u8]) -> Batch {
    Batch { writes: vec![Write::Put(number_key(number), value.to_vec())], ..Batch::new(room()) }
}

/// Bytes that do not compress and are another sequence for every seed.
pub(crate) fn bytes(seed: u32, length: usize) -> Vec<u8> {
    let mut state = u64::from(seed) + 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The numbers of all rows, in order.
pub(crate) async fn numbers(store: &Store) -> Vec<u32> {
    let mut numbers = Vec::new();
    let mut from = Vec::new();
    loop {
        let how = (Direction::Forward, PAGE_ROWS);
        let page = store.scan(&room(), &from, &[u8::MAX; 8], how).await.unwrap();
        let keys = page.rows.iter().map(|row| row.key.as_slice().try_into().unwrap());
        numbers.extend(keys.map(u32::from_be_bytes));
        if !page.more {
            return numbers;
        }
        from = number_key(numbers.last().unwrap() + 1);
    }
}

pub(crate) async fn count(store: &Store) -> usize {
    numbers(store).await.len()
}
