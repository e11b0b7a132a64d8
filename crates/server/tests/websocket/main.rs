//! The WebSocket protocol (RFC 6455) as our code speaks it, case by case against the echo: what the Autobahn suite asks
//! in its groups 1 to 10, for machines on which that suite cannot run.

#[path = "../../examples/echo/service.rs"]
mod service;

mod closing;
mod framing;
mod peer;
mod pieces;
mod text;

use std::net::SocketAddr;

use peer::{CLOSE, FINAL, Frame, Peer};
use tokio::net::TcpListener;

/// Whence the tests connect.
const HOME: u8 = 1;

/// What the other side must have sent when the connection is over.
struct Expected {
    frames: Vec<Frame>,
    /// The code of the farewell behind them.
    code: u16,
    /// Whether the connection may also end without one, as it may whenever the protocol is broken.
    is_broken: bool,
}

/// These frames, and then the farewell that ours was answered with.
fn answered(frames: Vec<Frame>) -> Expected {
    Expected { frames, code: 1000, is_broken: false }
}

/// These frames, and then the end, because of what we did.
fn ended(frames: Vec<Frame>, code: u16) -> Expected {
    Expected { frames, code, is_broken: true }
}

/// Our own farewell.
fn farewell() -> Vec<u8> {
    peer::frame(FINAL | CLOSE, &1000_u16.to_be_bytes())
}

/// A running echo.
struct Echo(SocketAddr);

/// Runs `test` against an echo of its own.
async fn with_echo(test: impl AsyncFnOnce(Echo)) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let echo = Echo(listener.local_addr().expect("it listens"));
    tokio::select! {
        ended = service::serve(listener) => panic!("the echo is gone: {ended:?}"),
        () = test(echo) => {}
    }
}

impl Echo {
    /// Sends the bytes whole, and again in pieces of a few sizes: it must make no difference.
    async fn check(&self, name: &str, bytes: &[u8], expected: &Expected) {
        for piece_bytes in [bytes.len().max(1), 1, 3, 997] {
            // Large messages are not sent a byte at a time.
            if bytes.len() / piece_bytes > 5_000 {
                continue;
            }
            let mut peer = self.open().await;
            for piece in bytes.chunks(piece_bytes) {
                // Where the connection is to end early, not all of it is taken.
                if peer.send(piece).await.is_err() {
                    break;
                }
            }
            let mut frames = peer.rest().await;
            let farewell = frames.pop_if(|last| last.first == FINAL | CLOSE);
            let is_good = match &farewell {
                Some(farewell) => farewell.close_code() == Some(expected.code),
                None => expected.is_broken,
            };
            assert!(is_good, "{name}, {piece_bytes} bytes at a time: {farewell:?}");
            assert_eq!(frames, expected.frames, "{name}, {piece_bytes} bytes at a time");
        }
    }

    async fn open(&self) -> Peer {
        Peer::open(self.0, HOME, ("/", "")).await.expect("a socket")
    }
}
