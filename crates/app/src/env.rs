//! The only clock and the only dice of a node. The simulator brings its own.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use futures_util::FutureExt as _;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

/// Time and randomness.
#[derive(Clone, Debug)]
pub struct Env {
    clock: Clock,
    dice: Dice,
}

/// Where the time comes from.
#[derive(Clone, Debug)]
enum Clock {
    /// The operating system, never going back within this process.
    System(Arc<AtomicU64>),
    /// A number that a test sets.
    Manual(Arc<AtomicU64>),
    /// The clock of the runtime, which the simulator lets pass, and how far this node's clock is ahead of it.
    Simulated(Timestamp, tokio::time::Instant, Arc<AtomicU64>),
}

/// Where randomness comes from.
#[derive(Clone, Debug)]
enum Dice {
    /// The operating system.
    System,
    /// A seed: the same seed gives the same bytes.
    Seeded(Arc<Mutex<(u64, u64)>>),
}

impl Env {
    /// The clock and randomness of the operating system.
    pub fn system() -> Self {
        Self { clock: Clock::System(Arc::default()), dice: Dice::System }
    }

    /// A clock that only the returned handle moves, and dice from a seed.
    pub fn manual(seed: u64, start: Timestamp) -> (Self, Arc<AtomicU64>) {
        let time = Arc::new(AtomicU64::new(start.as_ms()));
        let dice = Dice::Seeded(Arc::new(Mutex::new((seed, 0))));
        (Self { clock: Clock::Manual(time.clone()), dice }, time)
    }

    /// For the simulator: the clock of the runtime beginning at `start`, ahead of it by the milliseconds in the
    /// returned handle, and dice from a seed. Long computations are done at once, without a thread of their own.
    pub fn simulated(seed: u64, start: Timestamp) -> (Self, Arc<AtomicU64>) {
        let ahead_ms = Arc::new(AtomicU64::new(0));
        let clock = Clock::Simulated(start, tokio::time::Instant::now(), ahead_ms.clone());
        let dice = Dice::Seeded(Arc::new(Mutex::new((seed, 0))));
        (Self { clock, dice }, ahead_ms)
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        match &self.clock {
            Clock::System(latest) => {
                #[expect(clippy::disallowed_methods, reason = "this is the clock")]
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let now = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
                Timestamp::from_ms(latest.fetch_max(now, Ordering::Relaxed).max(now))
            }
            Clock::Manual(time) => Timestamp::from_ms(time.load(Ordering::Relaxed)),
            Clock::Simulated(start, began, ahead_ms) => {
                let passed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                start.plus_ms(passed_ms.saturating_add(ahead_ms.load(Ordering::Relaxed)))
            }
        }
    }

    /// Random bytes, fit for secrets when they come from the operating system.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.dice {
            Dice::System => {
                getrandom::fill(&mut bytes).expect("the operating system has randomness");
            }
            Dice::Seeded(state) => {
                for chunk in bytes.chunks_mut(32) {
                    let mut state = state.lock();
                    state.1 += 1;
                    let hash =
                        Sha256::digest([state.0.to_be_bytes(), state.1.to_be_bytes()].concat());
                    chunk.iter_mut().zip(hash).for_each(|(byte, random)| *byte = random);
                }
            }
        }
        bytes
    }

    /// Waits. Tests and the simulator run it on tokio's paused time.
    pub async fn sleep_ms(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    /// Does what would keep others waiting, on a thread of its own. Nothing if it panicked.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        match &self.clock {
            Clock::Simulated(..) => Some(work()),
            Clock::System(_) | Clock::Manual(_) => tokio::task::spawn_blocking(work).await.ok(),
        }
    }

    /// Starts a task of this node. A panic in it is reported and ends only that task.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let watched = AssertUnwindSafe(task).catch_unwind().map(move |ended| {
            if ended.is_err() {
                tracing::error!(task = name, "a task panicked");
            }
        });
        #[expect(clippy::disallowed_methods, reason = "this is the one place that starts tasks")]
        drop(tokio::spawn(watched));
    }
}
