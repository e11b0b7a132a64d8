//! Reads frames of known shapes by looking for bytes, since parsing JSON 200,000 times a second would take the whole
//! processor. With `--check` every frame is parsed in full besides.

use domain::uuid;
use memchr::memmem;

use crate::clock::began_ms;

/// What a frame of the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ready,
    Ack,
    Nack,
    Event,
    Page,
    Dirty,
    Pong,
    Other,
}

pub(crate) fn kind(frame: &[u8]) -> Kind {
    const HEAD: &[u8] = br#"{"type":""#;
    match frame.strip_prefix(HEAD).unwrap_or_default() {
        [b'e', b'v', ..] => Kind::Event,
        [b'a', b'c', ..] => Kind::Ack,
        [b'n', b'a', ..] => Kind::Nack,
        [b'r', b'e', b'a', ..] => Kind::Ready,
        [b'p', b'a', ..] => Kind::Page,
        [b'p', b'o', ..] => Kind::Pong,
        [b'd', b'i', ..] => Kind::Dirty,
        _ => Kind::Other,
    }
}

/// What follows the first `name` (with its quotes and colon), up to the next quote.
pub(crate) fn text<'a>(frame: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let start = memmem::find(frame, name)? + name.len();
    let rest = frame.get(start..)?.strip_prefix(b"\"")?;
    rest.get(..memchr::memchr(b'"', rest)?)
}

/// The number that follows the first `name` (with its quotes and colon).
pub(crate) fn number(frame: &[u8], name: &[u8]) -> Option<u64> {
    let start = memmem::find(frame, name)? + name.len();
    let digits = frame.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit());
    digits.map(|digit| u64::from(digit - b'0')).try_fold(None, |number: Option<u64>, digit| {
        Some(Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?))
    })?
}

/// Characters of a stamp.
pub(crate) const STAMP_CHARS: usize = 36;

/// Nanoseconds of a millisecond.
const MILLISECOND_NS: u64 = 1_000_000;

/// When a message was meant to be sent, and which of its sender it is: the `client_message_id`, and the beginning of
/// the text, so that ack and event both tell how long they took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) intended_ns: u64,
    pub(crate) count: u32,
}

impl Stamp {
    /// A UUID of version 7, as clients have them. Behind its milliseconds stand the nanoseconds, in 20 bits, and the count.
    pub(crate) fn write(self) -> String {
        let at_ms = began_ms() + self.intended_ns / MILLISECOND_NS;
        let ns = u128::from(self.intended_ns % MILLISECOND_NS);
        let rest = (ns >> 8) << 68 | (ns & 0xff) << 54 | u128::from(self.count);
        let [_, _, _, _, _, _, rest @ ..] = rest.to_be_bytes();
        uuid::text(uuid::version_7(at_ms, rest))
    }

    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let uuid = uuid::parse(std::str::from_utf8(text.get(..STAMP_CHARS)?).ok()?)?;
        let number = u128::from_be_bytes(uuid);
        let at_ms = u64::try_from(number >> 80).ok()?.checked_sub(began_ms())?;
        let ns = (number >> 64 & 0xfff) << 8 | (number >> 54 & 0xff);
        Some(Self {
            intended_ns: at_ms.checked_mul(MILLISECOND_NS)?.checked_add(u64::try_from(ns).ok()?)?,
            count: u32::try_from(number & u128::from(u32::MAX)).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_server_are_recognised() {
        use wire::frame::{DirtyFrame, PongFrame, ServerFrame};

        let dirty = DirtyFrame { conversations: Vec::new(), upos: 41, more: false };
        let dirty = ServerFrame::Dirty(dirty).to_json();
        assert_eq!(kind(dirty.as_bytes()), Kind::Dirty);
        assert_eq!(number(dirty.as_bytes(), br#""upos":"#), Some(41));
        let pong = ServerFrame::Pong(PongFrame::default()).to_json();
        assert_eq!(kind(pong.as_bytes()), Kind::Pong);
        assert_eq!(kind(b"{}"), Kind::Other);
    }

    #[test]
    fn fields_are_found_by_their_names() {
        let frame = br#"{"type":"event","n":12,"event":{"text":"00ab","seq":}}"#;
        assert_eq!(number(frame, br#""n":"#), Some(12));
        assert_eq!(text(frame, br#""text":"#), Some(&b"00ab"[..]));
        assert_eq!(number(frame, br#""seq":"#), None);
        assert_eq!(number(frame, br#""head":"#), None);
        assert_eq!(text(frame, br#""n":"#), None);
    }

    #[test]
    fn a_stamp_is_read_as_it_was_written() {
        for stamp in [
            Stamp { intended_ns: 0, count: 0 },
            Stamp { intended_ns: 1_234_567_890_123, count: 77 },
            Stamp { intended_ns: 86_400_000_999_999, count: u32::MAX },
        ] {
            assert_eq!(Stamp::read(stamp.write().as_bytes()), Some(stamp));
        }
        assert_eq!(Stamp::read(b"hello"), None);
    }

    #[test]
    fn later_stamps_are_greater() {
        let stamp = |intended_ns| Stamp { intended_ns, count: 1 }.write();
        for (earlier, later) in [(0, 1), (255, 256), (999_999, 1_000_000), (5, 86_400_000_000_000)]
        {
            assert!(stamp(earlier) < stamp(later), "{earlier} and {later}");
        }
    }
}
