//! Who is online, and when somebody was last seen: told to the people of direct conversations, unless hidden.

use bus::{Notice, Online};
use domain::limits::PAGE_CONVERSATIONS_MAX;
use domain::{ConversationId, ConversationKind, Timestamp, UserId};
use store::tables::{account, block, conversation, inbox, preference};
use store::{Batch, Partition};

use crate::live::{Item, Joined, Outbox};
use crate::{App, Failure};

/// What one person may know about another's presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Not shown.
    Hidden,
    /// Connected now.
    Online,
    /// Not connected; last seen then, if ever.
    Offline(Option<Timestamp>),
}

/// A socket has come: tell the person's contacts if it is the first, and tell it who of them is online.
///
/// # Errors
/// If the store cannot be read.
pub async fn arrived(app: &App, joined: &Joined) -> Result<(), Failure> {
    if joined.first {
        tell(app, joined.outbox.user).await?;
        app.publish(Notice::Presence { user: joined.outbox.user, online: Online::Yes });
    }
    greet(app, &joined.outbox).await
}

/// A socket has gone: if it was the last, remember when, and tell the person's contacts.
///
/// # Errors
/// If the store cannot be read.
pub async fn left(app: &App, user: UserId) -> Result<(), Failure> {
    if app.hub().is_online(user) {
        return Ok(());
    }
    let batch = Batch {
        writes: vec![account::put_last_seen(app.now())],
        ..Batch::new(Partition::User(user))
    };
    app.store().commit(batch).await?;
    tell(app, user).await?;
    app.publish(Notice::Presence { user, online: Online::No });
    Ok(())
}

/// What `viewer` may know about `user`: only people of direct conversations see anything.
///
/// # Errors
/// If the store cannot be read.
pub async fn of(app: &App, viewer: UserId, user: UserId) -> Result<Presence, Failure> {
    let (preferences, _) = preference::get(app.store(), user).await?;
    let blocked = block::exists(app.store(), user, viewer).await?;
    let direct = ConversationId::direct(viewer, user);
    let is_contact = viewer == user || inbox::get(app.store(), user, direct).await?.is_some();
    if (!preferences.privacy.show_presence && viewer != user) || blocked || !is_contact {
        return Ok(Presence::Hidden);
    }
    if app.hub().is_online(user) {
        return Ok(Presence::Online);
    }
    Ok(Presence::Offline(account::last_seen(app.store(), user).await?))
}

/// Tells the contacts of a user who are connected here.
pub(crate) async fn tell(app: &App, user: UserId) -> Result<(), Failure> {
    for contact in contacts(app, user).await? {
        if !app.hub().is_online(contact) {
            continue;
        }
        let last_seen_at = match of(app, contact, user).await? {
            Presence::Hidden => continue,
            Presence::Online => None,
            Presence::Offline(at) => Some(at.unwrap_or_else(|| app.now())),
        };
        app.hub().tell(contact, &Item::Presence { user, last_seen_at });
    }
    Ok(())
}

async fn greet(app: &App, outbox: &Outbox) -> Result<(), Failure> {
    for contact in contacts(app, outbox.user).await? {
        if app.hub().is_online(contact) && of(app, outbox.user, contact).await? == Presence::Online
        {
            outbox.push(Item::Presence { user: contact, last_seen_at: None });
        }
    }
    Ok(())
}

/// The other people of a user's latest direct conversations.
async fn contacts(app: &App, user: UserId) -> Result<Vec<UserId>, Failure> {
    let (rows, _) = inbox::by_activity(app.store(), user, None, PAGE_CONVERSATIONS_MAX).await?;
    let mut contacts = Vec::new();
    for row in rows.iter().filter(|row| row.conversation.kind() == ConversationKind::Direct) {
        let members = conversation::members(app.store(), row.conversation).await?;
        contacts
            .extend(members.into_iter().map(|(member, _)| member).filter(|member| *member != user));
    }
    Ok(contacts)
}
