//! How operations are paced: as many as go, or at intended times.

use crate::clock::SECOND_NS;

/// How operations are paced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// So many outstanding each, always.
    Closed(usize),
    /// So many per second in all, at intended times.
    Open(u64),
    /// As [`Self::Open`], but an operation is given up where whoever should do it is held up already.
    Flood(u64),
}

impl Pace {
    /// As conditions say it.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Closed(outstanding) => format!("{outstanding} outstanding each"),
            Self::Open(per_second) => format!("{per_second} per second at intended times"),
            Self::Flood(per_second) => format!("{per_second} per second, as far as clients may"),
        }
    }

    /// The intended times from now on, if there are any.
    pub(crate) fn schedule(self, started_ns: u64) -> Option<Schedule> {
        match self {
            Self::Closed(_) => None,
            Self::Open(per_second) | Self::Flood(per_second) => {
                Some(Schedule { started_ns, per_second: per_second.max(1), given: 0 })
            }
        }
    }
}

/// Gives out the intended times of an open loop, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    started_ns: u64,
    per_second: u64,
    given: u64,
}

/// An operation that should begin now, or should have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// 0, 1, 2 …
    pub(crate) number: u64,
    pub(crate) intended_ns: u64,
}

impl Schedule {
    /// What is due first, if anything is.
    pub(crate) fn next(&mut self, now: u64) -> Option<Due> {
        let offset = u128::from(self.given) * u128::from(SECOND_NS) / u128::from(self.per_second);
        let intended_ns = self.started_ns + u64::try_from(offset).unwrap_or(u64::MAX);
        if intended_ns > now {
            return None;
        }
        let number = self.given;
        self.given += 1;
        Some(Due { number, intended_ns })
    }
}

/// Whose turn it is, when all take turns.
pub(crate) fn turn_of(number: u64, count: usize) -> usize {
    let count = u64::try_from(count).unwrap_or(1).max(1);
    usize::try_from(number % count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_does_not_move_what_was_meant() {
        let mut schedule = Pace::Open(1_000).schedule(5_000_000).unwrap();
        assert_eq!(schedule.next(4_999_999), None);
        assert_eq!(schedule.next(5_000_000), Some(Due { number: 0, intended_ns: 5_000_000 }));
        assert_eq!(schedule.next(5_500_000), None);
        let late = 9_000_000;
        let intended = std::iter::from_fn(|| schedule.next(late)).map(|due| due.intended_ns);
        assert_eq!(intended.collect::<Vec<_>>(), [6_000_000, 7_000_000, 8_000_000, 9_000_000]);
    }
}
