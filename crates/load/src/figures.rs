//! All figures that are promised, in one run, beside their targets.

use std::io::Write as _;

use crate::cli::Talking;
use crate::pace::Pace;
use crate::report::{Report, note, rounded};
use crate::run::Common;
use crate::{group, history, idle, messages, posting, stored};

/// Pairs of people who write as fast as goes.
const PAIRS: usize = 100;
/// Messages that everybody has outstanding. How long an answer takes follows from how many are on their way in all.
const OUTSTANDING: usize = 3;
/// Connections of requests.
const CONNECTIONS: usize = 64;
/// Messages behind the pages of history.
const HISTORY_MESSAGES: u64 = 100_000;

/// A promise.
struct Row {
    name: &'static str,
    target: &'static str,
    scenario: usize,
    /// Which figures of the scenario.
    figures: &'static [&'static str],
}

const ROWS: &[Row] = &[
    Row {
        name: "acked one-to-one messages over sockets, delivered live",
        target: "30,000 per s, p99 ≤ 50 ms",
        scenario: 0,
        figures: &["acked", "ack p99", "server CPU"],
    },
    Row {
        name: "the same over `POST /message/send` with keep-alive",
        target: "12,000 per s",
        scenario: 1,
        figures: &["messages", "message p99", "server CPU"],
    },
    Row {
        name: "deliveries into a group of 1,000",
        target: "400,000 per s",
        scenario: 2,
        figures: &["delivered", "send → receipt p99"],
    },
    Row {
        name: "send → receipt at a tenth of the peak",
        target: "p99 12 ms",
        scenario: 3,
        figures: &["send → receipt p50", "send → receipt p99"],
    },
    Row {
        name: "memory per idle socket, 10,000 held",
        target: "6 KiB",
        scenario: 4,
        figures: &["anonymous per socket", "resident per socket"],
    },
    Row {
        name: "pages of 50 over HTTP",
        target: "8,000 per s",
        scenario: 5,
        figures: &["pages", "page p99", "server CPU"],
    },
    Row {
        name: "start to listening, a million messages",
        target: "500 ms",
        scenario: 6,
        figures: &["start to listening, median", "start after a kill"],
    },
    Row {
        name: "resident memory, nobody connected",
        target: "40 MiB",
        scenario: 6,
        figures: &["resident, nobody connected"],
    },
    Row {
        name: "disk per message of 100 bytes, all rows",
        target: "400 bytes",
        scenario: 6,
        figures: &["data folder after a stop"],
    },
];

/// Runs everything and prints the table.
pub(crate) fn measure(common: &Common, stored_messages: u64) -> anyhow::Result<Vec<Report>> {
    let as_many_as_go = Talking::default();
    note("messages over sockets");
    let full = Talking { outstanding: OUTSTANDING, ..Talking::default() };
    let peak = first(messages::over_sockets(common, PAIRS, &full)?);
    let tenth = peak.figure("acked").map_or(1, |figure| whole(figure.value / 10.0).max(1));
    note("messages over HTTP");
    let posted = first(posting::measure(common, CONNECTIONS, &as_many_as_go)?);
    note("a group of 1,000");
    let club = first(group::measure(common, (1_000, 8), &as_many_as_go)?);
    note("a tenth of the peak");
    let slowly = Talking { rate: Some(tenth), ..Talking::default() };
    let calm = first(messages::over_sockets(common, PAIRS, &slowly)?);
    note("10,000 idle sockets");
    let silent = idle::measure(common, 10_000)?;
    note("pages of history");
    let pages = history::measure(common, HISTORY_MESSAGES, (CONNECTIONS, Pace::Closed(1)))?;
    note("a store with many messages");
    let kept = stored::measure(common, stored_messages)?;
    let scenarios = vec![peak, posted, club, calm, silent, pages, kept];
    print(&scenarios)?;
    Ok(scenarios)
}

/// The report of the scenario itself.
fn first(reports: Vec<Report>) -> Report {
    reports.into_iter().next().unwrap_or_default()
}

fn print(scenarios: &[Report]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "| figure | target | measured |\n|---|---|---|")?;
    for row in ROWS {
        let report = scenarios.get(row.scenario);
        let found = row.figures.iter().filter_map(|name| report?.figure(name));
        let found: Vec<String> = found
            .map(|figure| format!("{} {} {}", figure.name, rounded(figure.value), figure.unit))
            .collect();
        writeln!(out, "| {} | {} | {} |", row.name, row.target, found.join("; "))?;
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate of messages is a small positive number"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}
