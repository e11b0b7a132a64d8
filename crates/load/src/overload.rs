//! Ten times as much as the server can take: it goes on with what it can, says no to the rest at once, and recovers.

use crate::cli::Talking;
use crate::clock::{SECOND_NS, number, seconds};
use crate::crowd::Crowd;
use crate::messages;
use crate::net::Net;
use crate::pace::Pace;
use crate::posting::Letters;
use crate::report::Report;
use crate::requests::Requests;
use crate::run::{Bench, Common};
use crate::talk::Talk;
use crate::witness::Witness;
use crate::world::pairs;

/// How much more is offered than goes.
const TIMES: u64 = 10;
/// Of what goes, how much is normal traffic: one part in so many.
const NORMAL_PART: u64 = 10;
/// The second after the overload in which traffic must be as before is the fifth.
const RECOVERY_NS: u64 = 5 * SECOND_NS;
/// What clients that break the rule have outstanding: so many times what the protocol allows.
const RULE_BROKEN: usize = 10;
/// Connections with which what goes over HTTP is found.
const HTTP_CONNECTIONS: usize = 64;

/// Who overloads the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Crush {
    /// Sockets that keep to 32 outstanding sends
    Polite,
    /// Sockets that send without waiting for answers
    Rude,
    /// Many more HTTP connections than the server answers at once
    Http,
}

/// Finds what goes, offers ten times as much, then a tenth of it.
pub(crate) fn measure(
    common: &Common,
    (pairs, connections): (usize, usize),
    (crush, talking): (Crush, &Talking),
) -> anyhow::Result<Vec<Report>> {
    match crush {
        Crush::Polite | Crush::Rude => over_sockets(common, pairs, (crush, talking)),
        Crush::Http => over_http(common, connections, talking.text_bytes),
    }
}

fn over_sockets(
    common: &Common,
    pairs_count: usize,
    (crush, talking): (Crush, &Talking),
) -> anyhow::Result<Vec<Report>> {
    let (mut bench, people) = common.people(pairs_count * 2)?;
    let mut net = Net::new(bench.server.address)?;
    let crowd = Crowd::open(&mut net, &people)?;
    let targets = pairs(&people);
    let listeners: Vec<_> = targets.iter().map(|target| target.conversation).enumerate().collect();
    let closed = Pace::Closed(talking.outstanding);
    let mut talk = Talk::new(crowd, targets, (closed, talking.text_bytes));
    if common.check {
        talk.witness(&people, listeners.into_iter());
    }
    let mut phase = |talk: &mut Talk, bench: &Bench, (name, pace): (&str, Pace)| {
        talk.change(pace);
        let mut report = messages::measure(bench, &mut net, talk)?;
        name.clone_into(&mut report.scenario);
        anyhow::Ok((report, talk.tally.acked_in_window))
    };
    let (peak, acked) = phase(&mut talk, &bench, (BEFORE, closed))?;
    let goes = per_second(acked, &bench);
    let (calm, _) = phase(&mut talk, &bench, (CALM, Pace::Open((goes / NORMAL_PART).max(1))))?;
    if crush == Crush::Rude {
        talk.allow_in_flight(domain::limits::SENDS_IN_FLIGHT_MAX * RULE_BROKEN);
    }
    let (mut during, acked) = phase(&mut talk, &bench, (DURING, Pace::Flood(goes * TIMES)))?;
    add_goodput(&mut during, acked, (goes, &bench));
    talk.allow_in_flight(domain::limits::SENDS_IN_FLIGHT_MAX);
    bench.warm_up_ns = RECOVERY_NS;
    let (after, _) = phase(&mut talk, &bench, (AFTER, Pace::Open((goes / NORMAL_PART).max(1))))?;
    let checked = talk.judge(&bench, &mut net, &people)?;
    bench.server.stop()?;
    Ok([peak, calm, during, after].into_iter().chain(checked).collect())
}

const BEFORE: &str = "overload, before: what goes";
const CALM: &str = "overload, before: a tenth of what goes";
const DURING: &str = "overload: ten times what goes";
const AFTER: &str = "overload, after five seconds: a tenth of what goes";

fn over_http(
    common: &Common,
    connections: usize,
    text_bytes: usize,
) -> anyhow::Result<Vec<Report>> {
    let (mut bench, people) = common.people(connections.next_multiple_of(2))?;
    let witness = common.check.then(|| Witness::new(&people));
    let letters = Letters::new(bench.server.address, people, (text_bytes, witness));
    let mut net = Net::new(bench.server.address)?;
    let mut requests = Requests::new(letters, Pace::Closed(1));
    requests.open(&mut net, HTTP_CONNECTIONS.min(connections))?;
    let (peak, answered) = http_phase(&bench, (&mut net, &mut requests), BEFORE)?;
    let goes = per_second(answered, &bench);
    let normal = Pace::Open((goes / NORMAL_PART).max(1));
    requests.change(normal);
    let (calm, _) = http_phase(&bench, (&mut net, &mut requests), CALM)?;
    let more = connections.saturating_sub(HTTP_CONNECTIONS);
    requests.open(&mut net, more)?;
    requests.change(Pace::Flood(goes * TIMES));
    let (mut during, answered) = http_phase(&bench, (&mut net, &mut requests), DURING)?;
    add_goodput(&mut during, answered, (goes, &bench));
    bench.warm_up_ns = RECOVERY_NS;
    requests.change(normal);
    let (after, _) = http_phase(&bench, (&mut net, &mut requests), AFTER)?;
    let Letters { people, witness, .. } = requests.questions;
    let checked = witness.map(|witness| witness.judge(bench.server.address, &people));
    let checked = checked.transpose()?;
    bench.server.stop()?;
    Ok([peak, calm, during, after].into_iter().chain(checked).collect())
}

/// A report, and how many were answered in its window.
fn http_phase(
    bench: &Bench,
    (net, requests): (&mut Net, &mut Requests<Letters>),
    name: &str,
) -> anyhow::Result<(Report, u64)> {
    let conditions = format!("{} connections, {}", requests.count(), requests.pace().words());
    let report = requests.measure(bench, net, (name, conditions, "message"))?;
    Ok((report, requests.tally.answered_in_window))
}

fn per_second(count: u64, bench: &Bench) -> u64 {
    count / (bench.measure_ns / SECOND_NS).max(1)
}

fn add_goodput(report: &mut Report, count: u64, (goes, bench): (u64, &Bench)) {
    let good = number(count) / seconds(bench.measure_ns);
    report.add("goodput, as a share of what goes", good / number(goes.max(1)) * 100.0, "%");
}
