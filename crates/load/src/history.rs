//! Pages of history over HTTP, from anywhere in long conversations.

use std::net::SocketAddr;

use crate::net::{Answer, Net};
use crate::pace::Pace;
use crate::report::Report;
use crate::requests::{Questions, Requests};
use crate::run::{Bench, Common};
use crate::world::{Person, Stored, mix};

/// Messages of a page.
pub(crate) const PAGE_MESSAGES: u64 = 50;
/// People whose conversations are read.
const PEOPLE: usize = 200;

/// Fills a store with `stored` messages and reads pages of it over `connections`.
pub(crate) fn measure(
    common: &Common,
    stored: u64,
    (connections, pace): (usize, Pace),
) -> anyhow::Result<Report> {
    let (bench, (people, talks)) = common.bench(|world| {
        let people = world.people(PEOPLE)?;
        let talks = world.messages(&people, stored)?;
        Ok((people, talks))
    })?;
    bench.server.wait_until_quiet();
    let report = read(&bench, (&people, &talks), (connections, pace))?;
    bench.server.stop()?;
    Ok(report)
}

/// Reads pages that end at places by chance.
pub(crate) fn read(
    bench: &Bench,
    (people, talks): (&[Person], &[Stored]),
    (connections, pace): (usize, Pace),
) -> anyhow::Result<Report> {
    let messages: u64 = talks.iter().map(|talk| talk.messages).sum();
    let conditions = format!(
        "pages of {PAGE_MESSAGES} over HTTP with keep-alive, {connections} connections, {}, {messages} messages in {} conversations",
        pace.words(),
        talks.len()
    );
    let host = bench.server.address;
    let mut net = Net::new(host)?;
    let mut requests = Requests::new(Pages { host, people, talks, seed: 1 }, pace);
    requests.open(&mut net, connections)?;
    requests.measure(bench, &mut net, ("history", conditions, "page"))
}

/// Asks for whole pages by chance.
struct Pages<'a> {
    host: SocketAddr,
    people: &'a [Person],
    talks: &'a [Stored],
    seed: u64,
}

impl Pages<'_> {
    fn some_page(&mut self) -> Option<(Stored, &Person, u64)> {
        self.seed = mix(self.seed);
        let some = self.seed % u64::try_from(self.talks.len()).ok()?.max(1);
        let talk = self.talks.get(usize::try_from(some).ok()?)?;
        self.seed = mix(self.seed);
        // Never so near the beginning that a page is short, if there is that much.
        let first = PAGE_MESSAGES.min(talk.messages) + 1;
        let before = first + self.seed % (talk.messages + 2 - first);
        Some((*talk, self.people.get(talk.reader)?, before))
    }
}

impl Questions for Pages<'_> {
    fn write(&mut self, _connection: usize, out: &mut Vec<u8>) {
        let host = self.host;
        let Some((talk, reader, before)) = self.some_page() else { return };
        let (id, token) = (talk.id, &reader.token);
        let request = format!(
            "GET /message/history?conversation_id={id}&limit={PAGE_MESSAGES}&before={id}-{before} HTTP/1.1\r\n\
             Host: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        out.extend_from_slice(request.as_bytes());
    }

    fn answered(&mut self, _connection: usize, _answer: Answer<'_>) {}
}
