//! Times, counted in buckets whose width is a fixed share of their value.

/// Each power of two is cut into so many buckets: no value is off by more than 1/64 of itself.
const STEPS_LOG2: u32 = 6;
/// Buckets for 64 powers of two.
const BUCKETS: usize = 64 << STEPS_LOG2;

/// A histogram of nanoseconds that takes the same memory however much it counts.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max_ns: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0, max_ns: 0 }
    }
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn record(&mut self, ns: u64) {
        if let Some(bucket) = self.buckets.get_mut(bucket_of(ns)) {
            *bucket += 1;
        }
        self.count += 1;
        self.max_ns = self.max_ns.max(ns);
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    pub(crate) const fn max_ns(&self) -> u64 {
        self.max_ns
    }

    /// The value that this share of all values does not exceed, in nanoseconds; 0 if nothing was counted.
    pub(crate) fn quantile_ns(&self, per_mille: u64) -> u64 {
        let rank = (self.count * per_mille).div_ceil(1000).max(1);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank && *count > 0 {
                return upper_end(index).min(self.max_ns);
            }
        }
        self.max_ns
    }
}

fn bucket_of(ns: u64) -> usize {
    let shift = (u64::BITS - ns.leading_zeros()).saturating_sub(STEPS_LOG2 + 1);
    let index = (u64::from(shift) << STEPS_LOG2) + (ns >> shift);
    usize::try_from(index).unwrap_or(BUCKETS - 1)
}

fn upper_end(index: usize) -> u64 {
    let index = u64::try_from(index).unwrap_or(u64::MAX);
    let steps = 1 << STEPS_LOG2;
    if index < 2 * steps {
        return index;
    }
    let shift = (index >> STEPS_LOG2) - 1;
    let step = index - (shift << STEPS_LOG2);
    (step << shift) + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_a_bucket_that_is_narrow() {
        for ns in (0..2_000).chain((0..60).map(|power| (1 << power) + 1)).chain([u64::MAX]) {
            let end = upper_end(bucket_of(ns));
            assert!(end >= ns, "{ns} ends at {end}");
            assert!(end - ns <= ns / 64, "{ns} ends at {end}");
            assert!(ns == 0 || upper_end(bucket_of(ns) - 1) < ns, "{ns} is in a bucket too high");
        }
    }

    #[test]
    fn quantiles_are_values_that_were_counted() {
        let mut histogram = Histogram::new();
        (1..=1_000).for_each(|ms| histogram.record(ms * 1_000_000));
        for (per_mille, ms) in [(1, 1), (500, 500), (990, 990), (1_000, 1_000)] {
            let found = histogram.quantile_ns(per_mille);
            let expected = ms * 1_000_000;
            assert!(found >= expected && found - expected <= expected / 64, "{per_mille}: {found}");
        }
        assert_eq!(histogram.count(), 1_000);
        assert_eq!(histogram.max_ns(), 1_000_000_000);
        assert_eq!(Histogram::new().quantile_ns(990), 0);
    }
}
