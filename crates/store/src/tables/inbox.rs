//! Each user's list of conversations: one row per conversation, overwritten, derived from the logs.
//!
//! Three orders of the same rows: by conversation, by `upos` (what changed since?), and by activity (the list that
//! people see). A row's writes keep the three together, and the summary row keeps the user's counter and digest.
//!
//! Whoever has few conversations has their rows read and sorted: a row stands where it stood before, while each change
//! leaves a removed entry in the other two orders, and a store reads past those until it has merged them away.

use std::cmp::Reverse;

use domain::{ConversationId, Seq, Timestamp, UserId};

use super::{get_v1, id_after, key, scan_prefix};
use crate::row::{self, Undecodable, decode_v1};
use crate::{Check, Direction, Partition, ReadError, Store, Version, Write};

const ROW: &[u8] = b"x";
const BY_UPOS: &[u8] = b"o";
const BY_ACTIVITY: &[u8] = b"y";
const SUMMARY: &[u8] = b"u";
/// Conversations up to which all rows are read and sorted.
const SORTED_ROWS_MAX: usize = 64;

mod v1 {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Row {
        pub(super) upos: u64,
        pub(super) head: u64,
        pub(super) messages: u64,
        pub(super) read_seq: u64,
        pub(super) read_messages: u64,
        pub(super) active_at_ms: u64,
        pub(super) muted: bool,
        pub(super) left: bool,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Summary {
        pub(super) upos: u64,
        pub(super) digest: u64,
    }
}

/// One conversation in one user's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// Which conversation.
    pub conversation: ConversationId,
    /// The user's counter at the last change of this row.
    pub upos: u64,
    /// The last event that this user may see.
    pub head: Seq,
    /// Messages up to the head.
    pub messages: u64,
    /// How far the user has read.
    pub read_seq: Seq,
    /// Messages up to there.
    pub read_messages: u64,
    /// When something last happened.
    pub active_at: Timestamp,
    /// Whether the user wants no notice of it.
    pub muted: bool,
    /// Whether the user is no longer a member; the row tells the other devices.
    pub left: bool,
}

impl InboxRow {
    /// A row before anything was counted.
    pub const fn new(conversation: ConversationId) -> Self {
        Self {
            conversation,
            upos: 0,
            head: Seq::ZERO,
            messages: 0,
            read_seq: Seq::ZERO,
            read_messages: 0,
            active_at: Timestamp::from_ms(0),
            muted: false,
            left: false,
        }
    }

    /// Messages that the user has not read.
    pub const fn unread(&self) -> u64 {
        self.messages.saturating_sub(self.read_messages)
    }
}

/// A user's counter, and the digest of the heads in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How often any row changed.
    pub upos: u64,
    /// XOR over [`head_hash`] of all rows of present members.
    pub digest: u64,
}

/// The part of one conversation in the digest: the first 8 bytes, big-endian, of SHA-256 over the 16 bytes of the
/// conversation id and the head as 8 bytes, big-endian.
pub fn head_hash(conversation: ConversationId, head: Seq) -> u64 {
    use sha2::{Digest as _, Sha256};

    let mut hash = Sha256::new();
    hash.update(conversation.to_bytes());
    hash.update(head.number().to_be_bytes());
    let mut bytes = [0; 8];
    for (byte, hashed) in bytes.iter_mut().zip(hash.finalize()) {
        *byte = hashed;
    }
    u64::from_be_bytes(bytes)
}

/// The counter and digest of a user.
///
/// # Errors
/// See [`Store::get`].
pub async fn summary(store: &Store, user: UserId) -> Result<(Summary, Option<Version>), ReadError> {
    let row = get_v1::<v1::Summary>(store, &Partition::User(user), SUMMARY).await?;
    Ok(row.map_or_else(Default::default, |(row, version)| {
        (Summary { upos: row.upos, digest: row.digest }, Some(version))
    }))
}

/// One row.
///
/// # Errors
/// See [`Store::get`].
pub async fn get(
    store: &Store,
    user: UserId,
    id: ConversationId,
) -> Result<Option<InboxRow>, ReadError> {
    let row = get_v1::<v1::Row>(store, &Partition::User(user), &row_key(id)).await?;
    Ok(row.map(|(row, _)| from_row(id, &row)))
}

/// Every row, also of conversations left. Bounded by the conversations that the user was ever in.
///
/// # Errors
/// See [`Store::scan`].
pub async fn all(store: &Store, user: UserId) -> Result<Vec<InboxRow>, ReadError> {
    let rows = scan_prefix(store, &Partition::User(user), ROW).await?;
    decoded(user, &rows)
}

