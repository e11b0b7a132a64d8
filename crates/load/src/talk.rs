//! People who write and read over sockets, whatever the scenario: senders as the protocol wants them, and what is counted.

use std::collections::VecDeque;
use std::time::Duration;

use domain::ConversationId;
use domain::limits::SENDS_IN_FLIGHT_MAX;

use crate::clock::{SECOND_NS, now_ns, number};
use crate::crowd::Crowd;
use crate::histogram::Histogram;
use crate::net::{Client, Incoming, Net, Place};
use crate::pace::{Pace, Schedule, turn_of};
use crate::report::Report;
use crate::run::{Bench, Window};
use crate::scan::{self, Kind, STAMP_CHARS, Stamp};
use crate::witness::Witness;
use crate::world::{Person, Target, letters};

/// Nanoseconds of a millisecond.
const MILLISECOND_NS: u64 = 1_000_000;
/// A turn ends after this, so that the end of a phase is seen.
pub(crate) const TURN: Duration = Duration::from_millis(5);

/// One who sends, as the protocol wants it: never too many outstanding, and what was put off comes again, before all
/// that follows it.
#[derive(Debug)]
struct Sender {
    /// The frame up to the id.
    head: Vec<u8>,
    conversation: ConversationId,
    in_flight: usize,
    in_flight_max: usize,
    count: u32,
    /// What has no answer yet, and when it left.
    sent: VecDeque<(u32, u64)>,
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
        let may = self.in_flight < self.in_flight_max && now >= self.paused_until_ns;
        let stamp = if may { self.waiting.pop_front()? } else { return None };
        self.in_flight += 1;
        self.sent.push_back((stamp.count, now));
        Some(stamp)
    }

    /// An answer came: when what it answers had left.
    fn answered(&mut self, stamp: Option<Stamp>) -> Option<u64> {
        self.in_flight = self.in_flight.saturating_sub(1);
        let place =
            self.sent.iter().position(|(count, _)| stamp.is_some_and(|s| s.count == *count))?;
        self.sent.remove(place).map(|(_, sent_ns)| sent_ns)
    }
}

/// Senders and receivers on their sockets.
pub(crate) struct Talk {
    pub(crate) crowd: Crowd,
    senders: Vec<Sender>,
    padding: Vec<u8>,
    pace: Pace,
    schedule: Option<Schedule>,
    is_sending: bool,
    window: Window,
    pub(crate) tally: Tally,
    witness: Option<Witness>,
}

/// What was counted in the window.
#[derive(Debug, Default)]
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
    /// From leaving to being told that it was not taken.
    pub(crate) nack: Histogram,
    pub(crate) receipt: Histogram,
}

