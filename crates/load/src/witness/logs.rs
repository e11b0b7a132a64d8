//! The logs as they are when all is over, read over sockets from their beginning to their end.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use checker::{ContentHash, Entry, Event, FinalRead, Message};
use domain::{ClientMessageId, ConversationId, Seq, UserId};
use wire::frame::{EventBody, LoggedEvent, PageFrame};
use wire::message::HistoryMessage;

use crate::clock::{SECOND_NS, now_ns};
use crate::crowd::Crowd;
use crate::net::{Client, Incoming, Net, Place};
use crate::scan::{self, Kind, STAMP_CHARS};
use crate::world::Person;

/// Events of one page.
const PAGE_EVENTS: &str = "200";
/// How long nothing may come in while logs are missing.
const PATIENCE_NS: u64 = 30 * SECOND_NS;
/// How long one turn waits.
const TURN: Duration = Duration::from_millis(100);

/// Reads every conversation as the person named for it.
pub(super) fn read(
    address: SocketAddr,
    people: &[Person],
    readers: &BTreeMap<ConversationId, Place>,
) -> anyhow::Result<Vec<FinalRead>> {
    let mut net = Net::new(address)?;
    let mut by_reader: BTreeMap<Place, VecDeque<ConversationId>> = BTreeMap::new();
    for (conversation, reader) in readers {
        by_reader.entry(*reader).or_default().push_back(*conversation);
    }
    let chosen: Vec<Person> =
        by_reader.keys().filter_map(|reader| people.get(*reader).cloned()).collect();
    let crowd = Crowd::open(&mut net, &chosen)?;
    let mut reading = Reading {
        crowd,
        waiting: by_reader.into_values().collect(),
        logs: BTreeMap::new(),
        left: readers.len(),
        progress_ns: now_ns(),
    };
    (0..chosen.len()).for_each(|at| reading.next(&mut net, at));
    while reading.left > 0 {
        net.turn(&mut reading, TURN)?;
        let is_stuck = now_ns() - reading.progress_ns > PATIENCE_NS;
        anyhow::ensure!(!is_stuck, "{} logs cannot be read to their end", reading.left);
    }
    Ok(reading.logs.into_values().collect())
}

/// Readers with one question outstanding each.
struct Reading {
    crowd: Crowd,
    /// What each of them has to read yet; the first is being read.
    waiting: Vec<VecDeque<ConversationId>>,
    logs: BTreeMap<ConversationId, FinalRead>,
    left: usize,
    progress_ns: u64,
}

impl Reading {
    /// Asks for the next page of what this reader is at.
    fn next(&mut self, net: &mut Net, at: Place) {
        let Some(conversation) = self.waiting.get(at).and_then(VecDeque::front).copied() else {
            return;
        };
        let log = self.logs.entry(conversation).or_insert_with(|| FinalRead {
            conversation,
            entries: Vec::new(),
            head: Seq::ZERO,
            invoked_ns: now_ns(),
        });
        let after = log.entries.last().map_or(0, |last| last.seq.number());
        let (conversation, after) = (conversation.to_string(), after.to_string());
        let parts: [&[u8]; 7] = [
            br#"{"type":"pull","conversation_id":""#,
            conversation.as_bytes(),
            br#"","after":"#,
            after.as_bytes(),
            br#","limit":"#,
            PAGE_EVENTS.as_bytes(),
            b"}",
        ];
        net.send(at, &parts);
    }

    fn page(&mut self, net: &mut Net, at: Place, frame: &[u8]) {
        // What is no page leaves its log unread, which ends the run with an error.
        let Ok(page) = serde_json::from_slice::<PageFrame>(frame) else { return };
        let Some(waiting) = self.waiting.get_mut(at) else { return };
        let log = waiting.front().and_then(|conversation| self.logs.get_mut(conversation));
        let Some(log) = log else { return };
        self.progress_ns = now_ns();
        log.head = Seq::new(page.head);
        log.entries.extend(page.events.iter().map(logged));
        if !page.more || page.events.is_empty() {
            waiting.pop_front();
            self.left -= 1;
        }
        self.next(net, at);
    }
}

impl Client for Reading {
    fn incoming(&mut self, net: &mut Net, at: Place, incoming: Incoming<'_>) {
        match incoming {
            Incoming::Frame(frame) if scan::kind(frame) == Kind::Page => self.page(net, at, frame),
            Incoming::Upgraded
            | Incoming::Frame(_)
            | Incoming::Response(_)
            | Incoming::Closed(_) => self.crowd.other(net, at, &incoming),
        }
    }
}

fn logged(logged: &LoggedEvent) -> Entry {
    let event = match &logged.event {
        EventBody::Message(message) => message_of(&message.sender_id, message.text.as_deref()),
        EventBody::Edit(_)
        | EventBody::Delete(_)
        | EventBody::Reaction(_)
        | EventBody::Member(_)
        | EventBody::Settings(_)
        | EventBody::Unknown => None,
    };
    Entry { seq: Seq::new(logged.seq), event: event.unwrap_or(Event::Other(other())) }
}

/// A message as a page over HTTP lists it.
pub(super) fn listed(message: &HistoryMessage) -> Option<Entry> {
    let event = message_of(&message.sender_id, message.text.as_deref())?;
    Some(Entry { seq: Seq::new(message.seq), event })
}

/// The text begins with the sender's own id of it, since others are not told that.
fn message_of(sender: &str, text: Option<&str>) -> Option<Event> {
    let sender: UserId = sender.parse().ok()?;
    let (id, _) = text?.split_at_checked(STAMP_CHARS)?;
    let client_message_id = ClientMessageId::from_row(id);
    let content = ContentHash::of(text?);
    Some(Event::Message(Message { sender, client_message_id, content }))
}

/// What is no message of this run is only compared for having a place.
pub(super) fn other() -> ContentHash {
    ContentHash::of("")
}
