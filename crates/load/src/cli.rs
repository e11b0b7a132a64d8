//! The command line.

use clap::{Args, Parser, Subcommand};

use crate::clock::number;
use crate::crowd::Crowd;
use crate::messages::{self, Pace, Talk};
use crate::net::Net;
use crate::report::{self, Report};
use crate::run::Common;
use crate::server::folder_bytes;
use crate::{idle, machine, server};

/// How fast is Kith? Starts a server with a throw-away data folder, loads it, and prints what it found.
#[derive(Debug, Parser)]
#[command(name = "kith-load", version, after_help = EXAMPLES)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

const EXAMPLES: &str = "\
Examples:
  kith-load messages                        as many messages as go, 200 pairs over sockets
  kith-load messages --rate 3000            latency at 3,000 messages per second
  kith-load idle --sockets 10000            memory per silent socket
  kith-load messages --json figures.json    the same, also as JSON";

#[derive(Debug, Subcommand)]
enum Command {
    /// People who write to each other, two by two, over sockets
    Messages(Messages),
    /// Many silent sockets: memory and time per socket, and the server at rest
    Idle {
        /// Sockets, each of a person of their own
        #[arg(long, default_value_t = 10_000)]
        sockets: usize,
    },
    /// What this machine can do: flushes, group commits, echoes
    Machine,
}

#[derive(Args, Clone, Debug)]
struct Messages {
    /// Pairs of people who write to each other
    #[arg(long, default_value_t = 200)]
    pairs: usize,
    /// Messages that everybody has outstanding
    #[arg(long, default_value_t = 2)]
    outstanding: usize,
    /// Messages per second in all, at intended times, instead of as many as go
    #[arg(long)]
    rate: Option<u64>,
    /// Bytes of each text
    #[arg(long, default_value_t = 100)]
    text_bytes: usize,
}

/// Runs what the command line asks for.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub(crate) fn run() -> anyhow::Result<()> {
    let CommandLine { command, common } = CommandLine::parse();
    let files = server::raise_open_files();
    if files < 20_000 {
        report::note(&format!(
            "only {files} files may be open: raise `ulimit -Hn` for many sockets"
        ));
    }
    let reports = match command {
        Command::Messages(arguments) => messages(&common, &arguments)?,
        Command::Idle { sockets } => vec![idle::measure(&common, sockets)?],
        Command::Machine => vec![machine_limits(&common, (100, 800))?],
    };
    report::publish(&reports, common.json.as_deref())
}

fn machine_limits(common: &Common, plan: (usize, usize)) -> anyhow::Result<Report> {
    machine::limits(common.folder()?.path(), plan)
}

fn messages(common: &Common, arguments: &Messages) -> anyhow::Result<Vec<Report>> {
    let count = arguments.pairs * 2;
    let limits = machine_limits(common, (arguments.text_bytes, count * arguments.outstanding))?;
    let (bench, people) = common.bench(|world| world.people(count))?;
    let mut net = Net::new(bench.server.address)?;
    let crowd = Crowd::open(&mut net, &people)?;
    let pace = arguments.rate.map_or(Pace::Closed(arguments.outstanding), Pace::Open);
    let to = messages::pairs(&people);
    let mut talk = Talk::new(crowd, &to, (pace, arguments.text_bytes));
    let mut report = messages::measure(&bench, &mut net, &mut talk, count)?;
    bench.server.stop()?;
    let bytes = number(folder_bytes(bench.folder.path()));
    report.add("data folder after a stop", bytes / number(talk.tally.acked), "bytes per message");
    Ok(vec![limits, report])
}
