//! Preferences: the same on all devices of a person.

use bus::Notice;
use domain::limits::PREFERENCES_BYTES_MAX;
use domain::preference::{Preferences, is_language_tag};
use domain::refusal::{Fault, Reason};
use domain::{Refusal, Seq};
use store::tables::{job, preference as table};
use store::{Batch, CommitError, Partition};

use crate::live::Item;
use crate::session::Actor;
use crate::{App, Failure, jobs};

/// The caller's preferences.
///
/// # Errors
/// If the store cannot be read.
pub async fn get(app: &App, actor: &Actor) -> Result<Preferences, Failure> {
    Ok(table::get(app.store(), actor.user).await?.0)
}

/// Replaces the caller's preferences; `preferences.version` is the version that was read. Returns the new one.
///
/// # Errors
/// [`Reason::StaleVersion`] if another device changed them in the meantime.
pub async fn put(app: &App, actor: &Actor, preferences: Preferences) -> Result<u64, Failure> {
    if preferences.client.len() > PREFERENCES_BYTES_MAX {
        return Err(Refusal::field("client", Fault::TooLong).into());
    }
    if preferences.language.as_deref().is_some_and(|language| !is_language_tag(language)) {
        return Err(Refusal::field("language", Fault::Malformed).into());
    }
    let (present, stored_version) = table::get(app.store(), actor.user).await?;
    if present.version != preferences.version {
        return Err(Refusal::Conflict(Reason::StaleVersion).into());
    }
    let version = present.version + 1;
    let work = job::Work::Profile(actor.user);
    let batch = Batch {
        checks: vec![table::unchanged(stored_version)],
        writes: vec![table::put(&Preferences { version, ..preferences })],
        jobs: vec![job::job(work, Seq::ZERO)],
        ..Batch::new(Partition::User(actor.user))
    };
    match app.store().commit(batch).await {
        Ok(_) => {}
        Err(CommitError::Conflict) => return Err(Refusal::Conflict(Reason::StaleVersion).into()),
        Err(error @ (CommitError::Unknown | CommitError::Full | CommitError::Busy)) => {
            return Err(error.into());
        }
    }
    jobs::wake_profile(app, actor.user);
    app.hub().tell(actor.user, &Item::Preferences(version));
    app.publish(Notice::PreferencesChanged { user: actor.user, version });
    Ok(version)
}
