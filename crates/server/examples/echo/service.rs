//! The echo itself, for the program beside it and for the tests of our own.

use app::Env;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use server::config::{Configuration, Overrides};
use server::edge::{Edge, Observed};
use server::serve::Door;
use server::socket::codec::{self, Decoder, Message, Violation};
use server::socket::handshake::Handshake;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// The largest message that the conformance tests want back.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// What one read takes.
const READ_BYTES: usize = 16 * 1024;
/// Makes the head of a text frame that of a binary one.
const TEXT_TO_BINARY: u8 = 0x1 ^ 0x2;

/// Takes connections at `listener` and sends back every message, for as long as it is polled.
pub(super) async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    let configuration = Configuration::load(None, Overrides::default())?;
    let edge = Edge::new(configuration, Box::new(Observed::default));
    let routes = server::security::around(Router::new().route("/", get(open)), &edge);
    let door = Door { listener, tls: None, routes };
    server::serve::serve(&edge, door, std::future::pending(), std::future::ready(())).await;
    Ok(())
}

async fn open(handshake: Handshake) -> Response {
    Env::system().spawn("echo", echo(handshake.upgrade));
    handshake.answer
}

async fn echo(upgrade: OnUpgrade) {
    if let Ok(upgraded) = upgrade.await {
        // Whatever ends the connection ends the echo.
        speak(TokioIo::new(upgraded)).await.ok();
    }
}

/// Ends when the other side does, or breaks the protocol.
async fn speak(mut stream: TokioIo<Upgraded>) -> std::io::Result<()> {
    let mut decoder = Decoder::new(MESSAGE_BYTES_MAX);
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = stream.read(&mut buffer).await?;
        let mut input = buffer.get_mut(..count).unwrap_or_default();
        let mut out = Vec::new();
        let is_over = count == 0 || answer(&mut decoder, &mut input, &mut out);
        stream.write_all(&out).await?;
        stream.flush().await?;
        if is_over {
            return stream.shutdown().await;
        }
    }
}

/// Answers every message that is complete; whether nothing more will come.
fn answer(decoder: &mut Decoder, input: &mut &mut [u8], out: &mut Vec<u8>) -> bool {
    loop {
        match decoder.decode(input) {
            Ok(Some(Message::Text(text))) => {
                codec::text(out, |out| out.extend_from_slice(text.as_bytes()));
            }
            Ok(Some(Message::Binary(bytes))) => binary(&bytes, out),
            Ok(Some(Message::Ping(payload))) => codec::pong(&payload, out),
            Ok(Some(Message::Pong(_))) => {}
            Ok(Some(Message::Close(code))) => {
                codec::close(code.map(|code| (code, "")), out);
                return true;
            }
            Ok(None) => return false,
            Err(violation) => {
                codec::close(Some((code_of(violation), "")), out);
                return true;
            }
        }
    }
}

/// Kith itself sends no binary frames.
fn binary(bytes: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    codec::text(out, |out| out.extend_from_slice(bytes));
    if let Some(first) = out.get_mut(begin) {
        *first ^= TEXT_TO_BINARY;
    }
}

const fn code_of(violation: Violation) -> u16 {
    match violation {
        Violation::Protocol => 1002,
        Violation::NotText => 1007,
        Violation::TooBig => 1009,
    }
}
