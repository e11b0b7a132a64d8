use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const BYTES_MAX: usize = 1_000;
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame as a client sends it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut frame = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length), _) if length < 126 => frame.push(0x80 | length),
        (_, Ok(length)) => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

fn owned(message: Message<'_>) -> Message<'static> {
    match message {
        Message::Text(text) => Message::Text(Cow::Owned(text.into_owned())),
        Message::Binary(bytes) => Message::Binary(Cow::Owned(bytes.into_owned())),
        Message::Ping(bytes) => Message::Ping(Cow::Owned(bytes.into_owned())),
        Message::Pong(bytes) => Message::Pong(Cow::Owned(bytes.into_owned())),
        Message::Close(code) => Message::Close(code),
    }
}

/// What comes of `bytes` when they arrive in pieces of `piece` bytes.
fn decode(bytes: &[u8], piece: usize) -> (Vec<Message<'static>>, Option<Violation>) {
    let mut decoder = Decoder::new(BYTES_MAX);
    let mut messages = Vec::new();
    for piece in bytes.chunks(piece) {
        let mut piece = piece.to_vec();
        let mut input = piece.as_mut_slice();
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(message)) => messages.push(owned(message)),
                Ok(None) => break,
                Err(violation) => return (messages, Some(violation)),
            }
        }
        assert!(input.is_empty(), "all that came is used");
    }
    (messages, None)
}

