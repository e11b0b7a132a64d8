//! How long requests took in the last minutes, as percentiles.

/// Minutes that count.
const MINUTES: usize = 5;
/// Buckets for each doubling of the time: the error is at most a fifth.
const STEPS_PER_DOUBLING: f64 = 4.0;
/// Buckets: the first ends at one microsecond, the last holds all above a minute.
const BUCKETS: usize = 108;

/// Counts of the last minutes, in buckets whose width grows with the time.
#[derive(Debug)]
pub(super) struct Window {
    minutes: [Minute; MINUTES],
}

#[derive(Clone, Debug)]
struct Minute {
    number: u64,
    counts: [u32; BUCKETS],
}

/// Percentiles, in milliseconds; zero where nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// Half of all requests took at most this.
    pub p50_ms: f64,
    /// 95 of 100 requests took at most this.
    pub p95_ms: f64,
    /// 99 of 100 requests took at most this.
    pub p99_ms: f64,
}

impl Default for Window {
    fn default() -> Self {
        Self { minutes: std::array::from_fn(|_| Minute { number: 0, counts: [0; BUCKETS] }) }
    }
}

impl Window {
    /// Counts a request that ended in minute `now` and took `seconds`.
    pub(super) fn record(&mut self, now: u64, seconds: f64) {
        let place = usize::try_from(now % MINUTES as u64).unwrap_or_default();
        let Some(minute) = self.minutes.get_mut(place) else { return };
        if minute.number != now {
            *minute = Minute { number: now, counts: [0; BUCKETS] };
        }
        if let Some(count) = minute.counts.get_mut(bucket(seconds)) {
            *count = count.saturating_add(1);
        }
    }

    /// The percentiles of the minutes up to `now`.
    pub(super) fn percentiles(&self, now: u64) -> Percentiles {
        let mut counts = [0_u64; BUCKETS];
        for minute in self.minutes.iter().filter(|minute| minute.number + MINUTES as u64 > now) {
            for (sum, count) in counts.iter_mut().zip(minute.counts) {
                *sum += u64::from(count);
            }
        }
        let at = |percent| percentile_ms(&counts, percent);
        Percentiles { p50_ms: at(50), p95_ms: at(95), p99_ms: at(99) }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to the buckets"
)]
fn bucket(seconds: f64) -> usize {
    let steps = (seconds * 1e6).max(1.0).log2() * STEPS_PER_DOUBLING;
    (steps.ceil() as usize).min(BUCKETS - 1)
}

fn percentile_ms(counts: &[u64; BUCKETS], percent: u64) -> f64 {
    let total: u64 = counts.iter().sum();
    let rank = (total * percent).div_ceil(100);
    let mut seen = 0;
    for (end, count) in (0_u32..).zip(counts) {
        seen += count;
        if seen >= rank && rank > 0 {
            return (f64::from(end) / STEPS_PER_DOUBLING).exp2() / 1e3;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) -> bool {
        (wanted..wanted * 1.2).contains(&found)
    }

    #[test]
    fn nothing_measured_is_zero() {
        assert_eq!(Window::default().percentiles(0), Percentiles::default());
    }

    #[test]
    fn percentiles_are_right_within_a_fifth() {
        let mut window = Window::default();
        for ms in 1..=100_u32 {
            window.record(7, f64::from(ms) / 1e3);
        }
        let found = window.percentiles(7);
        assert!(
            close(found.p50_ms, 50.0) && close(found.p95_ms, 95.0) && close(found.p99_ms, 99.0),
            "{found:?}"
        );
    }

    #[test]
    fn the_fastest_and_the_slowest_have_a_place() {
        let mut window = Window::default();
        window.record(0, 0.0);
        assert!(window.percentiles(0).p50_ms <= 0.001);
        window.record(0, 1e9);
        assert!(window.percentiles(0).p99_ms > 60_000.0);
    }

    #[test]
    fn old_minutes_are_forgotten() {
        let mut window = Window::default();
        window.record(1, 1.0);
        window.record(5, 0.001);
        assert!(window.percentiles(5).p99_ms > 900.0);
        assert!(window.percentiles(6).p99_ms < 2.0);
        window.record(6, 0.001);
        assert!(window.percentiles(6).p99_ms < 2.0);
    }
}
