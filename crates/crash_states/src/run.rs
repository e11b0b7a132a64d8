//! One run: record, visit, report.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, ensure};

use crate::block_log::BlockLog;
use crate::load::Load;
use crate::plan::{self, Lie, Requests, Shape, State};
use crate::recording::{Logs, Recording};
use crate::visit::{Violation, Visitor, Visits};
use crate::{Options, load, machine};

/// Memory is mounted here, out of sight of everybody else.
const MEMORY: &str = "/mnt";
/// Answers that the load has at least, and at most.
const ACKS: std::ops::RangeInclusive<usize> = 400..=4_000;
/// Violations that are printed, and what is told of each: the first ones tell the story.
const PRINTED: usize = 5;
/// A run tells how far it is, so many times.
const TOLD: usize = 10;

/// Runs inside mounts and processes of its own.
pub(crate) fn alone(options: Options) -> ExitCode {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("threads can be started");
    let result = runtime.block_on(async {
        tokio::select! {
            result = tokio::task::spawn_blocking(move || work(&options)) => result?,
            signal = interrupted() => {
                signal?;
                anyhow::bail!("interrupted")
            }
        }
    });
    if let Err(error) = &result {
        say(&format!("crash-states: {error:#}"));
    }
    leave(if result.is_ok() { 0 } else { 1 })
}

/// Not by returning: that would wait for threads that still work. The kernel ends and undoes everything else.
#[expect(clippy::exit, reason = "the first process of its namespace ends all others with it")]
fn leave(code: i32) -> ExitCode {
    std::process::exit(code)
}

/// The first process of a namespace gets only the signals that it asks for.
async fn interrupted() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn work(options: &Options) -> anyhow::Result<()> {
    // Before the memory hides what lies there.
    let binary = options.binary.canonicalize();
    let binary = binary.with_context(|| format!("no binary {}", options.binary.display()))?;
    let replay = options.replay.as_ref().map(|folder| folder.canonicalize()).transpose()?;
    machine::mount_memory(Path::new(MEMORY))?;
    let folder = replay.clone().unwrap_or_else(|| PathBuf::from(MEMORY));
    let recording = match &replay {
        Some(folder) => Recording::load(folder)?,
        None => record(options, &folder, &binary)?,
    };
    let mut log = BlockLog::open(&machine::log_of(&folder))?;
    let requests = Requests { all: log.rest()?, files: recording.files.clone() };
    let states = plan::states(&requests.all, recording.states);
    say(&format!(
        "{} acked operations, {} disk requests, {} states",
        recording.operations.len(),
        requests.all.len(),
        states.len()
    ));
    let mut visits = Visits {
        folder: &folder,
        binary: &binary,
        recording: &recording,
        requests: &requests,
        last: None,
        lie: Lie::None,
        binary_in: options.binary_in,
    };
    let last = last_logs(&visits)?;
    visits.last = Some(&last);
    if options.self_test {
        return self_test(visits, &states, options);
    }
    let states = chosen(states, options.only);
    let violations = visit_all(&visits, &states, options.workers)?;
    report(&violations, states.len(), (options, &folder))
}

fn record(options: &Options, folder: &Path, binary: &Path) -> anyhow::Result<Recording> {
    let seed = options.seed.unwrap_or_else(by_chance);
    say(&format!(
        "crash-states: --seed {seed} --states {} --long-in {}",
        options.states, options.long_in
    ));
    let enough = options.acks.unwrap_or(options.states.clamp(*ACKS.start(), *ACKS.end()));
    let load = Load { enough, long_in: options.long_in };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(load::record(folder, binary, (seed, options.states), load))
}

fn by_chance() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(())
}

fn chosen(states: Vec<State>, only: Option<usize>) -> Vec<State> {
    states.into_iter().filter(|state| only.is_none_or(|only| state.number == only)).collect()
}

/// Every log at the end: the state in which everything arrived.
fn last_logs(visits: &Visits<'_>) -> anyhow::Result<Logs> {
    let end = visits.requests.all.len();
    let flush = end.checked_sub(1).context("nothing was written")?;
    let state = State {
        number: 1,
        earlier_flush: flush,
        previous_flush: flush,
        flush,
        next_flush: end,
        shape: Shape::Cut,
    };
    let (logs, told) = Visitor::new(visits, &Path::new(MEMORY).join("last"))?.visit(&state)?;
    ensure!(told.is_empty(), "the end of the run is wrong already: {}", told.join("\n"));
    Ok(logs)
}

