//! Sockets that say nothing: what does each of them cost in memory and time?

use std::time::Duration;

use crate::clock::{SECOND_NS, now_ns, number, seconds};
use crate::crowd::Crowd;
use crate::net::Net;
use crate::report::Report;
use crate::run::Common;

/// What the server does by itself after a start, or after its last client came, is done after this.
const SETTLE_NS: u64 = 3 * SECOND_NS;
/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;
/// How long one turn waits.
const TURN: Duration = Duration::from_millis(100);

/// Opens `sockets` sockets, one for each of as many people, and holds them while the server is watched.
pub(crate) fn measure(common: &Common, sockets: usize) -> anyhow::Result<Report> {
    let (bench, people) = common.people(sockets)?;
    let mut net = Net::new(bench.server.address)?;
    hold(&mut net, &mut Crowd::default(), SETTLE_NS)?;
    let before = bench.server.memory();
    let cpu_before = bench.server.cpu_ns();
    let opening_ns = now_ns();
    let mut crowd = Crowd::open(&mut net, &people)?;
    let opened_ns = now_ns() - opening_ns;
    let cpu_opened = bench.server.cpu_ns();
    hold(&mut net, &mut crowd, SETTLE_NS)?;
    let after = bench.server.memory();
    let cpu_before_hold = bench.server.cpu_ns();
    hold(&mut net, &mut crowd, bench.measure_ns)?;
    let cpu_held = bench.server.cpu_ns() - cpu_before_hold;
    crowd.ensure_all_open()?;
    let count = number(u64::try_from(sockets)?);
    let conditions = format!("{sockets} people with one silent socket each, without TLS");
    let mut report = Report::new("idle", conditions);
    let each = |after: u64, before: u64| number(after.saturating_sub(before)) / count;
    report.add("resident, nobody connected", number(before.resident) / MIB, "MiB");
    report.add("proportional, nobody connected", number(before.proportional) / MIB, "MiB");
    report.add("anonymous, nobody connected", number(before.anonymous) / MIB, "MiB");
    report.add("resident per socket", each(after.resident, before.resident), "bytes");
    report.add("anonymous per socket", each(after.anonymous, before.anonymous), "bytes");
    report.add("opened and greeted", count / seconds(opened_ns), "per s");
    let opening_us = number(cpu_opened - cpu_before) / 1_000.0 / count;
    report.add("server CPU", opening_us, "µs per new socket");
    report.add("server CPU while idle", seconds(cpu_held) / seconds(bench.measure_ns) * 100.0, "%");
    report.add("start to listening", seconds(bench.server.start_ns) * 1_000.0, "ms");
    bench.server.stop()?;
    Ok(report)
}

fn hold(net: &mut Net, crowd: &mut Crowd, for_ns: u64) -> anyhow::Result<()> {
    let until = now_ns() + for_ns;
    while now_ns() < until {
        net.turn(crowd, TURN)?;
    }
    Ok(())
}
