//! Which states are made, and how each is made from the log.

use crate::block_log::{BlockLog, Request};
use crate::dice::Dice;
use crate::image::{BLOCK_BYTES, Piece, SECTOR_BYTES};

/// A part of the disk that held the contents of a file, from its first byte to the one behind its last.
pub(crate) type FileRange = (u64, u64);

/// How a state looks behind its flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// Nothing arrived.
    Cut,
    /// Some of what was asked for before the next flush arrived.
    Reordered,
    /// As before, and of what went into files only some sectors.
    Torn,
}

/// So many flushes did not happen, when they are said to.
const FLUSHES_SKIPPED: usize = 2;
/// So many flushes forget the contents of files, when they are said to.
const FLUSHES_FORGOTTEN: usize = 4;

/// What the harness pretends, to see whether it would notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Nothing.
    #[default]
    None,
    /// The last sync did not happen: what was asked for since the one before it is gone. A sync of a file that grew is two
    /// flushes, the second for the file system's own.
    SyncSkipped,
    /// The last flushes forgot the contents of files, and only them. More than one, since a file system writes contents
    /// before one flush and what makes them count before the next.
    ContentsForgotten,
}

/// A state in which the disk could be after the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) number: usize,
    /// The flush before the last sync.
    pub(crate) previous_flush: usize,
    /// A flush some way before that.
    pub(crate) earlier_flush: usize,
    /// The request that is the last flush before the state: it and everything before it arrived.
    pub(crate) flush: usize,
    /// The next flush, or the end of the log: nothing from there on arrived.
    pub(crate) next_flush: usize,
    pub(crate) shape: Shape,
}

/// The requests of a log, and where the contents of files lay on its disk.
#[derive(Debug)]
pub(crate) struct Requests {
    pub(crate) all: Vec<Request>,
    pub(crate) files: Vec<FileRange>,
}

/// So many states, spread over the whole log, in the order of their flushes.
pub(crate) fn states(requests: &[Request], count: usize) -> Vec<State> {
    let is_flush = |index: &usize| requests.get(*index) == Some(&Request::Flush);
    let flushes: Vec<usize> = (0..requests.len()).filter(is_flush).collect();
    let place = |index: usize| flushes.get(index).copied().unwrap_or(requests.len());
    let all: Vec<State> = (0..flushes.len())
        .map(|index| State {
            number: 0,
            earlier_flush: place(index.saturating_sub(FLUSHES_FORGOTTEN)),
            previous_flush: place(index.saturating_sub(FLUSHES_SKIPPED)),
            flush: place(index),
            next_flush: place(index + 1),
            shape: Shape::Cut,
        })
        .collect();
    let is_busy = |state: &&State| state.next_flush - state.flush > 1;
    let busy: Vec<State> = all.iter().filter(is_busy).copied().collect();
    let shapes = [(Shape::Cut, &all), (Shape::Reordered, &busy), (Shape::Torn, &busy)];
    let mut states = Vec::new();
    for (number, (shape, from)) in (0..count).zip(shapes.iter().cycle()) {
        let state = from.get(number * from.len() / count);
        states.extend(state.map(|state| State { number, shape: *shape, ..*state }));
    }
    states.sort_by_key(|state| (state.flush, state.shape, state.number));
    for (number, state) in states.iter_mut().enumerate() {
        state.number = number;
    }
    states
}

impl State {
    /// The last request of those that all arrived.
    pub(crate) const fn base(&self, lie: Lie) -> usize {
        match lie {
            Lie::None => self.flush,
            Lie::SyncSkipped => self.previous_flush,
            Lie::ContentsForgotten => self.earlier_flush,
        }
    }

    /// The first request that the disk cannot have got.
    pub(crate) const fn end(&self) -> usize {
        match self.shape {
            Shape::Cut => self.flush + 1,
            Shape::Reordered | Shape::Torn => self.next_flush,
        }
    }

