//! Requests over HTTP/1.1 with keep-alive, one outstanding on every connection.

use std::time::Duration;

use crate::clock::{now_ns, number, seconds};
use crate::histogram::Histogram;
use crate::net::{Client, Incoming, Net, Place};
use crate::report::Report;
use crate::run::{Bench, Window};
use crate::server::micros_per;

/// A turn ends after this, so that the end of a phase is seen.
const TURN: Duration = Duration::from_millis(5);

/// Clients that ask again as soon as they have their answer.
pub(crate) struct Requests<F> {
    /// Writes the next request of a connection.
    write: F,
    asked_ns: Vec<u64>,
    is_asking: bool,
    window: Window,
    pub(crate) answered: u64,
    answered_in_window: u64,
    refused: u64,
    lost: u64,
    bytes: u64,
    times: Histogram,
}

impl<F: FnMut(Place, &mut Vec<u8>)> Requests<F> {
    pub(crate) fn new(write: F) -> Self {
        Self {
            write,
            asked_ns: Vec::new(),
            is_asking: false,
            window: Window::default(),
            answered: 0,
            answered_in_window: 0,
            refused: 0,
            lost: 0,
            bytes: 0,
            times: Histogram::new(),
        }
    }

    fn ask(&mut self, net: &mut Net, at: Place) {
        if let Some(asked) = self.asked_ns.get_mut(at) {
            *asked = now_ns();
        }
        net.write(at, |out| (self.write)(at, out));
    }

    /// Runs warm-up and window on `connections`, and reports under `name` what an answer is called.
    pub(crate) fn measure(
        &mut self,
        bench: &Bench,
        net: &mut Net,
        (scenario, conditions, answer): (&str, String, &str),
        connections: usize,
    ) -> anyhow::Result<Report> {
        self.window = Window::after(now_ns(), bench.warm_up_ns, bench.measure_ns);
        self.is_asking = true;
        self.asked_ns = vec![0; connections];
        for _ in 0..connections {
            let at = net.open_http()?;
            self.ask(net, at);
        }
        let mut cpu_before = None;
        while now_ns() < self.window.until_ns {
            net.turn(self, TURN)?;
            if cpu_before.is_none() && now_ns() >= self.window.from_ns {
                cpu_before = Some(bench.server.cpu_ns());
            }
        }
        let cpu_ns = bench.server.cpu_ns().saturating_sub(cpu_before.unwrap_or_default());
        self.is_asking = false;
        let length = seconds(bench.measure_ns);
        let mut report = Report::new(scenario, conditions);
        report.add(&format!("{answer}s"), number(self.answered_in_window) / length, "per s");
        report.times(answer, &self.times);
        let per_answer = micros_per(cpu_ns, self.answered_in_window);
        report.add("server CPU", per_answer, &format!("µs per {answer}"));
        report.add("server CPU busy", seconds(cpu_ns) / length * 100.0, "%");
        let mean = number(self.bytes) / number(self.answered.max(1));
        report.add("body of an answer", mean, "bytes");
        report.count("refused", self.refused);
        report.count("connections lost", self.lost);
        Ok(report)
    }
}

impl<F: FnMut(Place, &mut Vec<u8>)> Client for Requests<F> {
    fn incoming(&mut self, net: &mut Net, at: Place, incoming: Incoming<'_>) {
        let now = now_ns();
        match incoming {
            Incoming::Response(200..300, body) => {
                self.answered += 1;
                self.bytes += u64::try_from(body.len()).unwrap_or_default();
                let asked_ns = self.asked_ns.get(at).copied().unwrap_or(now);
                if self.window.contains(now) {
                    self.answered_in_window += 1;
                    self.times.record(now.saturating_sub(asked_ns));
                }
            }
            Incoming::Response(..) => self.refused += 1,
            Incoming::Closed(_) => {
                self.lost += 1;
                return;
            }
            Incoming::Upgraded | Incoming::Frame(_) => return,
        }
        if self.is_asking {
            self.ask(net, at);
        }
    }
}
