//! The jobs that wait or run on this node, and what is known about them without reading a log.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use domain::{ConversationId, Seq, UserId};
use parking_lot::Mutex;
use store::Version;
use store::tables::job::Work;
use tokio::sync::Notify;

use super::{Advance, News};
use crate::Settled;

/// Jobs of one round.
const ROUND_JOBS_MAX: usize = 1024;
/// Users whose lists change at the same time.
const INBOX_TURNS: usize = 256;

/// The jobs that wait or run on this node.
pub(crate) struct Queue {
    state: Mutex<State>,
    work: Notify,
    done: Notify,
    hurry: Notify,
    inbox_turns: Vec<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    jobs: HashMap<Work, Entry>,
    waiting: VecDeque<Work>,
}

/// How often a job was asked for, up to which asking it has run, and what it is about.
#[derive(Default)]
struct Entry {
    asked: u64,
    done: u64,
    /// When the oldest event since the last run was told.
    oldest_tick: Option<u64>,
    gathered: Gathered,
    /// The last event that the present run is about.
    running_through: Option<Seq>,
}

/// What came since the last run began.
#[derive(Default)]
enum Gathered {
    #[default]
    Nothing,
    /// Everything that the job is about, and the version of its row.
    Whole(News, Version),
    /// More than is known here: the log has to be read.
    Unsure,
}

/// A job that begins to run.
pub(super) struct Taken {
    pub(super) work: Work,
    pub(super) asked: u64,
    pub(super) tick: u64,
    /// What it is about, and the version of its row. Without it the log has to be read.
    pub(super) news: Option<(News, Version)>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// What was asked for is done.
    Done,
    /// What was asked for is done, but the row says that more came.
    Renewed,
    /// It will be tried again; until then it counts as waiting.
    Failed,
}

impl Entry {
    fn asked_at(&mut self, tick: u64) {
        self.asked += 1;
        self.oldest_tick = Some(self.oldest_tick.map_or(tick, |oldest| oldest.min(tick)));
    }

    /// Takes news in. They are whole if they begin where everything else is done, running, or gathered.
    fn gather(&mut self, advance: Advance) {
        let Advance { from, version, news, .. } = advance;
        let first = news.first;
        let running = self.running_through.is_some_and(|through| through.next() == first);
        self.gathered = match (std::mem::take(&mut self.gathered), version) {
            (Gathered::Nothing, Some(version)) if from == first || running => {
                Gathered::Whole(news, version)
            }
            (Gathered::Whole(mut have, _), Some(version)) if have.last.seq.next() == first => {
                have.append(news);
                Gathered::Whole(have, version)
            }
            (Gathered::Nothing | Gathered::Whole(..) | Gathered::Unsure, _) => Gathered::Unsure,
        };
    }
}

