//! What stands in front of the payload of each frame.

use super::Violation;

/// The longest head of a frame to a client.
const SERVER_HEAD_BYTES_MAX: usize = 10;
/// The longest payload of a control frame.
const CONTROL_BYTES_MAX: u64 = 125;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7f;
const LENGTH_IN_2_BYTES: u8 = 126;
const LENGTH_IN_8_BYTES: u8 = 127;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    /// More of the message before.
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    const fn of(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Continuation),
            1 => Some(Self::Text),
            2 => Some(Self::Binary),
            8 => Some(Self::Close),
            9 => Some(Self::Ping),
            10 => Some(Self::Pong),
            _ => None,
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    pub(super) const fn is_control(self) -> bool {
        match self {
            Self::Close | Self::Ping | Self::Pong => true,
            Self::Continuation | Self::Text | Self::Binary => false,
        }
    }
}

/// The head of a frame from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) is_last: bool,
    pub(super) opcode: Opcode,
    pub(super) mask: [u8; 4],
    pub(super) payload_bytes: usize,
}

/// Reads the head at the beginning of `bytes`, and says how long it is; nothing if more bytes are needed. As soon as
/// two are there, all that can be judged by them is.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, Violation> {
    let Some((&[first, second], rest)) = bytes.split_first_chunk() else {
        return Ok(None);
    };
    let opcode = Opcode::of(first & OPCODE).ok_or(Violation::Protocol)?;
    let is_last = first & FIN != 0;
    let length = u64::from(second & LENGTH);
    if first & RESERVED != 0 || second & MASKED == 0 {
        return Err(Violation::Protocol);
    }
    if opcode.is_control() && (!is_last || length > CONTROL_BYTES_MAX) {
        return Err(Violation::Protocol);
    }
    let Some((length, rest)) = full_length(second & LENGTH, rest) else {
        return Ok(None);
    };
    if length >> 63 != 0 {
        return Err(Violation::Protocol);
    }
    let Some((mask, payload)) = rest.split_first_chunk() else {
        return Ok(None);
    };
    let payload_bytes = usize::try_from(length).map_err(|_| Violation::TooBig)?;
    let head = Head { is_last, opcode, mask: *mask, payload_bytes };
    Ok(Some((head, bytes.len() - payload.len())))
}

/// Longer forms than needed are taken, as other implementations do.
fn full_length(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    match short {
        LENGTH_IN_2_BYTES => {
            let (bytes, rest) = rest.split_first_chunk()?;
            Some((u64::from(u16::from_be_bytes(*bytes)), rest))
        }
        LENGTH_IN_8_BYTES => {
            let (bytes, rest) = rest.split_first_chunk()?;
            Some((u64::from_be_bytes(*bytes), rest))
        }
        short => Some((u64::from(short), rest)),
    }
}

/// The head of a frame to a client, and how many bytes of it count: always the last of its message, never masked.
pub(super) fn server(opcode: Opcode, payload_bytes: usize) -> ([u8; SERVER_HEAD_BYTES_MAX], usize) {
    let first = FIN | opcode.number();
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(length), _) if length < LENGTH_IN_2_BYTES => {
            ([first, length, 0, 0, 0, 0, 0, 0, 0, 0], 2)
        }
        (_, Ok(length)) => {
            let [a, b] = length.to_be_bytes();
            ([first, LENGTH_IN_2_BYTES, a, b, 0, 0, 0, 0, 0, 0], 4)
        }
        _ => {
            let [a, b, c, d, e, f, g, h] = (payload_bytes as u64).to_be_bytes();
            ([first, LENGTH_IN_8_BYTES, a, b, c, d, e, f, g, h], SERVER_HEAD_BYTES_MAX)
        }
    }
}
