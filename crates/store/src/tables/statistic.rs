//! Days of statistics: how many messages each conversation saw, and who wrote.

use std::collections::BTreeSet;

use domain::time::Day;
use domain::{ConversationId, Seq, UserId};

use super::{get_v1, id_after, key, scan_prefix};
use crate::row::{self, Undecodable, decode_v1};
use crate::{Check, Partition, ReadError, Store, Version, Write};

const CONVERSATION: &[u8] = b"c";
const USER: &[u8] = b"u";

/// Messages of one conversation on one day, counted up to a place in its log: counting twice changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Counted up to here.
    pub through: Seq,
    /// Messages.
    pub messages: u64,
}

fn count_key(id: ConversationId) -> Vec<u8> {
    key(CONVERSATION, &[&id.to_bytes()])
}

/// What one conversation has on one day.
///
/// # Errors
/// See [`Store::get`].
pub async fn count(
    store: &Store,
    day: Day,
    id: ConversationId,
) -> Result<(Count, Option<Version>), ReadError> {
    let row = get_v1::<(u64, u64)>(store, &Partition::Day(day), &count_key(id)).await?;
    Ok(row.map_or_else(Default::default, |((through, messages), version)| {
        (Count { through: Seq::new(through), messages }, Some(version))
    }))
}

/// The messages of a day, all conversations together. Summed up here, and not kept in a row, so that conversations
/// that are counted at the same time do not wait for each other.
///
/// # Errors
/// See [`Store::scan`].
pub async fn total(store: &Store, day: Day) -> Result<u64, ReadError> {
    let partition = Partition::Day(day);
    let mut total = 0;
    for row in scan_prefix(store, &partition, CONVERSATION).await? {
        let counted =
            decode_v1::<(u64, u64)>(&row.value).map_err(|_| row::damaged(&partition, &row.key))?;
        total += counted.1;
    }
    Ok(total)
}

/// Everybody who wrote on a day.
///
/// # Errors
/// See [`Store::scan`].
pub async fn users(store: &Store, day: Day) -> Result<BTreeSet<UserId>, ReadError> {
    let rows = scan_prefix(store, &Partition::Day(day), USER).await?;
    let users = rows.iter().filter_map(|row| id_after(&row.key, USER));
    Ok(users.map(UserId::from_bytes).collect())
}

/// Sets what one conversation has on one day.
pub fn put_count(id: ConversationId, count: Count) -> Write {
    Write::Put(count_key(id), row::encode(1, &(count.through.number(), count.messages)))
}

/// Notes that a user wrote on the day.
pub fn put_user(user: UserId) -> Write {
    Write::Put(key(USER, &[&user.to_bytes()]), vec![1])
}

/// The check that a count is as it was read.
pub fn unchanged(id: ConversationId, version: Option<Version>) -> Check {
    let key = count_key(id);
    match version {
        Some(version) => Check::Version(key, version),
        None => Check::Absent(key),
    }
}

pub(super) fn check_row(key: &[u8], value: &[u8]) -> Result<(), Undecodable> {
    if key.starts_with(CONVERSATION) { decode_v1::<(u64, u64)>(value).map(drop) } else { Ok(()) }
}
