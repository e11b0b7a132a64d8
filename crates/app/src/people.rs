//! Other people: finding them, looking at them, blocking them.

use domain::account::Account;
use domain::limits::{
    BLOCKED_USERS_MAX, NAME_CHARS_MAX, SEARCH_CHARS_MIN, SEARCH_RESULTS_MAX, SEARCH_WORD_BYTES_MAX,
};
use domain::refusal::{Fault, Reason};
use domain::text::fold;
use domain::{ConversationId, Refusal, UserId};
use store::tables::{account, block, directory};
use store::{Batch, CommitError, Partition, Space};

use crate::presence::{self, Presence};
use crate::session::Actor;
use crate::{App, Failure};

/// Entries of the directory read by one search: more than the answer holds, since some are filtered out.
const ENTRIES_MAX: usize = SEARCH_RESULTS_MAX * 4;

/// People whose name or username has a word that starts with `words`, or whose whole name does.
///
/// # Errors
/// [`Fault::TooShort`] for less than [`SEARCH_CHARS_MIN`] characters, [`Fault::TooLong`], [`Fault::Malformed`].
pub async fn search(app: &App, actor: &Actor, words: &str) -> Result<Vec<Account>, Failure> {
    if words.chars().count() > NAME_CHARS_MAX {
        return Err(Refusal::field("q", Fault::TooLong).into());
    }
    let mut prefix = fold(words.trim().trim_start_matches('@'));
    prefix.truncate(prefix.floor_char_boundary(SEARCH_WORD_BYTES_MAX));
    if prefix.chars().any(char::is_control) {
        return Err(Refusal::field("q", Fault::Malformed).into());
    }
    if prefix.chars().count() < SEARCH_CHARS_MIN {
        return Err(Refusal::field("q", Fault::TooShort).into());
    }
    let mut found: Vec<Account> = Vec::new();
    for user in directory::find(app.store(), &prefix, ENTRIES_MAX).await? {
        let seen = user == actor.user || found.iter().any(|account| account.id == user);
        if seen || block::exists(app.store(), user, actor.user).await? {
            continue;
        }
        let stored = account::get(app.store(), user).await?;
        found.extend(stored.map(|(stored, _)| stored.account).filter(|account| !account.disabled));
        if found.len() >= SEARCH_RESULTS_MAX {
            break;
        }
    }
    Ok(found)
}

/// One person and what the caller may know of the presence.
///
/// # Errors
/// [`Refusal::NotFound`] if there is no such person, or the account is disabled.
pub async fn view(app: &App, actor: &Actor, user: UserId) -> Result<(Account, Presence), Failure> {
    let stored = account::get(app.store(), user).await?.map(|(stored, _)| stored.account);
    let account = stored.filter(|account| !account.disabled).ok_or(Refusal::NotFound)?;
    Ok((account, presence::of(app, actor.user, user).await?))
}

/// Blocks a person: no messages from them, and they see no presence. Blocking twice changes nothing.
///
/// # Errors
/// [`Refusal::NotFound`] if there is no such person; [`Reason::BlockLimit`].
pub async fn block(app: &App, actor: &Actor, user: UserId) -> Result<(), Failure> {
    if user == actor.user {
        return Err(Refusal::field("user_id", Fault::Unknown).into());
    }
    account::get(app.store(), user).await?.ok_or(Refusal::NotFound)?;
    let blocked = block::all(app.store(), actor.user).await?;
    if blocked.len() >= BLOCKED_USERS_MAX && !blocked.contains(&user) {
        return Err(Refusal::Conflict(Reason::BlockLimit).into());
    }
    let batch = Batch {
        writes: vec![block::put(user, app.now())],
        space: Space::Essential,
        ..Batch::new(Partition::User(actor.user))
    };
    apply(app, (actor.user, user), batch).await
}

/// Commits a change of blocks. It may be in force although its outcome is not known.
async fn apply(app: &App, (user, other): (UserId, UserId), batch: Batch) -> Result<(), Failure> {
    let committed = app.store().commit(batch).await;
    if matches!(committed, Ok(_) | Err(CommitError::Unknown)) {
        changed(app, user, other);
    }
    Ok(committed.map(drop)?)
}

/// Unblocks a person.
///
/// # Errors
/// If the store cannot be written.
pub async fn unblock(app: &App, actor: &Actor, user: UserId) -> Result<(), Failure> {
    let batch = Batch {
        writes: vec![block::remove(user)],
        space: Space::Essential,
        ..Batch::new(Partition::User(actor.user))
    };
    apply(app, (actor.user, user), batch).await
}

/// Everybody whom the caller has blocked.
///
/// # Errors
/// If the store cannot be read.
pub async fn blocked(app: &App, actor: &Actor) -> Result<Vec<Account>, Failure> {
    let mut accounts = Vec::new();
    for user in block::all(app.store(), actor.user).await? {
        accounts.extend(account::get(app.store(), user).await?.map(|(stored, _)| stored.account));
    }
    Ok(accounts)
}

/// The desk of the two must ask again how they stand to each other.
fn changed(app: &App, user: UserId, other: UserId) {
    app.inner.desks.forget(ConversationId::direct(user, other));
    app.publish(bus::Notice::UserChanged(user));
}
