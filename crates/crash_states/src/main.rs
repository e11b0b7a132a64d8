//! Crash states: whether what was acked is there in every state in which a power cut could leave the disk.
//!
//! The unmodified binary runs under load with its data on a file system whose block writes are logged. Afterwards the
//! log is replayed: to every flush, and beyond it to states in which only some of what was written since arrived, in
//! another order and in pieces. Each state is mounted and opened as if the machine had just come back, and judged: the
//! store starts by itself, what was acked is there in its place, every log is how the final one began, and a deleted
//! text is gone.
//!
//! All of it happens in mounts and processes of its own, which the kernel takes away when the program ends, however it
//! ends. What is deliberately not here: faults of the disk (errors, flipped bits), and the file system's own torn
//! metadata.

mod block_log;
mod dice;
mod image;
mod judge;
mod kith;
mod load;
mod machine;
mod plan;
mod recording;
mod run;
mod visit;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Replays the disk of a running server to the states in which a power cut could leave it, and judges each.
#[derive(Clone, Debug, Parser)]
#[command(name = "crash-states")]
struct Options {
    /// How many states are visited.
    #[arg(long, default_value_t = 150)]
    states: usize,
    /// The seed of the load and of what arrives; by chance if not given.
    #[arg(long)]
    seed: Option<u64>,
    /// The binary under test.
    #[arg(long)]
    binary: PathBuf,
    /// States that are visited at the same time.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Out of so many states, one is visited by the binary, and all others by the store alone.
    #[arg(long, default_value_t = 20)]
    binary_in: usize,
    /// With so many acks the load ends; about as many as there are states if not given.
    #[arg(long)]
    acks: Option<usize>,
    /// Out of so many messages, one is nearly as long as may be. With 1 and 4,000 acks, memtables become tables and
    /// journals are begun anew under the load.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    long_in: u64,
    /// Pretend that flushes did not happen: this must be found.
    #[arg(long)]
    self_test: bool,
    /// Where a recording is kept if it shows a violation.
    #[arg(long, default_value = "target/crash-states")]
    keep: PathBuf,
    /// Visit the states of a recording that was kept, instead of making one.
    #[arg(long, value_name = "FOLDER")]
    replay: Option<PathBuf>,
    /// Visit this state only.
    #[arg(long)]
    only: Option<usize>,
    /// Set by the program itself, once it is alone.
    #[arg(long, hide = true)]
    alone: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.alone {
        return run::alone(options);
    }
    if let Some(obstacle) = machine::obstacle() {
        run::say(&format!("crash-states: SKIPPED: {obstacle}"));
        return ExitCode::SUCCESS;
    }
    let arguments = std::env::args_os().skip(1).chain(["--alone".into()]);
    match machine::again(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            run::say(&format!("crash-states: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
