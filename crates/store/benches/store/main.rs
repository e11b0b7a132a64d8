//! How fast the store is, and how much disk and memory it takes, without the server above it.
//!
//! `cargo bench -p store -- COMMAND`, where the command is one of
//!
//! - `commit`: durable batches of one message at 1, 16, 256 and 1,024 outstanding.
//! - `load FOLDER MESSAGES`: fills a new folder with conversations of 1,000 messages.
//! - `pages FOLDER`: newest-first pages of 50 from random places.
//! - `open FOLDER`: time to open, and memory after it.
//! - `disk FOLDER`: bytes for each message after a full merge, by table.
//!
//! Not a test: nothing here passes or fails.

mod commit;
mod disk;
mod load;
mod machine;
mod messages;
mod open;
mod pages;

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

/// Whatever goes wrong ends the run.
type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?;
    match arguments.as_slice() {
        ["load", folder, count] => runtime.block_on(load::run(Path::new(folder), count.parse()?)),
        ["pages", folder] => runtime.block_on(pages::run(Path::new(folder))),
        ["open", folder] => open::run(Path::new(folder)),
        ["disk", folder] => disk::run(Path::new(folder)),
        [] | ["commit"] => commit::run(&runtime),
        _ => {
            Err("commands: commit, load FOLDER MESSAGES, pages FOLDER, open FOLDER, disk FOLDER"
                .into())
        }
    }
}

/// One line of the report.
fn say(line: &str) -> Outcome {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
