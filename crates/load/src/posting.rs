//! Messages over `POST /message/send` with keep-alive.

use std::net::SocketAddr;

use crate::cli::Talking;
use crate::clock::now_ns;
use crate::net::{Answer, Net};
use crate::report::Report;
use crate::requests::{Questions, Requests};
use crate::run::Common;
use crate::scan::{STAMP_CHARS, Stamp};
use crate::witness::Witness;
use crate::world::{Person, Target, letters, pairs};

/// Everybody on a connection of their own writes to their neighbour, one message after the other.
pub(crate) fn measure(
    common: &Common,
    connections: usize,
    talking: &Talking,
) -> anyhow::Result<Vec<Report>> {
    let (bench, people) = common.people(connections.next_multiple_of(2))?;
    let witness = common.check.then(|| Witness::new(&people));
    let mut net = Net::new(bench.server.address)?;
    let pace = talking.pace();
    let letters = Letters::new(bench.server.address, people, (talking.text_bytes, witness));
    let conditions = format!(
        "{connections} connections with one message at a time each, {}, texts of {} bytes, nobody listens",
        pace.words(),
        talking.text_bytes
    );
    let mut requests = Requests::new(letters, pace);
    requests.open(&mut net, connections)?;
    let names = ("messages over HTTP", conditions, "message");
    let mut reports = vec![requests.measure(&bench, &mut net, names)?];
    let Letters { people, witness, .. } = requests.questions;
    if let Some(witness) = witness {
        reports.push(witness.judge(bench.server.address, &people)?);
    }
    bench.server.stop()?;
    Ok(reports)
}

/// One after the other to a neighbour each.
pub(crate) struct Letters {
    host: SocketAddr,
    pub(crate) people: Vec<Person>,
    targets: Vec<Target>,
    text: String,
    count: u32,
    pub(crate) witness: Option<Witness>,
}

impl Letters {
    pub(crate) fn new(
        host: SocketAddr,
        people: Vec<Person>,
        (text_bytes, witness): (usize, Option<Witness>),
    ) -> Self {
        let targets = pairs(&people);
        let text = letters(7, text_bytes.saturating_sub(STAMP_CHARS));
        Self { host, people, targets, text, count: 0, witness }
    }

    fn request(&self, connection: usize, stamp: Stamp) -> Option<String> {
        let (from, target) = (self.people.get(connection)?, self.targets.get(connection)?);
        let (host, text, token) = (self.host, &self.text, &from.token);
        let stamp = stamp.write();
        let (sender, field) = (from.id, &target.field);
        let body = format!(r#"{{"sender_id":"{sender}",{field},"message":"{stamp}{text}"}}"#);
        Some(format!(
            "POST /message/send HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {stamp}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }
}

impl Questions for Letters {
    fn write(&mut self, connection: usize, out: &mut Vec<u8>) {
        self.count += 1;
        let stamp = Stamp { intended_ns: now_ns(), count: self.count };
        let Some(request) = self.request(connection, stamp) else { return };
        out.extend_from_slice(request.as_bytes());
        if let (Some(witness), Some(target)) = (&mut self.witness, self.targets.get(connection)) {
            witness.sent(connection, target.conversation, (stamp, self.text.as_bytes()));
        }
    }

    fn answered(&mut self, connection: usize, answer: Answer<'_>) {
        if let Some(witness) = &mut self.witness {
            witness.answered(connection, answer);
        }
    }
}
