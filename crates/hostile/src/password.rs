//! Passwords as they are typed.

use domain::limits::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use domain::text::Password;

/// Normalising makes three bytes of one at most, and two keyboards give the same bytes.
const NORMALISED: usize = 3;

/// What can be chosen can be typed again, and nothing too long is hashed.
pub fn judge(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let attempt = Password::parse_attempt(text);
    if let Some(attempt) = &attempt {
        assert!(attempt.as_bytes().len() <= NORMALISED * PASSWORD_BYTES_MAX, "too long to hash");
    }
    if let Ok(password) = Password::parse_new(text) {
        let attempt = attempt.expect("it can be typed again");
        assert_eq!(attempt.as_bytes(), password.as_bytes());
        assert!(password.as_bytes().len() >= PASSWORD_CHARS_MIN, "too short to keep");
    }
}
