//! How many at once: requests that work in the store, and when those may come back for whom there is no place.
//!
//! More requests at once than a server can work on make every one of them slower, until each is answered too late to
//! be of use. So there are places; whoever finds none is told at once when to come back. The times told are spread out,
//! so that those who come back are few at a time, however many there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use wire::Problem;

use crate::problem::Failed;

/// The soonest that anybody is asked to come back.
const RETURN_MIN: Duration = Duration::from_secs(1);
/// The latest.
const RETURN_MAX: Duration = Duration::from_secs(30);
/// From one who comes back to the next: a thousand per second, which costs a processor a few percent.
const RETURN_STEP: Duration = Duration::from_millis(1);

/// The places. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max: u32,
    taken: AtomicU32,
    /// When the last of those comes back who were told to.
    last_return: Mutex<Option<Instant>>,
}

/// There is no place; there may be one after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// Milliseconds until this one should come back.
    pub retry_after_ms: u64,
}

impl From<Full> for Failed {
    fn from(full: Full) -> Self {
        Problem::overloaded(full.retry_after_ms).into()
    }
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Place(Places);

impl Places {
    /// So many.
    pub fn new(max: u32) -> Self {
        let (taken, last_return) = (AtomicU32::new(0), Mutex::new(None));
        Self(Arc::new(Inner { max, taken, last_return }))
    }

    /// Whether a request could find a place now: asked before anything is done for it.
    ///
    /// # Errors
    /// When all are taken: 503 for the client, with the time to come back.
    pub fn look(&self) -> Result<(), Full> {
        let is_free = self.0.taken.load(Ordering::Relaxed) < self.0.max;
        if is_free { Ok(()) } else { Err(self.full()) }
    }

    /// Takes a place: when all of the request is there, so that nobody holds one by writing slowly.
    ///
    /// # Errors
    /// When all are taken: 503 for the client, with the time to come back.
    pub fn take(&self) -> Result<Place, Full> {
        let one_more = |taken| (taken < self.0.max).then(|| taken + 1);
        match self.0.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more) {
            Ok(_) => Ok(Place(self.clone())),
            Err(_) => Err(self.full()),
        }
    }

    fn full(&self) -> Full {
        let now = Instant::now();
        let mut last_return = self.0.last_return.lock();
        let at = next_return(*last_return, now);
        *last_return = Some(at);
        Full { retry_after_ms: u64::try_from((at - now).as_millis()).unwrap_or(u64::MAX) }
    }
}

/// When the next one comes back, if the last of the others comes back at `last`.
fn next_return(last: Option<Instant>, now: Instant) -> Instant {
    last.map_or(now, |last| last + RETURN_STEP).clamp(now + RETURN_MIN, now + RETURN_MAX)
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_no_place_finds_one_when_another_leaves() {
        let places = Places::new(2);
        let first = places.take().expect("the first of two");
        let _second = places.take().expect("the second of two");
        let full = places.take().expect_err("the third of two");
        assert!(full.retry_after_ms >= 1_000, "nobody comes back at once");
        places.look().expect_err("all are taken");
        drop(first);
        places.look().expect("one is free");
        let _third = places.take().expect("one was free");
    }

    #[test]
    fn those_who_are_refused_come_back_one_after_the_other() {
        let now = Instant::now();
        let mut last = None;
        let mut told = |now: Instant| {
            let at = next_return(last, now);
            last = Some(at);
            (at - now).as_millis()
        };
        assert_eq!([told(now), told(now), told(now)], [1_000, 1_001, 1_002]);
        let latest = (0..60_000).fold(0, |_, _| told(now));
        assert_eq!(latest, 30_000, "nobody waits for ever");
        assert_eq!(told(now + Duration::from_secs(60)), 1_000, "all have been back");
    }
}