impl Talk {
    /// The people at the first places send to `targets`, one each.
    pub(crate) fn new(crowd: Crowd, targets: Vec<Target>, plan: (Pace, usize)) -> Self {
        let senders = targets.into_iter().map(|Target { field, conversation }| Sender {
            head: format!(r#"{{"type":"send",{field},"client_message_id":""#).into_bytes(),
            conversation,
            in_flight: 0,
            in_flight_max: SENDS_IN_FLIGHT_MAX,
            count: 0,
            sent: VecDeque::new(),
            waiting: VecDeque::new(),
            paused_until_ns: 0,
        });
        let (pace, text_bytes) = plan;
        Self {
            crowd,
            senders: senders.collect(),
            padding: letters(7, text_bytes.saturating_sub(STAMP_CHARS)).into_bytes(),
            pace,
            schedule: None,
            is_sending: false,
            window: Window::default(),
            tally: Tally::default(),
            witness: None,
        }
    }

    /// Remembers everything from now on; `listeners` should miss nothing.
    pub(crate) fn witness(
        &mut self,
        people: &[Person],
        listeners: impl Iterator<Item = (Place, ConversationId)>,
    ) {
        let mut witness = Witness::new(people);
        listeners.for_each(|(at, conversation)| witness.listens(at, conversation));
        self.witness = Some(witness);
    }

    /// Everybody sends without waiting for answers, until so many are missing.
    pub(crate) fn allow_in_flight(&mut self, in_flight_max: usize) {
        self.senders.iter_mut().for_each(|sender| sender.in_flight_max = in_flight_max);
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
            if let Some(witness) = &mut self.witness {
                witness.sent(at, sender.conversation, (stamp, &self.padding));
            }
            let stamp = stamp.write();
            let stamp = stamp.as_bytes();
            let parts: [&[u8]; 6] =
                [&sender.head, stamp, br#"","text":""#, stamp, &self.padding, br#""}"#];
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
    pub(crate) fn begin(&mut self, net: &mut Net, started_ns: u64, window: Window) {
        self.window = window;
        self.schedule = self.pace.schedule(started_ns);
        self.is_sending = true;
        if let Pace::Closed(outstanding) = self.pace {
            for at in 0..self.senders.len() {
                (0..outstanding).for_each(|_| self.say(net, at, now_ns()));
            }
        }
    }

    /// Says what is due, in turn.
    pub(crate) fn say_due(&mut self, net: &mut Net) {
        let now = now_ns();
        if let Some(mut schedule) = self.schedule {
            while self.is_sending
                && let Some(due) = schedule.next(now)
            {
                let at = turn_of(due.number, self.senders.len());
                let sender = self.senders.get(at);
                let waiting = sender.map_or(0, |sender| sender.waiting.len());
                if matches!(self.pace, Pace::Flood(_)) && waiting >= SENDS_IN_FLIGHT_MAX {
                    self.tally.held_back += 1;
                } else {
                    self.say(net, at, due.intended_ns);
                }
            }
            self.schedule = Some(schedule);
        }
        self.pump_all(net);
    }

    /// How long a turn may wait for something to come in.
    pub(crate) const fn patience(&self) -> Duration {
        if self.schedule.is_some() { Duration::ZERO } else { TURN }
    }

    /// Says nothing new, and waits until everything has its answer.
    pub(crate) const fn end(&mut self) {
        self.is_sending = false;
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.senders.iter().all(|sender| sender.in_flight == 0 && sender.waiting.is_empty())
    }

    fn ack(&mut self, net: &mut Net, at: Place, frame: &[u8]) {
        let now = now_ns();
        if let Some(witness) = &mut self.witness {
            witness.acked(at, frame);
        }
        self.tally.acked += 1;
        self.tally.acked_in_window += u64::from(self.window.contains(now));
        let stamp = scan::text(frame, br#""client_message_id":"#).and_then(Stamp::read);
        if let Some(stamp) = stamp
            && self.window.contains(stamp.intended_ns)
        {
            self.tally.ack.record(now.saturating_sub(stamp.intended_ns));
        }
        let Some(sender) = self.senders.get_mut(at) else { return };
        sender.answered(stamp);
        match self.pace {
            Pace::Closed(_) if self.is_sending => self.say(net, at, now),
            Pace::Closed(_) | Pace::Open(_) | Pace::Flood(_) => self.pump(net, at, now),
        }
    }

    fn nack(&mut self, at: Place, frame: &[u8]) {
        let now = now_ns();
        let Some(sender) = self.senders.get_mut(at) else { return };
        let stamp = scan::text(frame, br#""client_message_id":"#).and_then(Stamp::read);
        if let Some(sent_ns) = sender.answered(stamp) {
            self.tally.nack.record(now.saturating_sub(sent_ns));
        }
        match (stamp, scan::number(frame, br#""retry_after_ms":"#)) {
            (Some(stamp), Some(retry_after_ms)) => {
                self.tally.put_off += 1;
                sender.put_off(stamp, now + retry_after_ms * MILLISECOND_NS);
            }
            (stamp, _) => {
                self.tally.refused += 1;
                if let (Some(witness), Some(stamp)) = (&mut self.witness, stamp) {
                    witness.refused(at, stamp);
                }
            }
        }
    }

    fn event(&mut self, net: &mut Net, at: Place, frame: &[u8]) {
        let now = now_ns();
        if let Some(witness) = &mut self.witness {
            witness.event(at, frame);
        }
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
            Kind::Dirty => {
                if let Some(witness) = &mut self.witness
                    && self.crowd.seats.get(at).is_some_and(|seat| seat.n > 0)
                {
                    witness.was_slow(at);
                }
                self.crowd.other(net, at, &incoming);
            }
            Kind::Ready | Kind::Page | Kind::Pong | Kind::Other => {
                self.crowd.other(net, at, &incoming);
            }
        }
    }
}

/// After so long without an event, none is on its way any more.
const SETTLE_NS: u64 = SECOND_NS;

impl Talk {
    pub(crate) fn conditions(&self) -> String {
        let text_bytes = self.padding.len() + STAMP_CHARS;
        let (senders, sockets) = (self.senders.len(), self.crowd.seats.len());
        let pace = self.pace.words();
        format!("{senders} senders, {sockets} sockets, {pace}, texts of {text_bytes} bytes")
    }

    /// What was counted.
    pub(crate) fn report(&self, report: &mut Report) {
        let (tally, length) = (&self.tally, self.window.seconds());
        report.add("acked", number(tally.acked_in_window) / length, "per s");
        report.add("delivered", number(tally.delivered_in_window) / length, "per s");
        report.times("ack", &tally.ack);
        report.times("send → receipt", &tally.receipt);
        report.count("refused", tally.refused);
        report.count("put off, and tried again", tally.put_off);
        if tally.put_off + tally.refused > 0 {
            report.times("nack", &tally.nack);
        }
        if tally.held_back > 0 {
            report.count("given up before they were sent", tally.held_back);
        }
        let answered = tally.acked + tally.refused;
        report.count("without an answer", tally.said.saturating_sub(answered));
    }

    /// Judges everything that was seen, if it was remembered; first waits for what is still on its way.
    pub(crate) fn judge(
        &mut self,
        bench: &Bench,
        net: &mut Net,
        people: &[Person],
    ) -> anyhow::Result<Option<Report>> {
        if self.witness.is_none() {
            return Ok(None);
        }
        let mut before = u64::MAX;
        while before != self.tally.delivered {
            before = self.tally.delivered;
            let until = now_ns() + SETTLE_NS;
            while now_ns() < until {
                net.turn(self, TURN)?;
            }
        }
        let witness = self.witness.take();
        witness.map(|witness| witness.judge(bench.server.address, people)).transpose()
    }

    /// What was remembered.
    pub(crate) const fn take_witness(&mut self) -> Option<Witness> {
        self.witness.take()
    }
}
