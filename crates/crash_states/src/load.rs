//! The load: people who write, edit, delete and make groups, over sockets and over HTTP, while the server is killed.

mod http_writer;
mod people;
mod socket_writer;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::block_log::BlockLog;
use crate::dice::Dice;
use crate::kith::Setting;
use crate::machine::{self, DISK_BYTES, LoggedDisk};
use crate::recording::{Person, Recorder, Recording};

use people::Group;

/// The folder of the data on a disk.
pub(crate) const DATA: &str = "data";

/// What all writers share.
#[derive(Debug)]
struct World {
    base: String,
    people: Vec<Person>,
    /// A person who comes to groups and goes, and writes nothing.
    guest: Person,
    groups: Vec<Group>,
    recorder: Recorder,
    acks: watch::Sender<usize>,
    load: Load,
}

/// How much is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// With so many acks it ends.
    pub(crate) enough: usize,
    /// Out of so many messages, one is long.
    pub(crate) long_in: u64,
}

impl World {
    fn is_over(&self) -> bool {
        *self.acks.borrow() >= self.load.enough
    }

    fn count_ack(&self) {
        self.acks.send_modify(|acks| *acks += 1);
    }

    async fn acked(&self, count: usize) -> anyhow::Result<()> {
        self.acks.subscribe().wait_for(|acks| *acks >= count).await?;
        Ok(())
    }
}

/// Runs the binary under load on a logged disk in `folder`, kills it in the middle and stops it at the end.
pub(crate) async fn record(
    folder: &Path,
    binary: &Path,
    (seed, states): (u64, usize),
    load: Load,
) -> anyhow::Result<Recording> {
    let disk = LoggedDisk::create(folder)?;
    let data = disk.mounted.at.join(DATA);
    let setting =
        Setting { binary: binary.to_owned(), data: data.clone(), log: folder.join("kith.log") };
    let mut kith = setting.start("127.0.0.1:0").await?;
    let mut dice = Dice::new(seed);
    let recorder = Recorder::new(BlockLog::open(&machine::log_of(folder))?);
    let world = Arc::new(people::gather(&kith.base, recorder, load).await?);
    let gathered = world.recorder.now();
    let mut writers = JoinSet::new();
    for (index, person) in world.people.iter().enumerate() {
        let writer = socket_writer::SocketWriter::new(&world, person, dice.next());
        writers.spawn(writer.run());
        if index % 2 == 0 {
            writers.spawn(http_writer::HttpWriter::new(&world, person, dice.next()).run());
        }
    }
    world.acked(load.enough / 2).await?;
    let listen = kith.listen();
    kith.kill().await?;
    let mut files = disk.files(&data)?;
    let mut kith = setting.start(&listen).await?;
    while let Some(ended) = writers.join_next().await {
        ended.context("a writer ended early")??;
    }
    kith.stop().await?;
    files.append(&mut disk.files(&data)?);
    disk.mounted.unmount()?;
    let recording = Recording {
        seed,
        states,
        disk_bytes: DISK_BYTES,
        gathered,
        people: world.people.iter().chain([&world.guest]).cloned().collect(),
        operations: world.recorder.operations(),
        files,
    };
    recording.save(folder)?;
    Ok(recording)
}
