//! A reconnect storm: all sockets are lost at once, and everybody comes back.

use std::time::Duration;

use crate::clock::{SECOND_NS, milliseconds, now_ns, number, seconds};
use crate::net::Net;
use crate::report::Report;
use crate::returning::{Manner, Returning};
use crate::run::{Bench, Common};

/// How long everybody together may take to come back.
const PATIENCE_NS: u64 = 120 * SECOND_NS;
/// A turn ends after this.
const TURN: Duration = Duration::from_millis(5);

/// Opens a socket for each of `sockets` people, breaks all of them off, and lets them come back, at most `at_once` of
/// them on the way at the same time: first with their tickets, then with no more than their place in the inbox.
pub(crate) fn measure(
    common: &Common,
    (sockets, at_once): (usize, usize),
) -> anyhow::Result<Vec<Report>> {
    let (bench, people) = common.people(sockets)?;
    let mut net = Net::new(bench.server.address)?;
    let before = bench.server.memory();
    let tokens = people.iter().map(|person| person.token.clone());
    let mut returning = Returning::new(tokens, (Manner::New, at_once));
    returning.arrive(&mut net)?;
    let memory = bench.server.memory().anonymous.saturating_sub(before.anonymous);
    let mut reports = Vec::new();
    for (manner, name) in [
        (Manner::Hot, "storm, everybody has a ticket"),
        (Manner::Cold, "storm, everybody has their place in the inbox"),
    ] {
        let mut report = storm(&bench, (&mut net, &mut returning), manner)?;
        name.clone_into(&mut report.scenario);
        report.conditions =
            format!("{sockets} sockets, all lost at once, {at_once} on their way at the same time");
        if bench.server.is_ours() {
            let each = number(memory) / number(u64::try_from(sockets)?);
            report.add("anonymous memory, before the storm", each, "bytes per socket");
        }
        reports.push(report);
    }
    bench.server.stop()?;
    Ok(reports)
}

fn storm(
    bench: &Bench,
    (net, returning): (&mut Net, &mut Returning),
    manner: Manner,
) -> anyhow::Result<Report> {
    returning.change(manner);
    let cpu_before = bench.server.cpu_ns();
    let lost_ns = now_ns();
    (0..returning.count()).for_each(|index| returning.lose(net, index, lost_ns));
    while returning.online < returning.count() {
        returning.depart(net)?;
        net.turn(returning, TURN)?;
        let is_stuck = now_ns() - lost_ns > PATIENCE_NS;
        anyhow::ensure!(!is_stuck, "only {} of {} came back", returning.online, returning.count());
    }
    let took_ns = now_ns() - lost_ns;
    let cpu_ns = bench.server.cpu_ns().saturating_sub(cpu_before);
    let mut report = Report::default();
    let count = number(u64::try_from(returning.count())?);
    report.add("connections", count / seconds(took_ns), "per s");
    report.add("all are online again after", milliseconds(took_ns), "ms");
    report.times("lost → ready", &returning.times);
    if bench.server.is_ours() {
        report.add("server CPU", milliseconds(cpu_ns) / count, "ms per connection");
        report.add("server CPU busy", seconds(cpu_ns) / seconds(took_ns) * 100.0, "%");
    }
    report.count("of these, went on where they were", returning.hot);
    report.count("refused or lost on the way", returning.failed);
    Ok(report)
}
