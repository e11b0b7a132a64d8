//! Lengths, opcodes, reserved bits, masks, pings and limits: groups 1 to 4, 9 and 10.

use crate::peer::{BINARY, CLOSE, CONTINUATION, FINAL, Frame, PING, PONG, TEXT, claim, frame};
use crate::{Echo, answered, ended, farewell, with_echo};

/// The largest message that the echo takes.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Messages that come back as they were.
async fn comes_back(echo: &Echo, name: &str, (first, payload): (u8, Vec<u8>)) {
    let bytes = [frame(first, &payload), farewell()].concat();
    echo.check(name, &bytes, &answered(vec![Frame::new(first, payload)])).await;
}

#[tokio::test]
async fn messages_of_every_length_come_back() {
    with_echo(async |echo| {
        for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537, 1_000_000] {
            comes_back(&echo, &format!("{length} letters"), (FINAL | TEXT, vec![b'*'; length]))
                .await;
            comes_back(&echo, &format!("{length} bytes"), (FINAL | BINARY, vec![0xfe; length]))
                .await;
        }
        comes_back(&echo, "the largest", (FINAL | BINARY, vec![0xfe; MESSAGE_BYTES_MAX])).await;
    })
    .await;
}

#[tokio::test]
async fn many_messages_come_back_in_their_order() {
    with_echo(async |echo| {
        let words = (0..1_000).map(|number| format!("message {number}"));
        let frames: Vec<Frame> = words.map(|words| Frame::new(FINAL | TEXT, words)).collect();
        let mut bytes: Vec<u8> =
            frames.iter().flat_map(|sent| frame(sent.first, &sent.payload)).collect();
        bytes.extend(farewell());
        echo.check("many", &bytes, &answered(frames)).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_by_its_head_alone() {
    with_echo(async |echo| {
        let too_large = u64::try_from(MESSAGE_BYTES_MAX).expect("a small number") + 1;
        for (name, length) in [("one byte more", too_large), ("4 GiB", 1 << 32), ("2^62", 1 << 62)]
        {
            let expected = ended(Vec::new(), 1009);
            echo.check(name, &claim(FINAL | BINARY, length), &expected).await;
            let rest = [frame(BINARY, b"*"), claim(FINAL | CONTINUATION, length)].concat();
            echo.check(name, &rest, &expected).await;
        }
    })
    .await;
}

#[tokio::test]
async fn every_ping_is_answered_with_its_own_bytes() {
    with_echo(async |echo| {
        for payload in [&b""[..], b"hello", b"\x00\xff\xfe\xfd", &[0xfe; 125]] {
            let bytes = [frame(FINAL | PING, payload), farewell()].concat();
            echo.check("ping", &bytes, &answered(vec![Frame::new(FINAL | PONG, payload)])).await;
        }
        let pings = (0..10_u8).map(|number| frame(FINAL | PING, &[number]));
        let bytes: Vec<u8> = pings.flatten().chain(farewell()).collect();
        let pongs = (0..10_u8).map(|number| Frame::new(FINAL | PONG, [number])).collect();
        echo.check("ten pings", &bytes, &answered(pongs)).await;
    })
    .await;
}

#[tokio::test]
async fn a_pong_that_nobody_asked_for_means_nothing() {
    with_echo(async |echo| {
        for payload in [&b""[..], b"unasked"] {
            let bytes = [frame(FINAL | PONG, payload), frame(FINAL | PING, b"?"), farewell()];
            let expected = answered(vec![Frame::new(FINAL | PONG, "?")]);
            echo.check("pong", &bytes.concat(), &expected).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_control_frame_is_short_and_in_one_piece() {
    with_echo(async |echo| {
        for opcode in [CLOSE, PING, PONG] {
            let mut code = 1000_u16.to_be_bytes().to_vec();
            code.resize(126, b'*');
            let expected = ended(Vec::new(), 1002);
            echo.check("126 bytes", &frame(FINAL | opcode, &code), &expected).await;
            let pieces = [frame(opcode, b"1"), frame(FINAL | CONTINUATION, b"2")].concat();
            echo.check("two pieces", &pieces, &expected).await;
        }
    })
    .await;
}

#[tokio::test]
async fn reserved_bits_and_opcodes_mean_nothing_yet() {
    with_echo(async |echo| {
        let before = || vec![Frame::new(FINAL | TEXT, "before")];
        let after = |bytes: Vec<u8>| [frame(FINAL | TEXT, b"before"), bytes].concat();
        for bits in 1..=7_u8 {
            for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
                let bytes = after(frame(FINAL | bits << 4 | opcode, b""));
                echo.check(&format!("bits {bits}"), &bytes, &ended(before(), 1002)).await;
            }
        }
        for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
            let bytes = after(frame(FINAL | opcode, b"*"));
            echo.check(&format!("opcode {opcode}"), &bytes, &ended(before(), 1002)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_masks_what_it_sends() {
    with_echo(async |echo| {
        for first in [FINAL | TEXT, FINAL | BINARY, FINAL | PING, TEXT] {
            let bytes = [first, 2, b'h', b'i'];
            echo.check("no mask", &bytes, &ended(Vec::new(), 1002)).await;
        }
    })
    .await;
}
