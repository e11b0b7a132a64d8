//! Whether each planted bug is found, and by which seed and which invariant.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sim::{Deployment, Story};

use crate::say;

/// Seeds of two nodes that are tried where one node does not show a bug.
const TWO_NODES_SEEDS: u64 = 200;

/// Looks for the first of so many seeds that finds each bug, among those that find nothing without it.
pub(crate) fn find_all(seeds: u64) -> ExitCode {
    let mut missed = 0;
    let unclear = unclear_seeds(TWO_NODES_SEEDS.min(seeds));
    say("| bug | seed | found by |\n|---|---|---|");
    for (_, name) in domain::planted::BUGS {
        domain::planted::plant(name);
        let of_one = first_found(seeds, &|seed| found(seed, Deployment::OneNode));
        if let Some((seed, told)) = of_one {
            say(&format!("| `{name}` | {seed} | {told} |"));
            continue;
        }
        let of_two = first_found(TWO_NODES_SEEDS.min(seeds), &|seed| {
            found(seed, Deployment::TwoNodes).filter(|_| !unclear.contains(&seed))
        });
        match of_two {
            Some((seed, told)) => say(&format!("| `{name}` | {seed} of two nodes | {told} |")),
            None => {
                say(&format!("| `{name}` | none of {seeds} | |"));
                missed += 1;
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The seeds of two nodes that break something without any bug.
fn unclear_seeds(seeds: u64) -> BTreeSet<u64> {
    let unclear = Mutex::new(BTreeSet::new());
    first_found(seeds, &|seed| {
        if found(seed, Deployment::TwoNodes).is_some() {
            unclear.lock().insert(seed);
        }
        None
    });
    unclear.into_inner()
}

/// The first seed that finds what is planted now. Two threads look; which of them is first does not matter.
fn first_found(seeds: u64, look: &(dyn Fn(u64) -> Option<String> + Sync)) -> Option<(u64, String)> {
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
                    let found = look(seed).map(|told| (seed, told));
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
fn found(seed: u64, deployment: Deployment) -> Option<String> {
    let outcome = sim::run(seed, deployment, Story::Short);
    let first = outcome.violations.first()?;
    Some(first.split(':').next().unwrap_or_default().to_owned())
}
