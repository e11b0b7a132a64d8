//! One connection to the socket of a server: typed frames in both directions.

use std::pin::Pin;
use std::sync::Arc;
use std::{fmt, io};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as Broken, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use wire::frame::{ClientFrame, HelloFrame, ReadyFrame, ServerFrame};

use crate::Error;
use crate::error::CLOSE_REVOKED;

/// The name of the protocol.
const SUBPROTOCOL: &str = "kith.v1";
/// Bytes that are read or written at a time; the library's own 128 KiB are a lot for a socket that is mostly silent.
const BUFFER_BYTES: usize = 16 * 1024;
/// What a socket that ends without saying why has for a code (RFC 6455 §7.4.1).
const CLOSED_WITHOUT_CODE: u16 = 1005;

/// The address of the socket of the server at `base`.
///
/// # Errors
/// [`Error::Address`].
pub fn socket_address(base: &str) -> Result<String, Error> {
    let rest = base
        .strip_prefix("http")
        .filter(|rest| rest.starts_with("://") || rest.starts_with("s://"));
    let rest = rest.ok_or_else(|| Error::Address(base.to_owned()))?;
    Ok(format!("ws{}/socket", rest.trim_end_matches('/')))
}

/// What a socket runs over.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A way to a server of one's own: through a proxy, over a Unix socket, or from one address of many.
#[derive(Clone)]
pub struct Dial(Arc<dyn Fn() -> Dialling + Send + Sync>);

type Dialling = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send>>;

impl Dial {
    /// Dials by calling `dial`.
    pub fn new<F, S>(dial: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: Stream + 'static,
    {
        Self(Arc::new(move || {
            let dialling = dial();
            Box::pin(async move { Ok::<Box<dyn Stream>, _>(Box::new(dialling.await?)) })
        }))
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dial")
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}

/// A connection.
pub struct Socket {
    stream: WebSocketStream<Box<dyn Stream>>,
}

impl Socket {
    /// Connects to the server at `base`, such as `http://127.0.0.1:8080`. Then say [`Socket::hello`].
    ///
    /// # Errors
    /// [`Error::Address`]; [`Error::Unknown`] if nobody answers.
    pub async fn connect(base: &str) -> Result<Self, Error> {
        let address = socket_address(base)?;
        let tcp = tcp(&address).await.map_err(Error::unknown)?;
        Self::handshake(&address, Box::new(tcp)).await
    }

    /// As [`Socket::connect`], by a way of one's own.
    ///
    /// # Errors
    /// As [`Socket::connect`].
    pub async fn dial(base: &str, dial: &Dial) -> Result<Self, Error> {
        let stream = (dial.0)().await.map_err(Error::unknown)?;
        Self::handshake(&socket_address(base)?, stream).await
    }

    async fn handshake(address: &str, stream: Box<dyn Stream>) -> Result<Self, Error> {
        let mut request = address.into_client_request().map_err(Error::unknown)?;
        let protocol = HeaderValue::from_static(SUBPROTOCOL);
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES);
        let connected = client_async_with_config(request, stream, Some(config)).await;
        let (stream, _) = connected.map_err(Error::unknown)?;
        Ok(Self { stream })
    }

    /// Says who it is and waits for the answer.
    ///
    /// # Errors
    /// Where [`Error::needs_token`] says so, the token is not good any more.
    pub async fn hello(&mut self, hello: HelloFrame) -> Result<ReadyFrame, Error> {
        self.send(&ClientFrame::Hello(hello)).await?;
        match self.next().await? {
            ServerFrame::Ready(ready) => Ok(ready),
            ServerFrame::Error(error) => Err(Error::Frame(Box::new(error))),
            ServerFrame::Revoked(_) => Err(Error::Closed(CLOSE_REVOKED)),
            ServerFrame::Ack(_)
            | ServerFrame::Nack(_)
            | ServerFrame::Event(_)
            | ServerFrame::Page(_)
            | ServerFrame::Cursor(_)
            | ServerFrame::Typing(_)
            | ServerFrame::Presence(_)
            | ServerFrame::Dirty(_)
            | ServerFrame::Heads(_)
            | ServerFrame::Drain(_)
            | ServerFrame::Pong(_)
            | ServerFrame::Preferences(_)
            | ServerFrame::Unknown => Err(Error::Foreign { status: 0, json: None }),
        }
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the connection is lost.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), Error> {
        self.feed(frame).await?;
        self.flush().await
    }

    /// Puts one frame among those that the next [`Socket::flush`] writes. If this is cancelled, it is not among them.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the connection is lost.
    pub async fn feed(&mut self, frame: &ClientFrame) -> Result<(), Error> {
        let message = Message::text(frame.to_json());
        self.stream.feed(message).await.map_err(Error::unknown)
    }

    /// Writes what was fed. May be cancelled and called again.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the connection is lost.
    pub async fn flush(&mut self) -> Result<(), Error> {
        self.stream.flush().await.map_err(Error::unknown)
    }

    /// The next frame. May be cancelled: nothing is lost.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server has ended the connection, [`Error::Unknown`] when it is lost.
    pub async fn next(&mut self) -> Result<ServerFrame, Error> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let foreign = |json| Error::Foreign { status: 0, json: Some(json) };
                    return ServerFrame::parse(&text).map_err(foreign);
                }
                Some(Ok(Message::Close(reason))) => return Err(closed(reason.as_ref())),
                Some(Ok(
                    Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
                )) => {}
                Some(Err(Broken::ConnectionClosed | Broken::AlreadyClosed)) | None => {
                    return Err(closed(None));
                }
                Some(Err(error)) => return Err(Error::unknown(error)),
            }
        }
    }

    /// Ends the connection and tells the server so.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the connection is lost.
    pub async fn close(mut self) -> Result<(), Error> {
        self.stream.close(None).await.map_err(Error::unknown)
    }
}

async fn tcp(address: &str) -> io::Result<TcpStream> {
    let wrong = || io::Error::from(io::ErrorKind::InvalidInput);
    let uri: Uri = address.parse().map_err(|_| wrong())?;
    let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']);
    if uri.scheme_str() != Some("ws") {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "bring TLS with a dial of your own",
        ));
    }
    let tcp = TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

fn closed(reason: Option<&CloseFrame>) -> Error {
    Error::Closed(reason.map_or(CLOSED_WITHOUT_CODE, |reason| reason.code.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_stands_beside_the_other_calls() {
        let address = |base| socket_address(base).ok();
        assert_eq!(address("http://127.0.0.1:8080").as_deref(), Some("ws://127.0.0.1:8080/socket"));
        assert_eq!(
            address("https://chat.example.org/").as_deref(),
            Some("wss://chat.example.org/socket")
        );
        assert_eq!((address("chat.example.org"), address("httpx://a")), (None, None));
    }
}
