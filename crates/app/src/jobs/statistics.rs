//! Days: counted from the logs, so that a query equals a recount.

use std::collections::{BTreeMap, BTreeSet};

use domain::event::{Event, EventBody};
use domain::time::Day;
use domain::{ConversationId, Seq, UserId};
use store::tables::statistic::{self as table, Count};
use store::{Batch, CommitError, Partition, Space};

use crate::{App, Failure};

/// How often a commit is tried again because another run of the same job was faster.
const ATTEMPTS_MAX: usize = 8;

/// Counts the messages among `events` into their days. An event that was counted before is not counted again.
pub(super) async fn count(app: &App, id: ConversationId, events: &[Event]) -> Result<(), Failure> {
    let mut days: BTreeMap<Day, Vec<(Seq, UserId)>> = BTreeMap::new();
    for event in events.iter().filter(|event| matches!(event.body, EventBody::Message(_))) {
        days.entry(event.at.day()).or_default().push((event.seq, event.sender));
    }
    for (day, messages) in days {
        count_day(app, id, day, &messages).await?;
    }
    Ok(())
}

async fn count_day(
    app: &App,
    id: ConversationId,
    day: Day,
    messages: &[(Seq, UserId)],
) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS_MAX {
        let (count, version) = table::count(app.store(), day, id).await?;
        let new: Vec<_> = messages
            .iter()
            .filter(|(seq, _)| *seq > count.through || domain::planted!(CountedTwice))
            .collect();
        let Some((through, _)) = new.last() else {
            return Ok(());
        };
        let added = new.len() as u64;
        let senders: BTreeSet<UserId> = new.iter().map(|(_, sender)| *sender).collect();
        let mut writes: Vec<_> = senders.into_iter().map(table::put_user).collect();
        writes.push(table::put_count(
            id,
            Count { through: *through, messages: count.messages + added },
        ));
        let batch = Batch {
            checks: vec![table::unchanged(id, version)],
            writes,
            space: Space::Essential,
            ..Batch::new(Partition::Day(day))
        };
        match app.store().commit(batch).await {
            Ok(_) => return Ok(()),
            Err(CommitError::Conflict | CommitError::Unknown) => {}
            Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
        }
    }
    Err(Failure::busy())
}
