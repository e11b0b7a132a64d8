//! Builds the simulator with optimisation and runs it; where a planted bug is asked for, the build that has them.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Runs the simulator with these arguments.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> ExitCode {
    let mut command = Command::new(env!("CARGO"));
    if arguments.iter().any(|argument| argument.starts_with("--planted")) {
        // Only our own crates are built anew: what they depend on is the same.
        command.env("RUSTC_WORKSPACE_WRAPPER", root.join("scripts/planted-rustc.sh"));
    }
    let status = command
        .args(["run", "--quiet", "--release", "--package", "sim", "--"])
        .args(arguments)
        .status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
