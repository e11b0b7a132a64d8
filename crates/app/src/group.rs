//! Groups: found, change who belongs, change settings.

use bus::Notice;
use domain::conversation::{Conversation, Settings, Standing, found};
use domain::event::SettingsChange;
use domain::limits::GROUP_MEMBERS_MAX;
use domain::member::Role;
use domain::refusal::{Fault, Reason};
use domain::text::Fingerprint;
use domain::{ClientMessageId, ConversationId, Refusal, UserId};
use sha2::{Digest, Sha256};
use store::tables::{conversation, event, job};
use store::{Batch, Check, CommitError, Partition};

use crate::desk::{self, Action, standing};
use crate::jobs::{self, Advance, News};
use crate::session::Actor;
use crate::{App, Failure, message};

/// A group to found.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// Its settings.
    pub settings: Settings,
    /// Who belongs to it beside the founder.
    pub participants: Vec<UserId>,
    /// The founder's own id of this request: a retry gives the same group.
    pub idempotency_key: Option<ClientMessageId>,
}

/// Founds a group. Its events, members and job are one commit.
///
/// # Errors
/// A participant who does not exist or does not accept the founder; too many participants; an idempotency key that
/// was used for another group.
pub async fn create(app: &App, actor: &Actor, group: NewGroup) -> Result<ConversationId, Failure> {
    let mut participants = group.participants.clone();
    participants.sort();
    participants.dedup();
    participants.retain(|user| *user != actor.user);
    if participants.len() >= GROUP_MEMBERS_MAX {
        return Err(Refusal::field("participants", Fault::TooMany).into());
    }
    let fingerprint = fingerprint(&group.settings, &participants);
    let id = group_id(app, actor.user, group.idempotency_key.as_ref());
    if let Some(earlier) = earlier(app, id, fingerprint).await? {
        return earlier;
    }
    for user in &participants {
        match standing(app, actor.user, *user).await? {
            Standing::Open => {}
            Standing::Gone => return Err(Refusal::field("participants", Fault::Unknown).into()),
            Standing::Blocked => return Err(Refusal::Forbidden(Reason::NotAccepted).into()),
            Standing::BlockedByYou => return Err(Refusal::Forbidden(Reason::BlockedByYou).into()),
        }
    }
    let now = app.now();
    let mut state = Conversation::group(id, group.settings, now);
    let change = found(&state, actor.user, &participants, now);
    let events = state.apply(&change, actor.user, None, now);
    let first = events.first().map_or(state.head, |event| event.seq);
    let mut batch = Batch::new(Partition::Conversation(id));
    batch.checks.push(Check::Absent(conversation::head_key()));
    batch.writes.extend(events.iter().map(event::put));
    batch.writes.extend(
        state.members.iter().map(|(user, member)| conversation::put_member(*user, Some(member))),
    );
    batch.writes.extend(
        state.settings.iter().map(|set| conversation::put_settings(set, Some(fingerprint))),
    );
    batch.writes.push(conversation::put_head(&state));
    batch.jobs.push(job::job(job::Work::Advanced(id), first));
    let version = match app.store().commit(batch).await {
        Ok(committed) => committed.version,
        Err(error @ (CommitError::Conflict | CommitError::Unknown)) => {
            if error == CommitError::Unknown {
                desk::look_for_lost(app, id);
            }
            // If an earlier try of this request founded the group, its job is there, and nobody may have run it.
            jobs::wake_unsure(app, id);
            return earlier(app, id, fingerprint).await?.unwrap_or_else(|| Err(Failure::busy()));
        }
        Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
    };
    let news = News::of(&events);
    let channel = app.hub().channel(id);
    channel.admit(&state);
    let live: Vec<_> = events.into_iter().map(|event| channel.share(event, None)).collect();
    let tick = app.hub().tick();
    app.hub().deliver(&channel, &live, &std::collections::HashMap::new(), now);
    app.publish(Notice::Advanced { conversation: id, first, head: state.head });
    if let Some(news) = news {
        let advance = Advance { tick, from: first, version: Some(version), news };
        jobs::wake_advanced(app, id, advance);
    }
    Ok(id)
}

/// The group that an earlier try of the same request founded.
async fn earlier(
    app: &App,
    id: ConversationId,
    fingerprint: Fingerprint,
) -> Result<Option<Result<ConversationId, Failure>>, Failure> {
    let loaded = conversation::load(app.store(), id).await?;
    Ok(loaded.map(|loaded| match loaded.founded_by {
        Some(founded_by) if founded_by == fingerprint => Ok(id),
        Some(_) | None => Err(Refusal::IdempotencyConflict.into()),
    }))
}

/// With a key, the id follows from the founder and the key, so that a retry needs no other memory than the group.
fn group_id(app: &App, founder: UserId, key: Option<&ClientMessageId>) -> ConversationId {
    let Some(key) = key else {
        return ConversationId::group(app.env().bytes());
    };
    let mut hash = Sha256::new();
    hash.update(b"kith group");
    hash.update(app.inner.keys.refresh_secret);
    hash.update(founder.to_bytes());
    hash.update(&*key.text());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.finalize()).for_each(|(byte, hashed)| *byte = hashed);
    ConversationId::group(bytes)
}

fn fingerprint(settings: &Settings, participants: &[UserId]) -> Fingerprint {
    let people: Vec<u8> = participants.iter().flat_map(|user| user.to_bytes()).collect();
    let picture = settings.picture.as_ref().map(|picture| picture.as_str()).unwrap_or_default();
    let history = settings.history.as_str().as_bytes();
    Fingerprint::of(&[settings.name.as_str().as_bytes(), picture.as_bytes(), history, &people])
}

/// Adds a member.
///
/// # Errors
/// What `domain::conversation::decide` refuses.
pub async fn add(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    user: UserId,
) -> Result<(), Failure> {
    message::change(app, actor, id, Action::Add { user }).await.map(drop)
}

/// Removes a member, or leaves.
///
/// # Errors
/// What `domain::conversation::decide` refuses.
pub async fn remove(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    user: UserId,
) -> Result<(), Failure> {
    message::change(app, actor, id, Action::Remove { user }).await.map(drop)
}

/// Gives a member a role.
///
/// # Errors
/// What `domain::conversation::decide` refuses.
pub async fn set_role(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    (user, role): (UserId, Role),
) -> Result<(), Failure> {
    message::change(app, actor, id, Action::SetRole { user, role }).await.map(drop)
}

/// Makes another member owner; the caller becomes an admin.
///
/// # Errors
/// What `domain::conversation::decide` refuses.
pub async fn transfer_ownership(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    user: UserId,
) -> Result<(), Failure> {
    message::change(app, actor, id, Action::TransferOwnership { user }).await.map(drop)
}

/// Changes the settings.
///
/// # Errors
/// What `domain::conversation::decide` refuses.
pub async fn configure(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    change: SettingsChange,
) -> Result<(), Failure> {
    message::change(app, actor, id, Action::Configure(change)).await.map(drop)
}
