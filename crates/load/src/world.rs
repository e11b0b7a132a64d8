//! The people of a run, written into a data folder before its server starts.
//!
//! Registering 100,000 people over HTTP would take an hour of password hashing. So their accounts and sessions are put
//! into the store as the server itself would put them, the tokens are signed with the key of the folder, and nobody has
//! a password.

mod register;
mod stored;
mod target;

pub(crate) use register::register;
pub(crate) use stored::{Stored, letters, planned};
pub(crate) use target::{Target, pairs};

use std::path::Path;

use anyhow::Context as _;
use aws_lc_rs::signature::Ed25519KeyPair;
use domain::account::Account;
use domain::text::{DeviceName, Email, Name, StatusLine};
use domain::{SessionId, Timestamp, UserId};
use futures_util::{StreamExt as _, TryStreamExt as _};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use store::backend::{Embedded, EmbeddedOptions};
use store::tables::{account, deployment, session};
use store::{Batch, CommitError, Partition, Store, Version};

/// Batches that wait for their commit at the same time: so many share a sync.
const COMMITS_AT_ONCE: usize = 4096;
/// Sessions and tokens of a run are good for so long.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// What tokens say about who made them and whom they are for.
const ISSUER: &str = "kith";

/// Somebody with a signed-in device.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) token: String,
}

/// A data folder while it is prepared.
pub(crate) struct World {
    store: Store,
    embedded: Embedded,
    runtime: tokio::runtime::Runtime,
    key: EncodingKey,
    now: Timestamp,
}

#[derive(serde::Serialize)]
struct Claims {
    iss: &'static str,
    aud: &'static str,
    sub: String,
    sid: String,
    iat: u64,
    exp: u64,
}

impl World {
    /// Opens a data folder, which is made if it is not there, and makes its key.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let options = EmbeddedOptions::default();
        let embedded = Embedded::open(folder, &options)
            .map_err(|error| anyhow::anyhow!("{}: {error:?}", folder.display()))?;
        let store = Store::Embedded(embedded.clone());
        let pkcs8 = runtime.block_on(signing_key(&store))?;
        let key = EncodingKey::from_ed_der(&pkcs8);
        let since_epoch =
            std::time::UNIX_EPOCH.elapsed().context("the clock stands before 1970")?;
        let now = Timestamp::from_ms(u64::try_from(since_epoch.as_millis())?);
        Ok(Self { store, embedded, runtime, key, now })
    }

    /// Makes `count` people with one signed-in device each.
    pub(crate) fn people(&self, count: usize) -> anyhow::Result<Vec<Person>> {
        let people = (0..u64::try_from(count)?).map(|index| self.person(index));
        let people: Vec<(Person, Batch)> = people.collect::<anyhow::Result<_>>()?;
        let (people, batches): (Vec<Person>, Vec<Batch>) = people.into_iter().unzip();
        self.commit_all(batches)?;
        Ok(people)
    }

    /// The people that [`Self::people`] made in this folder before, with tokens that are good from now on.
    pub(crate) fn people_again(&self, count: usize) -> anyhow::Result<Vec<Person>> {
        let indexes = 0..u64::try_from(count)?;
        indexes.map(|index| self.person(index).map(|(person, _)| person)).collect()
    }

    fn person(&self, index: u64) -> anyhow::Result<(Person, Batch)> {
        let id = UserId::from_bytes(id_bytes(1, index));
        let session_id = SessionId::from_bytes(id_bytes(2, index));
        let account = Account {
            id,
            email: Email::from_row(format!("person{index}@load.example")),
            username: None,
            name: Name::from_row(format!("Person {index}")),
            picture: None,
            status: StatusLine::from_row(String::new()),
            operator: false,
            disabled: false,
            created_at: self.now,
        };
        let signed_in = session::Session {
            id: session_id,
            device: DeviceName::unnamed(),
            created_at: self.now,
            last_seen_at: self.now,
            expires_at: self.now.plus_ms(2 * DAY_MS),
            refresh_hash: [0; 32],
            previous_refresh_hash: None,
        };
        let stored = account::Stored { account, password_hash: String::new() };
        let batch = Batch {
            writes: vec![account::put(&stored), session::put(&signed_in)],
            ..Batch::new(Partition::User(id))
        };
        Ok((Person { id, token: self.token(id, session_id)? }, batch))
    }

    fn token(&self, user: UserId, session: SessionId) -> anyhow::Result<String> {
        let claims = Claims {
            iss: ISSUER,
            aud: ISSUER,
            sub: user.to_string(),
            sid: session.to_string(),
            iat: self.now.as_ms() / 1000,
            exp: self.now.plus_ms(DAY_MS).as_ms() / 1000,
        };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.key)?)
    }

    /// Commits batches of different partitions, many at once.
    fn commit_all(&self, batches: impl IntoIterator<Item = Batch>) -> anyhow::Result<()> {
        let commits = futures_util::stream::iter(batches)
            .map(|batch| self.store.commit(batch))
            .buffer_unordered(COMMITS_AT_ONCE)
            .try_for_each(|_| std::future::ready(Ok(())));
        self.runtime.block_on(commits).map_err(|error| refused(&error))
    }

    /// As [`Self::commit_all`], with the versions, in order.
    fn commit_each(&self, batches: Vec<Batch>) -> anyhow::Result<Vec<Version>> {
        let commits = futures_util::stream::iter(batches)
            .map(|batch| self.store.commit(batch))
            .buffered(COMMITS_AT_ONCE)
            .map_ok(|committed| committed.version)
            .try_collect();
        self.runtime.block_on(commits).map_err(|error| refused(&error))
    }

    /// Writes everything to disk and lets the folder go, so that a server can take it.
    pub(crate) fn close(self) {
        self.embedded.shutdown();
    }
}

