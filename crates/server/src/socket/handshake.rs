//! How a request becomes a socket (RFC 6455 §4).

use aws_lc_rs::digest;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use wire::Problem;

use crate::problem::Failed;

/// The name of the protocol, for clients that offer one.
const SUBPROTOCOL: &str = "kith.v1";
/// Shows, behind the client's key, that the server means this protocol.
const ACCEPT_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// 16 bytes in base64.
const KEY_CHARACTERS: usize = 24;
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A request for a socket.
#[derive(Debug)]
pub struct Handshake {
    /// Becomes the connection once `answer` is written.
    pub upgrade: OnUpgrade,
    /// Says yes.
    pub answer: Response,
}

impl<S: Sync> FromRequestParts<S> for Handshake {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failed> {
        let headers = &parts.headers;
        let is_version = headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
        let key = headers.get(SEC_WEBSOCKET_KEY).filter(|key| key.len() == KEY_CHARACTERS);
        let asks = names(headers, &CONNECTION, "upgrade") && names(headers, &UPGRADE, "websocket");
        let Some(key) = key.filter(|_| asks && is_version) else {
            return Err(Problem::malformed().into());
        };
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let answer_headers = answer.headers_mut();
        answer_headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        answer_headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        answer_headers.insert(SEC_WEBSOCKET_ACCEPT, accept(key.as_bytes()));
        if names(headers, &SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
            answer_headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        }
        match parts.extensions.remove::<OnUpgrade>() {
            Some(upgrade) => Ok(Self { upgrade, answer }),
            None => Err(Problem::upgrade_required().into()),
        }
    }
}

/// Whether the list in a header has this word in it.
fn names(headers: &HeaderMap, header: &HeaderName, word: &str) -> bool {
    let lists = headers.get_all(header).into_iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|listed| listed.trim().eq_ignore_ascii_case(word))
}

/// What shows that the server has read the client's key.
fn accept(key: &[u8]) -> HeaderValue {
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(key);
    context.update(ACCEPT_SUFFIX);
    HeaderValue::from_str(&base64(context.finish().as_ref()))
        .expect("the letters of base64 may stand in a header")
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        let bits = three.len() * 8;
        let characters = bits.div_ceil(6);
        let number = number << (characters * 6 - bits);
        for place in (0..characters).rev() {
            let letter = BASE64.get(number >> (place * 6) & 63).copied().unwrap_or_default();
            text.push(char::from(letter));
        }
        text.extend(std::iter::repeat_n('=', 4 - characters));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_a_key_is_the_one_of_the_standard() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn base64_is_the_one_of_its_standard() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (bytes, text) in pairs {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn words_stand_in_lists() {
        let mut headers = HeaderMap::new();
        headers.append(CONNECTION, HeaderValue::from_static("keep-alive, Upgrade"));
        assert!(names(&headers, &CONNECTION, "upgrade"));
        assert!(!names(&headers, &CONNECTION, "up"));
        assert!(!names(&headers, &UPGRADE, "upgrade"));
    }
}
