//! People on their sockets: opens them, says hello, keeps the window open, and counts what every scenario counts.

use std::time::Duration;

use anyhow::Context as _;

use crate::clock::{SECOND_NS, now_ns};
use crate::net::{Client, Incoming, Net, Place};
use crate::scan::{self, Kind};
use crate::world::Person;

/// Sockets that are being opened at the same time.
const OPENING_MAX: usize = 256;
/// Events after which a client says that it has them; the server's window is 512.
const ACKED_EVERY: u64 = 64;
/// How long all sockets together may take to open without any progress.
const OPEN_PATIENCE_NS: u64 = 30 * SECOND_NS;

/// One person's socket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seat {
    pub(crate) is_ready: bool,
    pub(crate) is_closed: bool,
    /// The `n` of the last event.
    pub(crate) n: u64,
    /// The last `n` that the server was told.
    told_n: u64,
}

/// The sockets of a run, in the order of their people.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    pub(crate) seats: Vec<Seat>,
    tokens: Vec<String>,
    pub(crate) ready: usize,
    /// Sockets that ended, and with which codes.
    pub(crate) closed: Vec<Option<u16>>,
    /// How often a client was told that it was too slow.
    pub(crate) dirty: u64,
}

impl Crowd {
    /// Opens a socket for each of `people` and waits until all are ready. Their places are 0, 1, 2 …
    pub(crate) fn open(net: &mut Net, people: &[Person]) -> anyhow::Result<Self> {
        let mut crowd = Self::default();
        let mut progress_ns = now_ns();
        let mut opened = 0;
        while crowd.ready + crowd.closed.len() < people.len() {
            let gone = crowd.ready + crowd.closed.len();
            while opened < people.len() && opened - gone < OPENING_MAX {
                let Some(person) = people.get(opened) else { break };
                crowd.open_one(net, person)?;
                opened += 1;
            }
            net.turn(&mut crowd, Duration::from_millis(100))?;
            if crowd.ready + crowd.closed.len() > gone {
                progress_ns = now_ns();
            }
            anyhow::ensure!(
                now_ns() - progress_ns < OPEN_PATIENCE_NS,
                "only {} of {} sockets became ready",
                crowd.ready,
                people.len()
            );
        }
        anyhow::ensure!(
            crowd.closed.is_empty(),
            "{} of {} sockets were refused, the first with {:?}",
            crowd.closed.len(),
            people.len(),
            crowd.closed.first()
        );
        Ok(crowd)
    }

    fn open_one(&mut self, net: &mut Net, person: &Person) -> anyhow::Result<()> {
        let at = net.open_socket()?;
        anyhow::ensure!(at == self.seats.len(), "sockets are opened before all else");
        self.seats.push(Seat::default());
        self.tokens.push(person.token.clone());
        Ok(())
    }

    /// Counts an event, and tells the server from time to time that it arrived.
    pub(crate) fn event(&mut self, net: &mut Net, at: Place, frame: &[u8]) {
        let Some(seat) = self.seats.get_mut(at) else { return };
        let Some(n) = scan::number(frame, br#""n":"#) else { return };
        seat.n = n;
        if n >= seat.told_n + ACKED_EVERY {
            seat.told_n = n;
            let n = n.to_string();
            net.send(at, &[br#"{"type":"acked","n":"#, n.as_bytes(), b"}"]);
        }
    }

    /// Handles what is not the scenario's own business.
    pub(crate) fn other(&mut self, net: &mut Net, at: Place, incoming: &Incoming<'_>) {
        match incoming {
            Incoming::Upgraded => {
                if let Some(token) = self.tokens.get(at) {
                    let token = token.as_bytes();
                    net.send(at, &[br#"{"type":"hello","token":""#, token, br#"","upos":0}"#]);
                }
            }
            Incoming::Frame(frame) => match scan::kind(frame) {
                Kind::Ready => {
                    self.ready += 1;
                    if let Some(seat) = self.seats.get_mut(at) {
                        seat.is_ready = true;
                    }
                }
                Kind::Dirty => self.dirty += 1,
                Kind::Ack | Kind::Nack | Kind::Event | Kind::Page | Kind::Pong | Kind::Other => {}
            },
            Incoming::Response(answer) => self.close(at, Some(answer.status)),
            Incoming::Closed(code) => self.close(at, *code),
        }
    }

    fn close(&mut self, at: Place, code: Option<u16>) {
        if let Some(seat) = self.seats.get_mut(at)
            && !seat.is_closed
        {
            seat.is_closed = true;
            self.closed.push(code);
        }
    }

    /// Fails if any socket ended, which in most scenarios none may.
    pub(crate) fn ensure_all_open(&self) -> anyhow::Result<()> {
        match self.closed.first() {
            None => Ok(()),
            Some(code) => Err(anyhow::anyhow!("close code {code:?}"))
                .with_context(|| format!("the server ended {} sockets", self.closed.len())),
        }
    }
}

impl Client for Crowd {
    fn incoming(&mut self, net: &mut Net, at: Place, incoming: Incoming<'_>) {
        self.other(net, at, &incoming);
    }
}
