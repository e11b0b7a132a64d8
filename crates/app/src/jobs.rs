//! What a commit left to do: inboxes, statistics, the directory.
//!
//! A job is a row in the same commit as its cause, so a crash loses none. Jobs are idempotent and run at least once.
//! Many changes of one subject while its job waits or runs make one more run, not many.

mod directory;
mod inbox;
mod statistics;

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::{ConversationId, Seq, UserId};
use futures_util::FutureExt as _;
use parking_lot::Mutex;
use store::tables::job::{self, Work};
use store::tables::{conversation, event, statistic};
use store::{Batch, CommitError, Direction, Partition, Space};
use tokio::sync::Notify;

use crate::{App, Failure, Settled};

/// Jobs that run at the same time: they mostly wait for commits, which they share.
const RUNNERS: usize = 64;
/// Users whose lists change at the same time.
const INBOX_TURNS: usize = 256;
/// Jobs read by one step at the start.
const START_STEP_JOBS: usize = 1000;
/// When a failed job is tried again, in milliseconds.
const RETRY_MS: u64 = 1_000;
/// Events that one step of a run looks at.
const STEP_EVENTS: usize = 1000;

pub use inbox::Muted;
pub(crate) use inbox::{mark_read, set_muted};

/// The jobs that wait or run on this node.
pub(crate) struct Queue {
    state: Mutex<State>,
    work: Notify,
    done: Notify,
    inbox_turns: Vec<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    jobs: HashMap<Work, Generations>,
    waiting: VecDeque<Work>,
}

/// How often a job was asked for, up to which asking it has run, and when the oldest event it is about was told.
#[derive(Clone, Copy, Default)]
struct Generations {
    asked: u64,
    done: u64,
    oldest_tick: Option<u64>,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            work: Notify::new(),
            done: Notify::new(),
            inbox_turns: std::iter::repeat_with(Default::default).take(INBOX_TURNS).collect(),
        }
    }

    /// Changes of one user's list take turns on a node. The check of the version keeps them safe; this keeps them from
    /// trying in vain.
    async fn inbox_turn(&self, user: UserId) -> tokio::sync::MutexGuard<'_, ()> {
        let [.., last] = user.to_bytes();
        let turn = self.inbox_turns.get(usize::from(last) % INBOX_TURNS);
        turn.expect("the index is below the number of turns").lock().await
    }

    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().jobs.len()
    }

    fn ask(&self, work: Work, tick: u64) {
        let mut state = self.state.lock();
        let generations = state.jobs.entry(work).or_default();
        generations.asked += 1;
        generations.oldest_tick =
            Some(generations.oldest_tick.map_or(tick, |oldest| oldest.min(tick)));
        let is_new = generations.asked == 1;
        if is_new {
            state.waiting.push_back(work);
            drop(state);
            self.work.notify_one();
        }
    }

    /// A failed job is due again.
    fn again(&self, work: Work, tick: u64) {
        let mut state = self.state.lock();
        let generations = state.jobs.entry(work).or_default();
        generations.asked += 1;
        generations.oldest_tick =
            Some(generations.oldest_tick.map_or(tick, |oldest| oldest.min(tick)));
        state.waiting.push_back(work);
        drop(state);
        self.work.notify_one();
    }

    async fn next(&self) -> (Work, u64, u64) {
        loop {
            let woken = self.work.notified();
            {
                let mut state = self.state.lock();
                if let Some(work) = state.waiting.pop_front() {
                    let more = !state.waiting.is_empty();
                    let generations = state.jobs.entry(work).or_default();
                    let asked = generations.asked;
                    let tick = generations.oldest_tick.take().unwrap_or_default();
                    drop(state);
                    if more {
                        self.work.notify_one();
                    }
                    return (work, asked, tick);
                }
            }
            woken.await;
        }
    }

    fn finished(&self, work: Work, ran_for: u64, outcome: Outcome) {
        let mut state = self.state.lock();
        if let Some(generations) = state.jobs.get_mut(&work) {
            match outcome {
                Outcome::Failed => {}
                Outcome::Done if generations.asked == ran_for => {
                    state.jobs.remove(&work);
                }
                Outcome::Done => {
                    generations.done = ran_for;
                    state.waiting.push_back(work);
                    self.work.notify_one();
                }
            }
        }
        drop(state);
        self.done.notify_waiters();
    }

    /// Waits until everything asked for before this call has run, for at most `limit_ms`.
    pub(crate) async fn settled(&self, limit_ms: u64) -> Settled {
        let wanted: Vec<(Work, u64)> = self
            .state
            .lock()
            .jobs
            .iter()
            .map(|(work, generations)| (*work, generations.asked))
            .collect();
        let all_done = async {
            loop {
                let done = self.done.notified();
                let waits = {
                    let state = self.state.lock();
                    wanted.iter().any(|(work, asked)| {
                        state.jobs.get(work).is_some_and(|now| now.done < *asked)
                    })
                };
                if !waits {
                    return;
                }
                done.await;
            }
        };
        match tokio::time::timeout(Duration::from_millis(limit_ms), all_done).await {
            Ok(()) => Settled::Yes,
            Err(_elapsed) => Settled::No,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy)]
