//! How far each member has got and has read a conversation: registers that only grow.

use std::collections::BTreeMap;

use domain::{ConversationId, Receipt, Seq, UserId};

use super::{get_v1, id_after, key, scan_prefix};
use crate::row::{self, Undecodable, decode_v1};
use crate::{Partition, ReadError, Store, Version, Write};

const READ: &[u8] = b"c";
const DELIVERED: &[u8] = b"r";

const fn prefix(receipt: Receipt) -> &'static [u8] {
    match receipt {
        Receipt::Read => READ,
        Receipt::Delivered => DELIVERED,
    }
}

/// The key of one member's position, for checks.
pub fn cursor_key(user: UserId, receipt: Receipt) -> Vec<u8> {
    key(prefix(receipt), &[&user.to_bytes()])
}

/// One member's position.
///
/// # Errors
/// See [`Store::get`].
pub async fn get(
    store: &Store,
    id: ConversationId,
    (user, receipt): (UserId, Receipt),
) -> Result<Option<(Seq, Version)>, ReadError> {
    let key = cursor_key(user, receipt);
    let row = get_v1::<u64>(store, &Partition::Conversation(id), &key).await?;
    Ok(row.map(|(seq, version)| (Seq::new(seq), version)))
}

/// The positions of all who ever had one.
///
/// # Errors
/// See [`Store::scan`].
pub async fn all(
    store: &Store,
    id: ConversationId,
    receipt: Receipt,
) -> Result<BTreeMap<UserId, Seq>, ReadError> {
    let prefix = prefix(receipt);
    let partition = Partition::Conversation(id);
    let rows = scan_prefix(store, &partition, prefix).await?;
    let decode = |row: &crate::Row| {
        let user = UserId::from_bytes(id_after(&row.key, prefix)?);
        Some((user, Seq::new(decode_v1(&row.value).ok()?)))
    };
    rows.iter().map(|row| decode(row).ok_or_else(|| row::damaged(&partition, &row.key))).collect()
}

/// Sets a member's position.
pub fn put((user, receipt): (UserId, Receipt), seq: Seq) -> Write {
    Write::Put(cursor_key(user, receipt), row::encode(1, &seq.number()))
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<u64>(value).map(drop)
}
