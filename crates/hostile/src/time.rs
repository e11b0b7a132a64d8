//! Points in time and dates as strangers write them.

use domain::Timestamp;
use wire::time;

/// The last millisecond that can be written with four digits for the year.
const LAST_MS: u64 = 253_402_300_799_999;

/// What is read as a time is written as the same time; every time that a row may hold can be written.
pub fn judge(bytes: &[u8]) {
    if let Some(number) = bytes.first_chunk() {
        is_written(Timestamp::from_ms(u64::from_le_bytes(*number)));
    }
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(at) = time::parse(text) {
        is_written(at);
    }
    if let Ok(day) = time::parse_day(text) {
        let midnight = time::parse(&format!("{text}T00:00:00Z")).expect("a day begins");
        assert_eq!(midnight.day(), day);
        assert!(day < day.next(), "the next day is later");
    }
}

fn is_written(at: Timestamp) {
    let shown = Timestamp::from_ms(at.as_ms().min(LAST_MS));
    assert_eq!(time::parse(&time::format(at)), Ok(shown));
}
