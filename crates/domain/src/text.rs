//! Texts that people write, parsed once at the door: what has one of these types is within its limits and clean.

use std::fmt;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::limits;
use crate::refusal::Fault;

/// Passwords that attackers try first, at least eight characters long, one a line, most common first.
const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// A text read back from a row, which was parsed before it was stored.
            pub const fn from_row(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Debug for $name {
            /// Words of people stay out of logs and panics.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
}

text_type!(
    /// The text of a message: 1 byte to [`limits::TEXT_BYTES_MAX`], not blank, no control characters but line breaks
    /// and tabs.
    Text
);
text_type!(
    /// The name of a person or a group, on one line.
    Name
);
text_type!(
    /// A username: lower-case letters, digits, `.`, `_` and `-`; starts with a letter.
    Username
);
text_type!(
    /// An e-mail address, trimmed, its domain in lower case.
    Email
);
text_type!(
    /// The status line of a profile; may be empty.
    StatusLine
);
text_type!(
    /// The address of a picture: `https:`, `http:`, or a path of this server.
    Picture
);
text_type!(
    /// One emoji, as a reaction.
    Emoji
);
text_type!(
    /// The name that a person gives a device.
    DeviceName
);

fn is_forbidden_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}

fn one_line(text: &str, chars_max: usize) -> Result<String, Fault> {
    let text: String = text.trim().nfc().collect();
    if text.chars().any(char::is_control) {
        return Err(Fault::Malformed);
    }
    if text.chars().count() > chars_max {
        return Err(Fault::TooLong);
    }
    Ok(text)
}

fn required(text: String) -> Result<String, Fault> {
    if text.is_empty() { Err(Fault::Empty) } else { Ok(text) }
}

impl Text {
    /// Parses the text of a message. Line breaks become `\n`; nothing else is changed.
    ///
    /// # Errors
    /// [`Fault::Empty`] if nothing but white space, [`Fault::TooLong`], [`Fault::Malformed`] for control characters.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > limits::TEXT_BYTES_MAX {
            return Err(Fault::TooLong);
        }
        let text = text.replace("\r\n", "\n");
        if text.chars().any(is_forbidden_control) {
            return Err(Fault::Malformed);
        }
        if text.trim().is_empty() {
            return Err(Fault::Empty);
        }
        Ok(Self(text))
    }
}

impl Name {
    /// Parses a name of a person or a group.
    ///
    /// # Errors
    /// [`Fault::Empty`], [`Fault::TooLong`] above [`limits::NAME_CHARS_MAX`], [`Fault::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        one_line(text, limits::NAME_CHARS_MAX).and_then(required).map(Self)
    }
}

impl Username {
    /// Parses a username; capitals become small letters.
    ///
    /// # Errors
    /// [`Fault::TooShort`], [`Fault::TooLong`], [`Fault::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim().to_lowercase();
        let starts_well = text.starts_with(|first: char| first.is_ascii_lowercase());
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        match text.chars().count() {
            0 => Err(Fault::Empty),
            length if length < limits::USERNAME_CHARS_MIN => Err(Fault::TooShort),
            length if length > limits::USERNAME_CHARS_MAX => Err(Fault::TooLong),
            _ if starts_well && text.chars().all(allowed) => Ok(Self(text)),
            _ => Err(Fault::Malformed),
        }
    }
}

impl Email {
    /// Parses an address as loosely as delivery allows: one `@`, something before it, a domain after it.
    ///
    /// # Errors
    /// [`Fault::Empty`], [`Fault::TooLong`], [`Fault::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.len() > limits::EMAIL_BYTES_MAX {
            return Err(Fault::TooLong);
        }
        let (local, host) = text.rsplit_once('@').ok_or(Fault::Malformed)?;
        let odd = |c: char| {
            c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '@' | '"')
        };
        let dots_well =
            |part: &str| !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
        if local.is_empty()
            || host.is_empty()
            || text.matches('@').count() != 1
            || local.contains(odd)
            || host.contains(odd)
        {
            return Err(Fault::Malformed);
        }
        if !dots_well(local) || !dots_well(host) {
            return Err(Fault::Malformed);
        }
        Ok(Self(format!("{local}@{}", host.to_lowercase())))
    }

    /// The form under which two spellings count as one account.
    pub fn claim(&self) -> String {
        self.0.to_lowercase()
    }
}

