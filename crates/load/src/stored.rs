//! A server over many stored messages: how soon it listens, what it holds in memory, and what a message takes on disk.

use anyhow::Context as _;

use crate::clock::{milliseconds, number};
use crate::histogram::Histogram;
use crate::report::{self, Report};
use crate::run::Common;
use crate::server::{Server, folder_bytes};

/// People of the conversations.
const PEOPLE: usize = 1_000;
/// How often the start is measured.
const STARTS: u64 = 7;
/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;

/// Fills a store with `messages`, lets the server follow them up, and starts it again and again.
pub(crate) fn measure(common: &Common, messages: u64) -> anyhow::Result<Report> {
    let (bench, ()) = common.bench(|world| {
        let people = world.people(PEOPLE)?;
        world.messages(&people, messages).map(drop)
    })?;
    report::note("the server follows up what is stored");
    bench.server.wait_until_quiet();
    bench.server.stop()?;
    let folder = bench.folder.context("the folder is our own")?;
    let bytes = folder_bytes(folder.path());
    let binary = common.binary()?;
    let start = || Server::start(&binary, folder.path(), common.pinning());
    let mut clean = Histogram::new();
    for _ in 0..STARTS {
        let server = start()?;
        clean.record(server.start_ns);
        server.stop()?;
    }
    let server = start()?;
    server.wait_until_quiet();
    let memory = server.memory();
    server.kill()?;
    let server = start()?;
    let killed_ns = server.start_ns;
    server.stop()?;
    let mut report = Report::new("stored", format!("{messages} messages of {PEOPLE} people"));
    report.add("start to listening, median", milliseconds(clean.quantile_ns(500)), "ms");
    report.add("start to listening, slowest", milliseconds(clean.max_ns()), "ms");
    report.add("start after a kill", milliseconds(killed_ns), "ms");
    report.add("resident, nobody connected", number(memory.resident) / MIB, "MiB");
    report.add("anonymous, nobody connected", number(memory.anonymous) / MIB, "MiB");
    let each = number(bytes) / number(messages.max(1));
    report.add("data folder after a stop", each, "bytes per message");
    Ok(report)
}
