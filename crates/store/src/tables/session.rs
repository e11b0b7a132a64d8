//! Signed-in devices.

use domain::text::DeviceName;
use domain::{SessionId, Timestamp, UserId};

use super::{get_v1, id_after, key, scan_prefix};
use crate::row::{self, Undecodable, decode_v1};
use crate::{Check, Partition, ReadError, Store, Version, Write};

const SESSION: &[u8] = b"s";

mod v1 {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Session {
        pub(super) device: String,
        pub(super) created_at_ms: u64,
        pub(super) last_seen_at_ms: u64,
        pub(super) expires_at_ms: u64,
        pub(super) refresh_hash: [u8; 32],
        pub(super) previous_refresh_hash: Option<[u8; 32]>,
    }
}

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// The name of the device.
    pub device: DeviceName,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it last refreshed its token.
    pub last_seen_at: Timestamp,
    /// When it ends unless refreshed.
    pub expires_at: Timestamp,
    /// SHA-256 of the refresh token that is valid now.
    pub refresh_hash: [u8; 32],
    /// SHA-256 of its predecessor, valid until the present one is first used.
    pub previous_refresh_hash: Option<[u8; 32]>,
}

fn session_key(id: SessionId) -> Vec<u8> {
    key(SESSION, &[&id.to_bytes()])
}

/// One session of a user.
///
/// # Errors
/// See [`Store::get`].
pub async fn get(
    store: &Store,
    user: UserId,
    id: SessionId,
) -> Result<Option<(Session, Version)>, ReadError> {
    let row = get_v1::<v1::Session>(store, &Partition::User(user), &session_key(id)).await?;
    Ok(row.map(|(row, version)| (from_row(id, row), version)))
}

/// All sessions of a user.
///
/// # Errors
/// See [`Store::scan`].
pub async fn all(store: &Store, user: UserId) -> Result<Vec<(Session, Version)>, ReadError> {
    let partition = Partition::User(user);
    let rows = scan_prefix(store, &partition, SESSION).await?;
    let decode = |row: &crate::Row| {
        let id = SessionId::from_bytes(id_after(&row.key, SESSION)?);
        Some((from_row(id, decode_v1(&row.value).ok()?), row.version))
    };
    rows.iter().map(|row| decode(row).ok_or_else(|| row::damaged(&partition, &row.key))).collect()
}

fn from_row(id: SessionId, row: v1::Session) -> Session {
    Session {
        id,
        device: DeviceName::from_row(row.device),
        created_at: Timestamp::from_ms(row.created_at_ms),
        last_seen_at: Timestamp::from_ms(row.last_seen_at_ms),
        expires_at: Timestamp::from_ms(row.expires_at_ms),
        refresh_hash: row.refresh_hash,
        previous_refresh_hash: row.previous_refresh_hash,
    }
}

/// Sets a session.
pub fn put(session: &Session) -> Write {
    let row = v1::Session {
        device: session.device.as_str().to_owned(),
        created_at_ms: session.created_at.as_ms(),
        last_seen_at_ms: session.last_seen_at.as_ms(),
        expires_at_ms: session.expires_at.as_ms(),
        refresh_hash: session.refresh_hash,
        previous_refresh_hash: session.previous_refresh_hash,
    };
    Write::Put(session_key(session.id), row::encode(1, &row))
}

/// Ends a session.
pub fn remove(id: SessionId) -> Write {
    Write::Remove(session_key(id))
}

/// The check that a session is as it was read.
pub fn unchanged(id: SessionId, version: Version) -> Check {
    Check::Version(session_key(id), version)
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<v1::Session>(value).map(drop)
}
