//! Just enough of HTTP/1.1 for a client that knows its server: answers with a `Content-Length`.

use memchr::memmem;

/// An answer: its status, its body, and what follows it.
type Answer<'a> = (u16, &'a [u8], &'a [u8]);

/// The first whole answer of `bytes`; nothing if it is not whole yet.
///
/// # Errors
/// If it is not an answer that this client can read.
pub(crate) fn next_response(bytes: &[u8]) -> Result<Option<Answer<'_>>, &'static str> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, rest) = bytes.split_at_checked(end + 4).unwrap_or((bytes, &[]));
    let status = head.get(9..12).and_then(decimal).and_then(|status| u16::try_from(status).ok());
    let status = status.ok_or("the answer has no status")?;
    if status == 101 {
        return Ok(Some((status, &[], rest)));
    }
    let length = content_length(head).ok_or("the answer has no Content-Length")?;
    Ok(rest.split_at_checked(length).map(|(body, rest)| (status, body, rest)))
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)))?;
    decimal(line.get(NAME.len()..)?.trim_ascii())
}

fn decimal(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_cut_where_they_end() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 503 Busy\r\ncontent-length:0\r\n\r\n";
        let (status, body, rest) = next_response(bytes).unwrap().unwrap();
        assert_eq!((status, body), (200, &b"{}"[..]));
        let (status, body, rest) = next_response(rest).unwrap().unwrap();
        assert_eq!((status, body, rest), (503, &[][..], &[][..]));
        assert_eq!(next_response(&bytes[..38]), Ok(None), "the body is not whole");
        assert_eq!(next_response(&bytes[..20]), Ok(None), "the head is not whole");
        assert!(next_response(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn an_upgrade_has_no_body() {
        let bytes = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n\x81\x00";
        assert_eq!(next_response(bytes), Ok(Some((101, &[][..], &b"\x81\x00"[..]))));
    }
}
