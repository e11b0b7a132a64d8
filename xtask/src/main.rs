//! The chores of this repository, behind `cargo xtask`: everything that `make` calls and that is not a tool of its own.

mod codegen;
mod sim;
mod tidy;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

const USAGE: &str = "\
Usage: cargo xtask <chore>

  tidy               prove the floors, the file ceilings and the paths named in documents
  codegen            write docs/openapi.json and docs/kith.example.toml from the built binary
  codegen --check    fail if they are not what the binary would write
  sim ...            run the simulator; `cargo xtask sim --help` says what with
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let findings = match arguments.as_slice() {
        ["tidy"] => root().and_then(|root| tidy::findings(&root)),
        ["codegen"] => root().and_then(|root| codegen::write(&root)).map(|()| Vec::new()),
        ["codegen", "--check"] => root().and_then(|root| codegen::findings(&root)),
        ["sim", rest @ ..] => match root() {
            Ok(root) => return sim::run(&root, rest),
            Err(error) => Err(error),
        },
        _ => Err(anyhow::anyhow!("unknown chore\n\n{USAGE}")),
    };
    report(findings)
}

/// The folder that holds the workspace.
fn root() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("xtask lies directly in the repository")?;
    Ok(root.to_path_buf())
}

fn report(findings: anyhow::Result<Vec<String>>) -> ExitCode {
    let text = match findings {
        Ok(findings) if findings.is_empty() => return ExitCode::SUCCESS,
        Ok(findings) => format!("{}\n{} finding(s)\n", findings.join("\n"), findings.len()),
        Err(error) => format!("error: {error:#}\n"),
    };
    // If even the error stream is closed, the exit status has to be enough.
    drop(std::io::stderr().write_all(text.as_bytes()));
    ExitCode::FAILURE
}
