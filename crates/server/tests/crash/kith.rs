//! The process under test.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::record::Dice;

/// What the line on standard output begins with, before the address.
const READY: &str = "Kith is ready at ";

/// A server, running or killed.
pub(crate) struct Kith {
    folder: PathBuf,
    child: Child,
    base: String,
}

impl Kith {
    pub(crate) async fn start(folder: &Path) -> Self {
        let mut child = spawn(folder);
        let base = ready(&mut child, folder).await;
        Self { folder: folder.to_owned(), child, base }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it runs until it is killed");
    }

    /// Starts again on the same folder, and says how long it took until it answers.
    pub(crate) async fn restart(&mut self) -> Duration {
        let started_at = Instant::now();
        self.child = spawn(&self.folder);
        self.base = ready(&mut self.child, &self.folder).await;
        started_at.elapsed()
    }

    /// Starts, and is killed at some moment before or soon after it is ready.
    pub(crate) async fn kill_while_starting(&mut self, dice: &mut Dice) {
        self.child = spawn(&self.folder);
        tokio::select! {
            biased;
            _ = ready(&mut self.child, &self.folder) => {}
            () = dice.yield_a_while() => {}
        }
        self.kill().await;
    }
}

fn command(folder: &Path) -> Command {
    let log = OpenOptions::new().create(true).append(true).open(log_of(folder));
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    command
        .env("KITH_LIMITS_RATES", "false")
        .stdin(Stdio::null())
        .stderr(log.expect("the log can be opened"))
        .kill_on_drop(true);
    command
}

fn spawn(folder: &Path) -> Child {
    let mut command = command(folder);
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data_of(folder))
        .stdout(Stdio::piped());
    command.spawn().expect("the binary can be run")
}

fn data_of(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// Waits for the line that names the address.
async fn ready(child: &mut Child, folder: &Path) -> String {
    let stdout = child.stdout.take().expect("standard output is piped");
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await.expect("standard output can be read") {
        if let Some(base) = line.strip_prefix(READY) {
            // Kept open, since the server has more to say.
            child.stdout = Some(lines.into_inner().into_inner());
            return base.trim().to_owned();
        }
    }
    let log = std::fs::read_to_string(log_of(folder)).unwrap_or_default();
    panic!("the server ended before it was ready:\n{log}");
}

/// Every record that the killed server left behind can be read.
pub(crate) async fn check_store(folder: &Path) {
    let mut command = command(folder);
    command.args(["store", "check", "--data"]).arg(data_of(folder)).stdout(Stdio::null());
    let status = command.status().await.expect("the binary can be run");
    assert!(status.success(), "the store is damaged: {status}");
}
