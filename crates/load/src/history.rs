//! Pages of history over HTTP, from anywhere in long conversations.

use crate::net::Net;
use crate::report::Report;
use crate::requests::Requests;
use crate::run::{Bench, Common};
use crate::world::{Person, Stored, mix};

/// Messages of a page.
const PAGE_MESSAGES: u64 = 50;
/// People whose conversations are read.
const PEOPLE: usize = 200;

/// Fills a store with `stored` messages and reads pages of it over `connections`.
pub(crate) fn measure(common: &Common, stored: u64, connections: usize) -> anyhow::Result<Report> {
    let (bench, (people, talks)) = common.bench(|world| {
        let people = world.people(PEOPLE)?;
        let talks = world.messages(&people, stored)?;
        Ok((people, talks))
    })?;
    bench.server.wait_until_quiet();
    let report = read(&bench, &people, &talks, connections)?;
    bench.server.stop()?;
    Ok(report)
}

/// Reads pages that end at places by chance.
pub(crate) fn read(
    bench: &Bench,
    people: &[Person],
    talks: &[Stored],
    connections: usize,
) -> anyhow::Result<Report> {
    let mut seed = 1;
    let host = bench.server.address;
    let write = |_, out: &mut Vec<u8>| {
        seed = mix(seed);
        let some = seed % u64::try_from(talks.len()).unwrap_or(1).max(1);
        let talk = usize::try_from(some).ok().and_then(|index| talks.get(index));
        let Some((talk, reader)) = talk.and_then(|talk| Some((talk, people.get(talk.reader)?)))
        else {
            return;
        };
        seed = mix(seed);
        // Never so near the beginning that a page is short, if there is that much.
        let first = PAGE_MESSAGES.min(talk.messages) + 1;
        let before = first + seed % (talk.messages + 2 - first);
        let (id, token) = (talk.id, &reader.token);
        let request = format!(
            "GET /message/history?conversation_id={id}&limit={PAGE_MESSAGES}&before={id}-{before} HTTP/1.1\r\n\
             Host: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        out.extend_from_slice(request.as_bytes());
    };
    let messages: u64 = talks.iter().map(|talk| talk.messages).sum();
    let conditions = format!(
        "pages of {PAGE_MESSAGES} over HTTP with keep-alive, {connections} connections, {messages} messages in {} conversations",
        talks.len()
    );
    let mut net = Net::new(host)?;
    Requests::new(write).measure(bench, &mut net, ("history", conditions, "page"), connections)
}
