//! Text is UTF-8, and is judged as it comes: group 6.

use crate::peer::{CONTINUATION, FINAL, Frame, TEXT, frame};
use crate::{answered, ended, farewell, with_echo};

/// Text that some decoders do not like: the ends of each length, of the gap for surrogates, and non-characters.
const GOOD: &[&str] = &[
    "",
    "Hello-µ@ßöäüàá-UTF-8!!",
    "κόσμε",
    "\u{0}\u{7f}",
    "\u{80}\u{7ff}",
    "\u{800}\u{ffff}",
    "\u{10000}\u{10ffff}",
    "\u{d7ff}\u{e000}\u{fffd}",
    "\u{fffe}\u{1fffe}\u{10fffe}",
];
/// What is no text: lone and missing continuations, surrogates, long forms, what lies beyond the last character.
const BAD: &[&[u8]] = &[
    b"\x80",
    b"\xbf\xbf",
    b"\xc0\x80",
    b"\xc1\xbf",
    b"\xc3",
    b"\xc3 ",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xe2\x82",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf",
    b"\xf0\x90\x8d",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xfe",
    b"\xff",
];

#[tokio::test]
async fn all_text_comes_back_wherever_it_is_cut() {
    with_echo(async |echo| {
        for text in GOOD {
            let expected = answered(vec![Frame::new(FINAL | TEXT, *text)]);
            let whole = [frame(FINAL | TEXT, text.as_bytes()), farewell()].concat();
            echo.check(text, &whole, &expected).await;
            for cut in 0..=text.len() {
                let (first, last) = text.as_bytes().split_at(cut);
                let pieces =
                    [frame(TEXT, first), frame(FINAL | CONTINUATION, last), farewell()].concat();
                echo.check(text, &pieces, &expected).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_text_ends_the_connection() {
    with_echo(async |echo| {
        for bad in BAD {
            let name = format!("{bad:x?}");
            let text = [b"before ", *bad].concat();
            let whole = [frame(FINAL | TEXT, &text), farewell()].concat();
            echo.check(&name, &whole, &ended(Vec::new(), 1007)).await;
            let pieces = [frame(TEXT, &text), frame(FINAL | CONTINUATION, b""), farewell()];
            echo.check(&name, &pieces.concat(), &ended(Vec::new(), 1007)).await;
        }
    })
    .await;
}
#[tokio::test]
async fn the_connection_ends_at_the_first_byte_that_cannot_be_text() {
    with_echo(async |echo| {
        for bad in [&b"\x80"[..], b"\xc0", b"\xed\xa0", b"\xf4\x90", b"\xff"] {
            // The frame is never finished, and neither is the message: what came is enough.
            let unfinished = frame(FINAL | TEXT, &[b"before ", bad, b" and after"].concat());
            let begun = unfinished.get(..unfinished.len() - b" and after".len());
            let begun = begun.expect("it is longer than its end");
            echo.check("within a frame", begun, &ended(Vec::new(), 1007)).await;
            let piece = frame(TEXT, &[b"before ", bad].concat());
            echo.check("within a message", &piece, &ended(Vec::new(), 1007)).await;
        }
    })
    .await;
}
