//! People whose connection is lost, and who come back with what they have.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::now_ns;
use crate::histogram::Histogram;
use crate::net::{Client, Incoming, Net, Place};
use crate::run::Window;
use crate::scan::{self, Kind};

/// How long one turn waits.
const TURN: Duration = Duration::from_millis(100);

/// What a client gives when it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Nothing: it is told of all its conversations.
    New,
    /// Its place in the inbox: what changed since is named.
    Cold,
    /// The ticket of the connection that was lost: it goes on there.
    Hot,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Whereabouts {
    #[default]
    Away,
    OnTheWay,
    Online,
}

/// Somebody who comes and goes.
#[derive(Clone, Debug, Default)]
struct Seat {
    token: String,
    ticket: Vec<u8>,
    upos: u64,
    whereabouts: Whereabouts,
    intended_ns: u64,
}

/// All who come and go.
pub(crate) struct Returning {
    manner: Manner,
    /// The place of the first.
    first: Place,
    seats: Vec<Seat>,
    /// Who is away and comes back as soon as not too many are on the way.
    away: VecDeque<usize>,
    on_the_way_max: usize,
    pub(crate) on_the_way: usize,
    pub(crate) online: usize,
    pub(crate) returned: u64,
    pub(crate) returned_in_window: u64,
    /// Who went on where the lost connection had ended.
    pub(crate) hot: u64,
    /// Who was refused or lost before being ready.
    pub(crate) failed: u64,
    pub(crate) window: Window,
    pub(crate) times: Histogram,
}

impl Returning {
    /// Whoever these tokens belong to, at most `on_the_way_max` of them on the way at the same time.
    pub(crate) fn new(
        tokens: impl Iterator<Item = String>,
        (manner, on_the_way_max): (Manner, usize),
    ) -> Self {
        let seats = tokens.map(|token| Seat { token, ..Seat::default() });
        let seats: Vec<Seat> = seats.collect();
        Self {
            manner,
            first: 0,
            away: VecDeque::new(),
            seats,
            on_the_way_max,
            on_the_way: 0,
            online: 0,
            returned: 0,
            returned_in_window: 0,
            hot: 0,
            failed: 0,
            window: Window::default(),
            times: Histogram::new(),
        }
    }

    pub(crate) const fn count(&self) -> usize {
        self.seats.len()
    }

    /// Whether the connection at this place is one of theirs.
    pub(crate) fn owns(&self, at: Place) -> bool {
        (self.first..self.first + self.seats.len()).contains(&at)
    }

    /// Opens the first connections, few at a time. Everybody is online when it returns.
    pub(crate) fn arrive(&mut self, net: &mut Net) -> anyhow::Result<()> {
        for index in 0..self.seats.len() {
            while self.on_the_way >= self.on_the_way_max {
                net.turn(self, TURN)?;
            }
            let at = net.open_socket()?;
            if index == 0 {
                self.first = at;
            }
            self.sets_out(index);
        }
        while self.on_the_way > 0 {
            net.turn(self, TURN)?;
        }
        anyhow::ensure!(self.failed == 0, "{} sockets were refused", self.failed);
        Ok(())
    }

    /// Comes back in another manner from now on, and counts from nothing.
    pub(crate) fn change(&mut self, manner: Manner) {
        self.manner = manner;
        self.returned = 0;
        self.returned_in_window = 0;
        self.hot = 0;
        self.failed = 0;
        self.times = Histogram::new();
    }

    /// Breaks off one connection; whoever it was comes back at once, or as soon as there is room on the way.
    pub(crate) fn lose(&mut self, net: &mut Net, index: usize, intended_ns: u64) {
        let Some(seat) = self.seats.get_mut(index) else { return };
        // Whoever is on the way already cannot be lost.
        if seat.whereabouts == Whereabouts::Online {
            seat.whereabouts = Whereabouts::Away;
            self.online -= 1;
            seat.intended_ns = intended_ns;
            self.away.push_back(index);
            net.drop_connection(self.first + index);
        }
    }

    /// Sets those on their way who are away, as many as may.
    pub(crate) fn depart(&mut self, net: &mut Net) -> anyhow::Result<()> {
        while self.on_the_way < self.on_the_way_max
            && let Some(index) = self.away.pop_front()
        {
            net.reopen_socket(self.first + index)?;
            self.sets_out(index);
        }
        Ok(())
    }

    fn sets_out(&mut self, index: usize) {
        if let Some(seat) = self.seats.get_mut(index) {
            seat.whereabouts = Whereabouts::OnTheWay;
            self.on_the_way += 1;
        }
    }

    fn hello(&self, net: &mut Net, index: usize) {
        let Some(seat) = self.seats.get(index) else { return };
        let token = seat.token.as_bytes();
        let upos = if self.manner == Manner::New { 0 } else { seat.upos };
        let upos = upos.to_string();
        let mut parts: Vec<&[u8]> =
            vec![br#"{"type":"hello","token":""#, token, br#"","upos":"#, upos.as_bytes()];
        if self.manner == Manner::Hot && !seat.ticket.is_empty() {
            parts.extend([&br#","resume":{"ticket":""#[..], &seat.ticket, br#"","n":0}"#]);
        }
        parts.push(b"}");
        net.send(self.first + index, &parts);
    }

    fn ready(&mut self, index: usize, frame: &[u8]) {
        let now = now_ns();
        let Some(seat) = self.seats.get_mut(index) else { return };
        seat.upos = scan::number(frame, br#""upos":"#).unwrap_or_default();
        seat.ticket = scan::text(frame, br#""ticket":"#).unwrap_or_default().to_vec();
        if std::mem::replace(&mut seat.whereabouts, Whereabouts::Online) != Whereabouts::OnTheWay {
            return;
        }
        self.on_the_way -= 1;
        self.online += 1;
        self.returned += 1;
        self.returned_in_window += u64::from(self.window.contains(now));
        self.hot += u64::from(scan::text(frame, br#""resumed":"#) == Some(b"hot"));
        self.times.record(now.saturating_sub(seat.intended_ns));
    }

    fn lost(&mut self, index: usize) {
        let Some(seat) = self.seats.get_mut(index) else { return };
        match std::mem::take(&mut seat.whereabouts) {
            // A refusal, and then the end of the connection that brought it.
            Whereabouts::Away => return,
            Whereabouts::OnTheWay => self.on_the_way -= 1,
            Whereabouts::Online => self.online -= 1,
        }
        self.failed += 1;
        self.away.push_back(index);
    }
}

impl Client for Returning {
    fn incoming(&mut self, net: &mut Net, at: Place, incoming: Incoming<'_>) {
        // While they arrive, others may be there already.
        let Some(index) = at.checked_sub(self.first) else { return };
        match incoming {
            Incoming::Upgraded => self.hello(net, index),
            Incoming::Frame(frame) => match scan::kind(frame) {
                Kind::Ready => self.ready(index, frame),
                Kind::Ack
                | Kind::Nack
                | Kind::Event
                | Kind::Page
                | Kind::Dirty
                | Kind::Pong
                | Kind::Other => {}
            },
            Incoming::Response(_) | Incoming::Closed(_) => self.lost(index),
        }
    }
}
