//! Goes to a state: makes the disk, mounts it, and reads everything back, through the store or through the binary.

mod through_binary;
mod through_store;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::block_log::{BlockLog, Request};
use crate::image::Image;
use crate::judge::{self, Claim};
use crate::kith::Setting;
use crate::load::DATA;
use crate::machine::{self, Mounted};
use crate::plan::{Lie, Requests, State};
use crate::recording::{Logs, Recording};

/// What all visitors share.
#[derive(Debug)]
pub(crate) struct Visits<'a> {
    /// Where the recording, the log and the disk before it lie.
    pub(crate) folder: &'a Path,
    pub(crate) binary: &'a Path,
    pub(crate) recording: &'a Recording,
    pub(crate) requests: &'a Requests,
    /// How every log was at the end.
    pub(crate) last: Option<&'a Logs>,
    pub(crate) lie: Lie,
    /// Out of so many states, one is visited by the binary, and all others by the store alone.
    pub(crate) binary_in: usize,
}

/// What is wrong in a state.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) state: State,
    pub(crate) told: Vec<String>,
}

/// Goes through states in the order of their flushes.
pub(crate) struct Visitor<'a> {
    visits: &'a Visits<'a>,
    log: BlockLog,
    image: Image,
    /// Requests that the image has.
    applied: usize,
    room: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl<'a> Visitor<'a> {
    /// Works in a folder of its own.
    pub(crate) fn new(visits: &'a Visits<'a>, room: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(room)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            visits,
            log: BlockLog::open(&machine::log_of(visits.folder))?,
            image: Image::read(&machine::base_of(visits.folder))?,
            applied: 0,
            room: room.to_owned(),
            runtime,
        })
    }

    /// What was found in a state, and what is wrong with it.
    pub(crate) fn visit(&mut self, state: &State) -> anyhow::Result<(Logs, Vec<String>)> {
        let disk = self.room.join("disk.img");
        self.make(state, &disk)
            .with_context(|| format!("state {} cannot be made", state.number))?;
        let claim = Claim::of(state);
        let mounted = match Mounted::new(&disk, &self.room.join("mounted")) {
            Ok(mounted) => mounted,
            Err(error) => return Ok((Logs::new(), vec![format!("file system: {error:#}")])),
        };
        let read = self.read(state, &mounted.at.join(DATA), claim);
        mounted.unmount()?;
        let (recording, last) = (self.visits.recording, self.visits.last);
        Ok(match read {
            Ok(logs) => {
                let told = judge::violations(recording, claim, &logs, last);
                (logs, told)
            }
            Err(error) => (Logs::new(), vec![format!("restart: {error:#}")]),
        })
    }

    fn make(&mut self, state: &State, disk: &Path) -> anyhow::Result<()> {
        let base = state.base(self.visits.lie);
        let wanted = self.visits.requests.all.iter().take(base + 1).skip(self.applied);
        for request in wanted.copied().filter(|request| *request != Request::Flush) {
            self.image.apply(&self.log, request)?;
        }
        self.applied = self.applied.max(base + 1);
        let dice = (self.visits.recording.seed, self.visits.lie);
        let pieces = state.pieces(&self.log, self.visits.requests, dice)?;
        self.image.write_to(disk, self.visits.recording.disk_bytes, &pieces)
    }

    fn read(&self, state: &State, data: &Path, claim: Claim) -> anyhow::Result<Logs> {
        let recording = self.visits.recording;
        if !state.number.is_multiple_of(self.visits.binary_in) {
            let read = || self.runtime.block_on(through_store::read(data, recording));
            // Where the binary would end, this program tells.
            let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
            return read.unwrap_or_else(|_| Err(anyhow::anyhow!("the store panicked, see above")));
        }
        let log = self.room.join("kith.log");
        std::fs::write(&log, "")?;
        let setting = Setting { binary: self.visits.binary.to_owned(), data: data.to_owned(), log };
        self.runtime.block_on(through_binary::read(&setting, recording, claim))
    }
}