impl State {
    fn finish(&mut self, work: Work, ran_for: u64, outcome: Outcome) {
        let Some(entry) = self.jobs.get_mut(&work) else {
            return;
        };
        entry.running_through = None;
        match outcome {
            // What came meanwhile is not whole without what this run was about.
            Outcome::Failed => entry.gathered = Gathered::Unsure,
            Outcome::Done if entry.asked == ran_for => {
                self.jobs.remove(&work);
            }
            Outcome::Renewed if entry.asked == ran_for => {
                entry.gathered = Gathered::Unsure;
                self.waiting.push_back(work);
            }
            Outcome::Done | Outcome::Renewed => {
                entry.done = ran_for;
                self.waiting.push_back(work);
            }
        }
    }
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            work: Notify::new(),
            done: Notify::new(),
            hurry: Notify::new(),
            inbox_turns: std::iter::repeat_with(Default::default).take(INBOX_TURNS).collect(),
        }
    }

    /// Changes of one user's list take turns on a node. The check of the version keeps them safe; this keeps them from
    /// trying in vain.
    pub(super) async fn inbox_turn(&self, user: UserId) -> tokio::sync::MutexGuard<'_, ()> {
        let [.., last] = user.to_bytes();
        let turn = self.inbox_turns.get(usize::from(last) % INBOX_TURNS);
        turn.expect("the index is below the number of turns").lock().await
    }

    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().jobs.len()
    }

    /// Whether a job waits or runs.
    pub(super) fn has(&self, work: Work) -> bool {
        self.state.lock().jobs.contains_key(&work)
    }

    /// A job whose row says all that is known about it.
    pub(super) fn ask(&self, work: Work) {
        self.change(work, |entry| {
            entry.asked_at(0);
            entry.gathered = Gathered::Unsure;
            entry.asked == 1
        });
    }

    pub(super) fn advanced(&self, id: ConversationId, advance: Advance) {
        self.change(Work::Advanced(id), |entry| {
            entry.asked_at(advance.tick);
            entry.gather(advance);
            entry.asked == 1
        });
    }

    /// A failed job is due again.
    pub(super) fn again(&self, work: Work) {
        self.change(work, |entry| {
            entry.asked_at(0);
            entry.gathered = Gathered::Unsure;
            true
        });
    }

    /// Changes what is known of a job. The change tells whether the job has to be put in line.
    fn change(&self, work: Work, change: impl FnOnce(&mut Entry) -> bool) {
        let mut state = self.state.lock();
        if change(state.jobs.entry(work).or_default()) {
            state.waiting.push_back(work);
            drop(state);
            self.work.notify_one();
        }
    }

    /// Waits for jobs, and takes as many as one round may have.
    pub(super) async fn next_round(&self) -> Vec<Taken> {
        loop {
            let woken = self.work.notified();
            let taken = self.take();
            if !taken.is_empty() {
                return taken;
            }
            woken.await;
        }
    }

    fn take(&self) -> Vec<Taken> {
        let state = &mut *self.state.lock();
        let count = state.waiting.len().min(ROUND_JOBS_MAX);
        let mut taken = Vec::with_capacity(count);
        for work in state.waiting.drain(..count) {
            let entry = state.jobs.entry(work).or_default();
            let news = match std::mem::take(&mut entry.gathered) {
                Gathered::Whole(news, version) => Some((news, version)),
                Gathered::Nothing | Gathered::Unsure => None,
            };
            entry.running_through = news.as_ref().map(|(news, _)| news.last.seq);
            let tick = entry.oldest_tick.take().unwrap_or_default();
            taken.push(Taken { work, asked: entry.asked, tick, news });
        }
        if state.waiting.is_empty() {
            state.waiting.shrink_to(ROUND_JOBS_MAX);
        }
        taken
    }

    /// Whether more was asked for since a run began: then its row has been renewed.
    pub(super) fn is_renewed(&self, work: Work, asked: u64) -> bool {
        self.state.lock().jobs.get(&work).is_some_and(|entry| entry.asked != asked)
    }

    /// A round is over. Each of its jobs is named with the asking that it ran for.
    pub(super) fn finished(&self, round: impl IntoIterator<Item = (Work, u64, Outcome)>) {
        let mut state = self.state.lock();
        for (work, ran_for, outcome) in round {
            state.finish(work, ran_for, outcome);
        }
        drop(state);
        self.work.notify_one();
        self.done.notify_waiters();
    }

    /// Lets messages go first for a while, unless somebody waits for the jobs.
    pub(super) async fn rest(&self, rest: Duration) {
        // It ends early or at its time; the next round begins either way.
        drop(tokio::time::timeout(rest, self.hurry.notified()).await);
    }

    /// Waits until everything asked for before this call has run, for at most `limit_ms`.
    pub(crate) async fn settled(&self, limit_ms: u64) -> Settled {
        let wanted: Vec<(Work, u64)> =
            self.state.lock().jobs.iter().map(|(work, entry)| (*work, entry.asked)).collect();
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
                self.hurry.notify_one();
                done.await;
            }
        };
        match tokio::time::timeout(Duration::from_millis(limit_ms), all_done).await {
            Ok(()) => Settled::Yes,
            Err(_elapsed) => Settled::No,
        }
    }
}
