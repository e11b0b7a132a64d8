//! The server under test: started here with a throw-away data folder, watched from outside, and stopped.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal};

use crate::clock::{now_ns, number};

/// Clock ticks of a second in `/proc`, fixed for user space on Linux.
const TICKS_PER_SECOND: u64 = 100;
/// Where the server runs.
const SERVER_CPU: &str = "0";
/// Where the load comes from.
const LOAD_CPU: &str = "1";
/// How often one looks whether the server is at rest.
const QUIET_LOOK: Duration = Duration::from_millis(1_000);
/// How often one looks at most.
const QUIET_LOOKS_MAX: usize = 900;
/// What a server at rest uses between two looks: one tick more or less is nothing.
const QUIET_CPU_NS: u64 = 20_000_000;
/// Bytes of a KiB.
const KIB: u64 = 1024;

/// Whether server and load each keep to a processor of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pinning {
    On,
    Off,
}

/// A running server that we can reach, and watch if it is ours.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// From the start of the process to its listening.
    pub(crate) start_ns: u64,
    process: Option<Child>,
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) resident: u64,
    pub(crate) proportional: u64,
    pub(crate) anonymous: u64,
}

/// What the server itself counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) syncs: u64,
}

impl Server {
    /// Starts `binary` with `data` and waits until it listens.
    pub(crate) fn start(binary: &Path, data: &Path, pinning: Pinning) -> anyhow::Result<Self> {
        let started_ns = now_ns();
        let spawned = command(binary, pinning)
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", "127.0.0.1:0"])
            .env("KITH_LIMITS_RATES", "false")
            .env("KITH_LIMITS_CONNECTIONS_PER_ADDRESS", "1000000")
            .env("KITH_LIMITS_CONNECTIONS_MAX", "1000000")
            .env("KITH_LOG_LEVEL", "warn")
            .stdout(Stdio::piped())
            .spawn();
        let mut process = spawned.with_context(|| {
            format!("{} cannot be started; name the server with --server", binary.display())
        })?;
        let out = process.stdout.take().context("the server has no standard output")?;
        let mut server = Self::at(SocketAddr::from(([127, 0, 0, 1], 0)));
        server.process = Some(process);
        server.address = listening(BufReader::new(out))?;
        server.start_ns = now_ns() - started_ns;
        Ok(server)
    }

    /// A server that somebody else has started.
    pub(crate) const fn at(address: SocketAddr) -> Self {
        Self { address, start_ns: 0, process: None }
    }

    /// Whether it was started here, and can be watched.
    pub(crate) const fn is_ours(&self) -> bool {
        self.process.is_some()
    }

    /// Processor time that the process has used, in nanoseconds; 0 if it is not ours.
    pub(crate) fn cpu_ns(&self) -> u64 {
        let Some(stat) = self.proc("stat") else { return 0 };
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        ticks * (1_000_000_000 / TICKS_PER_SECOND)
    }

    pub(crate) fn memory(&self) -> Memory {
        let rollup = self.proc("smaps_rollup").unwrap_or_default();
        let bytes = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kib.unwrap_or_default() * KIB
        };
        Memory {
            resident: bytes("Rss:"),
            proportional: bytes("Pss:"),
            anonymous: bytes("Anonymous:"),
        }
    }

    fn proc(&self, name: &str) -> Option<String> {
        let id = self.process.as_ref()?.id();
        std::fs::read_to_string(format!("/proc/{id}/{name}")).ok()
    }

    /// What `/metrics` says; nothing of a server that is not ours, which may keep it to itself.
    pub(crate) fn counters(&self) -> anyhow::Result<Counters> {
        if !self.is_ours() {
            return Ok(Counters::default());
        }
        let metrics = get(self.address, "/metrics").context("the server tells no metrics")?;
        let value = |name: &str| {
            let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.trim().parse().ok()).unwrap_or_default()
        };
        Ok(Counters { syncs: value("kith_store_syncs") })
    }

    /// Waits until the server has nothing to do by itself.
    #[expect(
        clippy::disallowed_methods,
        reason = "rest has no event: it is seen from outside, by looking again"
    )]
    pub(crate) fn wait_until_quiet(&self) {
        let mut before = self.cpu_ns();
        for _ in 0..QUIET_LOOKS_MAX {
            std::thread::sleep(QUIET_LOOK);
            let now = self.cpu_ns();
            if now - before <= QUIET_CPU_NS {
                return;
            }
            before = now;
        }
        crate::report::note("the server did not come to rest");
    }

    /// Ends the server without a chance to tidy up.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Asks the server to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        rustix::process::kill_process(Pid::from_child(&process), Signal::TERM)?;
        let status = process.wait()?;
        anyhow::ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Something went wrong before; all that is left is not to leave it behind.
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// Reads what the server says until it says where it listens, which is the last thing.
fn listening(mut out: impl std::io::BufRead + Send + 'static) -> anyhow::Result<SocketAddr> {
    let mut line = String::new();
    loop {
        line.clear();
        anyhow::ensure!(out.read_line(&mut line)? > 0, "the server ended before it listened");
        if let Some(rest) = line.strip_prefix("Listening on ") {
            let address = rest.split(';').next().unwrap_or_default();
            return address.trim().parse().with_context(|| format!("no address: {line}"));
        }
    }
}

/// A plain `GET`, for what is asked outside the measurement.
pub(crate) fn get(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"))
}

/// A plain `POST` of JSON by whoever has this token, if anybody, outside the measurement.
pub(crate) fn post(
    address: SocketAddr,
    path: &str,
    (token, body): (Option<&str>, &str),
) -> anyhow::Result<String> {
    let length = body.len();
    let authorization =
        token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    ask(
        address,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{authorization}\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
}

fn ask(address: SocketAddr, request: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    anyhow::ensure!(
        head.starts_with("HTTP/1.1 2"),
        "{}: {body}",
        head.lines().next().unwrap_or_default()
    );
    Ok(body.to_owned())
}

/// Starts `binary`, on the server's processor if it is pinned.
fn command(binary: &Path, pinning: Pinning) -> Command {
    match pinning {
        Pinning::On => {
            let mut command = Command::new("taskset");
            command.args(["-c", SERVER_CPU]).arg(binary);
            command
        }
        Pinning::Off => Command::new(binary),
    }
}

/// Keeps this process on the processor of the load.
pub(crate) fn pin_load() {
    let own = std::process::id().to_string();
    let pinned =
        Command::new("taskset").args(["-cp", LOAD_CPU, &own]).stdout(Stdio::null()).status();
    if !pinned.is_ok_and(|status| status.success()) {
        crate::report::note("the load cannot be pinned with taskset: use --no-pin");
    }
}

/// Lets this process open as many files as the system allows at all, and tells how many that is.
pub(crate) fn raise_open_files() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if setrlimit(Resource::Nofile, limit).is_err() {
        return getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    }
    limit.current.unwrap_or(u64::MAX)
}

/// The server beside this program.
pub(crate) fn beside() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    Ok(here.with_file_name("kith"))
}

/// Bytes of all files below a folder.
pub(crate) fn folder_bytes(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;

    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    });
    sizes.sum()
}

/// Microseconds of processor time per operation.
pub(crate) fn micros_per(cpu_ns: u64, operations: u64) -> f64 {
    if operations == 0 { 0.0 } else { number(cpu_ns) / 1_000.0 / number(operations) }
}
