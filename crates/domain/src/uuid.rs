//! UUIDs as 16 bytes instead of 36 characters.
//!
//! Those of version 7 (RFC 9562, 5.7) begin with the time at which they were made, so that each is greater than what was
//! made before it.

const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// Where the two digits of each byte stand.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const TEXT_BYTES: usize = 36;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The bytes of a UUID in its usual form, in lower case. Nothing else: the text must come back as it was.
pub fn parse(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; TEXT_BYTES] = text.as_bytes().try_into().ok()?;
    if !HYPHENS.iter().all(|place| text.get(*place) == Some(&b'-')) {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, place) in bytes.iter_mut().zip(PLACES) {
        let [high, low] = *text.get(place..)?.first_chunk()?;
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(bytes)
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

/// A UUID of version 7: the milliseconds since 1970, and what tells those of one millisecond apart.
pub fn version_7(at_ms: u64, rest: [u8; 10]) -> [u8; 16] {
    let rest = rest.iter().fold(0, |rest, byte| rest << 8 | u128::from(*byte));
    let (high, low) = (rest >> 68, rest & ((1 << 62) - 1));
    let number = u128::from(at_ms) << 80 | 7 << 76 | high << 64 | 2 << 62 | low;
    number.to_be_bytes()
}

/// The text of a UUID.
pub fn text(bytes: [u8; 16]) -> String {
    let mut text = [b'-'; TEXT_BYTES];
    for (place, byte) in PLACES.into_iter().zip(bytes) {
        let digit = |digit: u8| DIGITS.get(usize::from(digit)).copied().unwrap_or_default();
        if let Some(both) = text.get_mut(place..).and_then(<[u8]>::first_chunk_mut) {
            *both = [digit(byte >> 4), digit(byte & 0x0f)];
        }
    }
    String::from_utf8(text.to_vec()).expect("digits are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_comes_back_as_it_was() {
        for uuid in [
            "00000000-0000-0000-0000-000000000000",
            "0123a5b7-89ab-4cde-8f01-23456789abcd",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ] {
            assert_eq!(parse(uuid).map(text).as_deref(), Some(uuid));
        }
    }

    #[test]
    fn one_of_version_7_begins_with_its_time() {
        let uuid = version_7(0x0199_1234_5678, [0xff; 10]);
        assert_eq!(text(uuid), "01991234-5678-7fff-bfff-ffffffffffff");
        assert!(version_7(5, [0xff; 10]) < version_7(6, [0; 10]));
    }

    #[test]
    fn what_would_not_come_back_stays_text() {
        for other in [
            "",
            "0123A5B7-89ab-4cde-8f01-23456789abcd",
            "0123a5b789ab4cde8f0123456789abcd",
            "0123a5b7-89ab-4cde-8f01-23456789abcg",
            "0123a5b7-89ab-4cde-8f01+23456789abcd",
            "0123a5b7-89ab-4cde-8f01-23456789abcde",
            "-123a5b7-89ab-4cde-8f01-23456789abcd",
            "0123a5b78-9ab-4cde-8f01-23456789abcd",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
