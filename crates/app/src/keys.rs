//! The keys with which this deployment signs, made at its first start.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use store::tables::deployment;
use store::{Batch, CommitError, Partition, Store};

use crate::{Env, Failure};

/// Keys in the form in which they are used.
pub struct Keys {
    /// Signs access tokens.
    pub(crate) signing: jsonwebtoken::EncodingKey,
    /// Checks access tokens.
    pub(crate) checking: jsonwebtoken::DecodingKey,
    /// Derives the successor of a refresh token.
    pub(crate) refresh_secret: [u8; 32],
}

/// The keys of the store; new ones if it has none.
pub(crate) async fn load_or_make(store: &Store, env: &Env) -> Result<Keys, Failure> {
    if let Some(keys) = deployment::keys(store).await? {
        return usable(&keys);
    }
    let pair =
        Ed25519KeyPair::from_seed_unchecked(&env.bytes::<32>()).map_err(|_| Failure::Damaged)?;
    let document = pair.to_pkcs8v1().map_err(|_| Failure::Damaged)?;
    let made = deployment::Keys {
        signing_pkcs8: document.as_ref().to_vec(),
        refresh_secret: env.bytes::<32>(),
    };
    let (check, write) = deployment::put_keys(&made);
    let batch =
        Batch { checks: vec![check], writes: vec![write], ..Batch::new(Partition::Deployment) };
    match store.commit(batch).await {
        Ok(_) | Err(CommitError::Conflict | CommitError::Unknown) => {}
        Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
    }
    let stored = deployment::keys(store).await?.ok_or_else(Failure::busy)?;
    usable(&stored)
}

fn usable(keys: &deployment::Keys) -> Result<Keys, Failure> {
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&keys.signing_pkcs8)
        .map_err(|_| Failure::Damaged)?;
    Ok(Keys {
        signing: jsonwebtoken::EncodingKey::from_ed_der(&keys.signing_pkcs8),
        checking: jsonwebtoken::DecodingKey::from_ed_der(pair.public_key().as_ref()),
        refresh_secret: keys.refresh_secret,
    })
}
