//! What happened in a run, in order: a hash that tells two runs apart, and the last lines for the story.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Lines that are kept.
const LINES_MAX: usize = 20_000;

/// The record of one run. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    began: Instant,
    hash: u64,
    lines: VecDeque<String>,
}

impl Trace {
    /// An empty record that begins now.
    pub(crate) fn new() -> Self {
        let inner =
            Inner { began: Instant::now(), hash: 0xcbf2_9ce4_8422_2325, lines: VecDeque::new() };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Writes a line.
    pub(crate) fn note(&self, what: &str) {
        let mut inner = self.inner.lock();
        let mut line = String::with_capacity(what.len() + 12);
        let passed = inner.began.elapsed();
        write!(line, "{:>9.3} {what}", passed.as_secs_f64()).expect("a string takes everything");
        for byte in line.bytes() {
            inner.hash = (inner.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if inner.lines.len() >= LINES_MAX {
            inner.lines.pop_front();
        }
        inner.lines.push_back(line);
    }

    /// Stands for everything that was written so far.
    pub(crate) fn hash(&self) -> u64 {
        self.inner.lock().hash
    }

    /// The time of this run in nanoseconds.
    pub(crate) fn now_ns(&self) -> u64 {
        u64::try_from(self.inner.lock().began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The last lines that name one of `words`, or a fault.
    pub(crate) fn story(&self, words: &[String], count: usize) -> Vec<String> {
        let inner = self.inner.lock();
        let concerns = |line: &&String| {
            line.contains(" !! ") || words.iter().any(|word| line.contains(word.as_str()))
        };
        let mut lines: Vec<String> =
            inner.lines.iter().rev().filter(concerns).take(count).cloned().collect();
        lines.reverse();
        lines
    }

    /// Every line that is kept.
    pub(crate) fn all(&self) -> Vec<String> {
        self.inner.lock().lines.iter().cloned().collect()
    }
}

impl Default for Trace {
    fn default() -> Self {
        Self::new()
    }
}
