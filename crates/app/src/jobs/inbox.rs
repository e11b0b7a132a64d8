//! Each member's row for a conversation: head, unread, order.

use std::collections::BTreeMap;

use domain::event::{Event, EventBody, MemberChange};
use domain::{ConversationId, Seq, Timestamp, UserId};
use store::tables::inbox::{self as table, InboxRow, Summary};
use store::tables::{conversation, cursor, event};
use store::{Batch, CommitError, Partition, Space};

use crate::live::Item;
use crate::{App, Failure};

/// How often a commit is tried again because another node was faster.
const ATTEMPTS_MAX: usize = 8;
/// Members whose rows are written at the same time.
const MEMBERS_AT_ONCE: usize = 128;
/// What new events mean for one member.
#[derive(Clone, Copy)]
struct News {
    head: Seq,
    messages: u64,
    at: Timestamp,
    read: Option<(Seq, u64)>,
    left: bool,
    tick: u64,
}

/// Brings the rows of all members, and of those who left, up to the last of `events`.
pub(super) async fn update(
    app: &App,
    id: ConversationId,
    events: (&[Event], u64),
) -> Result<(), Failure> {
    let news = news(app, id, events).await?;
    let all: Vec<(UserId, News)> = news.into_iter().collect();
    for some in all.chunks(MEMBERS_AT_ONCE) {
        let mut running = tokio::task::JoinSet::new();
        for (user, news) in some.iter().copied() {
            let app = app.clone();
            running.spawn(async move { update_one(&app, user, id, news).await });
        }
        // A damaged row of one member, which was reported, keeps nobody else from being up to date.
        let outcomes = running.join_all().await;
        let undone =
            |outcome: &Result<(), Failure>| !matches!(outcome, Ok(()) | Err(Failure::Damaged));
        if domain::planted!(InboxForgetsFailures) {
            continue;
        }
        if let Some(failure) = outcomes.into_iter().find(undone) {
            return failure;
        }
    }
    Ok(())
}

async fn news(
    app: &App,
    id: ConversationId,
    (events, tick): (&[Event], u64),
) -> Result<BTreeMap<UserId, News>, Failure> {
    let Some(last) = events.last() else {
        return Ok(BTreeMap::new());
    };
    let members = conversation::members(app.store(), id).await?;
    let up_to = |event: &Event| News {
        head: event.seq,
        messages: event.messages,
        at: event.at,
        read: None,
        left: false,
        tick,
    };
    let mut news: BTreeMap<UserId, News> =
        members.iter().map(|(user, _)| (*user, up_to(last))).collect();
    for event in events {
        let read = Some((event.seq, event.messages));
        match event.body {
            EventBody::Message(_) => {
                news.entry(event.sender).and_modify(|news| news.read = read);
            }
            EventBody::Member { user, change: MemberChange::Added(_) } => {
                news.entry(user).and_modify(|news| news.read = read);
            }
            EventBody::Member { user, change: MemberChange::Removed | MemberChange::Left } => {
                if !members.iter().any(|(member, _)| *member == user) {
                    news.insert(user, News { left: true, read, ..up_to(event) });
                }
            }
            EventBody::Member { change: MemberChange::Role(_), .. }
            | EventBody::Edit { .. }
            | EventBody::Delete { .. }
            | EventBody::Reaction { .. }
            | EventBody::Settings(_) => {}
        }
    }
    Ok(news)
}

async fn update_one(
    app: &App,
    user: UserId,
    id: ConversationId,
    news: News,
) -> Result<(), Failure> {
    change(app, user, id, |old| {
        let mut row = InboxRow {
            head: old.head.max(news.head),
            messages: match domain::planted!(UnreadNotCounted) && old.muted {
                true => old.messages,
                false => old.messages.max(news.messages),
            },
            active_at: old.active_at.max(news.at),
            left: news.left,
            ..old
        };
        if let Some((seq, messages)) = news.read
            && seq > row.read_seq
        {
            row.read_seq = seq;
            row.read_messages = messages;
        }
        row
    })
    .await?;
    // After the row is there: a position that came meanwhile found none to count in.
    let read_seq =
        cursor::get(app.store(), id, user).await?.map(|(seq, _)| seq).unwrap_or_default();
    if read_seq > Seq::ZERO {
        mark_read(app, user, id, read_seq).await?;
    }
    tell_whom_the_events_missed(app, user, id, news);
    Ok(())
}

/// A socket that registered after an event was told, but read the inbox before this row was written, lacks both.
fn tell_whom_the_events_missed(app: &App, user: UserId, id: ConversationId, news: News) {
    for outbox in app.hub().outboxes(user) {
        if outbox.may_lack(news.tick) && !domain::planted!(RegisterLate) {
            outbox.push(Item::Dirty(vec![(id, news.head)]));
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
    change(app, user, id, |row| {
        if seq <= row.read_seq || row.upos == 0 {
            return row;
        }
        InboxRow { read_seq: seq, read_messages: read.messages, ..row }
    })
    .await
}

/// A user wants notice of a conversation, or does not.
pub(crate) async fn set_muted(
    app: &App,
    user: UserId,
    id: ConversationId,
    muted: Muted,
) -> Result<(), Failure> {
    change(app, user, id, |row| InboxRow { muted: muted == Muted::Yes, ..row }).await
}

/// Whether a user wants no notice of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Muted {
    /// No notice.
    Yes,
    /// As the preferences say.
    No,
}

/// Changes a row, its two orders, and the user's counter and digest, in one commit.
async fn change(
    app: &App,
    user: UserId,
    id: ConversationId,
    change: impl Fn(InboxRow) -> InboxRow,
) -> Result<(), Failure> {
    let _turn = app.inner.jobs.inbox_turn(user).await;
    for _ in 0..ATTEMPTS_MAX {
        let (summary, version) = table::summary(app.store(), user).await?;
        let old = table::get(app.store(), user, id).await?;
        let before = old.unwrap_or_else(|| InboxRow::new(id));
        let after = change(before);
        if after == before {
            return Ok(());
        }
        let upos = summary.upos + 1;
        let row = InboxRow { upos, ..after };
        let digest = summary.digest ^ part(old.as_ref()) ^ part(Some(&row));
        let mut writes = table::replace(old.as_ref(), &row);
        writes.push(table::put_summary(Summary { upos, digest }));
        let batch = Batch {
            checks: vec![table::unchanged(version)],
            writes,
            space: Space::Essential,
            ..Batch::new(Partition::User(user))
        };
        match app.store().commit(batch).await {
            Ok(_) => return Ok(()),
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
