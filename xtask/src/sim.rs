//! Builds the simulator with optimisation and runs it; where a planted bug is asked for, the build that has them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};

/// A build of the simulator.
#[derive(Clone, Copy)]
enum Build {
    /// The one that runs seeds.
    Optimised,
    /// Another one of the same source, which the tests have nearly made already.
    Development,
}

/// Runs the simulator with these arguments.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> ExitCode {
    let mut command = simulator(Build::Optimised, arguments);
    if arguments.iter().any(|argument| argument.starts_with("--planted")) {
        // Only our own crates are built anew: what they depend on is the same.
        command.env("RUSTC_WORKSPACE_WRAPPER", root.join("scripts/planted-rustc.sh"));
    }
    let worked = command.status().is_ok_and(|status| status.success());
    let seeds = arguments.iter().skip_while(|argument| **argument != "--determinism").nth(1);
    if worked && seeds.is_none_or(|seeds| builds_agree(seeds)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn simulator(build: Build, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "sim"]);
    if matches!(build, Build::Optimised) {
        command.arg("--release");
    }
    command.arg("--").args(arguments);
    command
}

/// Whether the first seeds are the same runs in two builds of the same source.
fn builds_agree(seeds: &str) -> bool {
    let [one, other] = [Build::Optimised, Build::Development].map(|build| {
        let output = simulator(build, &["--hashes", "--seeds", seeds]).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        text.unwrap_or_default().lines().map(str::to_owned).collect::<BTreeSet<_>>()
    });
    let agree = !one.is_empty() && one == other;
    let told = if agree {
        format!("{seeds} seeds in two builds: one run each\n")
    } else {
        let differ: Vec<&String> = one.symmetric_difference(&other).collect();
        format!("two builds of the same source differ: {differ:?}\n")
    };
    // If nobody reads it, the exit status has to be enough.
    drop(std::io::stdout().write_all(told.as_bytes()));
    agree
}
