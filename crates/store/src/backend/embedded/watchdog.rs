//! Ends the process if a commit does not come back.
//!
//! fjall holds writers up while too many memtables wait to be flushed or tables to be merged, and may do so for ever
//! after a kill at a bad moment (its issue 257). A restart gets out of that; waiting does not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::abort::abort;
use super::engine::Engine;

const TICK: Duration = Duration::from_secs(1);
/// A commit that waits this long while the engine does nothing will wait for ever.
const IDLE_TICKS_MAX: u32 = 30;
/// A merge of tables may hold a commit up, but not longer than this.
const BUSY_TICKS_MAX: u32 = 600;

/// Beats when a group begins and when it is done: odd while one is at work.
#[derive(Default)]
pub(super) struct Pulse(AtomicU64);

impl Pulse {
    pub(super) fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn beats(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Watches until the committer is gone.
pub(super) fn run(pulse: &Pulse, engine: &Engine, stopped: &Receiver<()>) {
    let mut stall = Stall::default();
    while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
        if stall.tick(pulse.beats(), engine.is_merging()) {
            abort("a commit does not come back", &format_args!("{IDLE_TICKS_MAX} seconds or more"));
        }
    }
}

/// How long the same group has been at work.
#[derive(Default)]
struct Stall {
    beats: u64,
    idle_ticks: u32,
    ticks: u32,
}

impl Stall {
    /// Takes note of one more second; whether that makes it hopeless.
    fn tick(&mut self, beats: u64, merging: bool) -> bool {
        let at_work = beats % 2 == 1;
        if !at_work || beats != self.beats {
            *self = Self { beats, ..Self::default() };
            return false;
        }
        self.ticks += 1;
        self.idle_ticks = if merging { 0 } else { self.idle_ticks + 1 };
        self.idle_ticks >= IDLE_TICKS_MAX || self.ticks >= BUSY_TICKS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds after which a group that began with beat 1 is given up, if ever.
    fn given_up_after(merging: impl Fn(u32) -> bool, beats: impl Fn(u32) -> u64) -> Option<u32> {
        let mut stall = Stall::default();
        (0..10_000).find(|second| stall.tick(beats(*second), merging(*second)))
    }

    #[test]
    fn a_group_that_hangs_is_given_up() {
        assert_eq!(given_up_after(|_| false, |_| 1), Some(IDLE_TICKS_MAX));
    }

    #[test]
    fn a_long_merge_is_waited_for_but_not_for_ever() {
        assert_eq!(given_up_after(|second| second < 100, |_| 1), Some(100 + IDLE_TICKS_MAX - 1));
        assert_eq!(given_up_after(|_| true, |_| 1), Some(BUSY_TICKS_MAX));
    }

    #[test]
    fn an_idle_or_a_working_committer_is_left_alone() {
        assert_eq!(given_up_after(|_| false, |_| 2), None);
        assert_eq!(given_up_after(|_| false, |second| u64::from(second / 20) * 2 + 1), None);
    }
}
