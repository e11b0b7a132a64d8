//! Messages between two: how many are acked and delivered, how fast, and at what cost.
//!
//! Closed loop: everybody always has N messages outstanding. Open loop: a fixed rate, where each message counts from
//! the moment at which it was meant to leave, so that a stall of the server is seen in full.

use crate::cli::Talking;
use crate::clock::{SECOND_NS, now_ns, number};
use crate::crowd::Crowd;
use crate::net::Net;
use crate::report::Report;
use crate::run::{Bench, Common, Watch};
use crate::server::folder_bytes;
use crate::talk::{TURN, Talk};
use crate::world::pairs;

/// How long answers may take after the last send.
const DRAIN_NS: u64 = 10 * SECOND_NS;

/// People who write to each other, two by two, over sockets.
pub(crate) fn over_sockets(
    common: &Common,
    pairs_count: usize,
    talking: &Talking,
) -> anyhow::Result<Vec<Report>> {
    let (bench, people) = common.people(pairs_count * 2)?;
    let mut net = Net::new(bench.server.address)?;
    let before = bench.server.memory();
    let crowd = Crowd::open(&mut net, &people)?;
    let opened = bench.server.memory();
    let targets = pairs(&people);
    let listeners: Vec<_> = targets.iter().map(|target| target.conversation).enumerate().collect();
    let mut talk = Talk::new(crowd, targets, (talking.pace(), talking.text_bytes));
    if common.check {
        talk.witness(&people, listeners.into_iter());
    }
    let mut report = measure(&bench, &mut net, &mut talk)?;
    if bench.server.is_ours() {
        let bytes = opened.anonymous.saturating_sub(before.anonymous);
        let each = number(bytes) / number(u64::try_from(people.len())?.max(1));
        report.add("anonymous memory, before the load", each, "bytes per socket");
    }
    let checked = talk.judge(&bench, &mut net, &people)?;
    bench.server.stop()?;
    if let Some(folder) = &bench.folder {
        let bytes = number(folder_bytes(folder.path()));
        let each = bytes / number(talk.tally.acked.max(1));
        report.add("data folder after a stop", each, "bytes per message");
    }
    Ok([report].into_iter().chain(checked).collect())
}

/// Runs warm-up, window and drain, and reports.
pub(crate) fn measure(bench: &Bench, net: &mut Net, talk: &mut Talk) -> anyhow::Result<Report> {
    let before = bench.server.counters()?;
    talk.crowd.dirty = 0;
    let mut watch = Watch::begin(bench);
    talk.begin(net, watch.started_ns, watch.window);
    let patience = talk.patience();
    while watch.goes_on() {
        talk.say_due(net);
        net.turn(talk, patience)?;
    }
    talk.end();
    let deadline = now_ns() + DRAIN_NS;
    while !talk.is_quiet() && now_ns() < deadline {
        talk.say_due(net);
        net.turn(talk, TURN)?;
    }
    talk.crowd.ensure_all_open()?;
    let after = bench.server.counters()?;
    let mut report = Report::new("messages", talk.conditions());
    talk.report(&mut report);
    let tally = &talk.tally;
    let operations = [("message", tally.acked_in_window), ("delivery", tally.delivered_in_window)];
    watch.report_cpu(&mut report, &operations);
    if bench.server.is_ours() && tally.acked > 0 {
        let syncs = number((after.syncs - before.syncs) * 1_000) / number(tally.acked);
        report.add("fsyncs", syncs, "per 1,000 messages");
    }
    report.count("clients that were too slow", talk.crowd.dirty);
    Ok(report)
}
