//! One connection that speaks WebSocket. While it is silent it holds no buffer: reads go to the stack, and what is
//! whole is understood there.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use domain::limits::CLIENT_FRAME_BYTES_MAX;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use super::close::Close;
use super::codec::{self, Decoder, Message};
use crate::serve::Guarded;

/// What one read takes.
const READ_BYTES: usize = 16 * 1024;
/// A frame that is a little too large is read, so that the client can be told; a larger one ends the connection.
const FRAME_BYTES_READ_MAX: usize = 2 * CLIENT_FRAME_BYTES_MAX;

/// One connection that speaks WebSocket.
pub(super) struct Connection {
    stream: Stream,
    decoder: Decoder,
    /// Whether the client has broken the protocol, so that nothing from it has a meaning any more.
    is_broken: bool,
    /// What was read, and waits to be understood.
    unread: Vec<u8>,
    /// The rest of a frame of which the client has taken a part. Nothing else may be written before it.
    cut: Vec<u8>,
}

/// The bytes below. A plain connection is kept as it is, without what HTTP has built around it.
enum Stream {
    Plain(Guarded<TcpStream>),
    Other(Box<dyn Duplex>),
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// A message that was taken out of the buffers.
enum Heard {
    Text(String),
    Ping(Vec<u8>),
    Ended(Close),
}

impl Connection {
    /// Takes over a connection from HTTP.
    pub(super) fn new(upgraded: Upgraded) -> Self {
        let (stream, unread) = match upgraded.downcast::<TokioIo<Guarded<TcpStream>>>() {
            Ok(parts) => (Stream::Plain(parts.io.into_inner()), parts.read_buf.to_vec()),
            Err(upgraded) => (Stream::Other(Box::new(TokioIo::new(upgraded))), Vec::new()),
        };
        let decoder = Decoder::new(FRAME_BYTES_READ_MAX);
        Self { stream, decoder, is_broken: false, unread, cut: Vec::new() }
    }

    /// Reads once, and gives every message that is complete to `each`, until it breaks with something. What lies behind
    /// that message waits.
    pub(super) fn poll_read<T>(
        &mut self,
        context: &mut Context<'_>,
        each: impl FnMut(Message<'_>) -> ControlFlow<T>,
    ) -> Poll<Result<ControlFlow<T>, Close>> {
        if !self.unread.is_empty() {
            let mut unread = std::mem::take(&mut self.unread);
            return Poll::Ready(self.understand(&mut unread, each));
        }
        let mut buffer = [const { MaybeUninit::uninit() }; READ_BYTES];
        let mut buffer = ReadBuf::uninit(&mut buffer);
        let stream = self.stream.as_pin_mut();
        if ready!(stream.poll_read(context, &mut buffer)).is_err() || buffer.filled().is_empty() {
            return Poll::Ready(Err(Close::Gone));
        }
        Poll::Ready(self.understand(buffer.filled_mut(), each))
    }

    fn understand<T>(
        &mut self,
        mut bytes: &mut [u8],
        mut each: impl FnMut(Message<'_>) -> ControlFlow<T>,
    ) -> Result<ControlFlow<T>, Close> {
        while !self.is_broken {
            let message = match self.decoder.decode(&mut bytes) {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(violation) => {
                    self.is_broken = true;
                    return Err(violation.into());
                }
            };
            if let ControlFlow::Break(broken) = each(message) {
                self.unread = bytes.to_vec();
                return Ok(ControlFlow::Break(broken));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The next text. Pings are answered meanwhile.
    ///
    /// # Errors
    /// How to end the socket.
    pub(super) async fn text(&mut self) -> Result<String, Close> {
        loop {
            match self.heard().await? {
                Heard::Text(text) => return Ok(text),
                Heard::Ended(close) => return Err(close),
                Heard::Ping(payload) => {
                    let mut pong = Vec::new();
                    codec::pong(&payload, &mut pong);
                    self.write(&pong).await.map_err(|_| Close::Gone)?;
                }
            }
        }
    }

    async fn heard(&mut self) -> Result<Heard, Close> {
        let each = |message: Message<'_>| match message {
            Message::Text(text) => ControlFlow::Break(Heard::Text(text.into_owned())),
            Message::Binary(_) => ControlFlow::Break(Heard::Ended(Close::Protocol)),
            Message::Ping(payload) => ControlFlow::Break(Heard::Ping(payload.into_owned())),
            Message::Pong(_) => ControlFlow::Continue(()),
            Message::Close(code) => ControlFlow::Break(Heard::Ended(Close::Left(code))),
        };
        loop {
            let read = poll_fn(|context| self.poll_read(context, each)).await?;
            if let ControlFlow::Break(heard) = read {
                return Ok(heard);
            }
        }
    }

    /// Writes `bytes`, behind the rest of a frame that was begun.
    ///
    /// # Errors
    /// If the connection is lost.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut all = std::mem::take(&mut self.cut);
        all.extend_from_slice(bytes);
        let mut stream = self.stream.as_pin_mut();
        stream.write_all(&all).await?;
        stream.flush().await
    }

    /// Waits until the client has ended the connection too.
    pub(super) async fn until_ended(&mut self) {
        let each = |message: Message<'_>| match message {
            Message::Close(_) => ControlFlow::Break(()),
            Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => {
                ControlFlow::Continue(())
            }
        };
        let mut read = Ok(ControlFlow::Continue(()));
        while let Ok(ControlFlow::Continue(())) = read {
            read = poll_fn(|context| self.poll_read(context, each)).await;
        }
    }

    /// Ends the connection in the direction to the client.
    ///
    /// # Errors
    /// If the connection is lost.
    pub(super) async fn shutdown(&mut self) -> io::Result<()> {
        self.stream.as_pin_mut().shutdown().await
    }

    /// The rest of a frame that was begun, to be written before anything else.
    pub(super) fn cut(&mut self) -> &mut Vec<u8> {
        &mut self.cut
    }

    /// Writes some of `bytes`, and says how many.
    pub(super) fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_pin_mut().poll_write(context, bytes)
    }

    /// Hands everything that was written to the operating system.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_pin_mut().poll_flush(context)
    }
}

impl Stream {
    fn as_pin_mut(&mut self) -> Pin<&mut (dyn Duplex + '_)> {
        match self {
            Self::Plain(stream) => Pin::new(stream),
            Self::Other(stream) => Pin::new(&mut **stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;
    use crate::socket::close::close;

    /// Found by the simulator: a socket that waited for a slow disk when its session ended got the rest of a page after it.
    #[tokio::test]
    async fn a_session_that_is_over_does_not_get_the_rest_of_a_frame() {
        let (near, mut far) = tokio::io::duplex(64);
        let connection = Connection {
            stream: Stream::Other(Box::new(near)),
            decoder: Decoder::new(FRAME_BYTES_READ_MAX),
            is_broken: false,
            unread: Vec::new(),
            cut: b"the rest of a page".to_vec(),
        };
        close(connection, Close::Revoked).await;
        let mut heard = Vec::new();
        far.read_to_end(&mut heard).await.expect("the connection has ended");
        assert_eq!(heard, b"");
    }
}
