//! A disk in memory, to which logged writes are applied, and of which copies can be made fast.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use anyhow::Context as _;

use crate::block_log::{BlockLog, Request};

/// The file system's blocks.
pub(crate) const BLOCK_BYTES: usize = 4096;
/// What a disk writes all of or nothing of.
pub(crate) const SECTOR_BYTES: usize = 512;

/// Bytes that arrived at the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) at: u64,
    pub(crate) data: Vec<u8>,
}

/// The blocks of a disk that are not zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    blocks: BTreeMap<u64, Box<[u8; BLOCK_BYTES]>>,
}

impl Image {
    /// The disk as it was when the log began.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let mut file = File::open(path).with_context(|| format!("no disk {}", path.display()))?;
        let mut image = Self::default();
        let mut block = Box::new([0; BLOCK_BYTES]);
        for number in 0..file.metadata()?.len() / block_bytes() {
            file.read_exact(block.as_mut_slice())?;
            if block.iter().any(|byte| *byte != 0) {
                image.blocks.insert(number, block.clone());
            }
        }
        Ok(image)
    }

    pub(crate) fn apply(&mut self, log: &BlockLog, request: Request) -> anyhow::Result<()> {
        match request {
            Request::Write { at, bytes, data_at } => self.write(at, &log.data(data_at, bytes)?),
            Request::Discard { at, bytes } => self.write(at, &vec![0; usize::try_from(bytes)?]),
            Request::Flush => {}
        }
        Ok(())
    }

    /// Writes whole sectors.
    pub(crate) fn write(&mut self, at: u64, data: &[u8]) {
        for (place, sector) in (at..).step_by(SECTOR_BYTES).zip(data.chunks(SECTOR_BYTES)) {
            let inside = usize::try_from(place % block_bytes()).expect("a block is small");
            let block = self.blocks.entry(place / block_bytes());
            let block = block.or_insert_with(|| Box::new([0; BLOCK_BYTES]));
            let target = block.get_mut(inside..inside + sector.len());
            target.expect("a sector lies in one block").copy_from_slice(sector);
        }
    }

    /// Makes a disk of it, with these pieces written behind all others.
    pub(crate) fn write_to(
        &self,
        path: &Path,
        disk_bytes: u64,
        pieces: &[Piece],
    ) -> anyhow::Result<()> {
        let file = File::create(path).with_context(|| format!("no disk {}", path.display()))?;
        file.set_len(disk_bytes)?;
        for (number, block) in &self.blocks {
            file.write_all_at(block.as_slice(), number * block_bytes())?;
        }
        for piece in pieces {
            file.write_all_at(&piece.data, piece.at)?;
        }
        Ok(())
    }
}

pub(crate) fn block_bytes() -> u64 {
    u64::try_from(BLOCK_BYTES).expect("a block is small")
}