impl StatusLine {
    /// Parses a status line.
    ///
    /// # Errors
    /// [`Fault::TooLong`] above [`limits::STATUS_CHARS_MAX`], [`Fault::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        one_line(text, limits::STATUS_CHARS_MAX).map(Self)
    }
}

impl Picture {
    /// Parses the address of a picture; empty means none.
    ///
    /// # Errors
    /// [`Fault::TooLong`], [`Fault::Malformed`] for any scheme that a browser would execute.
    pub fn parse(text: &str) -> Result<Option<Self>, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if text.len() > limits::PICTURE_BYTES_MAX {
            return Err(Fault::TooLong);
        }
        let known =
            text.starts_with("https://") || text.starts_with("http://") || is_local_path(text);
        if !known || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Fault::Malformed);
        }
        Ok(Some(Self(text.to_owned())))
    }
}

/// A path of this server; `//host` and `/\host` would be another server's.
fn is_local_path(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//") && !text.contains('\\')
}

impl Emoji {
    /// Parses one emoji. Any short text without letters, digits alone, spaces or controls counts, since new emoji come
    /// every year.
    ///
    /// # Errors
    /// [`Fault::Empty`], [`Fault::TooLong`], [`Fault::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.len() > limits::EMOJI_BYTES_MAX {
            return Err(Fault::TooLong);
        }
        let wordlike = |c: char| {
            c.is_alphabetic() || c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '&')
        };
        if text.chars().any(wordlike) || text.is_ascii() {
            return Err(Fault::Malformed);
        }
        Ok(Self(text.to_owned()))
    }
}

impl DeviceName {
    /// Parses the name of a device; blank becomes "unnamed device".
    ///
    /// # Errors
    /// [`Fault::TooLong`] above [`limits::DEVICE_CHARS_MAX`], [`Fault::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = one_line(text, limits::DEVICE_CHARS_MAX)?;
        Ok(if text.is_empty() { Self::unnamed() } else { Self(text) })
    }

    /// The name of a device that gave none.
    pub fn unnamed() -> Self {
        Self("unnamed device".to_owned())
    }
}

/// A password as typed, not trimmed, normalised so that two keyboards give the same bytes. Never shown, never stored.
#[derive(Clone)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl Password {
    /// A password for a new account: long enough, not one of the most common, nothing else asked (OWASP ASVS 5.0 V6).
    ///
    /// # Errors
    /// [`Fault::TooShort`], [`Fault::TooLong`], [`Fault::TooCommon`].
    pub fn parse_new(text: &str) -> Result<Self, Fault> {
        let password = Self::parse_attempt(text).ok_or(Fault::TooLong)?;
        if password.0.chars().count() < limits::PASSWORD_CHARS_MIN {
            return Err(Fault::TooShort);
        }
        let lowered = password.0.to_lowercase();
        if COMMON_PASSWORDS.lines().any(|common| common == lowered) {
            return Err(Fault::TooCommon);
        }
        Ok(password)
    }

    /// A password at log-in; nothing if it is longer than any that an account can have.
    pub fn parse_attempt(text: &str) -> Option<Self> {
        if text.len() > limits::PASSWORD_BYTES_MAX {
            return None;
        }
        Some(Self(text.nfc().collect()))
    }

    /// The bytes to hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The words under which a person is found: each word of the name and the username, folded for comparison.
pub fn search_words(name: &Name, username: Option<&Username>) -> Vec<String> {
    let mut words: Vec<String> = name.as_str().split_whitespace().map(fold).collect();
    words.push(fold(name.as_str()));
    words.extend(username.map(|username| username.as_str().to_owned()));
    for word in &mut words {
        // One character of a name may fold into eighteen.
        word.truncate(word.floor_char_boundary(limits::SEARCH_WORD_BYTES_MAX));
    }
    words.retain(|word| !word.is_empty());
    words.sort();
    words.dedup();
    words
}

