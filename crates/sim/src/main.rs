//! The binary `sim`: runs seeds and says what they broke. What it runs is in the library.

#[cfg(planted_bug)]
mod planted;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use parking_lot::Mutex;
use sim::{Deployment, Outcome, Story};

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
    /// Two nodes over one store, with hints that get lost, instead of one.
    #[arg(long)]
    cluster: bool,
    /// Runs so many seeds twice, each in a process of its own, and once beside each other: all have to be the same.
    #[arg(long)]
    determinism: Option<u64>,
    /// Plants the bug with this name, in a build that has them.
    #[cfg(planted_bug)]
    #[arg(long)]
    planted: Option<String>,
    /// Looks for the first seed that finds each planted bug, and writes the table of docs/VERIFICATION.md.
    #[cfg(planted_bug)]
    #[arg(long)]
    planted_all: bool,
    /// Goes on after a seed that broke something.
    #[arg(long)]
    keep_going: bool,
}

impl Arguments {
    /// The command that repeats one seed.
    fn again(&self, seed: u64) -> String {
        let cluster = if self.cluster { " --cluster" } else { "" };
        #[cfg(planted_bug)]
        let planted: String =
            self.planted.iter().map(|name| format!(" --planted {name}")).collect();
        #[cfg(not(planted_bug))]
        let planted = "";
        format!("cargo xtask sim --from {seed} --seeds 1{cluster}{planted}")
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seeds) = arguments.determinism {
        return determinism(arguments.from, seeds);
    }
    sim::watch_panics();
    #[cfg(planted_bug)]
    if arguments.planted_all {
        return planted::find_all(arguments.seeds);
    }
    #[cfg(planted_bug)]
    if let Some(name) = &arguments.planted
        && !domain::planted::plant(name)
    {
        say(&format!("there is no planted bug {name}"));
        return ExitCode::FAILURE;
    }
    let outcomes = run_all(&arguments);
    let broken = outcomes.iter().filter(|outcome| !outcome.violations.is_empty()).count();
    if !arguments.hashes {
        say(&summary(&outcomes, broken));
    }
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether one seed is one run, whatever else the process has done.
fn determinism(from: u64, seeds: u64) -> ExitCode {
    let hash_of = |seed: u64, seeds: u64| {
        let exe = std::env::current_exe().ok()?;
        let numbers =
            ["--from", &seed.to_string(), "--seeds", &seeds.to_string()].map(str::to_owned);
        let mut command = std::process::Command::new(exe);
        let output = command.args(numbers).args(["--hashes", "--keep-going"]).output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let hashes = |text: &str| -> std::collections::BTreeSet<String> {
        let lines = text.lines().filter(|line| !line.starts_with([' ', 's']));
        lines.map(str::to_owned).collect()
    };
    let together = hashes(&hash_of(from, seeds).unwrap_or_default());
    let mut same = together.len() as u64 == seeds;
    for seed in from..from + seeds {
        for _ in 0..2 {
            let alone = hashes(&hash_of(seed, 1).unwrap_or_default());
            if alone.len() != 1 || !alone.is_subset(&together) {
                say(&format!("seed {seed} is not one run: {alone:?}"));
                same = false;
            }
        }
    }
    if same {
        say(&format!("{seeds} seeds, each twice alone and once among others: one run each"));
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

fn run_all(arguments: &Arguments) -> Vec<Outcome> {
    let end = arguments.from + arguments.seeds;
    let deployment = if arguments.cluster { Deployment::TwoNodes } else { Deployment::OneNode };
    let story = if arguments.trace { Story::Whole } else { Story::Short };
    let (next, outcomes) = (AtomicU64::new(arguments.from), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let outcome = sim::run(seed, deployment, story);
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
            text.push_str(&format!("  again: {}\n", arguments.again(outcome.seed)));
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
