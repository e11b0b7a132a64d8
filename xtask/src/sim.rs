//! Builds the simulator with optimisation and runs it.

use std::process::{Command, ExitCode};

/// Runs the simulator with these arguments.
pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--package", "sim", "--"])
        .args(arguments)
        .status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
