//! What a commit left to do: inboxes, statistics, the directory.
//!
//! A job is a row in the same commit as its cause, so a crash loses none. Jobs are idempotent and run at least once.
//! They run in rounds: one round takes all that wait, so that many events of one conversation cost each member one
//! write, and many conversations share commits. After a round the jobs rest for a multiple of the time that it took:
//! under load messages come first, and lists lag by a moment. Whoever needs a list up to date ends the rest.

mod directory;
mod inbox;
mod news;
mod queue;
mod round;
mod statistics;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::{ConversationId, Seq, UserId};
use futures_util::FutureExt as _;
use store::Version;
use store::tables::job::{self, Work};
use tokio::time::Instant;

use crate::{App, Failure};

pub use inbox::Muted;
pub(crate) use inbox::{mark_read, set_muted};
pub(crate) use news::News;
pub(crate) use queue::Queue;
use queue::{Outcome, Taken};

/// Jobs read by one step.
const STEP_JOBS: usize = 1000;
/// Events that one step of a run reads.
const STEP_EVENTS: usize = 1000;
/// How often jobs are looked for that nobody runs, in milliseconds.
const SWEEP_MS: u64 = 5_000;
/// When a failed job is tried again, in milliseconds.
const RETRY_MS: u64 = 1_000;
/// How many times as long as a round takes the jobs rest after it.
const REST_PER_ROUND: u32 = 4;
/// The longest rest; no list lags by much more.
const REST_MAX: Duration = Duration::from_millis(500);
/// A rest that is not worth a timer.
const REST_MIN: Duration = Duration::from_millis(2);

/// What a commit added to a conversation.
pub(crate) struct Advance {
    /// When it was told.
    pub(crate) tick: u64,
    /// The first event that may not have been followed up: what the job's row says.
    pub(crate) from: Seq,
    /// The version of the job's row; unknown where the commit's answer was lost.
    pub(crate) version: Option<Version>,
    /// The events.
    pub(crate) news: News,
}

/// Starts the runner, takes up what an earlier run of the process left, and later what nobody runs.
pub(crate) async fn start(app: &App) -> Result<(), Failure> {
    let mut after = None;
    while !domain::planted!(InboxLostAtCrash) {
        let found = job::pending(app.store(), after, STEP_JOBS).await?;
        found.iter().for_each(|pending| app.inner.jobs.ask(pending.work));
        match found.last() {
            Some(last) => after = Some(last.work),
            None => break,
        }
    }
    app.env().spawn("job runner", run_jobs(app.clone()));
    if !domain::planted!(InboxLostAtCrash) {
        app.env().spawn("job sweep", sweep(app.clone()));
    }
    Ok(())
}

/// Takes up jobs that nobody runs: those of a node that died, and those of a commit that arrived after its node had
/// given it up. A row that stays the same from one look to the next, and is not known here, is such a job. If another
/// node has it after all, it runs twice, which does no harm.
#[expect(clippy::infinite_loop, reason = "it runs as long as the node does")]
async fn sweep(app: App) {
    let mut before = BTreeMap::new();
    loop {
        app.env().sleep_ms(SWEEP_MS).await;
        match strangers(&app).await {
            Ok(now) => {
                for (work, version) in &now {
                    if before.get(work) == Some(version) && !domain::planted!(LostNotLookedFor) {
                        app.inner.jobs.ask(*work);
                    }
                }
                before = now;
            }
            Err(failure) => tracing::warn!(?failure, "jobs left by others could not be read"),
        }
    }
}

/// The rows of all jobs that do not wait or run on this node.
async fn strangers(app: &App) -> Result<BTreeMap<Work, Version>, Failure> {
    let (mut found, mut after) = (BTreeMap::new(), None);
    loop {
        let some = job::pending(app.store(), after, STEP_JOBS).await?;
        let unknown = some.iter().filter(|pending| !app.inner.jobs.has(pending.work));
        found.extend(unknown.map(|pending| (pending.work, pending.version)));
        match some.last() {
            Some(last) => after = Some(last.work),
            None => return Ok(found),
        }
    }
}

/// A commit changed by which words a person is found.
pub(crate) fn wake_profile(app: &App, user: UserId) {
    app.inner.jobs.ask(Work::Profile(user));
}

/// A commit added these events to a conversation.
pub(crate) fn wake_advanced(app: &App, id: ConversationId, advance: Advance) {
    app.inner.jobs.advanced(id, advance);
}

/// A conversation may have events that nobody followed up.
pub(crate) fn wake_unsure(app: &App, id: ConversationId) {
    app.inner.jobs.ask(Work::Advanced(id));
}

#[expect(clippy::infinite_loop, reason = "it runs as long as the node does")]
async fn run_jobs(app: App) {
    let mut memory = round::Memory::default();
    loop {
        let taken = app.inner.jobs.next_round().await;
        let began = Instant::now();
        run_round(&app, &mut memory, taken).await;
        let rest = began.elapsed().saturating_mul(REST_PER_ROUND).min(REST_MAX);
        if rest >= REST_MIN {
            app.inner.jobs.rest(rest).await;
        }
    }
}

async fn run_round(app: &App, memory: &mut round::Memory, taken: Vec<Taken>) {
    let asked: Vec<_> = taken.iter().map(|taken| (taken.work, taken.asked)).collect();
    // A panic costs this round and not its runner.
    let outcomes = match AssertUnwindSafe(round::run(app, memory, taken)).catch_unwind().await {
        Ok(outcomes) => outcomes,
        Err(_panic) => {
            tracing::error!("a round of jobs panicked and will be tried again");
            *memory = round::Memory::default();
            vec![Outcome::Failed; asked.len()]
        }
    };
    let ended = asked.iter().zip(outcomes).map(|((work, asked), outcome)| (*work, *asked, outcome));
    let ended: Vec<_> = ended.collect();
    let failed: Vec<Work> = ended
        .iter()
        .filter(|(.., outcome)| *outcome == Outcome::Failed)
        .map(|(work, ..)| *work)
        .collect();
    app.inner.jobs.finished(ended);
    if !failed.is_empty() {
        tracing::warn!(jobs = failed.len(), "jobs failed and will be tried again");
        let later = app.clone();
        app.env().spawn("retry jobs", async move {
            later.env().sleep_ms(RETRY_MS).await;
            failed.into_iter().for_each(|work| later.inner.jobs.again(work));
        });
    }
}
