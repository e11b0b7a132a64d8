//! Random histories of people who come, go, change roles, block each other and lose their sessions while events fly.
//! Whatever leaves towards somebody lies in what that person may see at that moment, and the session is alive.
//!
//! A queue is read at random, often long after events were put into it: what counts is the moment of reading. What a
//! person may see is worked out here from the log alone.

mod cast;
mod model;
mod step;

use crate::histories::cast::Cast;
use crate::histories::step::Stage;

/// Histories of one run.
const HISTORIES: u64 = 5_000;
/// Steps of one history.
const STEPS: usize = 50;

#[tokio::test]
async fn whatever_leaves_is_for_whoever_gets_it() {
    let mut cast = Cast::new().await;
    let mut events = 0;
    for seed in 0..HISTORIES {
        let mut stage = Stage::open(&mut cast, seed).await;
        for _ in 0..STEPS {
            stage.step().await;
        }
        events += stage.close().await;
    }
    assert!(events > HISTORIES * 20, "hardly anything was told: {events}");
}

/// Numbers from a seed (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % sides as u64).expect("below a small number")
    }
}
