//! The binary `sim`: runs seeds and says what they broke. What it runs is in the library.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use parking_lot::Mutex;
use sim::Outcome;

/// Runs whole deployments from seeds.
#[derive(Parser)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// How many at the same time, each in a thread of its own.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Print the trace hash of every seed.
    #[arg(long)]
    hashes: bool,
    /// Print everything that happened.
    #[arg(long)]
    trace: bool,
    /// Goes on after a seed that broke something.
    #[arg(long)]
    keep_going: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    sim::watch_panics();
    let outcomes = run_all(&arguments);
    let broken = outcomes.iter().filter(|outcome| !outcome.violations.is_empty()).count();
    if !arguments.hashes {
        say(&summary(&outcomes, broken));
    }
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_all(arguments: &Arguments) -> Vec<Outcome> {
    let end = arguments.from + arguments.seeds;
    let (next, outcomes) = (AtomicU64::new(arguments.from), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let outcome = sim::run(seed, arguments.trace);
                    tell(arguments, &outcome);
                    if !outcome.violations.is_empty() && !arguments.keep_going {
                        next.store(end, Ordering::Relaxed);
                    }
                    outcomes.lock().push(Outcome { story: Vec::new(), ..outcome });
                }
            });
        }
    });
    outcomes.into_inner()
}

fn tell(arguments: &Arguments, outcome: &Outcome) {
    if arguments.hashes {
        say(&format!("{} {:016x}", outcome.seed, outcome.trace_hash));
    }
    if arguments.trace || !outcome.violations.is_empty() {
        let mut text = format!("seed {}\n", outcome.seed);
        outcome.story.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        outcome.violations.iter().take(10).for_each(|told| text.push_str(&format!("  {told}\n")));
        if !outcome.violations.is_empty() {
            text.push_str(&format!("  again: cargo xtask sim --from {} --seeds 1\n", outcome.seed));
        }
        say(text.trim_end());
    }
}

fn summary(outcomes: &[Outcome], broken: usize) -> String {
    let sum = |of: fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>();
    let simulated_ms: u64 = outcomes.iter().map(|outcome| outcome.simulated_ms).sum();
    format!(
        "{} seeds, {:.2} simulated hours, {} messages, {} acked, {} retried, {} seen, {broken} seeds with violations",
        outcomes.len(),
        simulated_ms as f64 / 3_600_000.0,
        sum(|outcome| outcome.summary.messages),
        sum(|outcome| outcome.summary.acked),
        sum(|outcome| outcome.summary.retried),
        sum(|outcome| outcome.summary.sightings),
    )
}

fn say(text: &str) {
    // Whoever closed the output does not want to hear it.
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}
