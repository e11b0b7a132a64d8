//! When to come back: a random time below a bound that doubles, so that many clients do not come at once.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Where the bound starts, unless told.
const BASE: Duration = Duration::from_secs(1);
/// Where the bound ends, unless told.
const CAP: Duration = Duration::from_secs(60);

/// Waiting times with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    failures: u32,
    dice: u64,
}

impl Default for Backoff {
    /// From one second to one minute, at times of its own.
    fn default() -> Self {
        Self::new(RandomState::new().hash_one(()))
    }
}

impl Backoff {
    /// From one second to one minute. Clients that share a seed come back at the same times: only for tests.
    pub const fn new(seed: u64) -> Self {
        Self { base: BASE, cap: CAP, failures: 0, dice: seed }
    }

    /// The same with other bounds.
    #[must_use]
    pub const fn between(self, base: Duration, cap: Duration) -> Self {
        Self { base, cap, ..self }
    }

    /// How long to wait after one more failure.
    pub fn failed(&mut self) -> Duration {
        let doubled = self.base.saturating_mul(1 << self.failures.min(20));
        self.failures = self.failures.saturating_add(1);
        let bound = u64::try_from(doubled.min(self.cap).as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.roll() % bound.saturating_add(1))
    }

    /// It worked: the next failure starts at the base again.
    pub const fn worked(&mut self) {
        self.failures = 0;
    }

    /// The next number of `SplitMix64`: jitter needs no more.
    const fn roll(&mut self) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.dice;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_cap_and_starts_again_after_success() {
        for seed in 0..200 {
            let mut backoff = Backoff::new(seed);
            for bound_s in [1, 2, 4, 8, 16, 32, 60, 60] {
                assert!(backoff.failed() <= Duration::from_secs(bound_s));
            }
            backoff.worked();
            assert!(backoff.failed() <= BASE);
        }
    }

    #[test]
    fn the_times_are_spread_over_the_whole_range() {
        let waits: Vec<_> = (0..1000).map(|seed| Backoff::new(seed).failed()).collect();
        let early = waits.iter().filter(|wait| **wait < BASE / 2).count();
        assert!((400..600).contains(&early), "{early} of 1000 in the first half");
    }
}
