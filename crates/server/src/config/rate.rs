//! How often something may happen, written the way people say it.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// How often something may happen: a steady rate and how much may come at once, or no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// No limit.
    Off,
    /// One every `period` in the long run, `burst` at once.
    Every {
        /// Time after which one more is allowed.
        period: Duration,
        /// How many may come at once.
        burst: NonZeroU32,
    },
}

/// A text that is no rate.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("\"{0}\" is no rate: write for example \"10/second\", \"30/minute burst 60\" or \"off\"")]
pub struct NotARate(String);

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        parse(text).ok_or_else(|| NotARate(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Rate> {
    if text.trim() == "off" {
        return Some(Rate::Off);
    }
    let mut words = text.split_whitespace();
    let (count, unit) = words.next()?.split_once('/')?;
    let count: NonZeroU32 = count.parse().ok()?;
    let unit = match unit {
        "second" => Duration::from_secs(1),
        "minute" => Duration::from_secs(60),
        "hour" => Duration::from_secs(60 * 60),
        _ => return None,
    };
    let burst = match (words.next(), words.next()) {
        (None, None) => count,
        (Some("burst"), Some(burst)) => burst.parse().ok()?,
        _ => return None,
    };
    let period = unit.checked_div(count.get()).filter(|period| !period.is_zero())?;
    words.next().is_none().then_some(Rate::Every { period, burst })
}

impl<'de> serde::Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Every { period, burst } => {
                write!(f, "one every {} ms, {burst} at once", period.as_millis())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(period_ms: u64, burst: u32) -> Rate {
        Rate::Every {
            period: Duration::from_millis(period_ms),
            burst: NonZeroU32::new(burst).expect("not zero"),
        }
    }

    #[test]
    fn a_rate_is_read_as_it_is_said() {
        assert_eq!("10/second".parse(), Ok(every(100, 10)));
        assert_eq!("30/minute".parse(), Ok(every(2_000, 30)));
        assert_eq!("60/hour burst 5".parse(), Ok(every(60_000, 5)));
        assert_eq!("off".parse(), Ok(Rate::Off));
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "",
            "10",
            "0/second",
            "-1/second",
            "10/day",
            "10/second burst",
            "10/second burst 0",
            "10/second x 5",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate(text.to_owned())), "{text}");
        }
    }
}
