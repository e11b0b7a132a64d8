//! What all scenarios share: where the server comes from, how long is measured, and where results go.

use std::path::PathBuf;

use anyhow::Context as _;
use tempfile::TempDir;

use crate::clock::SECOND_NS;
use crate::server::{Pinning, Server, beside, pin_load};
use crate::world::World;

/// A stretch of time in which is measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) from_ns: u64,
    pub(crate) until_ns: u64,
}

impl Window {
    pub(crate) const fn after(started_ns: u64, warm_up_ns: u64, measure_ns: u64) -> Self {
        let from_ns = started_ns + warm_up_ns;
        Self { from_ns, until_ns: from_ns + measure_ns }
    }

    pub(crate) const fn contains(&self, ns: u64) -> bool {
        self.from_ns <= ns && ns < self.until_ns
    }
}

/// What the command line says about every scenario.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Common {
    /// The server to start [default: the kith beside this program]
    #[arg(long, global = true)]
    pub(crate) server: Option<PathBuf>,
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

    /// Prepares a folder with `prepare` and starts the server with it.
    pub(crate) fn bench<T>(
        &self,
        prepare: impl FnOnce(&World) -> anyhow::Result<T>,
    ) -> anyhow::Result<(Bench, T)> {
        let binary = self.binary()?;
        let folder = self.folder()?;
        let world = World::open(folder.path())?;
        let prepared = prepare(&world)?;
        world.close();
        if self.pinning() == Pinning::On {
            pin_load();
        }
        let server = Server::start(&binary, folder.path(), self.pinning())?;
        let bench = Bench {
            server,
            folder,
            warm_up_ns: self.warm_up * SECOND_NS,
            measure_ns: self.seconds * SECOND_NS,
        };
        Ok((bench, prepared))
    }
}

/// A server with its folder, and how long is measured.
pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    pub(crate) warm_up_ns: u64,
    pub(crate) measure_ns: u64,
}
