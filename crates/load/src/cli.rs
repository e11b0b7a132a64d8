//! The command line.

use clap::{Args, Parser, Subcommand};

use crate::overload::Crush;
use crate::pace::Pace;
use crate::report::{self, Report};
use crate::run::Common;
use crate::witness::BROKEN;
use crate::{
    compare, figures, group, growth, history, idle, machine, messages, mixed, overload, posting,
    server, stored, storm,
};

/// How fast is Kith? Starts a server with a throw-away data folder, loads it, and prints what it found.
#[derive(Debug, Parser)]
#[command(name = "kith-load", version, after_help = EXAMPLES)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// Messages of one raw group commit where the scenario has no number of its own.
const OUTSTANDING: usize = 800;

const EXAMPLES: &str = "\
Examples:
  kith-load messages                        as many messages as go, 200 pairs over sockets
  kith-load messages --check                the same, and whether every promise was kept
  kith-load messages --rate 3000            latency at 3,000 messages per second
  kith-load messages --over http            the same over POST /message/send
  kith-load group --members 1000            deliveries into a large group
  kith-load history                         pages of 50
  kith-load overload                        ten times as much as goes
  kith-load overload --by http              the same over thousands of HTTP connections
  kith-load storm --sockets 5000            all sockets are lost at once and come back
  kith-load mixed                           everything at the same time, at fixed rates
  kith-load stored                          start, memory and disk with a million messages
  kith-load growth --svg growth.svg         what costs more when more is stored, drawn
  kith-load figures                         everything that is promised, beside its target
  kith-load idle --sockets 10000            memory per silent socket
  kith-load compare old/kith new/kith http  two servers in turn, with ratios and their spread
  kith-load messages --address 10.0.0.5:80  a server that runs already
  kith-load messages --json figures.json    all figures also as JSON";

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
        /// Pages per second in all, at intended times, instead of as many as go
        #[arg(long)]
        rate: Option<u64>,
    },
    /// Ten times as much as goes: goodput, refusals, recovery
    Overload {
        /// Pairs of people, for sockets
        #[arg(long, default_value_t = 200)]
        pairs: usize,
        /// Connections, for HTTP
        #[arg(long, default_value_t = 4_000)]
        connections: usize,
        /// Who overloads the server
        #[arg(long, value_enum, default_value_t = Crush::Polite)]
        by: Crush,
        #[command(flatten)]
        talking: Talking,
    },
    /// All sockets are lost at once, and everybody comes back
    Storm {
        /// Sockets, each of a person of their own
        #[arg(long, default_value_t = 5_000)]
        sockets: usize,
        /// People on their way at the same time
        #[arg(long, default_value_t = 1_024)]
        at_once: usize,
    },
    /// Messages, groups, history, reconnects and silent sockets at the same time
    Mixed {
        #[command(flatten)]
        profile: mixed::Profile,
    },
    /// Many stored messages: start, memory, disk
    Stored {
        /// Messages in the store
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
    },
    /// What a message, a page and a resume cost when much is stored, and when there are many people
    Growth {
        #[command(flatten)]
        sizes: growth::Sizes,
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
    /// Two servers in turn, round by round: medians, ratios and their spread
    Compare {
        #[command(flatten)]
        sides: compare::Sides,
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
    /// Messages that everybody has outstanding over sockets; over HTTP it is one
    #[arg(long, default_value_t = 2)]
    pub(crate) outstanding: usize,
    /// Messages per second in all, at intended times, instead of as many as go
    #[arg(long)]
    pub(crate) rate: Option<u64>,
    /// Bytes of each text
    #[arg(long, default_value_t = 100)]
    pub(crate) text_bytes: usize,
}

impl Default for Talking {
    fn default() -> Self {
        Self { outstanding: 2, rate: None, text_bytes: 100 }
    }
}

impl Talking {
    pub(crate) fn pace(&self) -> Pace {
        self.rate.map_or(Pace::Closed(self.outstanding), Pace::Open)
    }
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
    let reports = beside_limits(&common, command)?;
    report::publish(&reports, common.json.as_deref())?;
    let broken = reports.iter().filter_map(|report| report.figure(BROKEN));
    let broken: f64 = broken.map(|figure| figure.value).sum();
    anyhow::ensure!(broken == 0.0, "{broken} promises were broken; the first are told above");
    Ok(())
}

/// What was asked for, and before it what the machine itself can do.
fn beside_limits(common: &Common, command: Command) -> anyhow::Result<Vec<Report>> {
    let outstanding = match &command {
        Command::Messages { pairs, over: Over::Sockets, talking } => {
            pairs * 2 * talking.outstanding
        }
        Command::Messages { pairs, over: Over::Http, .. } => pairs * 2,
        Command::Group { writers, talking, .. } => writers * talking.outstanding,
        Command::History { .. }
        | Command::Overload { .. }
        | Command::Storm { .. }
        | Command::Mixed { .. }
        | Command::Stored { .. }
        | Command::Growth { .. }
        | Command::Idle { .. }
        | Command::Figures { .. }
        | Command::Compare { .. }
        | Command::Machine => OUTSTANDING,
    };
    let limits = machine::limits(common.folder()?.path(), (100, outstanding))?;
    let found = scenario(common, command)?;
    Ok([limits].into_iter().chain(found).collect())
}

fn scenario(common: &Common, command: Command) -> anyhow::Result<Vec<Report>> {
    Ok(match command {
        Command::Messages { pairs, over: Over::Sockets, talking } => {
            messages::over_sockets(common, pairs, &talking)?
        }
        Command::Messages { pairs, over: Over::Http, talking } => {
            posting::measure(common, pairs * 2, &talking)?
        }
        Command::Group { members, writers, talking } => {
            group::measure(common, (members, writers), &talking)?
        }
        Command::History { stored, connections, rate } => {
            let pace = rate.map_or(Pace::Closed(1), Pace::Open);
            vec![history::measure(common, stored, (connections, pace))?]
        }
        Command::Overload { pairs, connections, by, talking } => {
            overload::measure(common, (pairs, connections), (by, &talking))?
        }
        Command::Storm { sockets, at_once } => storm::measure(common, (sockets, at_once))?,
        Command::Mixed { profile } => mixed::measure(common, &profile)?,
        Command::Stored { messages } => vec![stored::measure(common, messages)?],
        Command::Growth { sizes } => growth::measure(common, &sizes)?,
        Command::Idle { sockets } => vec![idle::measure(common, sockets)?],
        Command::Figures { messages } => figures::measure(common, messages)?,
        Command::Compare { sides } => compare::measure(common, &sides)?,
        Command::Machine => Vec::new(),
    })
}
