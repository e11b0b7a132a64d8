//! Whole requests, through every layer that the binary has around its routes.

use std::cell::RefCell;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use server::security::Peer;
use tower::ServiceExt as _;
use wire::Problem;

use crate::world::World;

/// After so many requests the world is made anew, so that what they changed does not add up.
const ROUNDS_MAX: u32 = 5_000;
/// These compute a password hash, which takes longer than all else together. Their bodies are judged in `body`.
const HASHING: [&str; 2] = ["/login", "/register"];
/// The line that says who asks, in the place of a header.
const AS: &str = "as";
/// No answer is longer.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

thread_local! {
    static WORLD: RefCell<Option<(World, Router, u32)>> = const { RefCell::new(None) };
}

/// Whatever is asked, the answer is not a failure of the server, and a refusal is a problem document.
///
/// The first line is method and address; the lines up to an empty one are headers, of which `as: anna` brings her
/// token; the rest is the body. `{anna}`, `{group}` and so on stand for ids.
pub fn judge(bytes: &[u8]) {
    WORLD.with_borrow_mut(|world| {
        let (here, routes, rounds) = world.get_or_insert_with(|| {
            let here = World::new();
            let routes = here.routes();
            (here, routes, 0)
        });
        *rounds += 1;
        let is_over = *rounds > ROUNDS_MAX;
        let Some(request) = request(here, bytes) else { return };
        let asked = format!("{} {}", request.method(), request.uri());
        let (response, body) = here.wait(async {
            let response = routes.clone().oneshot(request).await.expect("a route cannot fail");
            let (head, body) = response.into_parts();
            let body = body.collect().await.expect("the answer is in memory").to_bytes();
            (Response::from_parts(head, ()), body)
        });
        check(&asked, &response, &body);
        if is_over {
            *world = None;
        }
    });
}

fn check(asked: &str, response: &Response<()>, body: &[u8]) {
    let status = response.status();
    assert!(!status.is_server_error(), "{asked}: {status}");
    assert!(body.len() <= ANSWER_BYTES_MAX, "{asked}: an answer of {} bytes", body.len());
    assert!(response.headers().contains_key("x-request-id"), "{asked}: an answer without a name");
    if !status.is_client_error() || asked.starts_with("HEAD ") {
        return;
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    assert_eq!(kind, Some(wire::problem::MEDIA_TYPE), "{asked}: {status}");
    let problem: Problem = serde_json::from_slice(body).expect("a problem document");
    assert_eq!(problem.status, status.as_u16(), "{asked}");
}

fn request(world: &World, bytes: &[u8]) -> Option<Request<Body>> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (bytes.get(..end)?, bytes.get(end + 2..)?),
        None => (bytes, &[][..]),
    };
    let head = named(world, str::from_utf8(head).ok()?);
    let mut lines = head.lines();
    let (method, uri) = lines.next()?.split_once(' ')?;
    let uri: Uri = uri.parse().ok()?;
    if HASHING.contains(&uri.path()) {
        return None;
    }
    let mut request = Request::new(match str::from_utf8(body) {
        Ok(text) => Body::from(named(world, text)),
        Err(_) => Body::from(body.to_vec()),
    });
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = uri;
    request.extensions_mut().insert(Peer([127, 0, 0, 1].into()));
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let (name, value) = header_line(world, name.trim(), value.trim())?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

fn header_line(world: &World, name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    if name == AS {
        let person = world.people.iter().find(|person| person.name == value)?;
        let token = format!("Bearer {}", person.tokens.access);
        return Some((header::AUTHORIZATION, token.parse().ok()?));
    }
    Some((name.parse().ok()?, value.parse().ok()?))
}

/// The same text with ids where names stand in braces.
fn named(world: &World, text: &str) -> String {
    let mut text = text.to_owned();
    for (name, id) in &world.names {
        let braced = format!("{{{name}}}");
        if text.contains(&braced) {
            text = text.replace(&braced, id);
        }
    }
    text
}