enum Outcome {
    /// What was asked for is done.
    Done,
    /// It will be tried again; until then it counts as waiting.
    Failed,
}

/// Starts the runners, and takes up what an earlier run of the process left.
pub(crate) async fn start(app: &App) -> Result<(), Failure> {
    let mut after = None;
    while !domain::planted!(InboxLostAtCrash) {
        let found = job::pending(app.store(), after, START_STEP_JOBS).await?;
        found.iter().for_each(|pending| wake(app, pending.work, 0));
        match found.last() {
            Some(last) => after = Some(last.work),
            None => break,
        }
    }
    for _ in 0..RUNNERS {
        app.env().spawn("job runner", run_jobs(app.clone()));
    }
    Ok(())
}

/// A commit left this to do. `tick` is when its event was told.
pub(crate) fn wake(app: &App, work: Work, tick: u64) {
    app.inner.jobs.ask(work, tick);
}

#[expect(clippy::infinite_loop, reason = "it runs as long as the node does")]
async fn run_jobs(app: App) {
    loop {
        let (work, asked, tick) = app.inner.jobs.next().await;
        // A panic costs this job and not its runner.
        let outcome = match AssertUnwindSafe(run(&app, work, tick)).catch_unwind().await {
            Ok(Ok(())) => Outcome::Done,
            Ok(Err(failure)) => {
                tracing::warn!(?failure, "a job failed and will be tried again");
                Outcome::Failed
            }
            Err(_panic) => {
                tracing::error!("a job panicked and will be tried again");
                Outcome::Failed
            }
        };
        app.inner.jobs.finished(work, asked, outcome);
        if matches!(outcome, Outcome::Failed) {
            let later = app.clone();
            app.env().spawn("retry a job", async move {
                later.env().sleep_ms(RETRY_MS).await;
                later.inner.jobs.again(work, tick);
            });
        }
    }
}

async fn run(app: &App, work: Work, tick: u64) -> Result<(), Failure> {
    let Some(pending) = job::get(app.store(), work).await? else {
        return Ok(());
    };
    if domain::planted!(JobRemovedEarly) {
        app.store().commit(job::finish(&pending)).await?;
    }
    match work {
        Work::Advanced(id) => follow_up(app, id, tick).await?,
        Work::Profile(user) => directory::update(app, user).await?,
    }
    match app.store().commit(job::finish(&pending)).await {
        Ok(_) => Ok(()),
        Err(CommitError::Conflict) => {
            wake(app, work, tick);
            Ok(())
        }
        Err(error @ (CommitError::Unknown | CommitError::Full | CommitError::Busy)) => {
            Err(error.into())
        }
    }
}

/// Brings inboxes and statistics from where the last run ended up to the head.
async fn follow_up(app: &App, id: ConversationId, tick: u64) -> Result<(), Failure> {
    let mut through = statistic::counted(app.store(), id).await?;
    let Some((head, ..)) = conversation::head(app.store(), id).await? else {
        return Ok(());
    };
    while through < head {
        let range = (through.next(), Seq::new(u64::MAX));
        let events = event::scan(app.store(), id, range, (Direction::Forward, STEP_EVENTS)).await?;
        let Some(last) = events.last() else { break };
        statistics::count(app, id, &events).await?;
        inbox::update(app, id, (&events, tick)).await?;
        through = last.seq;
        let batch = Batch {
            writes: vec![statistic::put_counted(through)],
            space: Space::Essential,
            ..Batch::new(Partition::Conversation(id))
        };
        app.store().commit(batch).await?;
    }
    Ok(())
}
