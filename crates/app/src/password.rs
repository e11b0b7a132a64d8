//! Password hashing, in its own bounded pool: a flood of log-ins is an attack on memory and processor.
//!
//! The memory of a hash is kept for the next one. An allocator would leave a copy of it in the arena of every thread
//! that ever hashed.

use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use domain::Refusal;
use domain::text::Password;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::{Env, Failure, Settings};

/// Passes over the memory (OWASP's floor, as is the next).
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;
/// When to try again while the pool is full, in milliseconds.
const POOL_RETRY_MS: u64 = 2_000;

/// Hashes at most so many passwords at a time and lets at most so many wait.
pub(crate) struct Pool {
    env: Env,
    memory_kib: u32,
    running: Semaphore,
    admitted: Semaphore,
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
}

impl Pool {
    pub(crate) fn new(env: Env, settings: &Settings) -> Self {
        Self {
            env,
            memory_kib: settings.password_kib,
            running: Semaphore::new(settings.password_threads),
            admitted: Semaphore::new(settings.password_threads + settings.password_queue),
            memory: Arc::default(),
        }
    }

    /// The hash of a new password, in PHC form.
    pub(crate) async fn hash(&self, password: &Password) -> Result<String, Failure> {
        let (password, salt) = (password.clone(), self.env.bytes::<16>());
        let params = params(self.memory_kib);
        let hashed = self.run(move |memory| {
            let output = digest(memory, params.clone(), password.as_bytes(), &salt)?;
            let hash = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&params).ok()?,
                salt: Some(Salt::new(&salt).ok()?),
                hash: Some(output),
            };
            Some(hash.to_string())
        });
        hashed.await?.ok_or(Failure::Damaged)
    }

    /// Whether the password is the hashed one. Without a hash it takes the same time and says no.
    pub(crate) async fn verify(
        &self,
        password: Option<Password>,
        hash: Option<String>,
    ) -> Result<bool, Failure> {
        let params = params(self.memory_kib);
        self.run(move |memory| match (password, hash) {
            (Some(password), Some(hash)) => is_hash_of(memory, &password, &hash).unwrap_or(false),
            (Some(_) | None, None) | (None, Some(_)) => {
                let wasted = digest(memory, params, b"nobody's password", b"nobody's salt 16");
                debug_assert!(wasted.is_some());
                false
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let full = || Failure::Refused(Refusal::TooMany { retry_after_ms: POOL_RETRY_MS });
        let _place = self.admitted.try_acquire().map_err(|_| full())?;
        let _turn = self.running.acquire().await.map_err(|_| full())?;
        let kept = Arc::clone(&self.memory);
        let hashing = self.env.compute(move || {
            let mut memory = kept.lock().pop().unwrap_or_default();
            let done = work(&mut memory);
            kept.lock().push(memory);
            done
        });
        hashing.await.ok_or(Failure::Damaged)
    }
}

fn is_hash_of(memory: &mut Vec<Block>, password: &Password, hash: &str) -> Option<bool> {
    let stored = PasswordHash::new(hash).ok()?;
    let salt = stored.salt?;
    let output = digest(memory, Params::try_from(&stored).ok()?, password.as_bytes(), &salt)?;
    // `Output` compares in constant time.
    Some(stored.hash? == output)
}

fn digest(memory: &mut Vec<Block>, params: Params, password: &[u8], salt: &[u8]) -> Option<Output> {
    memory.resize(params.block_count(), Block::new());
    let mut out = [0; HASH_BYTES];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into_with_memory(password, salt, &mut out, memory).ok()?;
    Output::new(&out).ok()
}

fn params(memory_kib: u32) -> Params {
    Params::new(memory_kib, PASSES, LANES, Some(HASH_BYTES))
        .expect("the parameters are within argon2's limits")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What argon2's own verifier accepts, so that any other implementation would read our hashes.
    #[tokio::test]
    async fn hashes_are_what_others_call_argon2id() {
        use argon2::PasswordVerifier as _;

        let password =
            Password::parse_new("correct horse battery staple").expect("a good password");
        let pool = Pool::new(Env::system(), &Settings::default());
        let hash = pool.hash(&password).await.expect("there is room");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(Argon2::default().verify_password(password.as_bytes(), hash.as_str()), Ok(()));
        let other = Password::parse_attempt("correct horse battery stapl");
        assert_eq!(pool.verify(Some(password), Some(hash.clone())).await, Ok(true));
        assert_eq!(pool.verify(other, Some(hash)).await, Ok(false));
    }
}
