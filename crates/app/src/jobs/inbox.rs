//! Each member's row for a conversation: head, unread, order.

use std::collections::BTreeMap;

use domain::{ConversationId, Receipt, Seq, Timestamp, UserId};
use futures_util::StreamExt as _;
use futures_util::stream;
use store::tables::inbox::{self as table, InboxRow};
use store::tables::{cursor, event};
use store::{Batch, CommitError, Partition, Space};

use super::News;
use super::queue::Outcome;
use super::round::Running;
use crate::live::Item;
use crate::{App, Failure};

/// How often a commit is tried again because another node was faster.
const ATTEMPTS_MAX: usize = 8;
/// Members whose rows are written at the same time.
const MEMBERS_AT_ONCE: usize = 256;
/// Rows that one commit changes.
const ROWS_AT_ONCE: usize = 256;

/// What new events of one conversation mean for one member.
#[derive(Clone, Copy)]
struct ForMember {
    /// Which job of the round.
    job: usize,
    id: ConversationId,
    head: Seq,
    messages: u64,
    at: Timestamp,
    read: Option<(Seq, u64)>,
    left: bool,
    tick: u64,
}

/// Brings the rows of all members, and of those who left, up to the news.
pub(super) async fn update(app: &App, running: &mut [Running]) {
    let mut users: BTreeMap<UserId, Vec<ForMember>> = BTreeMap::new();
    for (job, running) in running.iter().enumerate() {
        if let Some((id, news)) = running.advanced() {
            for_members((job, id, running.tick), news, &running.members, &mut users);
        }
    }
    let updates = users.into_iter().map(async |(user, news)| {
        let outcome = update_one(app, user, &news).await;
        (news, outcome)
    });
    let mut updates = stream::iter(updates).buffer_unordered(MEMBERS_AT_ONCE);
    while let Some((news, outcome)) = updates.next().await {
        // A damaged row of one member, which was reported, keeps nobody else from being up to date.
        let undone = !matches!(outcome, Ok(()) | Err(Failure::Damaged));
        if undone && !domain::planted!(InboxForgetsFailures) {
            for news in news {
                if let Some(running) = running.get_mut(news.job) {
                    running.outcome = Outcome::Failed;
                }
            }
        }
    }
}

fn for_members(
    (job, id, tick): (usize, ConversationId, u64),
    news: &News,
    members: &[UserId],
    users: &mut BTreeMap<UserId, Vec<ForMember>>,
) {
    let last = news.last;
    let up_to_last = ForMember {
        job,
        id,
        head: last.seq,
        messages: last.messages,
        at: last.at,
        read: None,
        left: false,
        tick,
    };
    for user in members {
        let read = news.read.iter().find(|(reader, _)| reader == user);
        let read = read.map(|(_, mark)| (mark.seq, mark.messages));
        users.entry(*user).or_default().push(ForMember { read, ..up_to_last });
    }
    for (index, (user, mark)) in news.gone.iter().enumerate() {
        let went_again = news.gone.iter().skip(index + 1).any(|(later, _)| later == user);
        if !went_again && !members.contains(user) {
            users.entry(*user).or_default().push(ForMember {
                head: mark.seq,
                messages: mark.messages,
                at: mark.at,
                read: Some((mark.seq, mark.messages)),
                left: true,
                ..up_to_last
            });
        }
    }
}

impl ForMember {
    fn apply(&self, old: InboxRow) -> InboxRow {
        let mut row = InboxRow {
            head: old.head.max(self.head),
            messages: match domain::planted!(UnreadNotCounted) && old.muted {
                true => old.messages,
                false => old.messages.max(self.messages),
            },
            active_at: old.active_at.max(self.at),
            left: self.left,
            ..old
        };
        if let Some((seq, messages)) = self.read
            && seq > row.read_seq
        {
            row.read_seq = seq;
            row.read_messages = messages;
        }
        row
    }
}

