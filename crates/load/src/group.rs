//! Groups: one message, many receivers who are all there.

use std::net::SocketAddr;

use anyhow::Context as _;
use domain::ConversationId;

use crate::cli::Talking;
use crate::crowd::Crowd;
use crate::messages;
use crate::net::Net;
use crate::report::Report;
use crate::run::Common;
use crate::server::post;
use crate::talk::Talk;
use crate::world::{Person, Target};

/// A group of `members`, all connected, in which the first `writers` write.
pub(crate) fn measure(
    common: &Common,
    (members, writers): (usize, usize),
    talking: &Talking,
) -> anyhow::Result<Vec<Report>> {
    let (bench, people) = common.people(members)?;
    let group = found(bench.server.address, &people)?;
    bench.server.wait_until_quiet();
    let mut net = Net::new(bench.server.address)?;
    let crowd = Crowd::open(&mut net, &people)?;
    let targets = vec![Target::group(group); writers];
    let mut talk = Talk::new(crowd, targets, (talking.pace(), talking.text_bytes));
    if common.check {
        let listeners = (0..members).map(|at| (at, group));
        talk.witness(&people, listeners);
    }
    let mut report = messages::measure(&bench, &mut net, &mut talk)?;
    report.scenario = format!("group of {members}");
    let mut reports = vec![report];
    reports.extend(talk.judge(&bench, &mut net, &people)?);
    bench.server.stop()?;
    Ok(reports)
}

/// Founds a group of all these people.
pub(crate) fn found(address: SocketAddr, people: &[Person]) -> anyhow::Result<ConversationId> {
    let (founder, others) = people.split_first().context("a group has members")?;
    let others: Vec<String> = others.iter().map(|person| person.id.to_string()).collect();
    let body = serde_json::json!({ "group_name": "Club", "participants": others }).to_string();
    let founded = post(address, "/group/create", (Some(founder.token.as_str()), &body))?;
    let founded: serde_json::Value = serde_json::from_str(&founded)?;
    let group = founded.get("group_id").and_then(serde_json::Value::as_str);
    group.and_then(|group| group.parse().ok()).context("the server founded no group")
}
