//! Many connections in one thread: non-blocking sockets, one large buffer to read into, and writes that are collected.
//!
//! The load generator has one processor for senders and receivers together, so it must be cheap: nothing here knows what
//! a frame says, and nothing is allocated for a connection that is silent.

pub(crate) mod http;
pub(crate) mod websocket;

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use anyhow::Context as _;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

pub(crate) use http::Answer;
use websocket::Opcode;

/// What one read takes.
const READ_BYTES: usize = 256 * 1024;
/// Readiness that one look at the sockets takes.
const EVENTS: usize = 1024;
/// Connections from one source address: well below the ports that a system hands out.
const CONNECTIONS_PER_SOURCE: usize = 20_000;

/// Which connection.
pub(crate) type Place = usize;

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming<'a> {
    /// The upgrade is done: frames may be sent.
    Upgraded,
    /// The payload of a text frame.
    Frame(&'a [u8]),
    /// An answer that is no upgrade.
    Response(Answer<'a>),
    /// The connection is over, with the close code if the server gave one.
    Closed(Option<u16>),
}

/// Whoever makes something of what comes in.
pub(crate) trait Client {
    fn incoming(&mut self, net: &mut Net, at: Place, incoming: Incoming<'_>);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Upgrading,
    Requests,
    Frames,
    Nothing,
}

struct Connection {
    stream: Option<TcpStream>,
    speaks: Speaks,
    /// The beginning of something that is not whole yet.
    pending: Vec<u8>,
    out: Vec<u8>,
    /// Whether it is in the list of those that have something to write.
    queued: bool,
}

/// All connections to one server.
pub(crate) struct Net {
    server: SocketAddr,
    poll: Poll,
    events: Option<Events>,
    connections: Vec<Connection>,
    to_flush: Vec<Place>,
    buffer: Vec<u8>,
}

impl Net {
    pub(crate) fn new(server: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self {
            server,
            poll: Poll::new()?,
            events: Some(Events::with_capacity(EVENTS)),
            connections: Vec::new(),
            to_flush: Vec::new(),
            buffer: vec![0; READ_BYTES],
        })
    }

    /// Opens a socket. [`Incoming::Upgraded`] tells when it may be used.
    pub(crate) fn open_socket(&mut self) -> anyhow::Result<Place> {
        let at = self.connect(Speaks::Upgrading)?;
        self.ask_for_upgrade(at);
        Ok(at)
    }

    /// Opens a socket in the place of one that was dropped or lost.
    pub(crate) fn reopen_socket(&mut self, at: Place) -> anyhow::Result<()> {
        self.reconnect(at, Speaks::Upgrading)?;
        self.ask_for_upgrade(at);
        Ok(())
    }

    fn ask_for_upgrade(&mut self, at: Place) {
        let host = self.server;
        self.write(at, |out| {
            out.extend_from_slice(
                format!(
                    "GET /socket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
                     Sec-WebSocket-Protocol: kith.v1\r\n\r\n"
                )
                .as_bytes(),
            );
        });
    }

    /// Opens a connection for requests, one after the other.
    pub(crate) fn open_http(&mut self) -> anyhow::Result<Place> {
        self.connect(Speaks::Requests)
    }

    /// Opens a connection for requests in the place of one that was lost.
    pub(crate) fn reopen_http(&mut self, at: Place) -> anyhow::Result<()> {
        self.reconnect(at, Speaks::Requests)
    }

    /// Breaks a connection off, as a network does that goes away: no farewell, nothing left to wait for.
    pub(crate) fn drop_connection(&mut self, at: Place) {
        if let Some(connection) = self.connections.get_mut(at) {
            connection.speaks = Speaks::Nothing;
            connection.pending.clear();
            connection.out.clear();
            if let Some(stream) = connection.stream.take() {
                // Where this fails, the connection is gone already.
                let _is_abrupt = sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).is_ok();
            }
        }
    }

    fn connect(&mut self, speaks: Speaks) -> anyhow::Result<Place> {
        let at = self.connections.len();
        let stream = self.stream(at)?;
        self.connections.push(Connection::new(stream, speaks));
        Ok(at)
    }

    fn reconnect(&mut self, at: Place, speaks: Speaks) -> anyhow::Result<()> {
        let stream = self.stream(at)?;
        let old = self.connections.get_mut(at).context("no connection was there")?;
        // It is still in the list of those that have something to write, if the old one was.
        let queued = old.queued;
        *old = Connection { queued, ..Connection::new(stream, speaks) };
        Ok(())
    }

    fn stream(&self, at: Place) -> anyhow::Result<TcpStream> {
        let mut stream = connect(self.server, at / CONNECTIONS_PER_SOURCE)
            .with_context(|| format!("connection {at} to {} cannot be opened", self.server))?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(at), interest)?;
        Ok(stream)
    }

    /// Adds bytes to what is written to a connection with the next [`Net::turn`].
    pub(crate) fn write(&mut self, at: Place, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(connection) = self.connections.get_mut(at) {
            write(&mut connection.out);
            if !connection.queued {
                connection.queued = true;
                self.to_flush.push(at);
            }
        }
    }

    /// Adds a text frame made of `parts`.
    pub(crate) fn send(&mut self, at: Place, parts: &[&[u8]]) {
        self.write(at, |out| websocket::write_text(out, parts));
    }

    /// Writes what waits, then handles what comes in within `patience`.
    pub(crate) fn turn(
        &mut self,
        client: &mut impl Client,
        patience: Duration,
    ) -> anyhow::Result<()> {
        self.flush();
        let mut events = self.events.take().context("a turn within a turn")?;
        match self.poll.poll(&mut events, Some(patience)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        for event in &events {
            let at = event.token().0;
            if event.is_writable()
                && let Some(connection) = self.connections.get_mut(at)
                && !connection.out.is_empty()
                && !connection.queued
            {
                connection.queued = true;
                self.to_flush.push(at);
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.read(client, at);
            }
        }
        self.events = Some(events);
        self.flush();
        Ok(())
    }

    fn flush(&mut self) {
        let mut places = std::mem::take(&mut self.to_flush);
        for at in places.drain(..) {
            if let Some(connection) = self.connections.get_mut(at) {
                connection.flush();
            }
        }
        self.to_flush = places;
    }

    fn read(&mut self, client: &mut impl Client, at: Place) {
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Some(connection) = self.connections.get_mut(at) {
            let kept = connection.pending.len();
            if buffer.len() < kept + READ_BYTES {
                buffer.resize(kept + READ_BYTES, 0);
            }
            if let Some(front) = buffer.get_mut(..kept) {
                front.copy_from_slice(&connection.pending);
            }
            let room = buffer.get_mut(kept..).unwrap_or_default();
            let room_bytes = room.len();
            let Some(stream) = &mut connection.stream else { break };
            match stream.read(room) {
                Ok(0) => {
                    self.closed(client, at, None);
                    break;
                }
                Ok(read) => {
                    connection.pending.clear();
                    self.parse(client, at, buffer.get(..kept + read).unwrap_or_default());
                    // A short read has emptied the socket; the next arrival wakes us again.
                    if read < room_bytes {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {
                    self.closed(client, at, None);
                    break;
                }
            }
        }
        self.buffer = buffer;
    }

    fn parse(&mut self, client: &mut impl Client, at: Place, mut bytes: &[u8]) {
        loop {
            let Some(connection) = self.connections.get_mut(at) else { return };
            let rest = match connection.speaks {
                Speaks::Frames => self.parse_frame(client, at, bytes),
                Speaks::Upgrading | Speaks::Requests => self.parse_response(client, at, bytes),
                Speaks::Nothing => return,
            };
            match rest {
                Some(rest) => bytes = rest,
                None => break,
            }
        }
        if let Some(connection) = self.connections.get_mut(at)
            && !bytes.is_empty()
        {
            connection.pending.extend_from_slice(bytes);
        }
    }

    fn parse_frame<'a>(
        &mut self,
        client: &mut impl Client,
        at: Place,
        bytes: &'a [u8],
    ) -> Option<&'a [u8]> {
        let (opcode, payload, rest) = websocket::next_frame(bytes)?;
        match opcode {
            Opcode::Text => client.incoming(self, at, Incoming::Frame(payload)),
            Opcode::Close => {
                self.closed(
                    client,
                    at,
                    payload.first_chunk().map(|code| u16::from_be_bytes(*code)),
                );
            }
            Opcode::Ping | Opcode::Other => {}
        }
        Some(rest)
    }

    fn parse_response<'a>(
        &mut self,
        client: &mut impl Client,
        at: Place,
        bytes: &'a [u8],
    ) -> Option<&'a [u8]> {
        let Ok(answer) = http::next_response(bytes) else {
            self.closed(client, at, None);
            return None;
        };
        let (answer, rest) = answer?;
        let connection = self.connections.get_mut(at)?;
        if answer.status == 101 {
            connection.speaks = Speaks::Frames;
            client.incoming(self, at, Incoming::Upgraded);
        } else {
            client.incoming(self, at, Incoming::Response(answer));
        }
        Some(rest)
    }

    fn closed(&mut self, client: &mut impl Client, at: Place, code: Option<u16>) {
        let Some(connection) = self.connections.get_mut(at) else { return };
        if connection.speaks != Speaks::Nothing {
            connection.speaks = Speaks::Nothing;
            connection.out.clear();
            client.incoming(self, at, Incoming::Closed(code));
        }
    }
}