/// Folds case and accents, so that "René" is found by "rene".
pub fn fold(text: &str) -> String {
    let plain =
        text.nfkd().filter(|character| !unicode_normalization::char::is_combining_mark(*character));
    plain.collect::<String>().to_lowercase().trim().to_owned()
}

/// A short fingerprint of what a request asks for: a retry with the same key must ask for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// The fingerprint of several parts; moving a byte from one part to the next changes it.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut bytes = [0; 8];
        for (byte, hashed) in bytes.iter_mut().zip(hash.finalize()) {
            *byte = hashed;
        }
        Self(bytes)
    }

    /// A fingerprint read back from a row.
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The 8 bytes.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T>(
        parsed: &Result<T, Fault>,
        expected: Result<&str, Fault>,
        text: impl Fn(&T) -> &str,
    ) {
        assert_eq!(parsed.as_ref().map(text).map_err(|fault| *fault), expected);
    }

    #[test]
    fn a_message_keeps_everything_but_carriage_returns() {
        let family = "👨‍👩‍👧‍👦 שלום\n\tlines";
        check(&Text::parse(family), Ok(family), Text::as_str);
        check(&Text::parse("a\r\nb"), Ok("a\nb"), Text::as_str);
        check(&Text::parse(" \n"), Err(Fault::Empty), Text::as_str);
        check(&Text::parse("nul\0"), Err(Fault::Malformed), Text::as_str);
        check(
            &Text::parse(&"a".repeat(limits::TEXT_BYTES_MAX + 1)),
            Err(Fault::TooLong),
            Text::as_str,
        );
        assert!(Text::parse(&"a".repeat(limits::TEXT_BYTES_MAX)).is_ok());
    }

    #[test]
    fn addresses_and_names_are_parsed_at_the_door() {
        check(&Email::parse(" Ann@Example.ORG "), Ok("Ann@example.org"), Email::as_str);
        for bad in ["ann", "@b", "a@", "a b@c", "a@b@c", "a..b@c", "a@.c", "a@c."] {
            check(&Email::parse(bad), Err(Fault::Malformed), Email::as_str);
        }
        check(&Username::parse("Ann.B"), Ok("ann.b"), Username::as_str);
        check(&Username::parse("1ann"), Err(Fault::Malformed), Username::as_str);
        check(&Username::parse("an"), Err(Fault::TooShort), Username::as_str);
        check(&Name::parse(" Ann "), Ok("Ann"), Name::as_str);
        check(&Name::parse("two\nlines"), Err(Fault::Malformed), Name::as_str);
        check(&Emoji::parse("👍🏽"), Ok("👍🏽"), Emoji::as_str);
        check(&Emoji::parse("ok"), Err(Fault::Malformed), Emoji::as_str);
        assert_eq!(Picture::parse("javascript:alert(1)"), Err(Fault::Malformed));
        assert_eq!(Picture::parse("//evil.example/x"), Err(Fault::Malformed));
        assert_eq!(Picture::parse(""), Ok(None));
    }

    #[test]
    fn passwords_need_length_and_not_more() {
        assert_eq!(Password::parse_new("short").map(|_| ()), Err(Fault::TooShort));
        assert_eq!(Password::parse_new("Password1").map(|_| ()), Err(Fault::TooCommon));
        assert_eq!(Password::parse_new(&"a".repeat(2000)).map(|_| ()), Err(Fault::TooLong));
        assert!(Password::parse_new("correct horse battery staple").is_ok());
        assert!(Password::parse_new(&"å".repeat(64)).is_ok());
    }

    #[test]
    fn search_words_fold_case_and_accents() {
        let name = Name::parse("René Müller").unwrap();
        assert_eq!(search_words(&name, None), ["muller", "rene", "rene muller"]);
    }

    #[test]
    fn a_word_that_folds_into_a_sentence_is_cut() {
        let name = Name::parse(&"\u{fdfa}".repeat(80)).unwrap();
        for word in search_words(&name, None) {
            assert!(word.len() <= limits::SEARCH_WORD_BYTES_MAX, "{} bytes", word.len());
        }
    }
}
