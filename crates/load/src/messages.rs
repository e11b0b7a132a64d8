//! Messages between two: how many are acked and delivered, how fast, and at what cost.
//!
//! Closed loop: everybody always has N messages outstanding. Open loop: a fixed rate, where each message counts from
//! the moment at which it was meant to leave, so that a stall of the server is seen in full.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::{SECOND_NS, now_ns, number, seconds};
use crate::crowd::Crowd;
use crate::histogram::Histogram;
use crate::net::{Client, Incoming, Net, Place};
use crate::report::Report;
use crate::run::{Bench, Window};
use crate::scan::{self, Kind, STAMP_CHARS, Stamp};
use crate::server::micros_per;
use crate::world::{Person, letters};

/// Sends that the protocol lets a socket have outstanding.
const IN_FLIGHT_MAX: usize = domain::limits::SENDS_IN_FLIGHT_MAX;
/// How long answers may take after the last send.
const DRAIN_NS: u64 = 10 * SECOND_NS;
/// Nanoseconds of a millisecond.
const MILLISECOND_NS: u64 = 1_000_000;
/// A turn ends after this, so that the end of a phase is seen.
const TURN: Duration = Duration::from_millis(5);

/// How messages are paced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// So many outstanding per sender, always.
    Closed(usize),
    /// So many per second in all, at intended times.
    Open(u64),
    /// As [`Self::Open`], but a message is given up where many of its sender wait already.
    Flood(u64),
}

/// One who sends, as the protocol wants it: never too many outstanding, and what was put off comes again, before all
/// that follows it.
#[derive(Debug)]
struct Sender {
    /// The frame up to the id.
    head: Vec<u8>,
    in_flight: usize,
    count: u32,
    /// Messages that could not leave yet, or have to leave again.
    waiting: VecDeque<Stamp>,
    paused_until_ns: u64,
}

impl Sender {
    fn next_stamp(&mut self, intended_ns: u64) -> Stamp {
        self.count = self.count.wrapping_add(1);
        Stamp { intended_ns, count: self.count }
    }

    fn put_off(&mut self, stamp: Stamp, until_ns: u64) {
        let place = self.waiting.partition_point(|other| other.count < stamp.count);
        self.waiting.insert(place, stamp);
        self.paused_until_ns = self.paused_until_ns.max(until_ns);
    }

    /// What may leave now.
    fn pop(&mut self, now: u64) -> Option<Stamp> {
        let may = self.in_flight < IN_FLIGHT_MAX && now >= self.paused_until_ns;
        if may { self.waiting.pop_front() } else { None }
    }
}

/// Senders and receivers on their sockets.
pub(crate) struct Talk {
    pub(crate) crowd: Crowd,
    senders: Vec<Sender>,
    padding: Vec<u8>,
    pace: Pace,
    is_sending: bool,
    window: Window,
    pub(crate) tally: Tally,
}

/// What was counted in the window.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) said: u64,
    pub(crate) acked: u64,
    pub(crate) acked_in_window: u64,
    pub(crate) refused: u64,
    /// How often a message was not taken for now.
    pub(crate) put_off: u64,
    /// Messages given up before they were sent.
    pub(crate) held_back: u64,
    pub(crate) delivered: u64,
    pub(crate) delivered_in_window: u64,
    pub(crate) ack: Histogram,
    pub(crate) receipt: Histogram,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            said: 0,
            acked: 0,
            acked_in_window: 0,
            refused: 0,
            put_off: 0,
            held_back: 0,
            delivered: 0,
            delivered_in_window: 0,
            ack: Histogram::new(),
            receipt: Histogram::new(),
        }
    }
}

