//! The command line.

use clap::{Args, Parser, Subcommand};

use crate::clock::number;
use crate::crowd::Crowd;
use crate::messages::{self, Pace, Talk};
use crate::net::Net;
use crate::report::{self, Report};
use crate::run::Common;
use crate::server::folder_bytes;
use crate::{figures, group, history, idle, machine, overload, posting, server, stored};

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
  kith-load messages --over http            the same over POST /message/send
  kith-load group --members 1000            deliveries into a large group
  kith-load history                         pages of 50
  kith-load overload                        ten times as much as goes
  kith-load stored                          start, memory and disk with a million messages
  kith-load figures                         everything that is promised, beside its target
  kith-load idle --sockets 10000            memory per silent socket
  kith-load messages --json figures.json    the same, also as JSON";

#[derive(Debug, Subcommand)]
enum Command {
    /// People who write to each other, two by two
    Messages {
        /// Pairs of people
        #[arg(long, default_value_t = 200)]
        pairs: usize,
        /// How messages reach the server
        #[arg(long, value_enum, default_value_t = Over::Sockets)]
        over: Over,
        #[command(flatten)]
        talking: Talking,
    },
    /// A large group, all of whose members are connected
    Group {
        /// Members
        #[arg(long, default_value_t = 1_000)]
        members: usize,
        /// Members who write
        #[arg(long, default_value_t = 8)]
        writers: usize,
        #[command(flatten)]
        talking: Talking,
    },
    /// Pages of 50 from long conversations over HTTP
    History {
        /// Messages in the store
        #[arg(long, default_value_t = 100_000)]
        stored: u64,
        /// Connections, each with one request outstanding
        #[arg(long, default_value_t = 32)]
        connections: usize,
    },
    /// Ten times as much as goes: goodput, refusals, recovery
    Overload {
        /// Pairs of people
        #[arg(long, default_value_t = 200)]
        pairs: usize,
        #[command(flatten)]
        talking: Talking,
    },
    /// Many stored messages: start, memory, disk
    Stored {
        /// Messages in the store
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
    },
    /// Many silent sockets: memory and time per socket, and the server at rest
    Idle {
        /// Sockets, each of a person of their own
        #[arg(long, default_value_t = 10_000)]
        sockets: usize,
    },
    /// All promised figures in one run, as a table beside their targets
    Figures {
        /// Messages in the store for the start and the disk
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
    },
    /// What this machine can do: flushes, group commits, echoes
    Machine,
}

/// How messages reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Over {
    /// Frames of a WebSocket, which also brings what others write
    Sockets,
    /// `POST /message/send`, one connection per person
    Http,
}

/// How people talk.
#[derive(Args, Clone, Debug)]
pub(crate) struct Talking {
    /// Messages that everybody has outstanding
    #[arg(long, default_value_t = 2)]
    pub(crate) outstanding: usize,
    /// Messages per second in all, at intended times, instead of as many as go
    #[arg(long)]
    pub(crate) rate: Option<u64>,
    /// Bytes of each text
    #[arg(long, default_value_t = 100)]
    pub(crate) text_bytes: usize,
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
        Command::Messages { pairs, over: Over::Sockets, talking } => {
            messages(&common, pairs, &talking)?
        }
        Command::Messages { pairs, over: Over::Http, talking } => {
            anyhow::ensure!(talking.rate.is_none(), "--rate is for sockets");
            let limits = machine_limits(&common, (talking.text_bytes, pairs * 2))?;
            vec![limits, posting::measure(&common, pairs * 2, talking.text_bytes)?]
        }
        Command::Group { members, writers, talking } => {
            vec![group::measure(&common, (members, writers), &talking)?]
        }
        Command::History { stored, connections } => {
            vec![history::measure(&common, stored, connections)?]
        }
        Command::Overload { pairs, talking } => overload::measure(&common, pairs, &talking)?,
        Command::Figures { messages } => figures::measure(&common, messages)?,
        Command::Stored { messages } => vec![stored::measure(&common, messages)?],
        Command::Idle { sockets } => vec![idle::measure(&common, sockets)?],
        Command::Machine => vec![machine_limits(&common, (100, 800))?],
    };
    report::publish(&reports, common.json.as_deref())
}

fn machine_limits(common: &Common, plan: (usize, usize)) -> anyhow::Result<Report> {
    machine::limits(common.folder()?.path(), plan)
}

pub(crate) fn messages(
    common: &Common,
    pairs: usize,
    talking: &Talking,
) -> anyhow::Result<Vec<Report>> {
    let count = pairs * 2;
    let limits = machine_limits(common, (talking.text_bytes, count * talking.outstanding))?;
    let (bench, people) = common.bench(|world| world.people(count))?;
    let mut net = Net::new(bench.server.address)?;
    let crowd = Crowd::open(&mut net, &people)?;
    let pace = talking.rate.map_or(Pace::Closed(talking.outstanding), Pace::Open);
    let to = messages::pairs(&people);
    let mut talk = Talk::new(crowd, &to, (pace, talking.text_bytes));
    let mut report = messages::measure(&bench, &mut net, &mut talk, count)?;
    bench.server.stop()?;
    let bytes = number(folder_bytes(bench.folder.path()));
    report.add("data folder after a stop", bytes / number(talk.tally.acked), "bytes per message");
    Ok(vec![limits, report])
}
