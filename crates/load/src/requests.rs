//! Requests over HTTP/1.1 with keep-alive, one outstanding on every connection.
//!
//! Closed loop: every connection asks again as soon as it has its answer. Open loop: a request leaves at its intended
//! time, or as soon as a connection is free, and counts from the intended time. Whoever is told to come back later
//! does so, and not before.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use crate::clock::{SECOND_NS, now_ns, number};
use crate::histogram::Histogram;
use crate::net::{Answer, Client, Incoming, Net, Place};
use crate::pace::{Pace, Schedule};
use crate::report::Report;
use crate::run::{Bench, Watch, Window};
use crate::world::mix;

/// A turn ends after this, so that the end of a phase is seen.
const TURN: Duration = Duration::from_millis(5);
/// How long answers may take after the last request.
const DRAIN_NS: u64 = 10 * SECOND_NS;
/// After this, whose connection was lost opens another.
const RECONNECT_NS: u64 = SECOND_NS;

/// What is asked.
pub(crate) trait Questions {
    /// Writes the next request of a connection, the connections being counted from 0.
    fn write(&mut self, connection: usize, out: &mut Vec<u8>);
    /// Takes note of an answer.
    fn answered(&mut self, connection: usize, answer: Answer<'_>);
}

#[derive(Clone, Copy, Debug, Default)]
struct Connection {
    intended_ns: u64,
    asked_ns: u64,
    is_waiting: bool,
    is_lost: bool,
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) answered: u64,
    pub(crate) answered_in_window: u64,
    /// 429 and 503.
    pub(crate) refused: u64,
    /// Of those, the ones that do not say when to come back.
    pub(crate) refused_without_time: u64,
    /// All other answers.
    pub(crate) failed: u64,
    pub(crate) lost: u64,
    /// Given up, because everybody who could ask waits.
    pub(crate) held_back: u64,
    bytes: u64,
    pub(crate) times: Histogram,
    pub(crate) refusals: Histogram,
}

/// Clients with a connection each.
pub(crate) struct Requests<Q> {
    pub(crate) questions: Q,
    /// The place of the first connection.
    first: Place,
    connections: Vec<Connection>,
    free: VecDeque<usize>,
    /// Who was told to come back, and when.
    resting: BinaryHeap<Reverse<(u64, usize)>>,
    /// Intended times of requests that found no free connection.
    waiting: VecDeque<u64>,
    pace: Pace,
    schedule: Option<Schedule>,
    is_asking: bool,
    window: Window,
    pub(crate) tally: Answers,
}

impl<Q: Questions> Requests<Q> {
    pub(crate) fn new(questions: Q, pace: Pace) -> Self {
        Self {
            questions,
            first: 0,
            connections: Vec::new(),
            free: VecDeque::new(),
            resting: BinaryHeap::new(),
            waiting: VecDeque::new(),
            pace,
            schedule: None,
            is_asking: false,
            window: Window::default(),
            tally: Answers::default(),
        }
    }

    /// Opens so many connections.
    pub(crate) fn open(&mut self, net: &mut Net, connections: usize) -> anyhow::Result<()> {
        for index in 0..connections {
            let at = net.open_http()?;
            if index == 0 && self.connections.is_empty() {
                self.first = at;
            }
            self.free.push_back(self.connections.len());
            self.connections.push(Connection::default());
        }
        Ok(())
    }

    pub(crate) const fn pace(&self) -> Pace {
        self.pace
    }

    pub(crate) const fn count(&self) -> usize {
        self.connections.len()
    }

    /// Whether the connection at this place is one of these.
    pub(crate) fn owns(&self, at: Place) -> bool {
        (self.first..self.first + self.connections.len()).contains(&at)
    }

    /// Goes on at another pace, and counts from nothing.
    pub(crate) fn change(&mut self, pace: Pace) {
        self.pace = pace;
        self.tally = Answers::default();
    }

    pub(crate) fn begin(&mut self, started_ns: u64, window: Window) {
        self.window = window;
        self.schedule = self.pace.schedule(started_ns);
        self.is_asking = true;
    }

    /// Asks what is due, or whatever there is a connection for.
    pub(crate) fn ask_due(&mut self, net: &mut Net) -> anyhow::Result<()> {
        let now = now_ns();
        self.wake(net, now)?;
        let Some(mut schedule) = self.schedule else {
            while self.is_asking
                && let Some(connection) = self.free.pop_front()
            {
                self.ask(net, connection, now);
            }
            return Ok(());
        };
        while self.is_asking
            && let Some(due) = schedule.next(now)
        {
            if matches!(self.pace, Pace::Flood(_)) && self.free.len() <= self.waiting.len() {
                self.tally.held_back += 1;
            } else {
                self.waiting.push_back(due.intended_ns);
            }
        }
        self.schedule = Some(schedule);
        while let Some(intended_ns) = self.waiting.front().copied()
            && let Some(connection) = self.free.pop_front()
        {
            self.waiting.pop_front();
            self.ask(net, connection, intended_ns);
        }
        Ok(())
    }

    /// Lets those ask again who have waited long enough.
    fn wake(&mut self, net: &mut Net, now: u64) -> anyhow::Result<()> {
        while let Some(Reverse((until_ns, index))) = self.resting.peek().copied()
            && until_ns <= now
        {
            self.resting.pop();
            self.free.push_back(index);
            if let Some(connection) = self.connections.get_mut(index)
                && std::mem::take(&mut connection.is_lost)
            {
                net.reopen_http(self.first + index)?;
            }
        }
        Ok(())
    }

