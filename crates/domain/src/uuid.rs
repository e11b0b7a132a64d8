//! UUIDs as 16 bytes instead of 36 characters.

const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// Where the two digits of each byte stand.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const TEXT_BYTES: usize = 36;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The bytes of a UUID in its usual form, in lower case. Nothing else: the text must come back as it was.
pub(super) fn parse(text: &str) -> Option<[u8; 16]> {
    if text.len() != TEXT_BYTES {
        return None;
    }
    let mut number: u128 = 0;
    for (index, character) in text.bytes().enumerate() {
        number = match (HYPHENS.contains(&index), character) {
            (true, b'-') => number,
            (false, b'0'..=b'9') => number << 4 | u128::from(character - b'0'),
            (false, b'a'..=b'f') => number << 4 | u128::from(character - b'a' + 10),
            (true | false, _) => return None,
        };
    }
    Some(number.to_be_bytes())
}

/// The text of a UUID.
pub(super) fn text(bytes: [u8; 16]) -> String {
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
