//! Ten times as much as the server can take: it goes on with what it can, says no to the rest, and recovers.

use crate::cli::Talking;
use crate::clock::{SECOND_NS, number, seconds};
use crate::crowd::Crowd;
use crate::messages::{self, Pace, Talk};
use crate::net::Net;
use crate::report::Report;
use crate::run::Common;

/// How much more is offered than goes.
const TIMES: u64 = 10;
/// Of what goes, how much is normal traffic: one part in so many.
const NORMAL_PART: u64 = 10;
/// The second after the overload in which traffic must be as before is the fifth.
const RECOVERY_SECONDS: u64 = 5;

/// Finds what goes, offers ten times as much, then a tenth.
pub(crate) fn measure(
    common: &Common,
    pairs: usize,
    talking: &Talking,
) -> anyhow::Result<Vec<Report>> {
    let count = pairs * 2;
    let (mut bench, people) = common.bench(|world| world.people(count))?;
    let mut net = Net::new(bench.server.address)?;
    let crowd = Crowd::open(&mut net, &people)?;
    let to = messages::pairs(&people);
    let closed = Pace::Closed(talking.outstanding);
    let mut talk = Talk::new(crowd, &to, (closed, talking.text_bytes));
    let mut phase = |talk: &mut Talk, bench: &_, (name, pace): (&str, Pace)| {
        talk.change(pace);
        let mut report = messages::measure(bench, &mut net, talk, count)?;
        name.clone_into(&mut report.scenario);
        anyhow::Ok(report)
    };
    let length = seconds(bench.measure_ns);
    let peak = phase(&mut talk, &bench, ("overload, before: what goes", closed))?;
    let goes = talk.tally.acked_in_window / (bench.measure_ns / SECOND_NS).max(1);
    let normal = Pace::Open((goes / NORMAL_PART).max(1));
    let before = phase(&mut talk, &bench, ("overload, before: a tenth of what goes", normal))?;
    let flood = ("overload: ten times what goes", Pace::Flood(goes * TIMES));
    let mut during = phase(&mut talk, &bench, flood)?;
    let good = number(talk.tally.acked_in_window) / length;
    during.add("goodput, as a share of what goes", good / number(goes.max(1)) * 100.0, "%");
    bench.warm_up_ns = RECOVERY_SECONDS * SECOND_NS;
    let after =
        phase(&mut talk, &bench, ("overload, after five seconds: a tenth of what goes", normal))?;
    bench.server.stop()?;
    Ok(vec![peak, before, during, after])
}