    /// What arrived behind the base.
    pub(crate) fn pieces(
        &self,
        log: &BlockLog,
        requests: &Requests,
        (seed, lie): (u64, Lie),
    ) -> anyhow::Result<Vec<Piece>> {
        let number = u64::try_from(self.number)?;
        let mut chance = Chance::new(Dice::of(seed, number), self.shape);
        let mut pieces = Vec::new();
        for (index, request) in requests.all.iter().enumerate().take(self.end()) {
            if index <= self.base(lie) {
                continue;
            }
            let Request::Write { at, bytes, data_at } = *request else { continue };
            let of_file = requests.is_of_file(at, bytes);
            let write = Piece { at, data: log.data(data_at, bytes)? };
            if index > self.flush {
                pieces.extend(chance.of(&write, of_file));
            } else if lie == Lie::ContentsForgotten && !of_file {
                pieces.push(write);
            }
        }
        Ok(pieces)
    }
}

impl Requests {
    fn is_of_file(&self, at: u64, bytes: u64) -> bool {
        self.files.iter().any(|(from, to)| *from <= at && at + bytes <= *to)
    }
}

/// Decides what arrives.
struct Chance {
    dice: Dice,
    shape: Shape,
    /// Out of four pieces, so many arrive.
    of_four: u64,
}

impl Chance {
    const fn new(mut dice: Dice, shape: Shape) -> Self {
        let of_four = 1 + dice.below(3);
        Self { dice, shape, of_four }
    }

    /// Contents of files arrive block by block or sector by sector. What the file system writes for itself arrives as
    /// it was asked for: a torn superblock is its own affair.
    fn of(&mut self, write: &Piece, of_file: bool) -> Vec<Piece> {
        let bytes = match self.shape {
            Shape::Torn if of_file => SECTOR_BYTES,
            Shape::Reordered if of_file => BLOCK_BYTES,
            Shape::Cut | Shape::Reordered | Shape::Torn => write.data.len(),
        };
        let pieces = (write.at..).step_by(bytes).zip(write.data.chunks(bytes));
        let arrived = pieces.filter(|_| self.dice.below(4) < self.of_four);
        arrived.map(|(at, data)| Piece { at, data: data.to_vec() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Request = Request::Write { at: 0, bytes: 4096, data_at: 0 };

    fn shapes(requests: &[Request], count: usize) -> Vec<(usize, usize, Shape)> {
        let states = states(requests, count);
        assert!(states.iter().enumerate().all(|(place, state)| state.number == place));
        states.iter().map(|state| (state.flush, state.next_flush, state.shape)).collect()
    }

    #[test]
    fn states_spread_over_the_flushes_in_their_order() {
        let log = [WRITE, Request::Flush, Request::Flush, WRITE, Request::Flush, WRITE];
        let expected = [
            (1, 2, Shape::Cut),
            (2, 4, Shape::Cut),
            (2, 4, Shape::Reordered),
            (2, 4, Shape::Torn),
            (4, 6, Shape::Reordered),
            (4, 6, Shape::Torn),
        ];
        assert_eq!(shapes(&log, 6), expected);
        assert_eq!(shapes(&[WRITE], 6), [], "nothing is certain before the first flush");
    }

    #[test]
    fn only_contents_of_files_are_torn() {
        let write = Piece { at: 8192, data: vec![7; 8192] };
        let of = |shape, of_file| {
            let mut chance = Chance::new(Dice::new(5), shape);
            chance.of_four = 4;
            chance.of(&write, of_file).len()
        };
        assert_eq!([of(Shape::Torn, true), of(Shape::Reordered, true)], [16, 2]);
        assert_eq!([of(Shape::Torn, false), of(Shape::Reordered, false)], [1, 1]);
    }

    #[test]
    fn what_arrives_is_a_part_and_the_same_part_again() {
        let write = Piece { at: 0, data: vec![7; 64 * 4096] };
        let of = |seed| Chance::new(Dice::new(seed), Shape::Torn).of(&write, true);
        assert_eq!(of(3), of(3));
        assert_ne!(of(3), of(4));
        assert!((1..512).contains(&of(3).len()));
    }
}
