//! How a connection ends: group 7.

use crate::peer::{CLOSE, FINAL, Frame, PING, TEXT, frame};
use crate::{Expected, answered, ended, farewell, with_echo};

/// Codes that may be sent.
const GOOD: &[u16] =
    &[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999];
/// Codes that are reserved, or mean nothing.
const BAD: &[u16] = &[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FINAL | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

#[tokio::test]
async fn a_farewell_is_returned_with_its_code() {
    with_echo(async |echo| {
        for code in GOOD {
            for reason in [&b""[..], "auf Wiederhören".as_bytes(), &[b'*'; 123]] {
                let expected = Expected { code: *code, ..answered(Vec::new()) };
                echo.check(&format!("{code}"), &close(*code, reason), &expected).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_farewell_without_a_code_is_returned_without_one() {
    with_echo(async |echo| {
        let mut peer = echo.open().await;
        peer.send(&frame(FINAL | CLOSE, b"")).await.expect("an open socket");
        assert_eq!(peer.rest().await, [Frame::new(FINAL | CLOSE, "")]);
    })
    .await;
}

#[tokio::test]
async fn a_farewell_that_cannot_be_meant_is_an_error() {
    with_echo(async |echo| {
        for code in BAD {
            let expected = ended(Vec::new(), 1002);
            echo.check(&format!("{code}"), &close(*code, b"why"), &expected).await;
        }
        echo.check("half a code", &frame(FINAL | CLOSE, b"\x03"), &ended(Vec::new(), 1002)).await;
        let no_text = close(1000, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xed\xa0\x80");
        echo.check("no text", &no_text, &ended(Vec::new(), 1007)).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_behind_a_farewell_has_a_meaning() {
    with_echo(async |echo| {
        let hello = Frame::new(FINAL | TEXT, "hello");
        for after in
            [frame(FINAL | TEXT, b"after"), frame(FINAL | PING, b""), farewell(), vec![0xff; 9]]
        {
            let bytes = [frame(FINAL | TEXT, b"hello"), farewell(), after].concat();
            let expected = answered(vec![hello.clone()]);
            echo.check("after", &bytes, &expected).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_that_was_not_finished_is_not_sent_back() {
    with_echo(async |echo| {
        let bytes = [frame(TEXT, b"begun"), farewell()].concat();
        echo.check("unfinished", &bytes, &answered(Vec::new())).await;
    })
    .await;
}
