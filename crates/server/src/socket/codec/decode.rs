//! From bytes to messages.

use std::borrow::Cow;
use std::mem;

use super::head::{self, Head, Opcode};
use super::{Message, Violation};

/// Puts messages together from bytes that come in pieces of any size.
#[derive(Debug)]
pub struct Decoder {
    message_bytes_max: usize,
    cut: Option<Box<Cut>>,
}

/// What has come of something that is not complete.
#[derive(Debug, Default)]
struct Cut {
    /// The beginning of a head.
    head: Vec<u8>,
    /// The frame that is coming in.
    frame: Option<Coming>,
    /// The payload of a control frame so far. It may stand between the frames of a message.
    control: Vec<u8>,
    /// The message so far.
    message: Option<Growing>,
}

/// A frame of which a part has come.
#[derive(Debug)]
struct Coming {
    /// Its mask begins with the byte for what comes next.
    head: Head,
    bytes_left: usize,
}

/// A message of which a part has come.
#[derive(Debug)]
struct Growing {
    is_text: bool,
    bytes: Vec<u8>,
    /// Up to here it is known to be text.
    checked_bytes: usize,
}

impl Decoder {
    /// Between two messages, and ready to take some of up to `message_bytes_max` bytes.
    pub const fn new(message_bytes_max: usize) -> Self {
        Self { message_bytes_max, cut: None }
    }

    /// The next message in `input`, which is shortened by what was used; nothing once all of it is used. The bytes are
    /// unmasked where they lie.
    ///
    /// # Errors
    /// [`Violation`] as soon as the client has broken the protocol.
    pub fn decode<'a>(
        &mut self,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Message<'a>>, Violation> {
        loop {
            let Some(mut coming) = self.frame(input)? else {
                return Ok(None);
            };
            let piece = take(input, coming.bytes_left);
            unmask(piece, coming.head.mask);
            coming.advance(piece.len());
            if coming.bytes_left > 0 {
                self.keep(coming, piece)?;
                return Ok(None);
            }
            if let Some(message) = self.complete(coming.head, piece)? {
                return Ok(Some(message));
            }
        }
    }

    /// The frame whose payload comes next.
    fn frame(&mut self, input: &mut &mut [u8]) -> Result<Option<Coming>, Violation> {
        if let Some(coming) = self.cut.as_mut().and_then(|cut| cut.frame.take()) {
            return Ok(Some(coming));
        }
        let Some(head) = self.head(input)? else {
            return Ok(None);
        };
        let message = self.cut.as_ref().and_then(|cut| cut.message.as_ref());
        let is_due = match (head.opcode, message) {
            (Opcode::Text | Opcode::Binary, None) | (Opcode::Continuation, Some(_)) => true,
            (Opcode::Text | Opcode::Binary, Some(_)) | (Opcode::Continuation, None) => false,
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) => true,
        };
        if !is_due {
            return Err(Violation::Protocol);
        }
        let before = message.map_or(0, |message| message.bytes.len());
        let room = self.message_bytes_max.saturating_sub(before);
        if !head.opcode.is_control() && head.payload_bytes > room {
            return Err(Violation::TooBig);
        }
        Ok(Some(Coming { head, bytes_left: head.payload_bytes }))
    }

    fn head(&mut self, input: &mut &mut [u8]) -> Result<Option<Head>, Violation> {
        let Some(cut) = self.cut.as_mut().filter(|cut| !cut.head.is_empty()) else {
            let Some((head, bytes)) = head::parse(input)? else {
                if !input.is_empty() {
                    let beginning = mem::take(input).to_vec();
                    self.cut.get_or_insert_default().head = beginning;
                }
                return Ok(None);
            };
            take(input, bytes);
            return Ok(Some(head));
        };
        while let [byte] = take(input, 1) {
            cut.head.push(*byte);
            if let Some((head, _)) = head::parse(&cut.head)? {
                cut.head = Vec::new();
                return Ok(Some(head));
            }
        }
        Ok(None)
    }

    /// Keeps a piece of a frame that is not complete.
    fn keep(&mut self, coming: Coming, piece: &[u8]) -> Result<(), Violation> {
        let cut = self.cut.get_or_insert_default();
        if coming.head.opcode.is_control() {
            cut.control.extend_from_slice(piece);
        } else {
            let is_text = coming.head.opcode == Opcode::Text;
            cut.message.get_or_insert_with(|| Growing::new(is_text)).push(piece)?;
        }
        cut.frame = Some(coming);
        Ok(())
    }

    /// A frame has come to its end with `piece`, and perhaps a message with it.
    fn complete<'a>(
        &mut self,
        head: Head,
        piece: &'a mut [u8],
    ) -> Result<Option<Message<'a>>, Violation> {
        let Some(cut) = &mut self.cut else {
            return self.complete_whole(head, piece);
        };
        if head.opcode.is_control() {
            let mut control = mem::take(&mut cut.control);
            let payload = if control.is_empty() {
                Cow::Borrowed(&*piece)
            } else {
                control.extend_from_slice(piece);
                Cow::Owned(control)
            };
            self.forget();
            return control_message(head.opcode, payload).map(Some);
        }
        let Some(mut message) = cut.message.take() else {
            return self.complete_whole(head, piece);
        };
        message.push(piece)?;
        if head.is_last {
            self.forget();
            return message.finish().map(Some);
        }
        cut.message = Some(message);
        Ok(None)
    }

    /// A frame that lies there in one piece, with no part of a message before it.
    fn complete_whole<'a>(
        &mut self,
        head: Head,
        piece: &'a mut [u8],
    ) -> Result<Option<Message<'a>>, Violation> {
        self.forget();
        let piece = &*piece;
        match head.opcode {
            Opcode::Text if head.is_last => {
                let text = str::from_utf8(piece).map_err(|_| Violation::NotText)?;
                Ok(Some(Message::Text(Cow::Borrowed(text))))
            }
            Opcode::Binary if head.is_last => Ok(Some(Message::Binary(Cow::Borrowed(piece)))),
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                let mut message = Growing::new(head.opcode == Opcode::Text);
                message.push(piece)?;
                self.cut.get_or_insert_default().message = Some(message);
                Ok(None)
            }
            Opcode::Close | Opcode::Ping | Opcode::Pong => {
                control_message(head.opcode, Cow::Borrowed(piece)).map(Some)
            }
        }
    }

    /// Gives the memory back when nothing is kept.
    fn forget(&mut self) {
        self.cut.take_if(|cut| cut.message.is_none());
    }
}