    fn ask(&mut self, net: &mut Net, index: usize, intended_ns: u64) {
        if let Some(connection) = self.connections.get_mut(index) {
            *connection =
                Connection { intended_ns, asked_ns: now_ns(), is_waiting: true, is_lost: false };
            net.write(self.first + index, |out| self.questions.write(index, out));
        }
    }

    /// Asks nothing new from now on.
    pub(crate) const fn end(&mut self) {
        self.is_asking = false;
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.waiting.is_empty() && !self.connections.iter().any(|connection| connection.is_waiting)
    }

    /// Runs warm-up, window and drain, and reports under `name` what an answer is called.
    pub(crate) fn measure(
        &mut self,
        bench: &Bench,
        net: &mut Net,
        (scenario, conditions, answer): (&str, String, &str),
    ) -> anyhow::Result<Report> {
        let syncs = bench.server.counters()?.syncs;
        let mut watch = Watch::begin(bench);
        self.begin(watch.started_ns, watch.window);
        let patience = if self.schedule.is_some() { Duration::ZERO } else { TURN };
        while watch.goes_on() {
            self.ask_due(net)?;
            net.turn(self, patience)?;
        }
        self.end();
        let deadline = now_ns() + DRAIN_NS;
        while !self.is_quiet() && now_ns() < deadline {
            self.ask_due(net)?;
            net.turn(self, TURN)?;
        }
        let mut report = Report::new(scenario, conditions);
        self.report(&mut report, answer);
        watch.report_cpu(&mut report, &[(answer, self.tally.answered_in_window)]);
        let syncs = bench.server.counters()?.syncs.saturating_sub(syncs);
        if syncs > 0 && self.tally.answered > 0 {
            let each = number(syncs * 1_000) / number(self.tally.answered);
            report.add("fsyncs", each, &format!("per 1,000 {answer}s"));
        }
        Ok(report)
    }

    /// What was counted.
    pub(crate) fn report(&self, report: &mut Report, answer: &str) {
        let tally = &self.tally;
        let rate = number(tally.answered_in_window) / self.window.seconds();
        report.add(&format!("{answer}s"), rate, "per s");
        report.times(answer, &tally.times);
        let mean = number(tally.bytes) / number(tally.answered.max(1));
        report.add("body of an answer", mean, "bytes");
        report.count("refused for now", tally.refused);
        if tally.refused > 0 {
            report.times("refusal", &tally.refusals);
            report.count("refused without Retry-After", tally.refused_without_time);
        }
        if tally.held_back > 0 {
            report.count("given up, all who could ask wait", tally.held_back);
        }
        report.count("failed", tally.failed);
        report.count("connections lost", tally.lost);
    }

    fn answer(&mut self, index: usize, answer: Answer<'_>) {
        let now = now_ns();
        let Some(connection) = self.connections.get_mut(index) else { return };
        connection.is_waiting = false;
        self.questions.answered(index, answer);
        let tally = &mut self.tally;
        match answer.status {
            200..300 => {
                tally.answered += 1;
                tally.answered_in_window += u64::from(self.window.contains(now));
                tally.bytes += u64::try_from(answer.body.len()).unwrap_or_default();
                if self.window.contains(connection.intended_ns) {
                    tally.times.record(now.saturating_sub(connection.intended_ns));
                }
            }
            429 | 503 => {
                tally.refused += 1;
                if self.window.contains(connection.asked_ns) {
                    tally.refusals.record(now.saturating_sub(connection.asked_ns));
                }
                tally.refused_without_time += u64::from(answer.retry_after_s.is_none());
                // `Retry-After` knows whole seconds. Clients that mean well do not come back all at the same moment.
                let spread_ns = mix(now ^ u64::try_from(index).unwrap_or_default()) % SECOND_NS;
                let rest_ns = answer.retry_after_s.unwrap_or(1) * SECOND_NS + spread_ns;
                self.resting.push(Reverse((now + rest_ns, index)));
                return;
            }
            _ => tally.failed += 1,
        }
        self.free.push_back(index);
    }
}

impl<Q: Questions> Client for Requests<Q> {
    fn incoming(&mut self, net: &mut Net, at: Place, incoming: Incoming<'_>) {
        let Some(index) = at.checked_sub(self.first) else { return };
        match incoming {
            Incoming::Response(answer) => {
                self.answer(index, answer);
                // With nothing intended, the next request follows at once, in the same turn.
                if self.schedule.is_none()
                    && self.is_asking
                    && let Some(connection) = self.free.pop_front()
                {
                    self.ask(net, connection, now_ns());
                }
            }
            Incoming::Closed(_) => {
                self.tally.lost += 1;
                if let Some(connection) = self.connections.get_mut(index) {
                    *connection = Connection { is_lost: true, ..Connection::default() };
                    self.free.retain(|free| *free != index);
                    self.resting.retain(|Reverse((_, resting))| *resting != index);
                    self.resting.push(Reverse((now_ns() + RECONNECT_NS, index)));
                }
            }
            Incoming::Upgraded | Incoming::Frame(_) => {}
        }
    }
}
