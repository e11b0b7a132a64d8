//! The socket: `GET /socket`. One task per socket, which reads, writes and watches the time.
//!
//! A connection that is silent shall hold almost nothing: no buffer, no timer, and of HTTP only what it stands on. What
//! waits to be written are references in the outbox of `app::live`. A client that does not read never keeps the server
//! from hearing it, nor from ending its socket.

mod close;
pub mod codec;
mod connection;
pub mod handshake;
mod hello;
mod incoming;
mod live;
mod outgoing;

use app::App;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use domain::Refusal;
use hyper::upgrade::OnUpgrade;
use wire::Problem;
use wire::frame::ClientFrame;

use crate::auth;
use crate::config::Configuration;
use crate::edge::Edge;
use crate::problem::Failed;
use crate::state::Server;

use close::Close;
use connection::Connection;
use handshake::Handshake;
use hello::Place;
use live::Live;

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
    handshake: Handshake,
) -> Result<Response, Failed> {
    let edge = &server.edge;
    if edge.is_draining() {
        return Err(Problem::overloaded(RESTART_RETRY_MS).into());
    }
    let token = token(&headers, edge.configuration())?;
    let Handshake { upgrade, answer } = handshake;
    server.app.env().spawn("socket hello", welcome(server.clone(), upgrade, token));
    Ok(answer)
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

/// Finds out who it is. What follows is a task of its own, which is smaller.
async fn welcome(server: Server, upgrade: OnUpgrade, token: Option<String>) {
    let Ok(upgraded) = upgrade.await else {
        tracing::debug!("a connection was gone before it became a socket");
        return;
    };
    let mut connection = Connection::new(upgraded);
    match Box::pin(hello::hello(&server, &mut connection, token)).await {
        Ok((place, first)) => {
            let env = server.app.env().clone();
            env.spawn("socket", run(server, connection, place, first.map(Box::new)));
        }
        Err(close) => Box::pin(close::close(connection, close)).await,
    }
}

async fn run(
    server: Server,
    connection: Connection,
    place: Place,
    first: Option<Box<ClientFrame>>,
) {
    let counted = server.edge.metrics().socket();
    let user = place.joined().outbox.user;
    let app = server.app.clone();
    let (connection, close) = if server.edge.is_draining() {
        drop(place);
        (connection, Close::Restart)
    } else {
        Live::new(server, connection, place).run(first).await
    };
    Box::pin(close::close(connection, close)).await;
    drop(counted);
    if let Err(failure) = Box::pin(app::presence::left(&app, user)).await {
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
