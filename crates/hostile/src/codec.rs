//! What a client sends on a socket, before anybody asks what it means: WebSocket frames.

use std::io::{self, Read, Write};

use server::socket::codec::{Decoder, Message, Violation};
use tokio_tungstenite::tungstenite;
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

/// The largest message, small enough to be reached.
const MESSAGE_BYTES_MAX: usize = 1000;

/// Something that was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

/// How it ended, as far as the bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// More bytes may come.
    Open,
    /// With a farewell.
    Farewell,
    /// The protocol was broken.
    Broken(Option<Violation>),
}

/// However the bytes are cut, the same is heard; and it is what another implementation hears. Ours may end sooner, since
/// it judges what it has, and never later.
///
/// The first byte says how large the pieces are.
pub fn judge(bytes: &[u8]) {
    let Some((piece, bytes)) = bytes.split_first() else { return };
    let (heard, ending) = ours(bytes, bytes.len().max(1));
    assert_eq!(ours(bytes, usize::from(*piece) + 1), (heard.clone(), ending), "cut in pieces");
    let (theirs, their_ending) = theirs(bytes);
    let is_same = match ending {
        Ending::Broken(_) => theirs.starts_with(&heard),
        Ending::Open | Ending::Farewell => theirs == heard,
    };
    assert!(is_same, "{heard:?} and {ending:?}, but {theirs:?} and {their_ending:?}");
    let is_agreed = match (ending, their_ending) {
        (Ending::Open, Ending::Open) | (Ending::Broken(_), _) => true,
        // The other takes fewer codes for good.
        (Ending::Farewell, Ending::Farewell | Ending::Broken(_)) => true,
        (Ending::Open, Ending::Farewell | Ending::Broken(_)) | (Ending::Farewell, Ending::Open) => {
            false
        }
    };
    assert!(is_agreed, "ours is {ending:?}, the other {their_ending:?}");
}

fn ours(bytes: &[u8], piece_bytes: usize) -> (Vec<Heard>, Ending) {
    let mut decoder = Decoder::new(MESSAGE_BYTES_MAX);
    let mut heard = Vec::new();
    for piece in bytes.chunks(piece_bytes) {
        let mut piece = piece.to_vec();
        let mut input = piece.as_mut_slice();
        loop {
            heard.push(match decoder.decode(&mut input) {
                Ok(Some(Message::Text(text))) => Heard::Text(text.into_owned()),
                Ok(Some(Message::Binary(bytes))) => Heard::Binary(bytes.into_owned()),
                Ok(Some(Message::Ping(payload))) => Heard::Ping(payload.into_owned()),
                Ok(Some(Message::Pong(payload))) => Heard::Pong(payload.into_owned()),
                Ok(Some(Message::Close(_))) => return (heard, Ending::Farewell),
                Ok(None) => break,
                Err(violation) => return (heard, Ending::Broken(Some(violation))),
            });
        }
    }
    (heard, Ending::Open)
}

fn theirs(bytes: &[u8]) -> (Vec<Heard>, Ending) {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let mut socket = WebSocket::from_raw_socket(Wire(bytes), Role::Server, Some(config));
    let mut heard = Vec::new();
    loop {
        heard.push(match socket.read() {
            Ok(tungstenite::Message::Text(text)) => Heard::Text(text.as_str().to_owned()),
            Ok(tungstenite::Message::Binary(bytes)) => Heard::Binary(bytes.to_vec()),
            Ok(tungstenite::Message::Ping(payload)) => Heard::Ping(payload.to_vec()),
            Ok(tungstenite::Message::Pong(payload)) => Heard::Pong(payload.to_vec()),
            Ok(tungstenite::Message::Close(_)) => return (heard, Ending::Farewell),
            Ok(tungstenite::Message::Frame(_)) => unreachable!("reading gives whole messages"),
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return (heard, Ending::Open);
            }
            Err(_) => return (heard, Ending::Broken(None)),
        });
    }
}

/// Gives the bytes and then waits for more; takes everything.
struct Wire<'a>(&'a [u8]);

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
