//! Messages in several frames: group 5.

use crate::peer::{BINARY, CONTINUATION, FINAL, Frame, PING, PONG, TEXT, frame};
use crate::{answered, ended, farewell, with_echo};

fn sent(frames: &[(u8, &[u8])]) -> Vec<u8> {
    let frames = frames.iter().flat_map(|(first, payload)| frame(*first, payload));
    frames.chain(farewell()).collect()
}

#[tokio::test]
async fn pieces_come_back_as_one_message() {
    with_echo(async |echo| {
        for (name, frames) in [
            ("two", vec![(TEXT, &b"one "[..]), (FINAL | CONTINUATION, b"two")]),
            ("three", vec![(TEXT, b"one "), (CONTINUATION, b""), (FINAL | CONTINUATION, b"two")]),
            ("empty first", vec![(TEXT, b""), (FINAL | CONTINUATION, b"one two")]),
            ("empty last", vec![(TEXT, b"one two"), (FINAL | CONTINUATION, b"")]),
        ] {
            let expected = answered(vec![Frame::new(FINAL | TEXT, "one two")]);
            echo.check(name, &sent(&frames), &expected).await;
        }
        let empty = sent(&[(BINARY, b""), (CONTINUATION, b""), (FINAL | CONTINUATION, b"")]);
        echo.check("nothing", &empty, &answered(vec![Frame::new(FINAL | BINARY, "")])).await;
    })
    .await;
}

#[tokio::test]
async fn many_small_pieces_come_back_as_one_message() {
    with_echo(async |echo| {
        let mut bytes = frame(BINARY, b"*");
        bytes.extend(frame(CONTINUATION, b"*").repeat(100_000));
        bytes.extend(frame(FINAL | CONTINUATION, b"*"));
        bytes.extend(farewell());
        let all = Frame::new(FINAL | BINARY, vec![b'*'; 100_002]);
        echo.check("one byte each", &bytes, &answered(vec![all])).await;
    })
    .await;
}

#[tokio::test]
async fn a_ping_between_pieces_is_answered_before_the_message() {
    with_echo(async |echo| {
        let pong = Frame::new(FINAL | PONG, "?");
        let message = Frame::new(FINAL | TEXT, "one two");
        let frames: [(u8, &[u8]); 4] = [
            (TEXT, b"one "),
            (FINAL | PING, b"?"),
            (FINAL | PONG, b""),
            (FINAL | CONTINUATION, b"two"),
        ];
        let expected = answered(vec![pong.clone(), message.clone()]);
        echo.check("one ping", &sent(&frames), &expected).await;
        let frames: [(u8, &[u8]); 5] = [
            (TEXT, b"one"),
            (FINAL | PING, b"?"),
            (CONTINUATION, b" "),
            (FINAL | PING, b"?"),
            (FINAL | CONTINUATION, b"two"),
        ];
        let expected = answered(vec![pong.clone(), pong, message]);
        echo.check("two pings", &sent(&frames), &expected).await;
    })
    .await;
}

#[tokio::test]
async fn pieces_that_belong_to_nothing_end_the_connection() {
    with_echo(async |echo| {
        let whole = Frame::new(FINAL | TEXT, "whole");
        for (name, frames, before) in [
            ("a last piece", vec![(FINAL | CONTINUATION, &b"*"[..])], vec![]),
            ("a piece", vec![(CONTINUATION, b"*")], vec![]),
            ("behind a whole", vec![(FINAL | TEXT, b"whole"), (CONTINUATION, b"*")], vec![whole]),
            ("text in the middle", vec![(TEXT, b"*"), (FINAL | TEXT, b"*")], vec![]),
            ("bytes in the middle", vec![(TEXT, b"*"), (BINARY, b"*")], vec![]),
        ] {
            echo.check(name, &sent(&frames), &ended(before, 1002)).await;
        }
    })
    .await;
}
