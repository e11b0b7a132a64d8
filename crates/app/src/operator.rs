//! What only an operator does: make accounts, list them, disable them, give new passwords.

use bus::Notice;
use domain::UserId;
use domain::account::Account;
use domain::text::Password;
use store::tables::account::{self as table, Stored};
use store::tables::directory;

use crate::account::{NewAccount, Operator};
use crate::{App, Failure, account, session};

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It may.
    Enabled,
    /// It may not; its sessions are over.
    Disabled,
}

/// Makes an account.
///
/// # Errors
/// As [`account::register`].
pub async fn create_user(
    app: &App,
    new: NewAccount,
    operator: Operator,
) -> Result<UserId, Failure> {
    let id = UserId::from_bytes(app.env().bytes());
    account::create(app, (id, new), operator).await
}

/// The account with this e-mail address or username.
///
/// # Errors
/// [`domain::Refusal::NotFound`] if there is none.
pub async fn find(app: &App, login: &session::Login) -> Result<Account, Failure> {
    let partition = match login {
        session::Login::Email(email) => table::email_claim(email),
        session::Login::Username(username) => table::username_claim(username),
    };
    let claim = table::claim(app.store(), &partition).await?;
    let (claim, _) = claim.ok_or(Failure::Refused(domain::Refusal::NotFound))?;
    account::get(app, claim.user).await
}

/// At most `limit` accounts after `after`, in the order of their ids.
///
/// # Errors
/// If the store cannot be read.
pub async fn list_users(
    app: &App,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<Account>, Failure> {
    let mut accounts = Vec::new();
    for user in directory::everybody(app.store(), after, limit).await? {
        accounts.push(account::get(app, user).await?);
    }
    Ok(accounts)
}

/// Enables or disables an account. Disabling ends its sessions at once.
///
/// # Errors
/// [`domain::Refusal::NotFound`] if there is no such account.
pub async fn set_access(app: &App, user: UserId, access: Access) -> Result<(), Failure> {
    let disabled = access == Access::Disabled;
    account::update(app, user, |stored| Stored {
        account: Account { disabled, ..stored.account },
        ..stored
    })
    .await?;
    app.inner.desks.forget_all();
    app.publish(Notice::UserChanged(user));
    if disabled {
        session::end_all(app, user, None).await?;
    }
    Ok(())
}

/// Gives an account a new password and ends its sessions.
///
/// # Errors
/// [`domain::Refusal::NotFound`] if there is no such account.
pub async fn reset_password(app: &App, user: UserId, password: &Password) -> Result<(), Failure> {
    let password_hash = app.inner.passwords.hash(password).await?;
    account::update(app, user, |stored| Stored { password_hash: password_hash.clone(), ..stored })
        .await?;
    session::end_all(app, user, None).await
}
