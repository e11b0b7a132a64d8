//! What people type: names, addresses, messages, emoji.

use std::fmt::Debug;

use domain::limits;
use domain::preference::is_language_tag;
use domain::refusal::Fault;
use domain::text::{
    DeviceName, Email, Emoji, Name, Picture, StatusLine, Text, Username, fold, search_words,
};
use store::backend::KEY_BYTES_MAX;
use store::tables::{account, directory};

/// What was accepted once is accepted again, and unchanged; whatever becomes part of a key fits into one.
pub fn judge(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    is_stable(text, Text::parse, Text::as_str, limits::TEXT_BYTES_MAX);
    is_stable(text, Emoji::parse, Emoji::as_str, limits::EMOJI_BYTES_MAX);
    is_stable(text, Name::parse, Name::as_str, 4 * limits::NAME_CHARS_MAX);
    is_stable(text, StatusLine::parse, StatusLine::as_str, 4 * limits::STATUS_CHARS_MAX);
    is_stable(text, DeviceName::parse, DeviceName::as_str, 4 * limits::DEVICE_CHARS_MAX);
    is_stable(text, Username::parse, Username::as_str, limits::USERNAME_CHARS_MAX);
    is_stable(text, Email::parse, Email::as_str, limits::EMAIL_BYTES_MAX);
    if let Ok(Some(picture)) = Picture::parse(text) {
        assert_eq!(Picture::parse(picture.as_str()), Ok(Some(picture)));
    }
    if is_language_tag(text) {
        assert!(text.is_ascii(), "a tag is plain");
    }
    makes_keys(text);
}

fn is_stable<T: PartialEq + Debug>(
    text: &str,
    parse: fn(&str) -> Result<T, Fault>,
    as_str: fn(&T) -> &str,
    bytes_max: usize,
) {
    if let Ok(parsed) = parse(text) {
        assert!(as_str(&parsed).len() <= bytes_max, "{parsed:?} of {text:?} is too long");
        assert_eq!(parse(as_str(&parsed)), Ok(parsed), "{text:?}");
    }
}

fn makes_keys(text: &str) {
    if let Ok(email) = Email::parse(text) {
        let prefix = account::email_claim(&email).prefix();
        assert!(prefix.len() <= KEY_BYTES_MAX, "the claim of an address takes {}", prefix.len());
    }
    let Ok(name) = Name::parse(text) else { return };
    for word in search_words(&name, None) {
        assert!(!word.is_empty() && word.len() <= limits::SEARCH_WORD_BYTES_MAX, "{word:?}");
        let prefix = directory::partition(&word).prefix();
        assert!(prefix.len() <= KEY_BYTES_MAX, "the word {word:?} leads nowhere");
    }
    assert!(fold(text).len() <= 32 * text.len(), "a text grows without bounds when it is folded");
}
