//! Receipts: the positions of members, which only grow, and who is told of them.
//!
//! Reading is committed at once. What has been delivered comes with every message, so that it is committed and told at
//! most once a second for each member and conversation, and not at all in large ones.

use std::collections::HashMap;

use bus::Notice;
use domain::limits::{DELIVERED_MEMBERS_MAX, DELIVERED_MS, DELIVERED_WAITING_MAX};
use domain::{ConversationId, Receipt, Refusal, Seq, UserId};
use parking_lot::Mutex;
use store::tables::{conversation as table, cursor, preference};
use store::{Batch, Check, CommitError, Partition, Space};

use crate::live::Item;
use crate::{App, Failure, message};

/// How often a commit is tried again because another device was faster.
const ATTEMPTS_MAX: usize = 8;

/// What became of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advanced {
    /// It stands here now.
    To(Seq),
    /// It stood here already.
    Not(Seq),
}

/// Moves a position of a member forward, never beyond the head.
pub(crate) async fn advance(
    app: &App,
    (user, receipt): (UserId, Receipt),
    (id, seq): (ConversationId, Seq),
) -> Result<Advanced, Failure> {
    let (head, ..) = table::head(app.store(), id).await?.ok_or(Refusal::NotFound)?;
    let seq = seq.min(head);
    for _ in 0..ATTEMPTS_MAX {
        let present = cursor::get(app.store(), id, (user, receipt)).await?;
        let stands_at = present.map_or(Seq::ZERO, |(present, _)| present);
        if stands_at >= seq && !domain::planted!(CursorMovesBack) {
            return Ok(Advanced::Not(stands_at));
        }
        let key = cursor::cursor_key(user, receipt);
        let batch = Batch {
            checks: vec![Check::unchanged(key, present.as_ref())],
            writes: vec![cursor::put((user, receipt), seq)],
            space: Space::Essential,
            ..Batch::new(Partition::Conversation(id))
        };
        match app.store().commit(batch).await {
            Ok(_) => return Ok(Advanced::To(seq)),
            Err(CommitError::Conflict | CommitError::Unknown) => {}
            Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
        }
    }
    Err(Failure::busy())
}

/// Tells the person's own devices, and the other members unless the person does not want that.
pub(crate) async fn tell(
    app: &App,
    (user, receipt): (UserId, Receipt),
    (id, seq): (ConversationId, Seq),
) -> Result<(), Failure> {
    let item = Item::Receipt { conversation: id, user, receipt, seq };
    app.hub().tell(user, &item);
    let (preferences, _) = preference::get(app.store(), user).await?;
    if preferences.privacy.send_read_receipts {
        message::tell_members(app, id, user, &item).await?;
        app.publish(Notice::Receipt { conversation: id, user, receipt, seq });
    }
    Ok(())
}

/// Everything up to `seq` has reached a device of the member. It is kept and told within a second, as a rule at once;
/// a stop of the server in this second loses it.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers.
pub async fn delivered(
    app: &App,
    user: UserId,
    id: ConversationId,
    seq: Seq,
) -> Result<(), Failure> {
    let member = message::membership(app, user, id).await?;
    if seq >= member.visible_from && app.deliveries().begin((id, user), seq) == Begun::Yes {
        app.env().spawn("delivered", follow(app.clone(), (id, user), seq));
    }
    Ok(())
}

/// Positions that wait for the second of their member and conversation to pass.
#[derive(Debug, Default)]
pub(crate) struct Deliveries(Mutex<HashMap<(ConversationId, UserId), Seq>>);

/// Whether a second begins, or the position waits for the end of the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    Yes,
    No,
}

impl Deliveries {
    fn begin(&self, key: (ConversationId, UserId), seq: Seq) -> Begun {
        let mut waiting = self.0.lock();
        if let Some(present) = waiting.get_mut(&key) {
            *present = (*present).max(seq);
            return Begun::No;
        }
        if waiting.len() >= DELIVERED_WAITING_MAX {
            return Begun::No;
        }
        waiting.insert(key, seq);
        Begun::Yes
    }

    /// What came since `seq`; if nothing did, the second is over.
    fn after(&self, key: (ConversationId, UserId), seq: Seq) -> Option<Seq> {
        let mut waiting = self.0.lock();
        let later = waiting.get(&key).copied().filter(|later| *later > seq);
        if later.is_none() {
            waiting.remove(&key);
        }
        later
    }
}

async fn follow(app: App, (id, user): (ConversationId, UserId), first: Seq) {
    let mut next = Some(first);
    while let Some(seq) = next {
        if let Err(failure) = register(&app, user, (id, seq)).await {
            tracing::debug!(?failure, "a delivered position was not kept");
        }
        app.env().sleep_ms(DELIVERED_MS).await;
        next = app.deliveries().after((id, user), seq);
    }
}

async fn register(
    app: &App,
    user: UserId,
    (id, seq): (ConversationId, Seq),
) -> Result<(), Failure> {
    // The member may have gone while the position waited.
    message::membership(app, user, id).await?;
    let read = cursor::get(app.store(), id, (user, Receipt::Read)).await?;
    let is_read = read.is_some_and(|(read, _)| read >= seq);
    if is_read || table::has_more_members_than(app.store(), id, DELIVERED_MEMBERS_MAX).await? {
        return Ok(());
    }
    let whose = (user, Receipt::Delivered);
    if let Advanced::To(seq) = advance(app, whose, (id, seq)).await? {
        tell(app, whose, (id, seq)).await?;
    }
    Ok(())
}