impl Coming {
    fn advance(&mut self, bytes: usize) {
        self.bytes_left -= bytes;
        self.head.mask.rotate_left(bytes % 4);
    }
}

impl Growing {
    const fn new(is_text: bool) -> Self {
        Self { is_text, bytes: Vec::new(), checked_bytes: 0 }
    }

    /// Text is judged at once, not only when all of it is there.
    fn push(&mut self, piece: &[u8]) -> Result<(), Violation> {
        self.bytes.extend_from_slice(piece);
        if !self.is_text {
            return Ok(());
        }
        match str::from_utf8(self.bytes.get(self.checked_bytes..).unwrap_or_default()) {
            Ok(text) => self.checked_bytes += text.len(),
            Err(error) if error.error_len().is_none() => self.checked_bytes += error.valid_up_to(),
            Err(_) => return Err(Violation::NotText),
        }
        Ok(())
    }

    fn finish<'a>(self) -> Result<Message<'a>, Violation> {
        if !self.is_text {
            return Ok(Message::Binary(Cow::Owned(self.bytes)));
        }
        let text = String::from_utf8(self.bytes).map_err(|_| Violation::NotText)?;
        Ok(Message::Text(Cow::Owned(text)))
    }
}

fn control_message(opcode: Opcode, payload: Cow<'_, [u8]>) -> Result<Message<'_>, Violation> {
    match opcode {
        Opcode::Ping => Ok(Message::Ping(payload)),
        Opcode::Pong => Ok(Message::Pong(payload)),
        Opcode::Close => close_code(&payload).map(Message::Close),
        Opcode::Continuation | Opcode::Text | Opcode::Binary => Err(Violation::Protocol),
    }
}

fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    if payload.is_empty() {
        return Ok(None);
    }
    let (code, reason) = payload.split_first_chunk().ok_or(Violation::Protocol)?;
    str::from_utf8(reason).map_err(|_| Violation::NotText)?;
    match u16::from_be_bytes(*code) {
        code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => Ok(Some(code)),
        _ => Err(Violation::Protocol),
    }
}

/// Cuts off the first `bytes` of `input`, or all there are.
fn take<'a>(input: &mut &'a mut [u8], bytes: usize) -> &'a mut [u8] {
    let all = mem::take(input);
    let (first, rest) = all.split_at_mut(bytes.min(all.len()));
    *input = rest;
    first
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    /// What one step takes.
    const STEP_BYTES: usize = 8;

    let half = u64::from(u32::from_ne_bytes(mask));
    let both = half | half << 32;
    let (steps, rest) = payload.as_chunks_mut::<STEP_BYTES>();
    for step in steps {
        *step = (u64::from_ne_bytes(*step) ^ both).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}
