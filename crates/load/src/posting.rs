//! Messages over `POST /message/send` with keep-alive.

use crate::net::Net;
use crate::report::Report;
use crate::requests::Requests;
use crate::run::Common;
use crate::scan::Stamp;
use crate::world::letters;

/// Everybody on a connection of their own writes to their neighbour, one message after the other.
pub(crate) fn measure(
    common: &Common,
    connections: usize,
    text_bytes: usize,
) -> anyhow::Result<Report> {
    let (bench, people) = common.bench(|world| world.people(connections.next_multiple_of(2)))?;
    let host = bench.server.address;
    let mut count = 0;
    let text = letters(7, text_bytes.saturating_sub(crate::scan::STAMP_CHARS));
    let write = |at: usize, out: &mut Vec<u8>| {
        let Some((from, to)) = people.get(at).zip(people.get(at ^ 1)) else { return };
        count += 1;
        let stamp = Stamp { intended_ns: crate::clock::now_ns(), count }.write();
        let stamp = String::from_utf8_lossy(&stamp);
        let (sender, receiver, token) = (from.id, to.id, &from.token);
        let body = format!(
            r#"{{"sender_id":"{sender}","receiver_id":"{receiver}","message":"{stamp}{text}"}}"#
        );
        let request = format!(
            "POST /message/send HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {stamp}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        out.extend_from_slice(request.as_bytes());
    };
    let conditions = format!(
        "{connections} connections with one message outstanding each, texts of {text_bytes} bytes, nobody listens"
    );
    let mut net = Net::new(host)?;
    let names = ("messages over HTTP", conditions, "message");
    let report = Requests::new(write).measure(&bench, &mut net, names, connections)?;
    bench.server.stop()?;
    Ok(report)
}
