//! The binary `kith`.

use std::io::Write as _;
use std::process::ExitCode;

#[cfg(planted_bug)]
compile_error!("no binary `kith` carries planted bugs");

/// A message takes a quarter less of the processor than with the allocator of glibc; see "sending" in docs/BENCHMARKS.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Err(error) = server::cli::run() else {
        return ExitCode::SUCCESS;
    };
    // Where even standard error is closed, the exit code still tells.
    let told = writeln!(std::io::stderr(), "error: {error:#}");
    if told.is_ok() { ExitCode::FAILURE } else { ExitCode::from(2) }
}
