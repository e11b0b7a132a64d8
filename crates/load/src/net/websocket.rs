//! Just enough of RFC 6455 for a client that knows its server: masked text frames out, whole frames in.

/// Any fixed mask: the server has to undo it all the same.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x17, 0x9e];
const TEXT_FINAL: u8 = 0x81;
const MASKED: u8 = 0x80;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Text,
    Ping,
    Close,
    Other,
}

/// Appends a text frame whose payload is the concatenation of `parts`.
pub(crate) fn write_text(out: &mut Vec<u8>, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(TEXT_FINAL);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.push(MASKED | short),
        (_, Ok(medium)) => {
            out.push(MASKED | 126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        (_, Err(_)) => {
            out.push(MASKED | 127);
            out.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    let start = out.len();
    for part in parts {
        out.extend_from_slice(part);
    }
    let payload = out.get_mut(start..).unwrap_or_default();
    for word in payload.chunks_mut(4) {
        word.iter_mut().zip(MASK).for_each(|(byte, mask)| *byte ^= mask);
    }
}

/// The first whole frame of `bytes`: what it is, its payload, and what follows it. Nothing if it is not whole yet.
pub(crate) fn next_frame(bytes: &[u8]) -> Option<(Opcode, &[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&second, rest) = rest.split_first()?;
    let (length, rest) = match second & !MASKED {
        126 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk::<8>()?;
            (usize::try_from(u64::from_be_bytes(*length)).ok()?, rest)
        }
        short => (usize::from(short), rest),
    };
    let (payload, rest) = rest.split_at_checked(length)?;
    let opcode = match first & 0x0f {
        1 => Opcode::Text,
        8 => Opcode::Close,
        9 => Opcode::Ping,
        _ => Opcode::Other,
    };
    Some((opcode, payload, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unmasked(mut frame: Vec<u8>, header: usize) -> Vec<u8> {
        let mask: [u8; 4] = frame[header..header + 4].try_into().unwrap();
        let mut payload = frame.split_off(header + 4);
        payload.iter_mut().enumerate().for_each(|(i, byte)| *byte ^= mask[i % 4]);
        frame[1] &= 0x7f;
        frame.truncate(header);
        frame.append(&mut payload);
        frame
    }

    #[test]
    fn a_written_frame_is_read_back_whatever_its_length() {
        for (length, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let payload = vec![b'x'; length];
            let (one, other) = payload.split_at(length / 2);
            let mut out = Vec::new();
            write_text(&mut out, &[one, other]);
            let frame = unmasked(out, header);
            let (opcode, read, rest) = next_frame(&frame).unwrap();
            assert_eq!((opcode, read, rest), (Opcode::Text, &payload[..], &[][..]), "{length}");
            assert_eq!(
                next_frame(&frame[..frame.len() - 1]),
                None,
                "{length}: one byte is missing"
            );
        }
    }

    #[test]
    fn frames_follow_each_other() {
        let bytes = [0x81, 2, b'h', b'i', 0x89, 0, 0x88, 2, 3, 0xe8, 0x81];
        let (opcode, payload, rest) = next_frame(&bytes).unwrap();
        assert_eq!((opcode, payload), (Opcode::Text, &b"hi"[..]));
        let (opcode, _, rest) = next_frame(rest).unwrap();
        assert_eq!(opcode, Opcode::Ping);
        let (opcode, _, rest) = next_frame(rest).unwrap();
        assert_eq!(opcode, Opcode::Close);
        assert_eq!(next_frame(rest), None);
    }
}