/// Every row, if there are few and all of them can be read: one that is damaged must not keep the others out of a list
/// in which it does not stand.
async fn few(store: &Store, user: UserId) -> Result<Option<Vec<InboxRow>>, ReadError> {
    let (partition, end) = (Partition::User(user), row::end_of(ROW));
    let page = store.scan(&partition, ROW, &end, (Direction::Forward, SORTED_ROWS_MAX)).await;
    match page.and_then(|page| Ok((decoded(user, &page.rows)?, page.more))) {
        Ok((rows, false)) => Ok(Some(rows)),
        Ok((_, true)) | Err(ReadError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn decoded(user: UserId, rows: &[crate::Row]) -> Result<Vec<InboxRow>, ReadError> {
    let decode = |row: &crate::Row| {
        let id = ConversationId::from_bytes(id_after(&row.key, ROW)?);
        Some(from_row(id, &decode_v1(&row.value).ok()?))
    };
    let damaged = |row: &crate::Row| row::damaged(&Partition::User(user), &row.key);
    rows.iter().map(|row| decode(row).ok_or_else(|| damaged(row))).collect()
}

/// The first `limit` rows in the order in which the store would list them, and whether there are more.
fn latest<K: Ord>(
    mut rows: Vec<InboxRow>,
    order: impl Fn(&InboxRow) -> K,
    limit: usize,
) -> (Vec<InboxRow>, bool) {
    rows.sort_unstable_by_key(|row| Reverse((order(row), row.conversation.to_bytes())));
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}

/// At most `limit` conversations that changed after `upos`, the latest change first, and whether there are more.
///
/// # Errors
/// See [`Store::scan`].
pub async fn changed_since(
    store: &Store,
    user: UserId,
    upos: u64,
    limit: usize,
) -> Result<(Vec<InboxRow>, bool), ReadError> {
    if let Some(mut rows) = few(store, user).await? {
        rows.retain(|row| row.upos > upos);
        return Ok(latest(rows, |row| row.upos, limit));
    }
    let from = key(BY_UPOS, &[&upos.saturating_add(1).to_be_bytes()]);
    let range = (from, row::end_of(BY_UPOS));
    listed(store, user, range, limit).await
}

/// At most `limit` conversations in the order of activity, latest first, before the given position.
///
/// # Errors
/// See [`Store::scan`].
pub async fn by_activity(
    store: &Store,
    user: UserId,
    before: Option<(Timestamp, ConversationId)>,
    limit: usize,
) -> Result<(Vec<InboxRow>, bool), ReadError> {
    if let Some(mut rows) = few(store, user).await? {
        let is_before = |row: &InboxRow| {
            before.is_none_or(|(at, id)| {
                (row.active_at, row.conversation.to_bytes()) < (at, id.to_bytes())
            })
        };
        rows.retain(|row| !row.left && is_before(row));
        return Ok(latest(rows, |row| row.active_at, limit));
    }
    let to = before.map_or_else(|| row::end_of(BY_ACTIVITY), |(at, id)| activity_key(at, id));
    listed(store, user, (BY_ACTIVITY.to_vec(), to), limit).await
}

async fn listed(
    store: &Store,
    user: UserId,
    (from, to): (Vec<u8>, Vec<u8>),
    limit: usize,
) -> Result<(Vec<InboxRow>, bool), ReadError> {
    let partition = Partition::User(user);
    let page = store.scan(&partition, &from, &to, (Direction::Backward, limit)).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for entry in &page.rows {
        let id = entry.key.last_chunk::<16>().copied().map(ConversationId::from_bytes);
        let id = id.ok_or_else(|| row::damaged(&partition, &entry.key))?;
        rows.extend(get(store, user, id).await?);
    }
    Ok((rows, page.more))
}

fn row_key(id: ConversationId) -> Vec<u8> {
    key(ROW, &[&id.to_bytes()])
}

fn upos_key(upos: u64, id: ConversationId) -> Vec<u8> {
    key(BY_UPOS, &[&upos.to_be_bytes(), &id.to_bytes()])
}

fn activity_key(at: Timestamp, id: ConversationId) -> Vec<u8> {
    key(BY_ACTIVITY, &[&at.as_ms().to_be_bytes(), &id.to_bytes()])
}

fn from_row(conversation: ConversationId, row: &v1::Row) -> InboxRow {
    InboxRow {
        conversation,
        upos: row.upos,
        head: Seq::new(row.head),
        messages: row.messages,
        read_seq: Seq::new(row.read_seq),
        read_messages: row.read_messages,
        active_at: Timestamp::from_ms(row.active_at_ms),
        muted: row.muted,
        left: row.left,
    }
}

/// The writes that replace `old` by `new` in all three orders. The caller gives `new` the next `upos`.
pub fn replace(old: Option<&InboxRow>, new: &InboxRow) -> Vec<Write> {
    let id = new.conversation;
    let mut writes = Vec::with_capacity(5);
    if let Some(old) = old {
        writes.push(Write::Remove(upos_key(old.upos, id)));
        if old.active_at != new.active_at || new.left {
            writes.push(Write::Remove(activity_key(old.active_at, id)));
        }
    }
    writes.push(Write::Put(upos_key(new.upos, id), vec![1]));
    if !new.left {
        writes.push(Write::Put(activity_key(new.active_at, id), vec![1]));
    }
    let row = v1::Row {
        upos: new.upos,
        head: new.head.number(),
        messages: new.messages,
        read_seq: new.read_seq.number(),
        read_messages: new.read_messages,
        active_at_ms: new.active_at.as_ms(),
        muted: new.muted,
        left: new.left,
    };
    writes.push(Write::Put(row_key(id), row::encode(1, &row)));
    writes
}

/// Sets the counter and digest.
pub fn put_summary(summary: Summary) -> Write {
    let row = v1::Summary { upos: summary.upos, digest: summary.digest };
    Write::Put(SUMMARY.to_vec(), row::encode(1, &row))
}

/// The check that no row changed since the summary was read.
pub fn unchanged(version: Option<Version>) -> Check {
    version.map_or_else(
        || Check::Absent(SUMMARY.to_vec()),
        |version| Check::Version(SUMMARY.to_vec(), version),
    )
}

pub(super) fn check_row(key: &[u8], value: &[u8]) -> Result<(), Undecodable> {
    match key.first() {
        Some(b'u') => decode_v1::<v1::Summary>(value).map(drop),
        Some(_) | None => decode_v1::<v1::Row>(value).map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Batch;
    use crate::backend::Memory;

    const USER: UserId = UserId::from_bytes([1; 16]);

    /// Writes `count` conversations, every third of which changes afterwards, and every fifth of those is left.
    async fn some_rows(store: &Store, count: u64) -> Vec<InboxRow> {
        let mut rows = Vec::new();
        let write = async |old: Option<&InboxRow>, new: &InboxRow| {
            let writes = replace(old, new);
            store.commit(Batch { writes, ..Batch::new(Partition::User(USER)) }).await.unwrap();
        };
        for number in 0..count {
            let conversation = ConversationId::from_bytes(u128::from(number).to_be_bytes());
            let active_at = Timestamp::from_ms(number * 7 % 50);
            let row = InboxRow { upos: number + 1, active_at, ..InboxRow::new(conversation) };
            write(None, &row).await;
            rows.push(row);
        }
        for (index, row) in rows.iter_mut().enumerate().step_by(3) {
            let new = InboxRow {
                upos: row.upos + count,
                active_at: row.active_at.plus_ms(30),
                left: index % 5 == 0,
                ..*row
            };
            write(Some(row), &new).await;
            *row = new;
        }
        rows
    }

    #[tokio::test]
    async fn few_and_many_conversations_are_listed_in_the_same_order() {
        let most = u64::try_from(SORTED_ROWS_MAX).unwrap();
        for count in [0, 1, 20, most, most + 1, 2 * most] {
            let store = Store::Memory(Memory::new());
            let mut rows = some_rows(&store, count).await;

            rows.sort_by_key(|row| Reverse(row.upos));
            let changed = rows.iter().filter(|row| row.upos > count / 2);
            let changed: Vec<InboxRow> = changed.copied().collect();
            let (found, more) = changed_since(&store, USER, count / 2, 15).await.unwrap();
            assert_eq!(found, changed.get(..15).unwrap_or(&changed), "{count} conversations");
            assert_eq!(more, changed.len() > 15);

            rows.retain(|row| !row.left);
            rows.sort_by_key(|row| Reverse((row.active_at, row.conversation.to_bytes())));
            let (mut listed, mut before) = (Vec::new(), None);
            loop {
                let (page, more) = by_activity(&store, USER, before, 7).await.unwrap();
                before = page.last().map(|row| (row.active_at, row.conversation));
                listed.extend(page);
                assert_eq!(more, listed.len() < rows.len(), "{count} conversations");
                if !more {
                    break;
                }
            }
            assert_eq!(listed, rows, "{count} conversations");
        }
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_is_missed_only_where_it_stands() {
        let store = Store::Memory(Memory::new());
        let rows = some_rows(&store, 6).await;
        let broken = Write::Put(row_key(rows[1].conversation), vec![1]);
        let batch = Batch { writes: vec![broken], ..Batch::new(Partition::User(USER)) };
        store.commit(batch).await.unwrap();

        let newest = rows.iter().max_by_key(|row| row.upos).unwrap();
        let (found, more) = changed_since(&store, USER, newest.upos - 1, 10).await.unwrap();
        assert_eq!((found, more), (vec![*newest], false));
        let all = changed_since(&store, USER, 0, 10).await;
        assert!(matches!(all, Err(ReadError::Damaged { .. })), "{all:?}");
    }
}
