//! Work that a commit left to do. A job names its subject, so that many changes of one subject make one run.

use domain::{ConversationId, Timestamp, UserId};

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
    /// Not before this.
    pub due: Timestamp,
    /// Removing it checks this: a change in the meantime makes another run.
    pub version: Version,
}

fn job_key(work: Work) -> Vec<u8> {
    match work {
        Work::Advanced(id) => key(ADVANCED, &[&id.to_bytes()]),
        Work::Profile(user) => key(PROFILE, &[&user.to_bytes()]),
    }
}

/// The job as it goes into a batch.
pub fn job(work: Work, due: Timestamp) -> Job {
    Job { key: job_key(work), value: row::encode(1, &due.as_ms()) }
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
    Some(Pending {
        work,
        due: Timestamp::from_ms(decode_v1(&row.value).ok()?),
        version: row.version,
    })
}

/// The batch that removes a finished job, unless it was renewed in the meantime.
pub fn finish(pending: &Pending) -> Batch {
    let key = job_key(pending.work);
    Batch {
        checks: vec![Check::Version(key.clone(), pending.version)],
        writes: vec![Write::Remove(key)],
        space: Space::Essential,
        ..Batch::new(Partition::Jobs)
    }
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<u64>(value).map(drop)
}
