//! The list of conversations, one conversation with its members, and how far people have read.

use std::collections::BTreeMap;

use domain::conversation::Settings;
use domain::event::Event;
use domain::limits::{DELIVERED_MEMBERS_MAX, DIRTY_CONVERSATIONS_MAX, PAGE_CONVERSATIONS_MAX};
use domain::member::{Member, Role};
use domain::{ConversationId, ConversationKind, Receipt, Refusal, Seq, Timestamp, UserId};
use store::tables::inbox::{self, InboxRow, Summary};
use store::tables::{block, conversation as table, cursor, event, preference};

use crate::receipt::{self, Advanced};
use crate::session::Actor;
use crate::{App, Failure, Settled, jobs, message};

pub use crate::jobs::Muted;

/// How long a list waits for what was sent just before, in milliseconds; a list that lags a moment is still good.
const SETTLE_MS_MAX: u64 = 250;

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What the list knows.
    pub row: InboxRow,
    /// Settings of a group.
    pub settings: Option<Settings>,
    /// The other person of a direct conversation.
    pub peer: Option<UserId>,
    /// How many belong to it.
    pub members: usize,
    /// The caller's role.
    pub role: Role,
    /// The last event, with the message that it changes.
    pub last_event: Option<(Event, Option<Event>)>,
}

/// A place in the list: the next page begins after it.
pub type Cursor = (Timestamp, ConversationId);

/// One conversation with its members.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The line of the list.
    pub entry: Entry,
    /// Who belongs to it.
    pub members: Vec<(UserId, Member)>,
    /// How far each has got, of those who let others see it.
    pub positions: BTreeMap<UserId, Positions>,
}

/// How far a member has got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    /// Everything up to here was read.
    pub read: Option<Seq>,
    /// Everything up to here has reached a device. Not kept in large conversations.
    pub delivered: Option<Seq>,
}

/// The caller's conversations, latest activity first, and where the next page begins.
///
/// # Errors
/// If the store cannot be read.
pub async fn list(
    app: &App,
    actor: &Actor,
    (before, limit): (Option<Cursor>, usize),
) -> Result<(Vec<Entry>, Option<Cursor>), Failure> {
    catch_up(app).await;
    let limit = limit.clamp(1, PAGE_CONVERSATIONS_MAX);
    let (rows, more) = inbox::by_activity(app.store(), actor.user, before, limit).await?;
    let next = rows.last().filter(|_| more).map(|last| (last.active_at, last.conversation));
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        entries.extend(entry(app, actor.user, row).await?);
    }
    Ok((entries, next))
}

async fn catch_up(app: &App) {
    if app.settle(SETTLE_MS_MAX).await == Settled::No {
        tracing::debug!("a list was read while jobs were behind");
    }
}

async fn entry(app: &App, user: UserId, row: InboxRow) -> Result<Option<Entry>, Failure> {
    let id = row.conversation;
    let last_event = match event::get(app.store(), id, row.head).await? {
        Some(event) => {
            let target = message::target_of(app, id, &event).await?;
            Some((event, target))
        }
        None => None,
    };
    let settings = table::settings(app.store(), id).await?;
    // After what was read: the log goes on without whoever leaves meanwhile.
    let members = table::members(app.store(), id).await?;
    let Some((_, member)) = members.iter().find(|(member, _)| *member == user) else {
        return Ok(None);
    };
    let is_visible = |event: &Event| event.seq >= member.visible_from;
    let last_event = last_event
        .filter(|(event, _)| is_visible(event))
        .map(|(event, target)| (event, target.filter(is_visible)));
    let peer = match id.kind() {
        ConversationKind::Direct => {
            members.iter().map(|(member, _)| *member).find(|other| *other != user).or(Some(user))
        }
        ConversationKind::Group => None,
    };
    Ok(Some(Entry { row, settings, peer, members: members.len(), role: member.role, last_event }))
}