#[track_caller]
fn check(frames: &[Vec<u8>], messages: &[Message<'static>]) {
    let bytes = frames.concat();
    for piece in 1..=bytes.len().max(1) {
        assert_eq!(decode(&bytes, piece), (messages.to_vec(), None), "in pieces of {piece}");
    }
}

#[track_caller]
fn check_violation(frames: &[Vec<u8>], violation: Violation) {
    let bytes = frames.concat();
    for piece in 1..=bytes.len() {
        let (messages, found) = decode(&bytes, piece);
        assert_eq!((messages.len(), found), (0, Some(violation)), "in pieces of {piece}");
    }
}

fn text(text: &'static str) -> Message<'static> {
    Message::Text(Cow::Borrowed(text))
}

#[test]
fn messages_come_out_as_they_went_in_wherever_they_are_cut() {
    check(&[frame(0x81, "Grüße".as_bytes()), frame(0x81, b"")], &[text("Grüße"), text("")]);
    check(&[frame(0x82, b"\xff\x00")], &[Message::Binary(Cow::Borrowed(b"\xff\x00"))]);
    check(&[frame(0x81, &[b'x'; 300])], &[Message::Text("x".repeat(300).into())]);
}

#[test]
fn a_message_in_fragments_is_one_and_control_frames_may_stand_between() {
    let (first, rest) = ("Grüße".as_bytes()).split_at(3);
    check(
        &[
            frame(0x01, first),
            frame(0x89, b"still there?"),
            frame(0x00, b""),
            frame(0x8a, b""),
            frame(0x80, rest),
            frame(0x88, b"\x03\xe8bye"),
        ],
        &[
            Message::Ping(Cow::Borrowed(b"still there?")),
            Message::Pong(Cow::Borrowed(b"")),
            text("Grüße"),
            Message::Close(Some(1000)),
        ],
    );
}

#[test]
fn what_breaks_the_protocol_is_not_taken() {
    check_violation(&[frame(0xc1, b"a")], Violation::Protocol);
    check_violation(&[frame(0x83, b"a")], Violation::Protocol);
    check_violation(&[frame(0x8b, b"a")], Violation::Protocol);
    check_violation(&[frame(0x09, b"a")], Violation::Protocol);
    check_violation(&[frame(0x89, &[0; 126])], Violation::Protocol);
    check_violation(&[frame(0x80, b"a")], Violation::Protocol);
    check_violation(&[frame(0x01, b"a"), frame(0x81, b"b")], Violation::Protocol);
    check_violation(&[vec![0x81, 0x01, b'a']], Violation::Protocol);
    check_violation(&[vec![0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]], Violation::Protocol);
}

#[test]
fn text_is_utf8_and_judged_before_it_is_complete() {
    check_violation(&[frame(0x81, b"\xce\xba\xff")], Violation::NotText);
    check_violation(&[frame(0x81, b"\xed\xa0\x80")], Violation::NotText);
    check_violation(&[frame(0x81, b"\xce")], Violation::NotText);
    check_violation(&[frame(0x01, b"\xf4\x90")], Violation::NotText);
}

#[test]
fn codes_of_a_close_are_those_that_may_be_sent() {
    check(&[frame(0x88, b"")], &[Message::Close(None)]);
    for code in [1000_u16, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999] {
        check(&[frame(0x88, &code.to_be_bytes())], &[Message::Close(Some(code))]);
    }
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        check_violation(&[frame(0x88, &code.to_be_bytes())], Violation::Protocol);
    }
    check_violation(&[frame(0x88, b"\x03")], Violation::Protocol);
    check_violation(&[frame(0x88, b"\x03\xe8\xff")], Violation::NotText);
}

#[test]
fn a_message_may_be_as_long_as_agreed_and_no_longer() {
    check(&[frame(0x81, &[b'x'; BYTES_MAX])], &[Message::Text("x".repeat(BYTES_MAX).into())]);
    check_violation(&[frame(0x81, &[b'x'; BYTES_MAX + 1])], Violation::TooBig);
    check_violation(
        &[frame(0x01, &[b'x'; BYTES_MAX]), frame(0x00, b""), frame(0x80, b"y")],
        Violation::TooBig,
    );
}

#[test]
fn a_length_is_judged_when_it_is_named_not_when_it_has_come() {
    let head = [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4];
    assert_eq!(decode(&head, head.len()), (Vec::new(), Some(Violation::TooBig)));
}

#[test]
fn nothing_is_kept_between_messages() {
    let mut decoder = Decoder::new(BYTES_MAX);
    let mut bytes = [frame(0x01, b"a"), frame(0x89, b"b"), frame(0x80, b"c")].concat();
    for byte in bytes.chunks_mut(1) {
        decoder.decode(&mut &mut *byte).expect("a good message");
    }
    assert_eq!(format!("{decoder:?}"), format!("{:?}", Decoder::new(BYTES_MAX)));
}

#[test]
fn frames_to_a_client_have_the_shortest_head() {
    let written = |length: usize| {
        let mut out = Vec::new();
        super::text(&mut out, |out| out.resize(out.len() + length, b'x'));
        assert!(out.ends_with(b"xxx"));
        out.truncate(out.len() - length);
        out
    };
    assert_eq!(written(125), [0x81, 125]);
    assert_eq!(written(126), [0x81, 126, 0, 126]);
    assert_eq!(written(65_535), [0x81, 126, 0xff, 0xff]);
    assert_eq!(written(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    let mut out = Vec::new();
    close(Some((4001, "no")), &mut out);
    close(None, &mut out);
    ping(&mut out);
    pong(b"p", &mut out);
    assert_eq!(out, b"\x88\x04\x0f\xa1no\x88\x00\x89\x00\x8a\x01p");
}

/// Bytes that are more often like frames than chance would make them.
fn frame_like() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        4 => prop::sample::select(vec![0x81, 0x01, 0x80, 0x00, 0x82, 0x89, 0x8a, 0x88]),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        4 => "\\PC{0,40}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..200),
    ];
    vec((first, payload).prop_map(|(first, payload)| frame(first, &payload)), 0..8)
        .prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn where_bytes_are_cut_changes_nothing(bytes in frame_like(), piece in 1..50_usize) {
        let whole = decode(&bytes, bytes.len().max(1));
        prop_assert_eq!(decode(&bytes, piece), whole);
    }

    #[test]
    fn any_bytes_are_taken_or_refused(bytes in vec(any::<u8>(), 0..300), piece in 1..300_usize) {
        decode(&bytes, piece);
    }
}
