//! What all scenarios share: where the server comes from, how long is measured, and where results go.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::clock::{SECOND_NS, now_ns, seconds};
use crate::report::Report;
use crate::server::{Pinning, Server, beside, micros_per, pin_load};
use crate::world::{self, Person, World};

/// A stretch of time in which is measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) from_ns: u64,
    pub(crate) until_ns: u64,
}

impl Window {
    pub(crate) const fn contains(&self, ns: u64) -> bool {
        self.from_ns <= ns && ns < self.until_ns
    }

    pub(crate) fn seconds(&self) -> f64 {
        seconds(self.until_ns - self.from_ns)
    }
}

/// What the command line says about every scenario.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Common {
    /// The server to start [default: the kith beside this program]
    #[arg(long, global = true)]
    pub(crate) server: Option<PathBuf>,
    /// A server that runs already, instead of one of our own: people are registered over REST
    #[arg(long, global = true, conflicts_with = "server")]
    pub(crate) address: Option<SocketAddr>,
    /// Where throw-away data folders are made: name a folder on the disk to be measured [default: that of this program]
    #[arg(long, global = true)]
    pub(crate) data: Option<PathBuf>,
    /// Seconds of load before the measurement
    #[arg(long, global = true, default_value_t = 2)]
    pub(crate) warm_up: u64,
    /// Seconds of measurement
    #[arg(long, global = true, default_value_t = 10)]
    pub(crate) seconds: u64,
    /// Let server and load run on all processors, instead of one each
    #[arg(long, global = true)]
    pub(crate) no_pin: bool,
    /// Judge everything that was sent and seen, and fail if a promise was broken
    #[arg(long, global = true)]
    pub(crate) check: bool,
    /// Write all figures into this file
    #[arg(long, global = true)]
    pub(crate) json: Option<PathBuf>,
}

impl Common {
    pub(crate) const fn pinning(&self) -> Pinning {
        if self.no_pin { Pinning::Off } else { Pinning::On }
    }

    pub(crate) fn binary(&self) -> anyhow::Result<PathBuf> {
        let binary = match &self.server {
            Some(binary) => binary.clone(),
            None => beside()?,
        };
        anyhow::ensure!(
            binary.is_file(),
            "there is no server at {}: build it with `cargo build --release -p server`, or name one with --server",
            binary.display()
        );
        Ok(binary)
    }

    /// A new folder for data, which goes away with the answer.
    pub(crate) fn folder(&self) -> anyhow::Result<TempDir> {
        let parent = match &self.data {
            Some(folder) => folder.clone(),
            None => {
                let here = std::env::current_exe()?;
                here.parent().context("this program is nowhere")?.to_owned()
            }
        };
        std::fs::create_dir_all(&parent)?;
        let made = tempfile::Builder::new().prefix("kith-load-").tempdir_in(&parent);
        made.with_context(|| format!("no folder can be made in {}", parent.display()))
    }

    /// A server with `count` people: one of our own, or the one that runs already.
    pub(crate) fn people(&self, count: usize) -> anyhow::Result<(Bench, Vec<Person>)> {
        let Some(address) = self.address else {
            return self.bench(|world| world.people(count));
        };
        let people = world::register(address, count)?;
        Ok((self.bench_of(Server::at(address), None), people))
    }

    /// Prepares a folder with `prepare` and starts the server with it.
    pub(crate) fn bench<T>(
        &self,
        prepare: impl FnOnce(&World) -> anyhow::Result<T>,
    ) -> anyhow::Result<(Bench, T)> {
        let folder = self.folder()?;
        let prepared = self.fill(folder.path(), prepare)?;
        let bench = self.start(folder.path())?;
        Ok((Bench { folder: Some(folder), ..bench }, prepared))
    }

    /// Prepares a folder with `prepare`.
    pub(crate) fn fill<T>(
        &self,
        folder: &Path,
        prepare: impl FnOnce(&World) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        anyhow::ensure!(
            self.address.is_none(),
            "this scenario puts its people and messages into a folder of its own: leave out --address"
        );
        // That there is no server is better said now than after minutes.
        self.binary()?;
        let world = World::open(folder)?;
        let prepared = prepare(&world)?;
        world.close();
        Ok(prepared)
    }

    /// Starts the server with a folder that is prepared, and stays.
    pub(crate) fn start(&self, folder: &Path) -> anyhow::Result<Bench> {
        let binary = self.binary()?;
        if self.pinning() == Pinning::On {
            pin_load();
        }
        let server = Server::start(&binary, folder, self.pinning())?;
        Ok(self.bench_of(server, None))
    }

    const fn bench_of(&self, server: Server, folder: Option<TempDir>) -> Bench {
        Bench {
            server,
            folder,
            warm_up_ns: self.warm_up * SECOND_NS,
            measure_ns: self.seconds * SECOND_NS,
        }
    }
}

/// A server with its folder, and how long is measured.
pub(crate) struct Bench {
    pub(crate) server: Server,
    /// Goes away with the bench.
    pub(crate) folder: Option<TempDir>,
    pub(crate) warm_up_ns: u64,
    pub(crate) measure_ns: u64,
}

/// Warm-up and window as they pass, and the processor time that the server takes in the window.
pub(crate) struct Watch<'bench> {
    server: &'bench Server,
    pub(crate) window: Window,
    pub(crate) started_ns: u64,
    cpu_from_ns: Option<u64>,
    cpu_until_ns: u64,
}

impl<'bench> Watch<'bench> {
    pub(crate) fn begin(bench: &'bench Bench) -> Self {
        let started_ns = now_ns();
        let from_ns = started_ns + bench.warm_up_ns;
        Self {
            server: &bench.server,
            window: Window { from_ns, until_ns: from_ns + bench.measure_ns },
            started_ns,
            cpu_from_ns: None,
            cpu_until_ns: 0,
        }
    }

    /// Whether the window is not over yet. To be asked again and again.
    pub(crate) fn goes_on(&mut self) -> bool {
        let now = now_ns();
        if self.cpu_from_ns.is_none() && now >= self.window.from_ns {
            self.cpu_from_ns = Some(self.server.cpu_ns());
        }
        let goes_on = now < self.window.until_ns;
        if !goes_on {
            self.cpu_until_ns = self.server.cpu_ns();
        }
        goes_on
    }

    pub(crate) fn cpu_ns(&self) -> u64 {
        self.cpu_until_ns.saturating_sub(self.cpu_from_ns.unwrap_or_default())
    }

    /// What the server spent, if it is one that we can watch.
    pub(crate) fn report_cpu(&self, report: &mut Report, operations: &[(&str, u64)]) {
        if !self.server.is_ours() {
            return;
        }
        for (operation, count) in operations {
            let each = micros_per(self.cpu_ns(), *count);
            report.add("server CPU", each, &format!("µs per {operation}"));
        }
        let busy = seconds(self.cpu_ns()) / self.window.seconds() * 100.0;
        report.add("server CPU busy", busy, "%");
    }
}