/// One conversation of the caller.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers.
pub async fn get(app: &App, actor: &Actor, id: ConversationId) -> Result<Detail, Failure> {
    catch_up(app).await;
    let member = message::membership(app, actor.user, id).await?;
    let row = inbox::get(app.store(), actor.user, id).await?.unwrap_or_else(|| InboxRow::new(id));
    let entry = entry(app, actor.user, row).await?.ok_or(Refusal::NotFound)?;
    let members = table::members(app.store(), id).await?;
    let positions = positions(app, actor.user, id, &members).await?;
    message::still_member(app, actor.user, id, &member).await?;
    Ok(Detail { entry, members, positions })
}

/// How far the members have got, of those who let `viewer` see it.
async fn positions(
    app: &App,
    viewer: UserId,
    id: ConversationId,
    members: &[(UserId, Member)],
) -> Result<BTreeMap<UserId, Positions>, Failure> {
    let read = cursor::all(app.store(), id, Receipt::Read).await?;
    let is_small = members.len() <= DELIVERED_MEMBERS_MAX;
    let delivered = match is_small {
        true => cursor::all(app.store(), id, Receipt::Delivered).await?,
        false => BTreeMap::new(),
    };
    let mut positions = BTreeMap::new();
    for (member, _) in members {
        let (preferences, _) = preference::get(app.store(), *member).await?;
        let hidden = !preferences.privacy.send_read_receipts
            || block::exists(app.store(), *member, viewer).await?;
        if *member == viewer || !hidden {
            let read = read.get(member).copied();
            let delivered = delivered.get(member).copied().max(read).filter(|_| is_small);
            positions.insert(*member, Positions { read, delivered });
        }
    }
    Ok(positions)
}

/// The caller has read up to `seq`. Positions only grow and never pass the head. Returns where it stands now.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers.
pub async fn read(app: &App, user: UserId, id: ConversationId, seq: Seq) -> Result<Seq, Failure> {
    message::membership(app, user, id).await?;
    let whose = (user, Receipt::Read);
    match receipt::advance(app, whose, (id, seq)).await? {
        Advanced::To(seq) => {
            jobs::mark_read(app, user, id, seq).await?;
            receipt::tell(app, whose, (id, seq)).await?;
            Ok(seq)
        }
        Advanced::Not(stands_at) => {
            // An earlier try may have ended between the two commits.
            jobs::mark_read(app, user, id, stands_at).await?;
            Ok(stands_at)
        }
    }
}

/// Mutes a conversation for the caller, or ends that.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers.
pub async fn mute(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    muted: Muted,
) -> Result<(), Failure> {
    message::membership(app, actor.user, id).await?;
    jobs::set_muted(app, actor.user, id, muted).await
}

/// What changed since `upos`, the latest change first, with the counter and digest of now.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The counter, and the digest of heads.
    pub summary: Summary,
    /// Conversations and their heads.
    pub heads: Vec<(ConversationId, Seq)>,
    /// Whether more changed than are named: list them over HTTP.
    pub more: bool,
}

/// What a socket that was away since `upos` has missed. Register the socket first.
///
/// # Errors
/// If the store cannot be read.
pub async fn changes(app: &App, user: UserId, upos: u64) -> Result<Changes, Failure> {
    // The counter first: it must not promise a change that came too late for the rows.
    let (mut summary, _) = inbox::summary(app.store(), user).await?;
    let (rows, more) =
        inbox::changed_since(app.store(), user, upos, DIRTY_CONVERSATIONS_MAX).await?;
    if domain::planted!(CounterReadLate) {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        (summary, _) = inbox::summary(app.store(), user).await?;
    }
    Ok(Changes {
        summary,
        heads: rows.iter().map(|row| (row.conversation, row.head)).collect(),
        more,
    })
}

/// The counter and digest of a user's list.
///
/// # Errors
/// If the store cannot be read.
pub async fn summary(app: &App, user: UserId) -> Result<Summary, Failure> {
    Ok(inbox::summary(app.store(), user).await?.0)
}
