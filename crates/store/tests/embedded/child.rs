//! A process that writes until it dies: this test binary again, asked for one test only.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use store::backend::{Embedded, EmbeddedOptions};
use store::{CommitError, Store};

use crate::support::{bytes, put};

/// Names the folder to write into. Without it the test below has nothing to do.
const FOLDER: &str = "KITH_TEST_FOLDER";
const FIRST: &str = "KITH_TEST_FIRST";
const VALUE_BYTES: &str = "KITH_TEST_VALUE_BYTES";
const MEMTABLE_BYTES: &str = "KITH_TEST_MEMTABLE_BYTES";
const CONFIRMED: &str = "confirmed ";

/// What the child shall do.
pub(crate) struct Task<'folder> {
    pub(crate) folder: &'folder Path,
    /// The number of the first row.
    pub(crate) first: u32,
    pub(crate) value_bytes: usize,
    pub(crate) disk: Disk,
}

/// What the disk does to the child.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disk {
    /// Takes everything.
    Works,
    /// Fails to write once the journal is 64 MiB long, which is what the engine allots to it.
    EndsWithTheJournal,
}

impl Disk {
    /// For the shell that starts the child: limits count in units of 512 bytes.
    const fn limits(self) -> &'static str {
        match self {
            Self::Works => "",
            Self::EndsWithTheJournal => "trap '' XFSZ; ulimit -f 131072;",
        }
    }

    const fn memtable_bytes(self) -> u64 {
        match self {
            Self::Works => 1024 * 1024,
            Self::EndsWithTheJournal => u64::MAX,
        }
    }
}

/// A running writer.
pub(crate) struct Writer {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    pub(crate) fn start(task: &Task<'_>) -> Self {
        let run = format!("{} exec \"$0\" \"$@\"", task.disk.limits());
        let mut process = Command::new("sh")
            .args(["-c", &run])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "child::writes_until_it_dies", "--nocapture"])
            .env(MEMTABLE_BYTES, task.disk.memtable_bytes().to_string())
            .env(FOLDER, task.folder)
            .env(FIRST, task.first.to_string())
            .env(VALUE_BYTES, task.value_bytes.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, output }
    }

    /// Waits for the next row that the child says is on disk; nothing once it is dead.
    pub(crate) fn next_confirmed(&mut self) -> Option<u32> {
        let mut lines = self.output.by_ref().map_while(Result::ok);
        lines.find_map(|line| line.strip_prefix(CONFIRMED)?.parse().ok())
    }

    /// Kills the child. What it said before that is still to be read.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
    }

    /// How the child ended.
    pub(crate) fn exit(mut self) -> std::process::ExitStatus {
        self.process.wait().unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::test]
async fn writes_until_it_dies() {
    let Some(folder) = told(FOLDER).map(PathBuf::from) else {
        return;
    };
    let first: u32 = told(FIRST).unwrap().parse().unwrap();
    let value_bytes: usize = told(VALUE_BYTES).unwrap().parse().unwrap();
    let memtable_bytes = told(MEMTABLE_BYTES).unwrap().parse().unwrap();
    let options = EmbeddedOptions { memtable_bytes, ..EmbeddedOptions::default() };
    let store = Store::Embedded(Embedded::open(&folder, &options).unwrap());
    for number in first.. {
        let outcome = store.commit(put(number, &bytes(number, value_bytes))).await;
        assert_ne!(outcome, Err(CommitError::Unknown), "no answer is lost while the process lives");
        outcome.unwrap();
        writeln!(std::io::stdout(), "{CONFIRMED}{number}").unwrap();
    }
}
