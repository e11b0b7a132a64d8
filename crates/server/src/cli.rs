//! The command line.

mod archive;
mod reach;
mod user;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::{Configuration, Overrides};
use crate::{logs, openapi, serve, start};

/// A messenger that you run yourself.
#[derive(Debug, Parser)]
#[command(name = "kith", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Where,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Make, list and change accounts.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Write everything into one file, also while the server runs, and verify it.
    Backup {
        /// The file to write; it must not exist.
        file: PathBuf,
    },
    /// Bring a backup back into an empty data folder.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// Look after the store.
    #[command(subcommand)]
    Store(StoreCommand),
    /// Look after the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI document.
    Openapi,
    /// Print the version.
    Version,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Read every record and verify it. The server must not run.
    Check,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print a configuration file with every setting and its default.
    Example,
    /// Say whether a configuration is good.
    Check,
}

/// Which configuration, and what is different this time.
#[derive(Args, Clone, Debug)]
struct Where {
    /// The configuration file. Without one, defaults and the environment apply.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// The folder that holds everything.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// The address and port to listen on.
    #[arg(long, global = true)]
    listen: Option<SocketAddr>,
}

impl Where {
    fn load(&self) -> anyhow::Result<Configuration> {
        let overrides = Overrides { data: self.data.clone(), listen: self.listen };
        Configuration::load(self.config.as_deref(), overrides)
    }
}

/// Runs what the command line asks for.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub fn run() -> anyhow::Result<()> {
    let CommandLine { command, place } = CommandLine::parse();
    match command {
        Command::Serve => {
            let configuration = place.load()?;
            logs::start(&configuration.log)?;
            serve::allow_many_connections();
            runtime()?.block_on(start::run(configuration))
        }
        Command::User(command) => runtime()?.block_on(user::run(&place.load()?, command)),
        Command::Backup { file } => runtime()?.block_on(archive::backup(&place.load()?, &file)),
        Command::Restore { file } => archive::restore(&place.load()?, &file),
        Command::Store(StoreCommand::Check) => archive::check(&place.load()?),
        Command::Config(ConfigCommand::Example) => say(Configuration::example().trim_end()),
        Command::Config(ConfigCommand::Check) => {
            place.load()?;
            say("the configuration is good")
        }
        Command::Openapi => say(&openapi::document().to_pretty_json()?),
        Command::Version => say(env!("CARGO_PKG_VERSION")),
    }
}

/// Tasks that run before the kernel is asked again which sockets are ready, while there is always a task to run.
///
/// More than the runtime's own 61, so that a full server reads whole bursts, which share a commit and leave in one write
/// (docs/BENCHMARKS.md, "sending").
const TASKS_PER_POLL: u32 = 500;

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .event_interval(TASKS_PER_POLL)
        .enable_all()
        .build()?)
}

/// One line on standard output.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
