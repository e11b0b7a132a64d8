//! Just enough of HTTP/1.1 for a client that knows its server: answers with a `Content-Length`.

use memchr::memmem;

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    /// When to ask again, if it says so.
    pub(crate) retry_after_s: Option<u64>,
    pub(crate) body: &'a [u8],
}

/// The first whole answer of `bytes`, and what follows it; nothing if it is not whole yet.
///
/// # Errors
/// If it is not an answer that this client can read.
pub(crate) fn next_response(bytes: &[u8]) -> Result<Option<(Answer<'_>, &[u8])>, &'static str> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, rest) = bytes.split_at_checked(end + 4).unwrap_or((bytes, &[]));
    let status = head.get(9..12).and_then(decimal).and_then(|status| u16::try_from(status).ok());
    let status = status.ok_or("the answer has no status")?;
    if status == 101 {
        return Ok(Some((Answer { status, retry_after_s: None, body: &[] }, rest)));
    }
    let length = header(head, b"content-length:").ok_or("the answer has no Content-Length")?;
    // Only who is refused is told when to come back: all other answers are not searched for it.
    let retry_after = if status >= 400 { header(head, b"retry-after:") } else { None };
    let retry_after_s = retry_after.and_then(|seconds| u64::try_from(seconds).ok());
    let cut = rest.split_at_checked(length);
    Ok(cut.map(|(body, rest)| (Answer { status, retry_after_s, body }, rest)))
}

/// The number that a header has for its value.
fn header(head: &[u8], name: &[u8]) -> Option<usize> {
    let line = head.split(|byte| *byte == b'\n').find(|line| {
        line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
    })?;
    decimal(line.get(name.len()..)?.trim_ascii())
}

fn decimal(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_cut_where_they_end() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 503 Busy\r\nretry-after: 5\r\ncontent-length:0\r\n\r\n";
        let (answer, rest) = next_response(bytes).unwrap().unwrap();
        assert_eq!(answer, Answer { status: 200, retry_after_s: None, body: b"{}" });
        let (answer, rest) = next_response(rest).unwrap().unwrap();
        assert_eq!(answer, Answer { status: 503, retry_after_s: Some(5), body: b"" });
        assert_eq!(rest, b"");
        assert_eq!(next_response(&bytes[..38]), Ok(None), "the body is not whole");
        assert_eq!(next_response(&bytes[..20]), Ok(None), "the head is not whole");
        assert!(next_response(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn an_upgrade_has_no_body() {
        let bytes = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n\x81\x00";
        let upgrade = Answer { status: 101, retry_after_s: None, body: b"" };
        assert_eq!(next_response(bytes), Ok(Some((upgrade, &b"\x81\x00"[..]))));
    }
}
