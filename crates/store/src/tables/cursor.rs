//! How far each member has read: registers that only grow.

use std::collections::BTreeMap;

use domain::{ConversationId, Seq, UserId};

use super::{get_v1, id_after, key, scan_prefix};
use crate::row::{self, Undecodable, decode_v1};
use crate::{Partition, ReadError, Store, Version, Write};

const CURSOR: &[u8] = b"c";

/// The key of one member's position, for checks.
pub fn cursor_key(user: UserId) -> Vec<u8> {
    key(CURSOR, &[&user.to_bytes()])
}

/// How far one member has read.
///
/// # Errors
/// See [`Store::get`].
pub async fn get(
    store: &Store,
    id: ConversationId,
    user: UserId,
) -> Result<Option<(Seq, Version)>, ReadError> {
    let row = get_v1::<u64>(store, &Partition::Conversation(id), &cursor_key(user)).await?;
    Ok(row.map(|(seq, version)| (Seq::new(seq), version)))
}

/// How far all have read who ever read.
///
/// # Errors
/// See [`Store::scan`].
pub async fn all(store: &Store, id: ConversationId) -> Result<BTreeMap<UserId, Seq>, ReadError> {
    let partition = Partition::Conversation(id);
    let rows = scan_prefix(store, &partition, CURSOR).await?;
    let decode = |row: &crate::Row| {
        let user = UserId::from_bytes(id_after(&row.key, CURSOR)?);
        Some((user, Seq::new(decode_v1(&row.value).ok()?)))
    };
    rows.iter().map(|row| decode(row).ok_or_else(|| row::damaged(&partition, &row.key))).collect()
}

/// Sets how far a member has read.
pub fn put(user: UserId, seq: Seq) -> Write {
    Write::Put(cursor_key(user), row::encode(1, &seq.number()))
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<u64>(value).map(drop)
}
