//! Does what is done once cost more when much is there? Messages, pages and resumes at a fixed load, with growing
//! numbers of stored messages and, apart from that, of people.
//!
//! What is done is the same at every point: the same few people write, every page is a whole one from a conversation
//! of several pages, and whoever comes back has one conversation.

mod plot;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::clock::{now_ns, number};
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

/// What is measured, in the order of the figures.
const OPERATIONS: [&str; 3] = ["message", "page", "resume"];

/// What the command line says.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Sizes {
    /// Numbers of stored messages
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000, 10_000_000])]
    messages: Vec<u64>,
    /// Numbers of people
    #[arg(long, value_delimiter = ',', default_values_t = [10, 1_000, 100_000])]
    people: Vec<usize>,
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

/// What each operation cost, in the order of [`OPERATIONS`].
struct Costs {
    size: u64,
    cpu_us: [f64; 3],
    p50_ms: [f64; 3],
}

/// Measures all points and draws them.
pub(crate) fn measure(common: &Common, sizes: &Sizes) -> anyhow::Result<Vec<Report>> {
    let mut reports = Vec::new();
    let mut with_messages = Vec::new();
    for &messages in &sizes.messages {
        let talkers = conversations_of(messages) * 2;
        let point = Point { messages, people: PEOPLE, talkers };
        with_messages.push(measure_point(common, sizes, (point, messages), &mut reports)?);
    }
    let mut with_people = Vec::new();
    for &people in &sizes.people {
        let point = Point { messages: MESSAGES, people, talkers: ACTIVE };
        let size = u64::try_from(people)?;
        with_people.push(measure_point(common, sizes, (point, size), &mut reports)?);
    }
    reports.push(summary("growth with stored messages", &with_messages));
    reports.push(summary("growth with people", &with_people));
    if let Some(file) = &sizes.svg {
        let panels = [panel("stored messages", &with_messages), panel("people", &with_people)];
        std::fs::write(file, plot::draw(&panels))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(reports)
}

/// As many conversations as have enough to read, of all that the people of the run could have, two by two.
fn conversations_of(messages: u64) -> usize {
    let all = PEOPLE / 2;
    let filled = usize::try_from(messages / CONVERSATION_MESSAGES_MIN).unwrap_or(all);
    filled.clamp(ACTIVE / 2, all)
}

fn measure_point(
    common: &Common,
    sizes: &Sizes,
    (point, size): (Point, u64),
    reports: &mut Vec<Report>,
) -> anyhow::Result<Costs> {
    let Point { messages, people, .. } = point;
    report::note(&format!("{messages} messages, {people} people"));
    let is_kept = messages.max(u64::try_from(people)? * 10) >= KEPT_MIN;
    let kept = sizes.keep.as_ref().filter(|_| is_kept);
    let (bench, filled) = match kept {
        None => common.bench(|world| fill(world, point))?,
        Some(parent) => {
            let folder = parent.join(format!("growth-{messages}-{people}"));
            common.bench_in(&folder, |world| fill_once(world, &folder, point))?
        }
    };
    bench.server.wait_until_quiet();
    let costs = measure_operations(&bench, &filled, size, reports)?;
    bench.server.stop()?;
    Ok(costs)
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

/// Pages and resumes first: messages add to what is stored.
fn measure_operations(
    bench: &Bench,
    (people, talks): &Filled,
    size: u64,
    reports: &mut Vec<Report>,
) -> anyhow::Result<Costs> {
    let active = people.get(..ACTIVE).context("too few people")?;
    let pace = Pace::Open(PAGES_PER_SECOND);
    let pages = history::read(bench, (people, talks), (CONNECTIONS, pace))?;
    let resumes = resumes(bench, active)?;
    let mut net = Net::new(bench.server.address)?;
    let crowd = Crowd::open(&mut net, active)?;
    let plan = (Pace::Open(MESSAGES_PER_SECOND), TEXT_BYTES);
    let mut talk = Talk::new(crowd, pairs(active), plan);
    let written = messages::measure(bench, &mut net, &mut talk)?;
    let found = [(&written, "ack p50"), (&pages, "page p50"), (&resumes, "resume p50")];
    let value = |report: &Report, name: &str| report.figure(name).map_or(0.0, |it| it.value);
    let costs = Costs {
        size,
        cpu_us: found.map(|(report, _)| value(report, "server CPU")),
        p50_ms: found.map(|(report, name)| value(report, name)),
    };
    for mut report in [written, pages, resumes] {
        let (people, stored) = (people.len(), talks.iter().map(|talk| talk.messages).sum::<u64>());
        report.conditions =
            format!("{stored} stored messages, {people} people; {}", report.conditions);
        reports.push(report);
    }
    Ok(costs)
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

fn summary(name: &str, points: &[Costs]) -> Report {
    let mut report =
        Report::new(name, "server CPU and p50 of each operation, and how they grow".to_owned());
    for (index, operation) in OPERATIONS.iter().enumerate() {
        let cpu = |point: &Costs| point.cpu_us.get(index).copied().unwrap_or_default();
        for point in points {
            let p50 = point.p50_ms.get(index).copied().unwrap_or_default();
            let size = report::rounded(number(point.size));
            report.add(&format!("{operation}, {size}"), cpu(point), "µs of server CPU");
            report.add(&format!("{operation}, {size}: p50"), p50, "ms");
        }
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let growth = cpu(last) / cpu(first).max(f64::MIN_POSITIVE);
            report.add(&format!("{operation}, last to first"), growth, "×");
        }
    }
    report
}

fn panel(axis: &'static str, points: &[Costs]) -> Panel {
    let series = OPERATIONS.iter().enumerate().map(|(index, operation)| Series {
        name: operation,
        points: points
            .iter()
            .map(|point| (number(point.size), point.cpu_us.get(index).copied().unwrap_or_default()))
            .collect(),
    });
    Panel { axis, series: series.collect() }
}