/// Deals the states out in runs of neighbours, so that each worker replays the log once, and all have as much to do:
/// later states hold more.
fn visit_all(
    visits: &Visits<'_>,
    states: &[State],
    workers: usize,
) -> anyhow::Result<Vec<Violation>> {
    let visited = AtomicUsize::new(0);
    let workers = workers.max(1);
    let count = || {
        let visited = visited.fetch_add(1, Ordering::Relaxed) + 1;
        if visited.is_multiple_of(states.len().div_ceil(TOLD)) {
            say(&format!("{visited} of {} states visited", states.len()));
        }
    };
    let count = &count;
    thread::scope(|scope| {
        let start = |worker: usize| {
            let room = Path::new(MEMORY).join(format!("room{worker}"));
            let runs = states.chunks(visits.binary_in.max(1)).skip(worker).step_by(workers);
            let share: Vec<State> = runs.flatten().copied().collect();
            scope.spawn(move || visit_share(visits, &share, (&room, &count)))
        };
        let started: Vec<_> = (0..workers).map(start).collect();
        let mut violations = Vec::new();
        for worker in started {
            violations.append(&mut worker.join().expect("no worker panics")?);
        }
        violations.sort_by_key(|violation| violation.state.number);
        Ok(violations)
    })
}

fn visit_share(
    visits: &Visits<'_>,
    states: &[State],
    (room, count): (&Path, &(dyn Fn() + Sync)),
) -> anyhow::Result<Vec<Violation>> {
    let mut visitor = Visitor::new(visits, room)?;
    let mut violations = Vec::new();
    for state in states {
        let (_, told) = visitor.visit(state)?;
        if !told.is_empty() {
            violations.push(Violation { state: *state, told });
        }
        count();
    }
    Ok(violations)
}

/// Both lies must be found.
fn self_test(mut visits: Visits<'_>, states: &[State], options: &Options) -> anyhow::Result<()> {
    for lie in [Lie::SyncSkipped, Lie::ContentsForgotten] {
        visits.lie = lie;
        let violations = visit_all(&visits, states, options.workers)?;
        let (found, of) = (violations.len(), states.len());
        say(&format!("{lie:?}: violations in {found} of {of} states"));
        tell(&violations, 1);
        ensure!(found > 0, "a lie about flushes was not noticed: {lie:?}");
    }
    Ok(())
}

fn tell(violations: &[Violation], count: usize) {
    for violation in violations.iter().take(count) {
        say(&format!("{:?}", violation.state));
        violation.told.iter().take(PRINTED).for_each(|told| say(&format!("  {told}")));
    }
}

fn report(
    violations: &[Violation],
    visited: usize,
    (options, folder): (&Options, &Path),
) -> anyhow::Result<()> {
    let Some(first) = violations.first() else {
        say(&format!("{visited} states, no violation"));
        return Ok(());
    };
    tell(violations, PRINTED);
    let kept = keep(options, folder)?;
    say(&format!(
        "the first again: cargo run --package crash-states -- --binary {} --binary-in {} --replay {} --only {}",
        options.binary.display(),
        options.binary_in,
        kept.display(),
        first.state.number
    ));
    anyhow::bail!("violations in {} of {visited} states", violations.len())
}

/// Copies out of the memory what a replay needs.
fn keep(options: &Options, folder: &Path) -> anyhow::Result<PathBuf> {
    if let Some(kept) = &options.replay {
        return Ok(kept.clone());
    }
    std::fs::create_dir_all(&options.keep)?;
    let mut copy = std::process::Command::new("cp");
    copy.args(["--sparse=always", "--recursive"]);
    copy.args([machine::base_of(folder), machine::log_of(folder), folder.join("recording.json")]);
    machine::run(copy.arg(&options.keep))?;
    Ok(options.keep.clone())
}

/// A line for whoever watches.
pub(crate) fn say(line: &str) {
    // Where nobody can be told, the exit code still tells.
    drop(writeln!(std::io::stdout(), "{line}"));
}
