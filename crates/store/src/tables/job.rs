//! Work that a commit left to do. A job names its subject, so that many changes of one subject make one run.

use domain::{ConversationId, Seq, UserId};

use super::{id_after, key};
use crate::row::{self, Undecodable, decode_v1};
use crate::{
    Batch, Check, Direction, Job, Partition, ReadError, Row, Space, Store, Version, Write,
};

const ADVANCED: &[u8] = b"a";
const PROFILE: &[u8] = b"p";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// A conversation has new events: bring inboxes and statistics up to its head.
    Advanced(ConversationId),
    /// A person's name, username or privacy changed: bring the directory up to date.
    Profile(UserId),
}

/// A job found in the store.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    /// What is to be done.
    pub work: Work,
    /// Of a conversation: the first event that may not be followed up.
    pub from: Seq,
    /// Removing it checks this: a change in the meantime makes another run.
    pub version: Version,
}

fn job_key(work: Work) -> Vec<u8> {
    match work {
        Work::Advanced(id) => key(ADVANCED, &[&id.to_bytes()]),
        Work::Profile(user) => key(PROFILE, &[&user.to_bytes()]),
    }
}

/// The job as it goes into a batch. Everything in the log of a conversation before `from` has been followed up.
pub fn job(work: Work, from: Seq) -> Job {
    Job { key: job_key(work), value: row::encode(1, &from.number()) }
}

/// At most `limit` jobs, after `after` in key order.
///
/// # Errors
/// See [`Store::scan`].
pub async fn pending(
    store: &Store,
    after: Option<Work>,
    limit: usize,
) -> Result<Vec<Pending>, ReadError> {
    let mut from = after.map(job_key).unwrap_or_default();
    from.push(0);
    let page = store.scan(&Partition::Jobs, &from, &[u8::MAX], (Direction::Forward, limit)).await?;
    page.rows
        .iter()
        .map(|row| decode(row).ok_or_else(|| row::damaged(&Partition::Jobs, &row.key)))
        .collect()
}

/// The job of this work, if there is one.
///
/// # Errors
/// See [`Store::get`].
pub async fn get(store: &Store, work: Work) -> Result<Option<Pending>, ReadError> {
    let key = job_key(work);
    let Some((value, version)) = store.get(&Partition::Jobs, &key).await? else {
        return Ok(None);
    };
    let row = Row { key, value, version };
    decode(&row).map(Some).ok_or_else(|| row::damaged(&Partition::Jobs, &row.key))
}

fn decode(row: &Row) -> Option<Pending> {
    let work = match row.key.first() {
        Some(b'a') => Work::Advanced(ConversationId::from_bytes(id_after(&row.key, ADVANCED)?)),
        Some(b'p') => Work::Profile(UserId::from_bytes(id_after(&row.key, PROFILE)?)),
        Some(_) | None => return None,
    };
    Some(Pending { work, from: Seq::new(decode_v1(&row.value).ok()?), version: row.version })
}

/// The batch that removes finished jobs, unless one was renewed after it had this version.
pub fn finish(done: &[(Work, Version)]) -> Batch {
    let keys = || done.iter().map(|(work, version)| (job_key(*work), *version));
    Batch {
        checks: keys().map(|(key, version)| Check::Version(key, version)).collect(),
        writes: keys().map(|(key, _)| Write::Remove(key)).collect(),
        space: Space::Essential,
        ..Batch::new(Partition::Jobs)
    }
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<u64>(value).map(drop)
}
