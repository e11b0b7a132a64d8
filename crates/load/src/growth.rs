//! Does what is done once cost more when much is there? Messages, pages and resumes at a fixed load, with growing
//! numbers of stored messages and, apart from that, of people.
//!
//! What is done is the same at every point: the same few people write, every page is a whole one from a conversation
//! of several pages, and whoever comes back has one conversation. The points take turns, round by round, because a
//! machine is never as fast as a minute ago; what counts is the median, and of growth that of the rounds' ratios.

mod plot;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::clock::{now_ns, number};
use crate::compare::median;
use crate::crowd::Crowd;
use crate::history::{self, PAGE_MESSAGES};
use crate::messages;
use crate::net::Net;
use crate::pace::{Pace, turn_of};
use crate::report::{self, Report};
use crate::returning::{Manner, Returning};
use crate::run::{Bench, Common, Watch};
use crate::talk::Talk;
use crate::world::{Person, Stored, World, pairs, planned};
use plot::{Panel, Series};

/// People while messages grow.
const PEOPLE: usize = 1_000;
/// Messages while people grow, all in the conversations of those who are active.
const MESSAGES: u64 = 100_000;
/// People who write and come back, at every point.
const ACTIVE: usize = 10;
/// No conversation that is read is shorter.
const CONVERSATION_MESSAGES_MIN: u64 = 4 * PAGE_MESSAGES;
/// Bytes of a text.
const TEXT_BYTES: usize = 100;
/// The fixed load.
const MESSAGES_PER_SECOND: u64 = 2_000;
const PAGES_PER_SECOND: u64 = 1_000;
const RESUMES_PER_SECOND: u64 = 200;
/// Connections that ask for pages.
const CONNECTIONS: usize = 32;
/// Sockets of each active person that are lost and come back, in turn.
const SOCKETS_EACH: usize = 4;
/// A folder with at least so many messages or people is worth keeping.
const KEPT_MIN: u64 = 1_000_000;
/// Says that a folder was filled to its end.
const FILLED: &str = "filled";

/// What is measured, in this order: messages last, since they add to what is stored.
const OPERATIONS: [Operation; 3] = [Operation::Page, Operation::Resume, Operation::Message];

#[derive(Clone, Copy, Debug)]
enum Operation {
    Message,
    Page,
    Resume,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Page => "page",
            Self::Resume => "resume",
        }
    }

    /// The figure that tells how long one took.
    const fn p50(self) -> &'static str {
        match self {
            Self::Message => "ack p50",
            Self::Page => "page p50",
            Self::Resume => "resume p50",
        }
    }
}

/// What the command line says.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Sizes {
    /// Numbers of stored messages
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000, 10_000_000])]
    messages: Vec<u64>,
    /// Numbers of people
    #[arg(long, value_delimiter = ',', default_values_t = [10, 1_000, 100_000])]
    people: Vec<usize>,
    /// Rounds that count; one more is run before them
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where large folders stay, to be used again by the next run
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Draws the figures into this file
    #[arg(long)]
    svg: Option<PathBuf>,
}

/// How much is there.
#[derive(Clone, Copy, Debug)]
struct Point {
    messages: u64,
    people: usize,
    /// People between whom the messages are; the others have one each, two by two.
    talkers: usize,
}

/// A point with its server.
struct Station {
    bench: Bench,
    people: Vec<Person>,
    talks: Vec<Stored>,
    found: Found,
}

/// What was found at a point: one report for each round of each operation.
struct Found {
    size: u64,
    rounds: [Vec<Report>; OPERATIONS.len()],
}