impl Connection {
    const fn new(stream: TcpStream, speaks: Speaks) -> Self {
        Self { stream: Some(stream), speaks, pending: Vec::new(), out: Vec::new(), queued: false }
    }

    fn flush(&mut self) {
        self.queued = false;
        let Some(stream) = &mut self.stream else { return };
        let mut written = 0;
        while let Some(rest) = self.out.get(written..)
            && !rest.is_empty()
        {
            match stream.write(rest) {
                Ok(bytes) => written += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Not connected yet, or full: becoming writable brings us back. An end is seen by reading.
                Err(_) => break,
            }
        }
        self.out.drain(..written);
    }
}

/// Connects from 127.0.0.1, or from the addresses after it once its ports run short.
fn connect(server: SocketAddr, source: usize) -> anyhow::Result<TcpStream> {
    let (family, is_v4) = match server {
        SocketAddr::V4(_) => (AddressFamily::INET, true),
        SocketAddr::V6(_) => (AddressFamily::INET6, false),
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    if source > 0 && is_v4 && server.ip().is_loopback() {
        let last = u8::try_from(source + 1).context("too many connections")?;
        rustix::net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, last), 0))?;
    }
    match rustix::net::connect(&socket, &server) {
        Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(TcpStream::from_std(std::net::TcpStream::from(socket)))
}
