//! One clock for all that is measured: nanoseconds since the program began.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Nanoseconds of a second.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

#[expect(clippy::disallowed_methods, reason = "what is measured here is time that passes outside")]
fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

/// Now, in nanoseconds since the first call.
pub(crate) fn now_ns() -> u64 {
    to_ns(start().elapsed())
}

/// When the program began, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "ids that grow from one run to the next need it")]
pub(crate) fn began_ms() -> u64 {
    static BEGAN: OnceLock<u64> = OnceLock::new();
    *BEGAN.get_or_init(|| {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
    })
}

pub(crate) fn to_ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A number as a floating-point one; what is lost beyond 2^53 does not matter in a table.
pub(crate) fn number(count: u64) -> f64 {
    let high = u32::try_from(count >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(count & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

pub(crate) fn seconds(ns: u64) -> f64 {
    number(ns) / number(SECOND_NS)
}

pub(crate) fn milliseconds(ns: u64) -> f64 {
    number(ns) / 1e6
}
