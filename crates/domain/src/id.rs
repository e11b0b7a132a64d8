//! The names of things. Every id is 128 bits, written as a letter for its kind and 26 letters or digits.
//!
//! The id of a direct conversation is computed from its two members, so that it needs no look-up and two people who
//! write to each other at the same moment meet in one log. A message id is the conversation id and the `seq`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::uuid;

/// Base 32 in the order of ASCII, without the letters that are easily mistaken (Crockford's alphabet, lower case).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of a 128-bit id in base 32, without the leading letter.
const ID_CHARS: usize = 26;
/// Characters whose bits fit into 64.
const WORD_CHARS: usize = 12;
/// The bits of so many characters.
const WORD_MASK: u128 = (1 << (WORD_CHARS * 5)) - 1;
/// Set in the first byte of a direct conversation's id, clear in a group's.
const DIRECT_BIT: u8 = 0x80;
/// Longest `client_message_id`, in bytes.
pub const CLIENT_MESSAGE_ID_BYTES_MAX: usize = 64;

/// How an id begins that the server made up.
const MADE_UP: &str = "server-";

/// The text is not an id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

/// What a character of an id counts, as in [`ALPHABET`].
const fn digit(character: u8) -> Option<u8> {
    Some(match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'h' => character - b'a' + 10,
        b'j'..=b'k' => character - b'j' + 18,
        b'm'..=b'n' => character - b'm' + 20,
        b'p'..=b't' => character - b'p' + 22,
        b'v'..=b'z' => character - b'v' + 27,
        _ => return None,
    })
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid id")
    }
}

impl std::error::Error for InvalidId {}

/// The letters and digits of an id, in memory of its own: it is written far more often than it is kept.
#[derive(Clone, Copy)]
pub struct IdText([u8; ID_CHARS + 1]);

impl IdText {
    fn new(letter: u8, id: [u8; 16]) -> Self {
        let mut text = [letter; ID_CHARS + 1];
        let mut rest = u128::from_be_bytes(id);
        let digits = text.get_mut(1..).unwrap_or_default();
        // In steps that fit a machine word: shifting all 128 bits for each digit takes several times as long.
        for step in digits.rchunks_mut(WORD_CHARS) {
            let mut word = u64::try_from(rest & WORD_MASK).unwrap_or_default();
            for digit in step.iter_mut().rev() {
                let index = usize::try_from(word & 31).unwrap_or_default();
                *digit = ALPHABET.get(index).copied().unwrap_or_default();
                word >>= 5;
            }
            rest >>= WORD_CHARS * 5;
        }
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("letters and digits are ASCII")
    }
}

fn read_base32(text: &str, letter: u8) -> Result<[u8; 16], InvalidId> {
    let digits = text.as_bytes().strip_prefix(&[letter]).ok_or(InvalidId)?;
    if digits.len() != ID_CHARS {
        return Err(InvalidId);
    }
    let mut value: u128 = 0;
    for character in digits {
        let digit = digit(*character).ok_or(InvalidId)?;
        if value >> 123 != 0 {
            return Err(InvalidId);
        }
        value = (value << 5) | u128::from(digit);
    }
    Ok(value.to_be_bytes())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// An id from 16 bytes, which the caller took from its source of randomness or from a row.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0
            }

            /// The text, for whoever writes it somewhere.
            pub fn text(self) -> IdText {
                IdText::new($letter, self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text().as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                read_base32(text, $letter).map(Self)
            }
        }
    };
}

id!(
    /// A person, or a program that acts as one.
    UserId, b'u'
);
id!(
    /// One signed-in device.
    SessionId, b's'
);

/// What kind of conversation an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConversationKind {
    /// Between two people; exists as soon as one of them writes.
    Direct,
    /// Created by somebody, with a name and roles.
    Group,
}

/// A conversation: one log, one order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationId([u8; 16]);

impl ConversationId {
    /// The id of the direct conversation between two users; the same whoever asks.
    pub fn direct(one: UserId, other: UserId) -> Self {
        let (low, high) = if one <= other { (one, other) } else { (other, one) };
        let mut hash = Sha256::new();
        hash.update(b"kith direct conversation");
        hash.update(low.to_bytes());
        hash.update(high.to_bytes());
        let mut bytes = [0; 16];
        for (byte, hashed) in bytes.iter_mut().zip(hash.finalize()) {
            *byte = hashed;
        }
        bytes[0] |= DIRECT_BIT;
        Self(bytes)
    }

    /// A new group's id from 16 random bytes.
    pub const fn group(random: [u8; 16]) -> Self {
        let mut bytes = random;
        bytes[0] &= !DIRECT_BIT;
        Self(bytes)
    }

    /// An id read back from a row.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Direct or group: part of the id itself.
    pub const fn kind(self) -> ConversationKind {
        if self.0[0] & DIRECT_BIT == 0 { ConversationKind::Group } else { ConversationKind::Direct }
    }

