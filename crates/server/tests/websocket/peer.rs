//! A client that writes any bytes it likes, and reads frames as they stand: no library would send what these tests do.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// A test that waits longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Masks the client's bytes. Any four will do.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// The key of the example in RFC 6455, and what the server makes of it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

pub(crate) const FINAL: u8 = 0x80;
pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) first: u8,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(first: u8, payload: impl Into<Vec<u8>>) -> Self {
        Self { first, payload: payload.into() }
    }

    /// The code of a close frame.
    pub(crate) fn close_code(&self) -> Option<u16> {
        let code = self.payload.first_chunk().filter(|_| self.first == FINAL | CLOSE)?;
        Some(u16::from_be_bytes(*code))
    }
}

/// A masked frame, as a client sends it.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | u8::try_from(short).expect("at most 125")),
        medium @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(medium).expect("two bytes").to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend(u64::try_from(long).expect("eight bytes").to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The end of a frame's head that claims a payload of so many bytes, in the longest form.
pub(crate) fn claim(first: u8, bytes: u64) -> Vec<u8> {
    let mut head = vec![first, 0x80 | 127];
    head.extend(bytes.to_be_bytes());
    head.extend(MASK);
    head
}

/// A connection from one of this machine's own addresses.
pub(crate) struct Peer(pub(crate) TcpStream);

impl Peer {
    /// Connects from `127.0.0.last`.
    pub(crate) async fn connect(to: SocketAddr, last: u8) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)), 0).into())?;
        Ok(Self(socket.connect(to).await?))
    }

    /// Connects and asks for a WebSocket at `path`, with more lines of the head.
    pub(crate) async fn open(
        to: SocketAddr,
        last: u8,
        (path, more): (&str, &str),
    ) -> io::Result<Self> {
        let mut peer = Self::connect(to, last).await?;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {to}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{more}\r\n"
        );
        peer.send(head.as_bytes()).await?;
        let answer = peer.head().await?;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains(ACCEPT), "{answer}");
        Ok(peer)
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        within(self.0.write_all(bytes)).await
    }

    /// The head of an answer, to its empty line.
    pub(crate) async fn head(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within(self.0.read_u8()).await?);
        }
        Ok(String::from_utf8_lossy(&head).into_owned())
    }

    /// The next frame.
    pub(crate) async fn read(&mut self) -> io::Result<Frame> {
        let first = within(self.0.read_u8()).await?;
        let length = match within(self.0.read_u8()).await? {
            126 => u64::from(within(self.0.read_u16()).await?),
            127 => within(self.0.read_u64()).await?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).expect("a frame that fits")];
        within(self.0.read_exact(&mut payload)).await?;
        Ok(Frame { first, payload })
    }

    /// All frames until the connection ends, however it does.
    pub(crate) async fn rest(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Ok(frame) = self.read().await {
            frames.push(frame);
        }
        frames
    }
}

pub(crate) async fn within<T>(step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(PATIENCE, step).await.expect("the server does something within a minute")
}