fn refused(error: &CommitError) -> anyhow::Error {
    anyhow::anyhow!("the store took not everything: {error:?}")
}

/// The key of the folder, as PKCS #8; made if there is none.
async fn signing_key(store: &Store) -> anyhow::Result<Vec<u8>> {
    let unreadable = |error| anyhow::anyhow!("the key of the folder cannot be read: {error:?}");
    if let Some(keys) = deployment::keys(store).await.map_err(unreadable)? {
        return Ok(keys.signing_pkcs8);
    }
    let pair = Ed25519KeyPair::generate().map_err(|_| anyhow::anyhow!("no key can be made"))?;
    let document = pair.to_pkcs8v1().map_err(|_| anyhow::anyhow!("no key can be written"))?;
    let keys = deployment::Keys {
        signing_pkcs8: document.as_ref().to_vec(),
        refresh_secret: id_bytes(3, 0).repeat(2).try_into().unwrap_or_default(),
    };
    let (check, write) = deployment::put_keys(&keys);
    let batch =
        Batch { checks: vec![check], writes: vec![write], ..Batch::new(Partition::Deployment) };
    store.commit(batch).await.map_err(|error| refused(&error))?;
    Ok(keys.signing_pkcs8)
}

/// Bytes that look random, and are the same in every run.
fn id_bytes(kind: u64, index: u64) -> [u8; 16] {
    let high = mix(index.wrapping_mul(8).wrapping_add(kind));
    let low = mix(high ^ index);
    ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
}

/// The last step of the generator `SplitMix64`.
pub(crate) const fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_there_for_whoever_opens_the_folder_next() {
        let folder = tempfile::tempdir().unwrap();
        let world = World::open(folder.path()).unwrap();
        let people = world.people(3).unwrap();
        world.close();
        let again = World::open(folder.path()).unwrap();
        for person in &people {
            let found = again.runtime.block_on(account::get(&again.store, person.id)).unwrap();
            assert!(found.is_some(), "{} is missing", person.id);
        }
        assert_ne!(people[0].id, people[1].id);
        assert_eq!(people[0].token.split('.').count(), 3);
    }
}
