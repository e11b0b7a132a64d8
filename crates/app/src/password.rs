//! Password hashing, in its own bounded pool: a flood of log-ins is an attack on memory and processor.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::Refusal;
use domain::text::Password;
use tokio::sync::Semaphore;

use crate::{Env, Failure};

/// Memory of one hash, in KiB (OWASP's floor, as are the next two).
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// When to try again while the pool is full, in milliseconds.
const POOL_RETRY_MS: u64 = 2_000;

/// Hashes at most so many passwords at a time and lets at most so many wait.
pub(crate) struct Pool {
    running: Semaphore,
    admitted: Semaphore,
}

impl Pool {
    pub(crate) fn new(threads: usize, queue: usize) -> Self {
        Self { running: Semaphore::new(threads), admitted: Semaphore::new(threads + queue) }
    }

    /// The hash of a new password, in PHC form.
    pub(crate) async fn hash(&self, env: &Env, password: &Password) -> Result<String, Failure> {
        let (password, salt) = (password.clone(), env.bytes::<16>());
        self.run(move || {
            let hash = hasher().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|_| Failure::Damaged)
        })
        .await?
    }

    /// Whether the password is the hashed one. Without a hash it takes the same time and says no.
    pub(crate) async fn verify(
        &self,
        password: Option<Password>,
        hash: Option<String>,
    ) -> Result<bool, Failure> {
        self.run(move || match (password, hash) {
            (Some(password), Some(hash)) => PasswordHash::new(&hash)
                .is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok()),
            (Some(_) | None, None) | (None, Some(_)) => {
                let wasted =
                    hasher().hash_password_with_salt(b"nobody's password", b"nobody's salt 16");
                debug_assert!(wasted.is_ok());
                false
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let full = || Failure::Refused(Refusal::TooMany { retry_after_ms: POOL_RETRY_MS });
        let _place = self.admitted.try_acquire().map_err(|_| full())?;
        let _turn = self.running.acquire().await.map_err(|_| full())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Failure::Damaged)
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .expect("the parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}
