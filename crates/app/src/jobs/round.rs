//! One round: what all its jobs have in common is written together.

use std::collections::{HashMap, HashSet};

use domain::time::Day;
use domain::{ConversationId, ConversationKind, UserId};
use store::tables::conversation;
use store::tables::job::{self, Work};
use store::tables::statistic::Count;
use store::{CommitError, Version};

use super::queue::{Outcome, Taken};
use super::{News, directory, inbox, statistics};
use crate::{App, Failure};

/// Conversations whose members and counts are remembered between rounds.
const REMEMBERED_MAX: usize = 16 * 1024;
/// Writers of a day that are remembered between rounds.
const WRITERS_MAX: usize = 64 * 1024;
/// Jobs that one commit removes.
const FINISHED_AT_ONCE: usize = 256;

/// What a runner remembers between rounds, so that it need not be read again. All of it may be forgotten.
#[derive(Default)]
pub(super) struct Memory {
    /// The members of direct conversations, who never change.
    pairs: HashMap<ConversationId, Vec<UserId>>,
    pub(super) counts: HashMap<(Day, ConversationId), (Count, Option<Version>)>,
    pub(super) writers: HashSet<(Day, UserId)>,
}

impl Memory {
    fn forget_if_large(&mut self) {
        if self.pairs.len() > REMEMBERED_MAX {
            self.pairs = HashMap::new();
        }
        if self.counts.len() > REMEMBERED_MAX {
            self.counts = HashMap::new();
        }
        if self.writers.len() > WRITERS_MAX {
            self.writers = HashSet::new();
        }
    }

    async fn members(&mut self, app: &App, id: ConversationId) -> Result<Vec<UserId>, Failure> {
        if let Some(known) = self.pairs.get(&id) {
            return Ok(known.clone());
        }
        let found = conversation::members(app.store(), id).await?;
        let members: Vec<UserId> = found.into_iter().map(|(user, _)| user).collect();
        if id.kind() == ConversationKind::Direct && !members.is_empty() {
            self.pairs.insert(id, members.clone());
        }
        Ok(members)
    }
}

/// A job of this round.
pub(super) struct Running {
    work: Work,
    asked: u64,
    pub(super) tick: u64,
    version: Option<Version>,
    /// What a conversation's job is about.
    pub(super) news: Option<News>,
    pub(super) members: Vec<UserId>,
    pub(super) outcome: Outcome,
}

impl Running {
    /// The conversation that has news, unless its job failed already.
    pub(super) const fn advanced(&self) -> Option<(ConversationId, &News)> {
        match (self.work, &self.news, self.outcome) {
            (Work::Advanced(id), Some(news), Outcome::Done) => Some((id, news)),
            (Work::Advanced(_) | Work::Profile(_), ..) => None,
        }
    }
}

/// Runs these jobs and tells how each ended, in their order.
pub(super) async fn run(app: &App, memory: &mut Memory, taken: Vec<Taken>) -> Vec<Outcome> {
    memory.forget_if_large();
    let mut running = Vec::with_capacity(taken.len());
    for taken in taken {
        running.push(begin(app, memory, taken).await);
    }
    inbox::update(app, &mut running).await;
    statistics::count(app, memory, &mut running).await;
    finish(app, &mut running).await;
    running.into_iter().map(|running| running.outcome).collect()
}

/// Finds out what a job is about. What concerns one person only is done at once.
async fn begin(app: &App, memory: &mut Memory, taken: Taken) -> Running {
    let Taken { work, asked, tick, news } = taken;
    let (news, version) = news.unzip();
    let mut running =
        Running { work, asked, tick, version, news, members: Vec::new(), outcome: Outcome::Done };
    if let Err(failure) = prepare(app, memory, &mut running).await {
        tracing::warn!(?failure, "a job failed");
        running.outcome = Outcome::Failed;
    }
    running
}

async fn prepare(app: &App, memory: &mut Memory, running: &mut Running) -> Result<(), Failure> {
    if running.version.is_none() {
        let Some(pending) = job::get(app.store(), running.work).await? else {
            return Ok(());
        };
        running.version = Some(pending.version);
        // The log may hold what nobody was told, since its commit had no answer.
        running.tick = 0;
        match running.work {
            Work::Advanced(id) => running.news = News::read(app.store(), id, pending.from).await?,
            Work::Profile(user) => directory::update(app, user).await?,
        }
    }
    if let (Some(version), true) = (running.version, domain::planted!(JobRemovedEarly)) {
        app.store().commit(job::finish(&[(running.work, version)])).await?;
    }
    if let Some((id, _)) = running.advanced() {
        running.members = memory.members(app, id).await?;
    }
    Ok(())
}

/// Removes the rows of what is done and was not asked for again.
async fn finish(app: &App, running: &mut [Running]) {
    let mut done: Vec<(&mut Running, Version)> = Vec::with_capacity(running.len());
    for running in running.iter_mut() {
        if running.outcome != Outcome::Done {
            continue;
        }
        if let Some((id, news)) = running.advanced() {
            app.hub().followed_up(id, news.last.seq);
        }
        let renewed = app.inner.jobs.is_renewed(running.work, running.asked);
        if let (Some(version), false) = (running.version, renewed) {
            done.push((running, version));
        }
    }
    for some in done.chunks_mut(FINISHED_AT_ONCE) {
        let rows: Vec<_> = some.iter().map(|(running, version)| (running.work, *version)).collect();
        match app.store().commit(job::finish(&rows)).await {
            Ok(_) => {}
            Err(CommitError::Conflict) => finish_each(app, some).await,
            Err(CommitError::Unknown | CommitError::Full | CommitError::Busy) => {
                some.iter_mut().for_each(|(running, _)| running.outcome = Outcome::Failed);
            }
        }
    }
}

/// One of several jobs was renewed: the others are finished alone.
async fn finish_each(app: &App, done: &mut [(&mut Running, Version)]) {
    for (running, version) in done {
        running.outcome = match app.store().commit(job::finish(&[(running.work, *version)])).await {
            Ok(_) => Outcome::Done,
            Err(CommitError::Conflict) => Outcome::Renewed,
            Err(CommitError::Unknown | CommitError::Full | CommitError::Busy) => Outcome::Failed,
        };
    }
}
