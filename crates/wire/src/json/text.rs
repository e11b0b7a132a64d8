//! Writing JSON by hand, for the few shapes that are written so often that their texts must not be made first.

/// Bytes looked at together.
const STEP_BYTES: usize = 16;

/// Appends `text` as a JSON string.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    if needs_escape(text.as_bytes()) {
        return serde_json::to_writer(out, text).expect("text always has a JSON form");
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Appends a number.
pub fn write_number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut rest = number;
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - length..).unwrap_or_default());
}

/// Whole steps without a way out between their bytes: several bytes are then compared at a time.
fn needs_escape(text: &[u8]) -> bool {
    let (steps, rest) = text.as_chunks::<STEP_BYTES>();
    let escapes = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let of_step = |step: &[u8]| step.iter().fold(false, |any, byte| any | escapes(byte));
    steps.iter().any(|step| of_step(step)) || of_step(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_written_as_the_library_writes_them(text in "(?s).{0,40}[\u{0}-\u{1f}\"\\\\x]?.{0,40}") {
            let mut out = Vec::new();
            write_text(&text, &mut out);
            prop_assert_eq!(out, serde_json::to_vec(&text).unwrap());
        }

        #[test]
        fn numbers_are_written_in_full(number: u64) {
            let mut out = Vec::new();
            write_number(number, &mut out);
            prop_assert_eq!(out, number.to_string().into_bytes());
        }
    }

    #[test]
    fn the_ends_of_numbers_are_right() {
        for number in [0, 9, 10, u64::MAX] {
            let mut out = Vec::new();
            write_number(number, &mut out);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