    /// The text, for whoever writes it somewhere.
    pub fn text(self) -> IdText {
        let letter = match self.kind() {
            ConversationKind::Direct => b'd',
            ConversationKind::Group => b'g',
        };
        IdText::new(letter, self.0)
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl fmt::Debug for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ConversationId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (letter, kind) = match text.as_bytes().first() {
            Some(b'd') => (b'd', ConversationKind::Direct),
            Some(b'g') => (b'g', ConversationKind::Group),
            Some(_) | None => return Err(InvalidId),
        };
        let id = Self(read_base32(text, letter)?);
        if id.kind() == kind { Ok(id) } else { Err(InvalidId) }
    }
}

/// The place of an event in its conversation: 1, 2, 3 … without holes. Zero means "before the first".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(u64);

impl Seq {
    /// Before the first event.
    pub const ZERO: Self = Self(0);

    /// The place with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The place before this one; zero stays zero.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A message, named by where it stands: it finds its own row, so a message costs no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// The log it stands in.
    pub conversation: ConversationId,
    /// Its place there.
    pub seq: Seq,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.conversation, self.seq)
    }
}

impl FromStr for MessageId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (conversation, seq) = text.split_once('-').ok_or(InvalidId)?;
        let canonical = seq.bytes().all(|byte| byte.is_ascii_digit()) && !seq.starts_with('0');
        let seq = seq.parse().map_err(|_| InvalidId)?;
        if !canonical {
            return Err(InvalidId);
        }
        Ok(Self { conversation: conversation.parse()?, seq: Seq(seq) })
    }
}

/// The sender's own id of a send: retrying it, on any connection, after any crash, gives the first result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientMessageId(SendersText);

/// A UUID is never `Other`, so that equal ids are equal here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum SendersText {
    Uuid([u8; 16]),
    Other(Box<str>),
}

impl ClientMessageId {
    /// A [`uuid`], whose text is in lower case.
    pub const fn from_uuid(uuid: [u8; 16]) -> Self {
        Self(SendersText::Uuid(uuid))
    }

    /// An id that was parsed before it was stored.
    pub fn from_row(text: &str) -> Self {
        Self(match uuid::parse(text) {
            Some(uuid) => SendersText::Uuid(uuid),
            None => SendersText::Other(text.into()),
        })
    }

    /// An id for a send that carried none: it cannot be retried, but an outcome that is not known can be looked up.
    pub fn made_up(random: [u8; 16]) -> Self {
        Self::from_row(&format!("{MADE_UP}{:032x}", u128::from_be_bytes(random)))
    }

    /// The text as the client sent it.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            SendersText::Uuid(uuid) => Cow::Owned(uuid::text(*uuid)),
            SendersText::Other(text) => Cow::Borrowed(text),
        }
    }

    /// Its bytes, if it is a [`uuid`] in lower case.
    pub const fn as_uuid(&self) -> Option<[u8; 16]> {
        match self.0 {
            SendersText::Uuid(uuid) => Some(uuid),
            SendersText::Other(_) => None,
        }
    }

    /// Whether the server made it up, so that it means nothing to the sender.
    pub fn is_made_up(&self) -> bool {
        matches!(&self.0, SendersText::Other(text) if text.starts_with(MADE_UP))
    }
}

impl FromStr for ClientMessageId {
    type Err = InvalidId;

    /// Accepts 1 to [`CLIENT_MESSAGE_ID_BYTES_MAX`] visible ASCII characters.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > CLIENT_MESSAGE_ID_BYTES_MAX || !visible {
            return Err(InvalidId);
        }
        Ok(Self::from_row(text))
    }
}

impl fmt::Display for ClientMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_round_trip<T: FromStr<Err = InvalidId> + fmt::Display + fmt::Debug + PartialEq>(
        id: T,
    ) {
        assert_eq!(id.to_string().parse::<T>(), Ok(id));
    }

    #[test]
    fn ids_read_back_as_written() {
        for fill in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            check_round_trip(UserId::from_bytes([fill; 16]));
            check_round_trip(SessionId::from_bytes([fill; 16]));
            check_round_trip(ConversationId::group([fill; 16]));
            let conversation = ConversationId::group([fill; 16]);
            check_round_trip(MessageId { conversation, seq: Seq::new(u64::from(fill) + 1) });
        }
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        let user = UserId::from_bytes([0xff; 16]).to_string();
        for text in [
            "",
            "u",
            "u0",
            "x00000000000000000000000000",
            "uzzzzzzzzzzzzzzzzzzzzzzzzzz",
            &user.to_uppercase(),
        ] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidId), "{text}");
        }
        let group = ConversationId::group([1; 16]);
        for text in [
            format!("{group}"),
            format!("{group}-"),
            format!("{group}-0"),
            format!("{group}-01"),
            format!("{group}-+1"),
        ] {
            assert_eq!(text.parse::<MessageId>(), Err(InvalidId), "{text}");
        }
        assert_eq!(
            format!("{group}").replacen('g', "d", 1).parse::<ConversationId>(),
            Err(InvalidId)
        );
    }

    #[test]
    fn a_direct_conversation_has_one_id_whoever_asks() {
        let (anna, ben) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        assert_eq!(ConversationId::direct(anna, ben), ConversationId::direct(ben, anna));
        assert_eq!(ConversationId::direct(anna, ben).kind(), ConversationKind::Direct);
    }
}
