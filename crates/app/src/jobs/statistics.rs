//! Days: counted from the logs, so that a query equals a recount.

use std::collections::BTreeMap;

use domain::event::EventBody;
use domain::time::Day;
use domain::{ConversationId, Seq};
use store::tables::event;
use store::tables::statistic::{self as table, Count};
use store::{Batch, CommitError, Direction, Partition, Space, Version};

use super::news::DayNews;
use super::queue::Outcome;
use super::round::{Memory, Running};
use crate::{App, Failure};

/// How often a commit is tried again because another run of the same job was faster.
const ATTEMPTS_MAX: usize = 8;
/// Conversations whose counts one commit sets.
const COUNTS_AT_ONCE: usize = 256;

/// Counts the messages of all conversations into their days. What was counted before is not counted again.
pub(super) async fn count(app: &App, memory: &mut Memory, running: &mut [Running]) {
    let mut days: BTreeMap<Day, Vec<(usize, ConversationId, DayNews)>> = BTreeMap::new();
    for (index, running) in running.iter_mut().enumerate() {
        let Some((id, news)) = running.advanced() else { continue };
        for day in &news.days {
            days.entry(day.day).or_default().push((index, id, day.clone()));
        }
    }
    for (day, news) in days {
        for some in news.chunks(COUNTS_AT_ONCE) {
            if let Err(failure) = count_some(app, memory, day, some).await {
                tracing::warn!(?failure, "messages could not be counted");
                for (index, ..) in some {
                    if let Some(running) = running.get_mut(*index) {
                        running.outcome = Outcome::Failed;
                    }
                }
            }
        }
    }
}

/// A count to be set: the row's version, and what it will say.
struct Counted {
    id: ConversationId,
    version: Option<Version>,
    count: Count,
}

async fn count_some(
    app: &App,
    memory: &mut Memory,
    day: Day,
    news: &[(usize, ConversationId, DayNews)],
) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS_MAX {
        let mut counted = Vec::with_capacity(news.len());
        let mut writers = Vec::new();
        for (_, id, news) in news {
            let (count, version) = match memory.counts.get(&(day, *id)) {
                Some(known) => *known,
                None => table::count(app.store(), day, *id).await?,
            };
            if count.through < news.through || domain::planted!(CountedTwice) {
                let added = uncounted(app, *id, news, count.through).await?;
                let count = Count { through: news.through, messages: count.messages + added };
                counted.push(Counted { id: *id, version, count });
                writers.extend(news.writers.iter().map(|writer| (day, *writer)));
            }
        }
        if counted.is_empty() {
            return Ok(());
        }
        writers.retain(|writer| !memory.writers.contains(writer));
        writers.sort_unstable();
        writers.dedup();
        let puts = counted.iter().map(|counted| table::put_count(counted.id, counted.count));
        let batch = Batch {
            checks: counted.iter().map(|to| table::unchanged(to.id, to.version)).collect(),
            writes: puts.chain(writers.iter().map(|(_, user)| table::put_user(*user))).collect(),
            space: Space::Essential,
            ..Batch::new(Partition::Day(day))
        };
        match app.store().commit(batch).await {
            Ok(committed) => {
                memory.writers.extend(writers);
                for to in counted {
                    memory.counts.insert((day, to.id), (to.count, Some(committed.version)));
                }
                return Ok(());
            }
            Err(CommitError::Conflict | CommitError::Unknown) => {
                memory.counts.retain(|(_, id), _| !counted.iter().any(|to| to.id == *id));
            }
            Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
        }
    }
    Err(Failure::busy())
}

/// Messages of the day's news that come after what was counted. Only after a failure is any counted already; then the
/// log tells how many are not.
async fn uncounted(
    app: &App,
    id: ConversationId,
    news: &DayNews,
    through: Seq,
) -> Result<u64, Failure> {
    if through < news.first || domain::planted!(CountedTwice) {
        return Ok(news.messages);
    }
    let (mut from, mut messages) = (through.next(), 0);
    loop {
        let range = (from, news.through.next());
        let events =
            event::scan(app.store(), id, range, (Direction::Forward, super::STEP_EVENTS)).await?;
        let Some(last) = events.last() else {
            return Ok(messages);
        };
        from = last.seq.next();
        let of_day = events.iter().filter(|event| {
            event.at.day() == news.day && matches!(event.body, EventBody::Message(_))
        });
        messages += of_day.count() as u64;
    }
}