/// Measures all points and draws them.
pub(crate) fn measure(common: &Common, sizes: &Sizes) -> anyhow::Result<Vec<Report>> {
    let with_messages = sizes.messages.iter().map(|&messages| {
        let talkers = conversations_of(messages) * 2;
        (messages, Point { messages, people: PEOPLE, talkers })
    });
    let with_people = sizes.people.iter().map(|&people| {
        let size = u64::try_from(people).unwrap_or(u64::MAX);
        (size, Point { messages: MESSAGES, people, talkers: ACTIVE })
    });
    let with_messages = measure_series(common, sizes, with_messages.collect())?;
    let with_people = measure_series(common, sizes, with_people.collect())?;
    if let Some(file) = &sizes.svg {
        let panels = [panel("stored messages", &with_messages), panel("people", &with_people)];
        std::fs::write(file, plot::draw(&panels))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(vec![
        summary("growth with stored messages", &with_messages),
        summary("growth with people", &with_people),
    ])
}

/// As many conversations as have enough to read, of all that the people of the run could have, two by two.
fn conversations_of(messages: u64) -> usize {
    let all = PEOPLE / 2;
    let filled = usize::try_from(messages / CONVERSATION_MESSAGES_MIN).unwrap_or(all);
    filled.clamp(ACTIVE / 2, all)
}

/// Points of growing size; their servers run side by side, and only one of them has something to do.
fn measure_series(
    common: &Common,
    sizes: &Sizes,
    points: Vec<(u64, Point)>,
) -> anyhow::Result<Vec<Found>> {
    let folder = common.folder()?;
    let mut filled = Vec::new();
    for (size, point) in points {
        report::note(&format!("{} messages, {} people", point.messages, point.people));
        let is_kept = point.messages.max(u64::try_from(point.people)? * 10) >= KEPT_MIN;
        let parent = sizes.keep.as_deref().filter(|_| is_kept).unwrap_or(folder.path());
        let folder = parent.join(format!("growth-{}-{}", point.messages, point.people));
        let stored = common.fill(&folder, |world| fill_once(world, &folder, point))?;
        filled.push((size, folder, stored));
    }
    let mut stations = Vec::new();
    for (size, folder, (people, talks)) in filled {
        let bench = common.start(&folder)?;
        let found = Found { size, rounds: Default::default() };
        stations.push(Station { bench, people, talks, found });
    }
    for (place, operation) in OPERATIONS.into_iter().enumerate() {
        for round in 0..=sizes.rounds {
            report::note(&format!("{}, round {round} of {}", operation.name(), sizes.rounds));
            for station in &mut stations {
                let report = station.measure(operation)?;
                // The first round pays for what is not in any cache yet.
                if let Some(rounds) = station.found.rounds.get_mut(place).filter(|_| round > 0) {
                    rounds.push(report);
                }
            }
        }
    }
    let ended = stations.into_iter().map(|station| {
        station.bench.server.stop()?;
        Ok(station.found)
    });
    ended.collect()
}

impl Station {
    fn measure(&self, operation: Operation) -> anyhow::Result<Report> {
        let active = self.people.get(..ACTIVE).context("too few people")?;
        self.bench.server.wait_until_quiet();
        match operation {
            Operation::Message => {
                let mut net = Net::new(self.bench.server.address)?;
                let crowd = Crowd::open(&mut net, active)?;
                let plan = (Pace::Open(MESSAGES_PER_SECOND), TEXT_BYTES);
                let mut talk = Talk::new(crowd, pairs(active), plan);
                messages::measure(&self.bench, &mut net, &mut talk)
            }
            Operation::Page => {
                let pace = (CONNECTIONS, Pace::Open(PAGES_PER_SECOND));
                history::read(&self.bench, (&self.people, &self.talks), pace)
            }
            Operation::Resume => resumes(&self.bench, active),
        }
    }
}

impl Found {
    /// A figure of every round.
    fn figures(&self, place: usize, name: &str) -> Vec<f64> {
        let rounds = self.rounds.get(place).map(Vec::as_slice).unwrap_or_default();
        rounds.iter().filter_map(|report| Some(report.figure(name)?.value)).collect()
    }

    fn cpu_us(&self, place: usize) -> Vec<f64> {
        self.figures(place, "server CPU")
    }
}

/// The people of a point, and what is stored.
type Filled = (Vec<Person>, Vec<Stored>);

fn fill(world: &World, point: Point) -> anyhow::Result<Filled> {
    let people = world.people(point.people)?;
    let (talkers, others) = people.split_at_checked(point.talkers).context("too few people")?;
    let talks = world.messages(talkers, point.messages)?;
    if !others.is_empty() {
        world.messages(others, u64::try_from(others.len() / 2)?)?;
    }
    Ok((people, talks))
}

/// As [`fill`], unless an earlier run has done so.
fn fill_once(world: &World, folder: &Path, point: Point) -> anyhow::Result<Filled> {
    let mark = folder.join(FILLED);
    if mark.exists() {
        let people = world.people_again(point.people)?;
        let talks = planned(people.get(..point.talkers).unwrap_or_default(), point.messages)?;
        return Ok((people, talks));
    }
    let filled = fill(world, point)?;
    std::fs::write(mark, "")?;
    Ok(filled)
}

/// People whose connections are lost in turn, and who come back as if they had never been there.
fn resumes(bench: &Bench, active: &[Person]) -> anyhow::Result<Report> {
    let mut net = Net::new(bench.server.address)?;
    let tokens = active.iter().map(|person| person.token.clone());
    let tokens = tokens.cycle().take(active.len() * SOCKETS_EACH);
    let mut returning = Returning::new(tokens, (Manner::New, CONNECTIONS));
    returning.arrive(&mut net)?;
    returning.change(Manner::New);
    let mut watch = Watch::begin(bench);
    returning.window = watch.window;
    let mut schedule = Pace::Open(RESUMES_PER_SECOND).schedule(watch.started_ns);
    while watch.goes_on() {
        while let Some(due) = schedule.as_mut().and_then(|it| it.next(now_ns())) {
            let index = turn_of(due.number, returning.count());
            returning.lose(&mut net, index, due.intended_ns);
        }
        returning.depart(&mut net)?;
        net.turn(&mut returning, std::time::Duration::ZERO)?;
    }
    let conditions = format!("{RESUMES_PER_SECOND} per second at intended times, as a new device");
    let mut report = Report::new("resume", conditions);
    let rate = number(returning.returned_in_window) / watch.window.seconds();
    report.add("resumes", rate, "per s");
    report.times("resume", &returning.times);
    watch.report_cpu(&mut report, &[("resume", returning.returned_in_window)]);
    report.count("failed", returning.failed);
    Ok(report)
}

fn summary(name: &str, points: &[Found]) -> Report {
    let rounds = points.first().map_or(0, |point| point.cpu_us(0).len());
    let conditions =
        format!("medians of {rounds} rounds, in which the points take turns at a fixed load");
    let mut report = Report::new(name, conditions);
    for (place, operation) in OPERATIONS.into_iter().enumerate() {
        let name = operation.name();
        for point in points {
            let size = report::rounded(number(point.size));
            let cpu = median(point.cpu_us(place));
            report.add(&format!("{name}, {size}"), cpu, "µs of server CPU");
            let p50 = median(point.figures(place, operation.p50()));
            report.add(&format!("{name}, {size}: p50"), p50, "ms");
            let failed: f64 = point.figures(place, "failed").into_iter().fold(0.0, f64::max);
            if failed > 0.0 {
                report.add(&format!("{name}, {size}: failed in a round"), failed, "");
            }
        }
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let rounds = first.cpu_us(place).into_iter().zip(last.cpu_us(place));
            let ratios: Vec<f64> = rounds.map(|(first, last)| last / first).collect();
            let low = ratios.iter().copied().fold(f64::MAX, f64::min);
            let high = ratios.iter().copied().fold(f64::MIN, f64::max);
            let unit = format!("× ({low:.3} to {high:.3})");
            report.add(&format!("{name}, last to first"), median(ratios), &unit);
        }
    }
    report
}

fn panel(axis: &'static str, points: &[Found]) -> Panel {
    let series = OPERATIONS.into_iter().enumerate().map(|(place, operation)| Series {
        name: operation.name(),
        points: points
            .iter()
            .map(|point| (number(point.size), median(point.cpu_us(place))))
            .collect(),
    });
    Panel { axis, series: series.collect() }
}