async fn update_one(app: &App, user: UserId, news: &[ForMember]) -> Result<(), Failure> {
    for some in news.chunks(ROWS_AT_ONCE) {
        let ids: Vec<ConversationId> = some.iter().map(|news| news.id).collect();
        let new = change(app, user, &ids, |index, row| {
            some.get(index).map_or(row, |news| news.apply(row))
        })
        .await?;
        for id in new {
            // After the row is there: a position that came before found none to count in.
            let read =
                cursor::get(app.store(), id, (user, Receipt::Read)).await?.map(|(seq, _)| seq);
            if let Some(read) = read.filter(|seq| *seq > Seq::ZERO) {
                mark_read(app, user, id, read).await?;
            }
        }
        some.iter().for_each(|news| tell_whom_the_events_missed(app, user, news));
    }
    Ok(())
}

/// A socket that registered after an event was told, but read the inbox before this row was written, lacks both.
fn tell_whom_the_events_missed(app: &App, user: UserId, news: &ForMember) {
    if !app.hub().joined_since(news.tick) {
        return;
    }
    for outbox in app.hub().outboxes(user) {
        if outbox.may_lack(news.tick) && !domain::planted!(RegisterLate) {
            outbox.push(Item::Dirty(vec![(news.id, news.head)]));
        }
    }
}

/// A user has read up to `seq`: counts again what is unread. A position never goes back.
pub(crate) async fn mark_read(
    app: &App,
    user: UserId,
    id: ConversationId,
    seq: Seq,
) -> Result<(), Failure> {
    let Some(read) = event::get(app.store(), id, seq).await? else {
        return Ok(());
    };
    change(app, user, &[id], |_, row| {
        if seq <= row.read_seq || row.upos == 0 {
            return row;
        }
        InboxRow { read_seq: seq, read_messages: read.messages, ..row }
    })
    .await
    .map(drop)
}

/// A user wants notice of a conversation, or does not.
pub(crate) async fn set_muted(
    app: &App,
    user: UserId,
    id: ConversationId,
    muted: Muted,
) -> Result<(), Failure> {
    let muted = muted == Muted::Yes;
    change(app, user, &[id], |_, row| InboxRow { muted, ..row }).await.map(drop)
}

/// Whether a user wants no notice of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Muted {
    /// No notice.
    Yes,
    /// As the preferences say.
    No,
}

/// Changes rows, their orders, and the user's counter and digest, in one commit. Tells which rows are new.
async fn change(
    app: &App,
    user: UserId,
    ids: &[ConversationId],
    change: impl Fn(usize, InboxRow) -> InboxRow,
) -> Result<Vec<ConversationId>, Failure> {
    let _turn = app.inner.jobs.inbox_turn(user).await;
    // A row stays new when an answer is lost: the next attempt may find it written.
    let mut new = Vec::new();
    for _ in 0..ATTEMPTS_MAX {
        let (mut summary, version) = table::summary(app.store(), user).await?;
        let mut writes = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            let old = table::get(app.store(), user, *id).await?;
            let before = old.unwrap_or_else(|| InboxRow::new(*id));
            let after = change(index, before);
            if after == before {
                continue;
            }
            summary.upos += 1;
            let row = InboxRow { upos: summary.upos, ..after };
            summary.digest ^= part(old.as_ref()) ^ part(Some(&row));
            writes.extend(table::replace(old.as_ref(), &row));
            if old.is_none() && !new.contains(id) {
                new.push(*id);
            }
        }
        if writes.is_empty() {
            return Ok(new);
        }
        writes.push(table::put_summary(summary));
        let batch = Batch {
            checks: vec![table::unchanged(version)],
            writes,
            space: Space::Essential,
            ..Batch::new(Partition::User(user))
        };
        match app.store().commit(batch).await {
            Ok(_) => return Ok(new),
            Err(CommitError::Conflict | CommitError::Unknown) => {}
            Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
        }
    }
    Err(Failure::busy())
}

/// What a row adds to the digest.
fn part(row: Option<&InboxRow>) -> u64 {
    row.filter(|row| !row.left).map_or(0, |row| table::head_hash(row.conversation, row.head))
}
