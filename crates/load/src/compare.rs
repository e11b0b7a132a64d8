//! Two servers in turn, again and again: which one is faster, and how sure is that?
//!
//! A machine is never as fast as a minute ago. So the two take turns, the first round counts for nothing, and what is
//! told is the median of the ratios of each round, with the smallest and the largest of them.

use std::path::PathBuf;

use crate::cli::Talking;
use crate::pace::Pace;
use crate::report::{Report, note};
use crate::run::Common;
use crate::{group, history, idle, messages, mixed, posting, storm};

/// Pairs of people who write to each other.
const PAIRS: usize = 200;
/// Connections of requests.
const CONNECTIONS: usize = 64;
/// Messages behind the pages of history.
const HISTORY_MESSAGES: u64 = 100_000;
/// Sockets that are held, or lost.
const SOCKETS: usize = 2_000;
/// On their way at the same time after a storm.
const AT_ONCE: usize = 512;

/// What can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scenario {
    Messages,
    Http,
    Group,
    History,
    Idle,
    Storm,
    Mixed,
}

/// What the command line says.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Sides {
    /// One server, to which the other is compared
    a: PathBuf,
    /// The other server
    b: PathBuf,
    /// What to run [default: messages, http, group, history]
    scenarios: Vec<Scenario>,
    /// Rounds that count; one more is run before them
    #[arg(long, default_value_t = 6)]
    rounds: usize,
}

/// Runs all rounds of all scenarios.
pub(crate) fn measure(common: &Common, sides: &Sides) -> anyhow::Result<Vec<Report>> {
    anyhow::ensure!(common.address.is_none(), "compare starts its servers itself");
    let usual = [Scenario::Messages, Scenario::Http, Scenario::Group, Scenario::History];
    let chosen = if sides.scenarios.is_empty() { &usual[..] } else { &sides.scenarios };
    let mut reports = Vec::new();
    for scenario in chosen {
        let mut rounds = Vec::new();
        for round in 0..=sides.rounds {
            note(&format!("{scenario:?}, round {round} of {}", sides.rounds));
            rounds.push(one_round(common, sides, (*scenario, round))?);
        }
        // The first round pays for what is not in any cache yet.
        reports.extend(compared(rounds.get(1..).unwrap_or_default(), sides));
    }
    Ok(reports)
}

/// The reports of both, in the order A, B, whichever of them came first.
type Round = [Vec<Report>; 2];

fn one_round(
    common: &Common,
    sides: &Sides,
    (scenario, round): (Scenario, usize),
) -> anyhow::Result<Round> {
    let one = |server: &PathBuf| {
        run(&Common { server: Some(server.clone()), ..common.clone() }, scenario)
    };
    if round.is_multiple_of(2) {
        let a = one(&sides.a)?;
        Ok([a, one(&sides.b)?])
    } else {
        let b = one(&sides.b)?;
        Ok([one(&sides.a)?, b])
    }
}

fn run(common: &Common, scenario: Scenario) -> anyhow::Result<Vec<Report>> {
    let talking = Talking::default();
    match scenario {
        Scenario::Messages => messages::over_sockets(common, PAIRS, &talking),
        Scenario::Http => posting::measure(common, CONNECTIONS, &talking),
        Scenario::Group => group::measure(common, (1_000, 8), &talking),
        Scenario::History => {
            let pace = (CONNECTIONS, Pace::Closed(1));
            Ok(vec![history::measure(common, HISTORY_MESSAGES, pace)?])
        }
        Scenario::Idle => Ok(vec![idle::measure(common, SOCKETS)?]),
        Scenario::Storm => storm::measure(common, (SOCKETS, AT_ONCE)),
        Scenario::Mixed => mixed::measure(common, &mixed::Profile::default()),
    }
}

/// One report for each of a scenario's own, with the medians of both and of their ratios.
fn compared(rounds: &[Round], sides: &Sides) -> Vec<Report> {
    let Some([first, _]) = rounds.first() else { return Vec::new() };
    let (a, b) = (sides.a.display(), sides.b.display());
    let reports = first.iter().enumerate().map(|(index, report)| {
        let conditions = format!("A {a}, B {b}, {} rounds; {}", rounds.len(), report.conditions);
        let mut found = Report::new(&format!("compare {}", report.scenario), conditions);
        for (place, figure) in report.figures.iter().enumerate() {
            let side = |reports: &Vec<Report>| {
                reports.get(index).and_then(|report| report.figures.get(place)).map(|it| it.value)
            };
            let pairs = rounds.iter().filter_map(|[a, b]| Some((side(a)?, side(b)?)));
            let pairs: Vec<(f64, f64)> = pairs.collect();
            let name = &figure.name;
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            found.add(&format!("{name}, A"), median(a), &figure.unit);
            found.add(&format!("{name}, B"), median(b), &figure.unit);
            let ratios = pairs.iter().filter(|(a, _)| *a != 0.0).map(|(a, b)| b / a);
            let ratios: Vec<f64> = ratios.collect();
            if !ratios.is_empty() {
                let spread = ratios.iter().copied();
                let low = spread.clone().fold(f64::MAX, f64::min);
                let high = spread.fold(f64::MIN, f64::max);
                let unit = format!("× ({low:.3} to {high:.3})");
                found.add(&format!("{name}, B to A"), median(ratios), &unit);
            }
        }
        found
    });
    reports.collect()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied().unwrap_or_default();
    if values.len().is_multiple_of(2) {
        let lower = middle.checked_sub(1).and_then(|place| values.get(place)).copied();
        (lower.unwrap_or_default() + upper) / 2.0
    } else {
        upper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(a: f64, b: f64) -> Round {
        [a, b].map(|value| {
            let mut report = Report::new("messages", String::new());
            report.add("acked", value, "per s");
            vec![report]
        })
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let rounds = [round(100.0, 110.0), round(50.0, 60.0), round(200.0, 180.0)];
        let sides =
            Sides { a: "old".into(), b: "new".into(), scenarios: Vec::new(), rounds: rounds.len() };
        let reports = compared(&rounds, &sides);
        let value = |name: &str| reports[0].figure(name).unwrap().value;
        assert_eq!((value("acked, A"), value("acked, B")), (100.0, 110.0));
        let ratio = reports[0].figure("acked, B to A").unwrap();
        assert!((ratio.value - 1.1).abs() < 1e-9, "{ratio:?}");
        assert_eq!(ratio.unit, "× (0.900 to 1.200)");
    }

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(Vec::new()), 0.0);
    }
}
