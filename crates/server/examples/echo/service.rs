//! The echo itself, for the program beside it and for the tests of our own.

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use server::config::{Configuration, Overrides};
use server::edge::{Edge, Observed};
use server::serve::Door;
use server::socket;
use tokio::net::TcpListener;

/// The largest message that the conformance tests want back.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Takes connections at `listener` and sends back every message, for as long as it is polled.
pub(super) async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    let configuration = Configuration::load(None, Overrides::default())?;
    let edge = Edge::new(configuration, Box::new(Observed::default));
    let routes = server::security::around(Router::new().route("/", get(open)), &edge);
    let door = Door { listener, tls: None, routes };
    server::serve::serve(&edge, door, std::future::pending(), std::future::ready(())).await;
    Ok(())
}

async fn open(upgrade: WebSocketUpgrade) -> Response {
    socket::prepared(upgrade, MESSAGE_BYTES_MAX, 2 * MESSAGE_BYTES_MAX).on_upgrade(echo)
}

/// Ends when the other side does, or breaks the protocol.
async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let sent = match message {
            Message::Text(_) | Message::Binary(_) => socket.send(message).await,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
}
