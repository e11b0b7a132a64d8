//! Accounts, and the claims that make an e-mail address or a username belong to one of them.

use domain::account::Account;
use domain::text::{Email, Name, Picture, StatusLine, Username};
use domain::{Timestamp, UserId};

use super::get_v1;
use crate::row::{self, Undecodable, decode_v1};
use crate::{Check, Partition, ReadError, Store, Version, Write};

const ACCOUNT: &[u8] = b"a";
const OWNER: &[u8] = b"o";
const LAST_SEEN: &[u8] = b"l";

mod v1 {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Account {
        pub(super) email: String,
        pub(super) username: Option<String>,
        pub(super) name: String,
        pub(super) picture: Option<String>,
        pub(super) status: String,
        pub(super) operator: bool,
        pub(super) disabled: bool,
        pub(super) created_at_ms: u64,
        pub(super) password_hash: String,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Claim {
        pub(super) user: [u8; 16],
        pub(super) claimed_at_ms: u64,
    }
}

/// An account with its secret.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What may be shown.
    pub account: Account,
    /// The argon2id hash of the password, in PHC form.
    pub password_hash: String,
}

/// Who holds a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The holder.
    pub user: UserId,
    /// Since when; a claim whose account never came into being may be taken over after a while.
    pub claimed_at: Timestamp,
}

/// The partition in which an e-mail address is claimed.
pub fn email_claim(email: &Email) -> Partition {
    Partition::Claim(format!("email:{}", email.claim()))
}

/// The partition in which a username is claimed.
pub fn username_claim(username: &Username) -> Partition {
    Partition::Claim(format!("username:{}", username.as_str()))
}

/// The partition in which the first account claims to be the operator.
pub fn operator_claim() -> Partition {
    Partition::Claim("first operator".to_owned())
}

/// The account of a user.
///
/// # Errors
/// See [`Store::get`].
pub async fn get(store: &Store, user: UserId) -> Result<Option<(Stored, Version)>, ReadError> {
    let row = get_v1::<v1::Account>(store, &Partition::User(user), ACCOUNT).await?;
    Ok(row.map(|(row, version)| (from_row(user, row), version)))
}

fn from_row(id: UserId, row: v1::Account) -> Stored {
    let account = Account {
        id,
        email: Email::from_row(row.email),
        username: row.username.map(Username::from_row),
        name: Name::from_row(row.name),
        picture: row.picture.map(Picture::from_row),
        status: StatusLine::from_row(row.status),
        operator: row.operator,
        disabled: row.disabled,
        created_at: Timestamp::from_ms(row.created_at_ms),
    };
    Stored { account, password_hash: row.password_hash }
}

/// Sets an account.
pub fn put(stored: &Stored) -> Write {
    let account = &stored.account;
    let row = v1::Account {
        email: account.email.as_str().to_owned(),
        username: account.username.as_ref().map(|username| username.as_str().to_owned()),
        name: account.name.as_str().to_owned(),
        picture: account.picture.as_ref().map(|picture| picture.as_str().to_owned()),
        status: account.status.as_str().to_owned(),
        operator: account.operator,
        disabled: account.disabled,
        created_at_ms: account.created_at.as_ms(),
        password_hash: stored.password_hash.clone(),
    };
    Write::Put(ACCOUNT.to_vec(), row::encode(1, &row))
}

/// The check that an account is as it was read, or not there yet.
pub fn unchanged(version: Option<Version>) -> Check {
    version.map_or_else(
        || Check::Absent(ACCOUNT.to_vec()),
        |version| Check::Version(ACCOUNT.to_vec(), version),
    )
}

/// Who holds the name of a claim partition.
///
/// # Errors
/// See [`Store::get`].
pub async fn claim(
    store: &Store,
    partition: &Partition,
) -> Result<Option<(Claim, Version)>, ReadError> {
    let row = get_v1::<v1::Claim>(store, partition, OWNER).await?;
    Ok(row.map(|(row, version)| {
        let claim = Claim {
            user: UserId::from_bytes(row.user),
            claimed_at: Timestamp::from_ms(row.claimed_at_ms),
        };
        (claim, version)
    }))
}

/// Sets the holder of a claim partition.
pub fn put_claim(claim: Claim) -> Write {
    let row = v1::Claim { user: claim.user.to_bytes(), claimed_at_ms: claim.claimed_at.as_ms() };
    Write::Put(OWNER.to_vec(), row::encode(1, &row))
}

/// The check that a claim is as it was read, or not there yet.
pub fn claim_unchanged(version: Option<Version>) -> Check {
    version.map_or_else(
        || Check::Absent(OWNER.to_vec()),
        |version| Check::Version(OWNER.to_vec(), version),
    )
}

/// Gives a claimed name back.
pub fn remove_claim() -> Write {
    Write::Remove(OWNER.to_vec())
}

/// When a user was last connected.
///
/// # Errors
/// See [`Store::get`].
pub async fn last_seen(store: &Store, user: UserId) -> Result<Option<Timestamp>, ReadError> {
    let row = get_v1::<u64>(store, &Partition::User(user), LAST_SEEN).await?;
    Ok(row.map(|(ms, _)| Timestamp::from_ms(ms)))
}

/// Sets when a user was last connected.
pub fn put_last_seen(at: Timestamp) -> Write {
    Write::Put(LAST_SEEN.to_vec(), row::encode(1, &at.as_ms()))
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<v1::Account>(value).map(drop)
}

pub(super) fn check_claim(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<v1::Claim>(value).map(drop)
}

pub(super) fn check_last_seen(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<u64>(value).map(drop)
}
