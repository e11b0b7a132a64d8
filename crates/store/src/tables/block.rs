//! Whom a user has blocked.

use domain::{Timestamp, UserId};

use super::{id_after, key, scan_prefix};
use crate::{Partition, ReadError, Store, Write, row};

const BLOCK: &[u8] = b"b";

fn block_key(other: UserId) -> Vec<u8> {
    key(BLOCK, &[&other.to_bytes()])
}

/// Whether `user` has blocked `other`.
///
/// # Errors
/// See [`Store::get`].
pub async fn exists(store: &Store, user: UserId, other: UserId) -> Result<bool, ReadError> {
    Ok(store.get(&Partition::User(user), &block_key(other)).await?.is_some())
}

/// Everybody whom `user` has blocked.
///
/// # Errors
/// See [`Store::scan`].
pub async fn all(store: &Store, user: UserId) -> Result<Vec<UserId>, ReadError> {
    let partition = Partition::User(user);
    let rows = scan_prefix(store, &partition, BLOCK).await?;
    let decode = |row: &crate::Row| id_after(&row.key, BLOCK).map(UserId::from_bytes);
    rows.iter().map(|row| decode(row).ok_or_else(|| row::damaged(&partition, &row.key))).collect()
}

/// Blocks.
pub fn put(other: UserId, at: Timestamp) -> Write {
    Write::Put(block_key(other), row::encode(1, &at.as_ms()))
}

/// Unblocks.
pub fn remove(other: UserId) -> Write {
    Write::Remove(block_key(other))
}
