//! Whether each planted bug is found, and by which seed and which invariant.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sim::{Deployment, Story};

use crate::say;

/// Looks for the first of so many seeds that finds each bug, among those that find nothing without it.
pub(crate) fn find_all(seeds: u64) -> ExitCode {
    let mut missed = 0;
    say("| bug | seed | found by |\n|---|---|---|");
    for (_, name) in domain::planted::BUGS {
        domain::planted::plant(name);
        match first_found(seeds) {
            Some((seed, told)) => say(&format!("| `{name}` | {seed} | {told} |")),
            None => {
                say(&format!("| `{name}` | none of {seeds} | |"));
                missed += 1;
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The first seed that finds what is planted now. Two threads look; which of them is first does not matter.
fn first_found(seeds: u64) -> Option<(u64, String)> {
    let (next, best) = (AtomicU64::new(0), Mutex::new(None::<(u64, String)>));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let is_needed = best.lock().as_ref().is_none_or(|(best, _)| seed < *best);
                    if seed >= seeds || !is_needed {
                        return;
                    }
                    let found = found(seed);
                    let mut best = best.lock();
                    let better =
                        found.filter(|(seed, _)| best.as_ref().is_none_or(|(best, _)| seed < best));
                    *best = better.or(best.take());
                }
            });
        }
    });
    best.into_inner()
}

/// The invariant that a seed finds broken, if it does.
fn found(seed: u64) -> Option<(u64, String)> {
    let outcome = sim::run(seed, Deployment::OneNode, Story::Short);
    let first = outcome.violations.first()?;
    Some((seed, first.split(':').next().unwrap_or_default().to_owned()))
}
