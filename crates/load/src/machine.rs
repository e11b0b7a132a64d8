//! What the machine itself can do, measured in the same run: the server can be no faster than this.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;

use crate::clock::{SECOND_NS, now_ns, number, seconds};
use crate::histogram::Histogram;
use crate::report::Report;

/// How long each limit is measured.
const MEASURE_NS: u64 = SECOND_NS;
/// What one flush writes.
const BLOCK_BYTES: usize = 4096;
/// The file is written again from the start after so many bytes.
const FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Connections of the echo.
const ECHO_CONNECTIONS: usize = 64;

/// Where a run took place.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    processor: String,
    processors: usize,
    kernel: String,
    load_average: String,
    stolen_ticks: u64,
}

impl Machine {
    pub(crate) fn look() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
        let stat = read("/proc/stat");
        let steal =
            stat.lines().next().and_then(|line| line.split_whitespace().nth(8)?.parse().ok());
        Self {
            processor: model
                .and_then(|line| line.split_once(": "))
                .map_or_else(String::new, |(_, model)| model.to_owned()),
            processors: cpuinfo.lines().filter(|line| line.starts_with("processor")).count(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_average: read("/proc/loadavg").trim().to_owned(),
            stolen_ticks: steal.unwrap_or_default(),
        }
    }
}

/// Measures flushes, group commits and echoes, with messages of `bytes`, `outstanding` of them at a time.
pub(crate) fn limits(
    folder: &Path,
    (bytes, outstanding): (usize, usize),
) -> anyhow::Result<Report> {
    let machine = Machine::look();
    let conditions = format!(
        "{} × {}, Linux {}, load {}",
        machine.processors, machine.processor, machine.kernel, machine.load_average
    );
    let mut report = Report::new("the machine's own limits", conditions);
    let flushes = appends(folder, BLOCK_BYTES)?;
    let per_second = number(flushes.count()) / seconds(MEASURE_NS);
    report.add("fdatasync of 4 KiB", per_second, "per s");
    report.times("fdatasync", &flushes);
    let group = appends(folder, bytes * outstanding)?;
    let records = number(group.count()) * number(u64::try_from(outstanding)?);
    let name = format!("raw group commit, {outstanding} × {bytes} bytes");
    report.add(&name, records / seconds(MEASURE_NS), "records per s");
    let echoes = echoes(bytes)?;
    let name = format!("echo of {bytes} bytes, {ECHO_CONNECTIONS} connections");
    report.add(&name, echoes, "per s");
    Ok(report)
}

/// Appends pieces of `bytes` to a file that is there already, each with its own flush.
fn appends(folder: &Path, bytes: usize) -> anyhow::Result<Histogram> {
    let path = folder.join("limit");
    let file = File::create(&path).with_context(|| format!("{}", path.display()))?;
    let piece = vec![b'x'; bytes];
    let mut offset = 0;
    while offset < FILE_BYTES {
        file.write_all_at(&piece, offset)?;
        offset += u64::try_from(bytes)?;
    }
    file.sync_all()?;
    let mut times = Histogram::new();
    let started = now_ns();
    offset = 0;
    loop {
        let before = now_ns();
        if before - started > MEASURE_NS {
            break;
        }
        file.write_all_at(&piece, offset % FILE_BYTES)?;
        file.sync_data()?;
        times.record(now_ns() - before);
        offset += u64::try_from(bytes)?;
    }
    drop(file);
    std::fs::remove_file(&path)?;
    Ok(times)
}

/// Echoes per second over loopback TCP, one message of `bytes` at a time on every connection; both sides are one thread
/// each that does nothing but read and write.
fn echoes(bytes: usize) -> anyhow::Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = std::thread::spawn(move || serve_echo(&listener, bytes));
    let mut streams = (0..ECHO_CONNECTIONS)
        .map(|_| TcpStream::connect(address))
        .collect::<Result<Vec<_>, _>>()?;
    let mut piece = vec![b'x'; bytes];
    for stream in &mut streams {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(&piece)?;
    }
    let started = now_ns();
    let mut echoed: u64 = 0;
    while now_ns() - started < MEASURE_NS {
        for stream in &mut streams {
            stream.read_exact(&mut piece)?;
            stream.write_all(&piece)?;
            echoed += 1;
        }
    }
    let rate = number(echoed) / seconds(now_ns() - started);
    drop(streams);
    match server.join() {
        Ok(served) => served?,
        Err(_) => anyhow::bail!("the echo server failed"),
    }
    Ok(rate)
}

fn serve_echo(listener: &TcpListener, bytes: usize) -> std::io::Result<()> {
    let mut streams = (0..ECHO_CONNECTIONS)
        .map(|_| listener.accept().map(|(stream, _)| stream))
        .collect::<Result<Vec<_>, _>>()?;
    let mut piece = vec![0; bytes];
    for stream in &mut streams {
        stream.set_nodelay(true)?;
    }
    loop {
        for stream in &mut streams {
            // The client goes when it has seen enough.
            if stream.read_exact(&mut piece).is_err() || stream.write_all(&piece).is_err() {
                return Ok(());
            }
        }
    }
}
