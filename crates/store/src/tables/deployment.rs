//! Facts of this deployment.

use super::get_v1;
use crate::row::{self, Undecodable, decode_v1};
use crate::{Check, Partition, ReadError, Store, Write};

const KEYS: &[u8] = b"k";

mod v1 {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Keys {
        pub(super) signing_pkcs8: Vec<u8>,
        pub(super) refresh_secret: [u8; 32],
    }
}

/// The secrets with which tokens are made; they are born at the first start.
#[derive(Clone)]
pub struct Keys {
    /// The Ed25519 key pair, PKCS #8.
    pub signing_pkcs8: Vec<u8>,
    /// From which the successor of a refresh token is derived.
    pub refresh_secret: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

/// The keys, if they have been made.
///
/// # Errors
/// See [`Store::get`].
pub async fn keys(store: &Store) -> Result<Option<Keys>, ReadError> {
    let row = get_v1::<v1::Keys>(store, &Partition::Deployment, KEYS).await?;
    Ok(row.map(|(row, _)| Keys {
        signing_pkcs8: row.signing_pkcs8,
        refresh_secret: row.refresh_secret,
    }))
}

/// Sets the keys, once.
pub fn put_keys(keys: &Keys) -> (Check, Write) {
    let row =
        v1::Keys { signing_pkcs8: keys.signing_pkcs8.clone(), refresh_secret: keys.refresh_secret };
    (Check::Absent(KEYS.to_vec()), Write::Put(KEYS.to_vec(), row::encode(1, &row)))
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<v1::Keys>(value).map(drop)
}
