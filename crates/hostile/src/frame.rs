//! Frames of the socket, in both directions.

use wire::frame::{ClientFrame, ServerFrame};

/// Bytes that an answer has beside what it repeats.
const ANSWER_BYTES: usize = 1024;
/// A byte that JSON has to escape takes six.
const ESCAPED_BYTES: usize = 6;

/// A frame that is read writes and reads back as the same; one that is refused has an answer that a client can read,
/// and that is no larger than what was sent.
pub fn judge(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match ClientFrame::parse(text) {
        Ok(frame) => assert_eq!(ClientFrame::parse(&frame.to_json()), Ok(frame)),
        Err(refused) => {
            let answer = refused.to_frame();
            let written = answer.to_json();
            assert!(written.len() <= ANSWER_BYTES + ESCAPED_BYTES * text.len(), "a long answer");
            assert_eq!(ServerFrame::parse(&written), Ok(answer));
        }
    }
    if let Ok(frame) = ServerFrame::parse(text) {
        assert_eq!(ServerFrame::parse(&frame.to_json()), Ok(frame));
    }
}
