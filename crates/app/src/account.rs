//! Accounts: registering, profiles.
//!
//! An account spans partitions: its e-mail address and username are claims of their own. The claims are made first,
//! the account last; a claim whose account never came into being is taken over after a while.

use domain::account::{Account, ProfileChange};
use domain::refusal::Reason;
use domain::text::{Email, Name, Password, StatusLine, Username};
use domain::{ClientMessageId, Refusal, Seq, UserId};
use sha2::{Digest, Sha256};
use store::tables::account::{self as table, Claim, Stored};
use store::tables::job;
use store::{Batch, CommitError, Partition};

use crate::session::Actor;
use crate::{App, Failure, Registration, jobs};

/// A claim without an account may be taken over after this, in milliseconds.
const ORPHANED_CLAIM_MS: u64 = 60_000;
/// How often a commit is tried again because somebody else was faster.
const ATTEMPTS_MAX: usize = 8;

/// Somebody who registers.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The address to sign in with.
    pub email: Email,
    /// The name to sign in with and be found by.
    pub username: Option<Username>,
    /// The name that others see.
    pub name: Name,
    /// The password.
    pub password: Password,
}

/// Who becomes an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The first account of the deployment.
    IfFirst,
    /// This one.
    Yes,
}

/// Registers. The first account of a deployment becomes the operator.
///
/// # Errors
/// [`Reason::Taken`] if the address or the username is in use, without saying which; the password pool's limit.
pub async fn register(
    app: &App,
    new: NewAccount,
    idempotency_key: Option<&ClientMessageId>,
) -> Result<UserId, Failure> {
    if app.settings().registration == Registration::Closed
        && table::claim(app.store(), &table::operator_claim()).await?.is_some()
    {
        return Err(Refusal::Forbidden(Reason::NeedsOperator).into());
    }
    let id = user_id(app, &new.email, idempotency_key);
    if let Some((stored, _)) = table::get(app.store(), id).await? {
        let same =
            app.inner.passwords.verify(Some(new.password), Some(stored.password_hash)).await?;
        let same =
            same && stored.account.name == new.name && stored.account.username == new.username;
        return if same { Ok(id) } else { Err(Refusal::IdempotencyConflict.into()) };
    }
    create(app, (id, new), Operator::IfFirst).await
}

/// With a key, the id follows from the address and the key, so that a retry finds the account it made.
fn user_id(app: &App, email: &Email, key: Option<&ClientMessageId>) -> UserId {
    let Some(key) = key else {
        return UserId::from_bytes(app.env().bytes());
    };
    let mut hash = Sha256::new();
    hash.update(b"kith user");
    hash.update(app.inner.keys.refresh_secret);
    hash.update(email.claim());
    hash.update([0]);
    hash.update(&*key.text());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.finalize()).for_each(|(byte, hashed)| *byte = hashed);
    UserId::from_bytes(bytes)
}

/// Makes an account: claims first, then the account with the job that lets it be found.
pub(crate) async fn create(
    app: &App,
    (id, new): (UserId, NewAccount),
    operator: Operator,
) -> Result<UserId, Failure> {
    let password_hash = app.inner.passwords.hash(&new.password).await?;
    let taken = Failure::Refused(Refusal::Conflict(Reason::Taken));
    let email_claim = table::email_claim(&new.email);
    if !claim(app, &email_claim, id).await? {
        return Err(taken);
    }
    if let Some(username) = &new.username
        && !claim(app, &table::username_claim(username), id).await?
    {
        give_back(app, email_claim).await?;
        return Err(taken);
    }
    let first = claim(app, &table::operator_claim(), id).await?;
    let account = Account {
        id,
        email: new.email,
        username: new.username,
        name: new.name,
        picture: None,
        status: StatusLine::from_row(String::new()),
        operator: first || operator == Operator::Yes,
        disabled: false,
        created_at: app.now(),
    };
    let work = job::Work::Profile(id);
    let batch = Batch {
        checks: vec![table::unchanged(None)],
        writes: vec![table::put(&Stored { account, password_hash })],
        jobs: vec![job::job(work, Seq::ZERO)],
        ..Batch::new(Partition::User(id))
    };
    match app.store().commit(batch).await {
        Ok(_) => {}
        Err(CommitError::Conflict | CommitError::Unknown)
            if table::get(app.store(), id).await?.is_some() => {}
        Err(error) => return Err(error.into()),
    }
    jobs::wake_profile(app, id);
    Ok(id)
}

/// Claims a name for a user; false if somebody else holds it.
async fn claim(app: &App, partition: &Partition, user: UserId) -> Result<bool, Failure> {
    for _ in 0..ATTEMPTS_MAX {
        let present = table::claim(app.store(), partition).await?;
        if let Some((held, _)) = &present {
            let young = app.now().since_ms(held.claimed_at) < ORPHANED_CLAIM_MS;
            if held.user == user {
                return Ok(true);
            }
            if young || table::get(app.store(), held.user).await?.is_some() {
                return Ok(false);
            }
        }
        let batch = Batch {
            checks: vec![table::claim_unchanged(present.map(|(_, version)| version))],
            writes: vec![table::put_claim(Claim { user, claimed_at: app.now() })],
            ..Batch::new(partition.clone())
        };
        match app.store().commit(batch).await {
            Ok(_) => return Ok(true),
            Err(CommitError::Conflict | CommitError::Unknown) => {}
            Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
        }
    }
    Err(Failure::busy())
}

async fn give_back(app: &App, partition: Partition) -> Result<(), Failure> {
    let batch = Batch { writes: vec![table::remove_claim()], ..Batch::new(partition) };
    app.store().commit(batch).await?;
    Ok(())
}

/// The account of a user.
///
/// # Errors
/// [`Refusal::NotFound`] if there is none.
pub async fn get(app: &App, user: UserId) -> Result<Account, Failure> {
    let stored = table::get(app.store(), user).await?;
    stored.map(|(stored, _)| stored.account).ok_or(Failure::Refused(Refusal::NotFound))
}

/// Changes what others see of the caller.
///
/// # Errors
/// [`Reason::NotYourself`] for anybody else's profile.
pub async fn update_profile(
    app: &App,
    actor: &Actor,
    user: UserId,
    change: ProfileChange,
) -> Result<(), Failure> {
    if actor.user != user {
        return Err(Refusal::Forbidden(Reason::NotYourself).into());
    }
    update(app, user, |stored| Stored { account: stored.account.with(change.clone()), ..stored })
        .await
}

/// Changes an account, whatever else changes it at the same time.
pub(crate) async fn update(
    app: &App,
    user: UserId,
    change: impl Fn(Stored) -> Stored,
) -> Result<(), Failure> {
    let work = job::Work::Profile(user);
    for _ in 0..ATTEMPTS_MAX {
        let (stored, version) = table::get(app.store(), user).await?.ok_or(Refusal::NotFound)?;
        let batch = Batch {
            checks: vec![table::unchanged(Some(version))],
            writes: vec![table::put(&change(stored))],
            jobs: vec![job::job(work, Seq::ZERO)],
            ..Batch::new(Partition::User(user))
        };
        match app.store().commit(batch).await {
            Ok(_) => {
                jobs::wake_profile(app, user);
                return Ok(());
            }
            Err(CommitError::Conflict | CommitError::Unknown) => {}
            Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
        }
    }
    Err(Failure::busy())
}
