//! Frames to a client. Each writes one whole message behind what `out` holds already.

use super::head::{self, Opcode};

/// Most frames are of a length for which the head takes so many bytes.
const USUAL_HEAD_BYTES: usize = 4;

/// Text, which `write` appends to what it is given.
pub fn text(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    out.extend_from_slice(&[0; USUAL_HEAD_BYTES]);
    let payload_begin = out.len();
    write(out);
    let (head, bytes) = head::server(Opcode::Text, out.len().saturating_sub(payload_begin));
    out.splice(begin..payload_begin, head.into_iter().take(bytes));
}

/// Asks whether the client is still there.
pub fn ping(out: &mut Vec<u8>) {
    frame(Opcode::Ping, &[], out);
}

/// Answers a ping.
pub fn pong(payload: &[u8], out: &mut Vec<u8>) {
    frame(Opcode::Pong, payload, out);
}

/// Ends the connection, or answers its end.
pub fn close(code_and_reason: Option<(u16, &str)>, out: &mut Vec<u8>) {
    let mut payload = Vec::new();
    if let Some((code, reason)) = code_and_reason {
        payload.extend_from_slice(&code.to_be_bytes());
        payload.extend_from_slice(reason.as_bytes());
    }
    frame(Opcode::Close, &payload, out);
}

fn frame(opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    let (head, bytes) = head::server(opcode, payload.len());
    out.extend(head.into_iter().take(bytes));
    out.extend_from_slice(payload);
}
