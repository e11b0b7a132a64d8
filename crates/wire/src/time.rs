//! Points in time as strangers see them: RFC 3339 in UTC with milliseconds, and ISO dates.

use std::fmt;

use domain::Timestamp;
use domain::time::Day;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};
use time::format_description::FormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// The last millisecond that four digits of a year can write.
const LAST_MS: u64 = 253_402_300_799_999;
/// An ISO date.
const ISO_DATE: &[FormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// The text is not a point in time, or it is before 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTime;

impl fmt::Display for InvalidTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid time")
    }
}

impl std::error::Error for InvalidTime {}

/// A point in time as text, such as `2026-11-24T13:00:00.000Z`, in memory of its own.
#[derive(Clone, Copy)]
pub struct TimeText([u8; 24]);

impl TimeText {
    /// The text of `at`.
    pub fn new(at: Timestamp) -> Self {
        let ms = at.as_ms().min(LAST_MS);
        let seconds = i64::try_from(ms / 1000).unwrap_or_default();
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |place, digits, number: u64| {
            let mut rest = number;
            let digits = text.get_mut(place..place + digits).unwrap_or_default();
            for digit in digits.iter_mut().rev() {
                *digit += u8::try_from(rest % 10).unwrap_or_default();
                rest /= 10;
            }
        };
        put(0, 4, u64::try_from(at.year()).unwrap_or_default());
        put(5, 2, u8::from(at.month()).into());
        put(8, 2, at.day().into());
        put(11, 2, at.hour().into());
        put(14, 2, at.minute().into());
        put(17, 2, at.second().into());
        put(20, 3, ms % 1000);
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits are ASCII")
    }
}

/// Writes a point in time, such as `2026-11-24T13:00:00.000Z`.
pub fn format(at: Timestamp) -> String {
    TimeText::new(at).as_str().to_owned()
}

/// Reads a point in time in RFC 3339, with any offset.
///
/// # Errors
/// When the text is something else, or before 1970.
pub fn parse(text: &str) -> Result<Timestamp, InvalidTime> {
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTime)?;
    let ms = at.unix_timestamp_nanos().div_euclid(1_000_000);
    u64::try_from(ms).map(Timestamp::from_ms).map_err(|_| InvalidTime)
}

/// Reads an ISO date, such as `2026-11-24`, as a UTC day.
///
/// # Errors
/// When the text is something else, or before 1970.
pub fn parse_day(text: &str) -> Result<Day, InvalidTime> {
    if text.len() != "2026-11-24".len() || text.starts_with(['+', '-']) {
        return Err(InvalidTime);
    }
    let date = Date::parse(text, ISO_DATE).map_err(|_| InvalidTime)?;
    let days = (date - OffsetDateTime::UNIX_EPOCH.date()).whole_days();
    u64::try_from(days).map(Day::from_number).map_err(|_| InvalidTime)
}

pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(TimeText::new(*at).as_str())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(D::Error::custom)
}

/// The same for a point in time that may be absent.
pub(crate) mod optional {
    use domain::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::parse(&text)).transpose().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_back_as_written() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_795_525_200_007, "2026-11-24T13:00:00.007Z"),
            (951_825_600_000, "2000-02-29T12:00:00.000Z"),
            (LAST_MS, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(format(Timestamp::from_ms(ms)), text);
            assert_eq!(parse(text), Ok(Timestamp::from_ms(ms)));
        }
    }

    #[test]
    fn other_offsets_and_precisions_are_read() {
        assert_eq!(parse("1970-01-01T01:00:00+01:00"), Ok(Timestamp::from_ms(0)));
        assert_eq!(parse("1970-01-01T00:00:00.0019Z"), Ok(Timestamp::from_ms(1)));
    }

    #[test]
    fn a_time_too_far_away_to_write_is_the_last_one() {
        assert_eq!(format(Timestamp::from_ms(u64::MAX)), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn days_are_counted_from_the_epoch() {
        assert_eq!(parse_day("1970-01-01"), Ok(Day::from_number(0)));
        assert_eq!(parse_day("2026-11-24"), Ok(Timestamp::from_ms(1_795_525_200_000).day()));
    }

    #[test]
    fn what_is_not_a_date_or_a_time_is_refused() {
        for text in [
            "",
            "2026-11-31",
            "2026-1-1",
            "1969-12-31",
            "+2026-1-01",
            "2026-11-24T00:00:00Z",
            "２０２６",
        ] {
            assert_eq!(parse_day(text), Err(InvalidTime), "{text}");
        }
        for text in ["", "2026-11-24", "1969-12-31T23:59:59.999Z", "2026-11-24 25:00:00Z"] {
            assert_eq!(parse(text), Err(InvalidTime), "{text}");
        }
    }
}
