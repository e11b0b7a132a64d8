//! The WebSocket protocol (RFC 6455) as a server speaks it: bytes in, messages out, and the other way round.
//!
//! Nothing here reads, writes or waits, so that it can be tested and fuzzed by itself. A message that lies in one piece
//! is handed out where it lies, and a decoder between two messages holds no memory. What is deliberately not here:
//! extensions (none is ever agreed upon) and the part of the client.

mod decode;
mod encode;
mod head;

use std::borrow::Cow;

pub use decode::Decoder;
pub use encode::{close, ping, pong, text};

/// What a client has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Binary(Cow<'a, [u8]>),
    /// Wants the same bytes back in a pong.
    Ping(Cow<'a, [u8]>),
    /// Answers a ping.
    Pong(Cow<'a, [u8]>),
    /// Nothing more will come. The code says why, where one was given.
    Close(Option<u16>),
}

/// How a client has broken the protocol. Nothing that it sends after that has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A frame that may not come, or may not come here.
    Protocol,
    /// Text that is not UTF-8.
    NotText,
    /// A message larger than the decoder was made for.
    TooBig,
}

#[cfg(test)]
mod tests;
