//! The binary under test.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// What the line on standard output begins with, before the address.
const READY: &str = "Kith is ready at ";

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Kith {
    child: Child,
    /// Where it answers.
    pub(crate) base: String,
}

/// Which binary, on which data, with which log.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) binary: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) log: PathBuf,
}

impl Setting {
    fn command(&self) -> anyhow::Result<Command> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.binary);
        command.env("KITH_LIMITS_RATES", "false").stdin(Stdio::null()).stderr(log);
        command.kill_on_drop(true);
        Ok(command)
    }

    /// Starts it, and waits until it answers.
    pub(crate) async fn start(&self, listen: &str) -> anyhow::Result<Kith> {
        let mut command = self.command()?;
        command.args(["serve", "--listen", listen, "--data"]).arg(&self.data);
        let mut child = command.stdout(Stdio::piped()).spawn().context("kith cannot be run")?;
        let stdout = child.stdout.take().context("standard output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(base) = line.strip_prefix(READY) {
                let base = base.trim().to_owned();
                // Kept open, since the server has more to say.
                child.stdout = Some(lines.into_inner().into_inner());
                return Ok(Kith { child, base });
            }
        }
        bail!("it ended before it was ready: {}", self.last_words());
    }

    /// Has it read every record.
    pub(crate) async fn check(&self) -> anyhow::Result<()> {
        let mut command = self.command()?;
        command.args(["store", "check", "--data"]).arg(&self.data).stdout(Stdio::null());
        if !command.status().await?.success() {
            bail!("`kith store check` failed: {}", self.last_words());
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().rev().take(3).collect::<Vec<_>>().join(" / ")
    }
}

impl Kith {
    /// SIGKILL: nothing is finished, nothing is flushed.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// SIGTERM: it finishes and ends by itself.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        let id = self.child.id().context("it runs until it is stopped")?;
        let pid =
            rustix::process::Pid::from_raw(i32::try_from(id)?).context("a process has an id")?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let status = self.child.wait().await?;
        ensure!(status.success(), "it did not stop well: {status}");
        Ok(())
    }

    /// The address and port at which it listens.
    pub(crate) fn listen(&self) -> String {
        self.base.trim_start_matches("http://").trim_end_matches('/').to_owned()
    }
}