impl Talk {
    /// `to` says where the person at a place sends to, as fields of JSON.
    pub(crate) fn new(crowd: Crowd, to: &[String], plan: (Pace, usize)) -> Self {
        let senders = to.iter().map(|to| {
            let head = format!(r#"{{"type":"send",{to},"client_message_id":""#);
            Sender {
                head: head.into_bytes(),
                in_flight: 0,
                count: 0,
                waiting: VecDeque::new(),
                paused_until_ns: 0,
            }
        });
        let (pace, text_bytes) = plan;
        Self {
            crowd,
            senders: senders.collect(),
            padding: letters(7, text_bytes.saturating_sub(STAMP_CHARS)).into_bytes(),
            pace,
            is_sending: false,
            window: Window::default(),
            tally: Tally::default(),
        }
    }

    /// A new message: it leaves now, or as soon as it may.
    fn say(&mut self, net: &mut Net, at: Place, intended_ns: u64) {
        if let Some(sender) = self.senders.get_mut(at) {
            let stamp = sender.next_stamp(intended_ns);
            sender.waiting.push_back(stamp);
            self.tally.said += 1;
            self.pump(net, at, now_ns());
        }
    }

    /// Writes what a sender may send.
    fn pump(&mut self, net: &mut Net, at: Place, now: u64) {
        let Some(sender) = self.senders.get_mut(at) else { return };
        while let Some(stamp) = sender.pop(now) {
            sender.in_flight += 1;
            let stamp = stamp.write();
            let parts: [&[u8]; 6] =
                [&sender.head, &stamp, br#"","text":""#, &stamp, &self.padding, br#""}"#];
            net.send(at, &parts);
        }
    }

    /// Writes what was put off and may leave by now.
    fn pump_all(&mut self, net: &mut Net) {
        let now = now_ns();
        for at in 0..self.senders.len() {
            if self.senders.get(at).is_some_and(|sender| !sender.waiting.is_empty()) {
                self.pump(net, at, now);
            }
        }
    }

    /// Goes on at another pace, and counts from nothing.
    pub(crate) fn change(&mut self, pace: Pace) {
        self.pace = pace;
        self.tally = Tally::default();
    }

    /// Begins with as many as the pace allows.
    fn begin(&mut self, net: &mut Net, senders: usize) {
        self.is_sending = true;
        if let Pace::Closed(outstanding) = self.pace {
            for at in 0..senders {
                (0..outstanding).for_each(|_| self.say(net, at, now_ns()));
            }
        }
    }

    fn is_quiet(&self) -> bool {
        self.senders.iter().all(|sender| sender.in_flight == 0 && sender.waiting.is_empty())
    }

    fn ack(&mut self, net: &mut Net, at: Place, frame: &[u8]) {
        let now = now_ns();
        self.tally.acked += 1;
        self.tally.acked_in_window += u64::from(self.window.contains(now));
        if let Some(stamp) = scan::text(frame, br#""client_message_id":"#).and_then(Stamp::read)
            && self.window.contains(stamp.intended_ns)
        {
            self.tally.ack.record(now.saturating_sub(stamp.intended_ns));
        }
        let Some(sender) = self.senders.get_mut(at) else { return };
        sender.in_flight = sender.in_flight.saturating_sub(1);
        match self.pace {
            Pace::Closed(_) if self.is_sending => self.say(net, at, now),
            Pace::Closed(_) | Pace::Open(_) | Pace::Flood(_) => self.pump(net, at, now),
        }
    }

    fn nack(&mut self, at: Place, frame: &[u8]) {
        let now = now_ns();
        self.tally.put_off += 1;
        let Some(sender) = self.senders.get_mut(at) else { return };
        sender.in_flight = sender.in_flight.saturating_sub(1);
        let stamp = scan::text(frame, br#""client_message_id":"#).and_then(Stamp::read);
        match (stamp, scan::number(frame, br#""retry_after_ms":"#)) {
            (Some(stamp), Some(retry_after_ms)) => {
                sender.put_off(stamp, now + retry_after_ms * MILLISECOND_NS);
            }
            (Some(_) | None, _) => self.tally.refused += 1,
        }
    }

    fn event(&mut self, net: &mut Net, at: Place, frame: &[u8]) {
        let now = now_ns();
        self.tally.delivered += 1;
        self.tally.delivered_in_window += u64::from(self.window.contains(now));
        if let Some(stamp) = scan::text(frame, br#""text":"#).and_then(Stamp::read)
            && self.window.contains(stamp.intended_ns)
        {
            self.tally.receipt.record(now.saturating_sub(stamp.intended_ns));
        }
        self.crowd.event(net, at, frame);
    }
}

impl Client for Talk {
    fn incoming(&mut self, net: &mut Net, at: Place, incoming: Incoming<'_>) {
        let Incoming::Frame(frame) = incoming else {
            return self.crowd.other(net, at, &incoming);
        };
        match scan::kind(frame) {
            Kind::Ack => self.ack(net, at, frame),
            Kind::Nack => self.nack(at, frame),
            Kind::Event => self.event(net, at, frame),
            Kind::Ready | Kind::Page | Kind::Dirty | Kind::Pong | Kind::Other => {
                self.crowd.other(net, at, &incoming);
            }
        }
    }
}

/// The intended times of an open loop, given out one after the other to all senders in turn.
#[derive(Debug)]
struct Schedule {
    started_ns: u64,
    per_second: u64,
    given: u64,
}

impl Schedule {
    /// Gives out what is due.
    fn give(&mut self, talk: &mut Talk, net: &mut Net, senders: usize) {
        let now = now_ns();
        let elapsed = u128::from(now - self.started_ns);
        let due = elapsed * u128::from(self.per_second) / u128::from(SECOND_NS);
        let due = u64::try_from(due).unwrap_or(u64::MAX);
        let senders = u64::try_from(senders).unwrap_or(1).max(1);
        while self.given < due {
            let offset =
                u128::from(self.given) * u128::from(SECOND_NS) / u128::from(self.per_second);
            let intended_ns = self.started_ns + u64::try_from(offset).unwrap_or_default();
            let at = usize::try_from(self.given % senders).unwrap_or_default();
            self.given += 1;
            let waiting = talk.senders.get(at).map_or(0, |sender| sender.waiting.len());
            if matches!(talk.pace, Pace::Flood(_)) && waiting >= IN_FLIGHT_MAX {
                talk.tally.held_back += 1;
            } else {
                talk.say(net, at, intended_ns);
            }
        }
        talk.pump_all(net);
    }
}

/// Runs warm-up, window and drain, and reports. The first `senders` people send.
pub(crate) fn measure(
    bench: &Bench,
    net: &mut Net,
    talk: &mut Talk,
    senders: usize,
) -> anyhow::Result<Report> {
    let before = bench.server.counters()?;
    talk.crowd.dirty = 0;
    let started = now_ns();
    talk.window = Window::after(started, bench.warm_up_ns, bench.measure_ns);
    let mut schedule = match talk.pace {
        Pace::Open(per_second) | Pace::Flood(per_second) => {
            Some(Schedule { started_ns: started, per_second: per_second.max(1), given: 0 })
        }
        Pace::Closed(_) => None,
    };
    talk.begin(net, senders);
    let mut cpu_before = None;
    while now_ns() < talk.window.until_ns {
        let patience = match &mut schedule {
            Some(schedule) => {
                schedule.give(talk, net, senders);
                Duration::ZERO
            }
            None => TURN,
        };
        net.turn(talk, patience)?;
        if cpu_before.is_none() && now_ns() >= talk.window.from_ns {
            cpu_before = Some(bench.server.cpu_ns());
        }
    }
    let cpu_ns = bench.server.cpu_ns().saturating_sub(cpu_before.unwrap_or_default());
    talk.is_sending = false;
    let deadline = now_ns() + DRAIN_NS;
    while !talk.is_quiet() && now_ns() < deadline {
        talk.pump_all(net);
        net.turn(talk, TURN)?;
    }
    talk.crowd.ensure_all_open()?;
    let after = bench.server.counters()?;
    let conditions = conditions(talk, senders);
    let mut report = summary(&talk.tally, talk.window, conditions);
    report.add("server CPU", micros_per(cpu_ns, talk.tally.acked_in_window), "µs per message");
    let per_delivery = micros_per(cpu_ns, talk.tally.delivered_in_window);
    report.add("server CPU", per_delivery, "µs per delivery");
    let busy = seconds(cpu_ns) / seconds(bench.measure_ns) * 100.0;
    report.add("server CPU busy", busy, "%");
    if talk.tally.acked > 0 {
        let syncs = number((after.syncs - before.syncs) * 1_000) / number(talk.tally.acked);
        report.add("fsyncs", syncs, "per 1,000 messages");
    }
    report.count("clients that were too slow", talk.crowd.dirty);
    Ok(report)
}

fn conditions(talk: &Talk, senders: usize) -> String {
    let text_bytes = talk.padding.len() + STAMP_CHARS;
    let pace = match talk.pace {
        Pace::Closed(outstanding) => format!("{outstanding} outstanding each"),
        Pace::Open(per_second) => format!("{per_second} per second at intended times"),
        Pace::Flood(per_second) => format!("{per_second} per second, as far as senders may"),
    };
    let sockets = talk.crowd.seats.len();
    format!("{senders} senders, {sockets} sockets, {pace}, texts of {text_bytes} bytes")
}

fn summary(tally: &Tally, window: Window, conditions: String) -> Report {
    let mut report = Report::new("messages", conditions);
    let length = window.until_ns - window.from_ns;
    report.add("acked", number(tally.acked_in_window) / seconds(length), "per s");
    report.add("delivered", number(tally.delivered_in_window) / seconds(length), "per s");
    report.times("ack", &tally.ack);
    report.times("send → receipt", &tally.receipt);
    report.count("refused", tally.refused);
    report.count("put off, and tried again", tally.put_off);
    if tally.held_back > 0 {
        report.count("given up before they were sent", tally.held_back);
    }
    report.count("without an answer", tally.said - tally.acked - tally.refused);
    report
}

/// Where people send to who write to each other two by two: 0 to 1, 1 to 0, 2 to 3 …
pub(crate) fn pairs(people: &[Person]) -> Vec<String> {
    let to = |person: &Person| format!(r#""receiver_id":"{}""#, person.id);
    people
        .chunks_exact(2)
        .flat_map(|pair| match pair {
            [one, other] => vec![to(other), to(one)],
            _ => Vec::new(),
        })
        .collect()
}
