//! The socket: `GET /socket`. One task per socket, which reads, writes and watches the time.
//!
//! A connection that is silent shall hold almost nothing, so buffers start small and grow as bytes arrive, and what
//! waits to be written are references in the outbox of `app::live`. A client that does not read never keeps the server
//! from hearing it, nor from ending its socket.

mod close;
mod hello;
mod incoming;
mod live;
mod outgoing;

use app::App;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use domain::Refusal;
use domain::limits::CLIENT_FRAME_BYTES_MAX;
use wire::Problem;

use crate::auth;
use crate::config::Configuration;
use crate::edge::Edge;
use crate::problem::Failed;
use crate::state::Server;

use close::Close;
use live::Live;

/// The name of the protocol, for clients that offer one.
const SUBPROTOCOL: &str = "kith.v1";
/// What one read takes. A larger frame makes the buffer grow.
const READ_BUFFER_BYTES: usize = 1024;
/// Frames are collected up to this size before they are written.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// What may wait in the library when the client takes nothing: more than the largest frame that the server writes.
const WRITE_BUFFER_BYTES_MAX: usize = 1024 * 1024;
/// A frame that is a little too large is read, so that the client can be told; a larger one ends the connection.
const FRAME_BYTES_READ_MAX: usize = 2 * CLIENT_FRAME_BYTES_MAX;
/// When to come back to a server that is about to stop.
const RESTART_RETRY_MS: u64 = 1_000;
/// How often a server that stops looks whether all sockets have ended.
const DRAIN_LOOK_MS: u64 = 10;
/// How many times it looks.
const DRAIN_LOOKS_MAX: u64 = 300;

/// Opens a socket.
///
/// # Errors
/// 403 for the page of another site, 429 for too many new sockets, 503 if the server is about to stop.
#[utoipa::path(
    get, path = "/socket", tag = "socket", operation_id = "open_socket",
    responses((status = 101, description = "A WebSocket follows; docs/PROTOCOL.md describes its frames.")),
)]
pub(crate) async fn open(
    State(server): State<Server>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failed> {
    let edge = &server.edge;
    if edge.is_draining() {
        return Err(Problem::overloaded(RESTART_RETRY_MS).into());
    }
    let token = token(&headers, edge.configuration())?;
    let upgrade = prepared(upgrade, FRAME_BYTES_READ_MAX, WRITE_BUFFER_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| run(server, socket, token)))
}

/// How every socket speaks WebSocket, up to these sizes. For the tests of conformance, which send larger frames than
/// any client may, and want them back.
pub fn prepared(
    upgrade: WebSocketUpgrade,
    frame_bytes_max: usize,
    write_buffer_bytes_max: usize,
) -> WebSocketUpgrade {
    upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(write_buffer_bytes_max)
        .max_message_size(frame_bytes_max)
        .max_frame_size(frame_bytes_max)
}

/// The token that the request carries, if any. What a browser sends counts only from pages that may use this server.
fn token(headers: &HeaderMap, configuration: &Configuration) -> Result<Option<String>, Failed> {
    let authorization = headers.get(header::AUTHORIZATION);
    let cookie = match authorization {
        Some(_) => None,
        None => auth::session_cookie(headers, configuration),
    };
    if cookie.is_some() || headers.contains_key(header::ORIGIN) {
        same_origin(headers, configuration)?;
    }
    match authorization {
        Some(value) => Ok(Some(auth::bearer(value).ok_or(Refusal::Unauthenticated)?.to_owned())),
        None => Ok(cookie),
    }
}

/// Asks the `Origin` only: browsers send it with every handshake, and not all of them agree on `Sec-Fetch-Site` there.
fn same_origin(headers: &HeaderMap, configuration: &Configuration) -> Result<(), Failed> {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let listed = &configuration.server.cors_origins;
    if origin.is_some_and(|origin| listed.iter().any(|listed| listed == origin)) {
        return Ok(());
    }
    let names = [header::ORIGIN, header::HOST].into_iter();
    let asked = names.filter_map(|name| headers.get(&name).cloned().map(|value| (name, value)));
    auth::same_origin(&asked.collect(), configuration)
}

async fn run(server: Server, mut socket: WebSocket, token: Option<String>) {
    let place = match Box::pin(hello::hello(&server, &mut socket, token)).await {
        Ok(place) => place,
        Err(close) => return Box::pin(close::close(socket, close)).await,
    };
    let counted = server.edge.metrics().socket();
    let user = place.joined().outbox.user;
    let close = if server.edge.is_draining() {
        drop(place);
        Close::Restart
    } else {
        Live::new(&server, &mut socket, place).run().await
    };
    Box::pin(close::close(socket, close)).await;
    drop(counted);
    if let Err(failure) = Box::pin(app::presence::left(&server.app, user)).await {
        tracing::warn!(?failure, "that somebody went could not be told");
    }
}

/// Asks all clients to come back later, and waits until their sockets have ended, for a while.
pub async fn drain(edge: &Edge, app: &App) {
    app.drain();
    for _ in 0..DRAIN_LOOKS_MAX {
        if edge.metrics().sockets() == 0 {
            return;
        }
        app.env().sleep_ms(DRAIN_LOOK_MS).await;
    }
    tracing::warn!("sockets were still open when the time to stop was over");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    fn check(pairs: &[(&'static str, &'static str)], expected: Result<Option<&str>, u16>) {
        let mut configuration =
            Configuration::load(None, Overrides::default()).expect("defaults are valid");
        configuration.server.cors_origins = vec!["https://app.example.org".to_owned()];
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let token = token(&headers, &configuration).map_err(|failed| failed.0.status);
        assert_eq!(token.as_ref().map(Option::as_deref), expected.as_ref().copied(), "{pairs:?}");
    }

    #[test]
    fn a_browser_opens_sockets_only_from_pages_that_may() {
        let (host, cookie) = (("host", "kith:1"), ("cookie", "kith_session=t"));
        check(&[host, ("origin", "http://kith:1"), cookie], Ok(Some("t")));
        check(
            &[host, ("origin", "http://kith:1"), cookie, ("sec-fetch-site", "cross-site")],
            Ok(Some("t")),
        );
        check(&[host, ("origin", "https://app.example.org")], Ok(None));
        check(&[host, ("origin", "https://evil.example"), cookie], Err(403));
        check(&[host, ("origin", "https://evil.example")], Err(403));
        check(&[host, ("origin", "null")], Err(403));
        check(&[host, cookie], Err(403));
    }

    #[test]
    fn other_programs_need_no_origin() {
        let host = ("host", "kith:1");
        check(&[host], Ok(None));
        check(&[host, ("authorization", "Bearer t")], Ok(Some("t")));
        check(
            &[host, ("authorization", "Bearer t"), ("cookie", "kith_session=other")],
            Ok(Some("t")),
        );
        check(&[host, ("authorization", "Basic t")], Err(401));
    }
}
