//! Groups: one message, many receivers who are all there.

use crate::cli::Talking;
use crate::crowd::Crowd;
use crate::messages::{self, Pace, Talk};
use crate::net::Net;
use crate::report::Report;
use crate::run::Common;
use crate::server::post;

/// A group of `members`, all connected, in which the first `writers` write.
pub(crate) fn measure(
    common: &Common,
    (members, writers): (usize, usize),
    talking: &Talking,
) -> anyhow::Result<Report> {
    let (bench, people) = common.bench(|world| world.people(members))?;
    let (founder, others) =
        people.split_first().ok_or_else(|| anyhow::anyhow!("a group has members"))?;
    let others: Vec<String> = others.iter().map(|person| person.id.to_string()).collect();
    let body = serde_json::json!({ "group_name": "Club", "participants": others }).to_string();
    let founded = post(bench.server.address, "/group/create", (&founder.token, &body))?;
    let founded: serde_json::Value = serde_json::from_str(&founded)?;
    let group = founded.get("group_id").and_then(serde_json::Value::as_str).unwrap_or_default();
    let to = vec![format!(r#""conversation_id":"{group}""#); writers];
    bench.server.wait_until_quiet();
    let mut net = Net::new(bench.server.address)?;
    let crowd = Crowd::open(&mut net, &people)?;
    let pace = talking.rate.map_or(Pace::Closed(talking.outstanding), Pace::Open);
    let mut talk = Talk::new(crowd, &to, (pace, talking.text_bytes));
    let mut report = messages::measure(&bench, &mut net, &mut talk, writers)?;
    report.scenario = format!("group of {members}");
    bench.server.stop()?;
    Ok(report)
}
