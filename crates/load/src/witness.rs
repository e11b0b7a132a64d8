//! Remembers everything that a run sent and saw, and lets the history checker judge it when all is over.
//!
//! While the run lasts only what cannot be had later is written down, in a few dozen bytes each: the load generator
//! has little time. The logs themselves are read at the end.

mod logs;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;

use checker::{
    CaughtUp, ContentHash, Device, Entry, Event, FinalRead, History, Live, Message, Page,
    SendAttempt, SendOutcome,
};
use domain::{ClientMessageId, ConversationId, Seq, UserId};
use memchr::memmem;
use wire::message::HistoryMessage;

use crate::clock::now_ns;
use crate::net::{Answer, Place};
use crate::report::{self, Report};
use crate::scan::{self, Stamp};
use crate::world::Person;

/// Violations that are told; what follows is often their consequence.
const TOLD_MAX: usize = 20;
/// What the report calls the broken promises.
pub(crate) const BROKEN: &str = "promises broken";

/// One try to send.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    at: Place,
    conversation: ConversationId,
    stamp: Stamp,
    content: ContentHash,
    invoked_ns: u64,
    outcome: SendOutcome,
}

/// An event that arrived.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Place,
    conversation: ConversationId,
    seq: Seq,
    what: What,
    observed_ns: u64,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Message { sender: UserId, stamp: Stamp, content: ContentHash },
    Other(ContentHash),
}

/// A page as it was answered.
#[derive(Clone, Debug)]
struct Answered {
    at: Place,
    conversation: ConversationId,
    body: Vec<u8>,
    invoked_ns: u64,
    completed_ns: u64,
}

/// What the people of a run did and saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness {
    people: Vec<UserId>,
    attempts: Vec<Attempt>,
    /// The attempts that have no answer yet.
    open: HashMap<(Place, u32), usize>,
    /// The last attempt of each, for answers that do not name theirs.
    last: HashMap<Place, Stamp>,
    seen: Vec<Seen>,
    pages: Vec<Answered>,
    /// Who should have everything of what, at the end.
    listeners: Vec<(Place, ConversationId)>,
}

impl Witness {
    pub(crate) fn new(people: &[Person]) -> Self {
        Self { people: people.iter().map(|person| person.id).collect(), ..Self::default() }
    }

    /// Whoever sits here should miss nothing of this conversation.
    pub(crate) fn listens(&mut self, at: Place, conversation: ConversationId) {
        self.listeners.push((at, conversation));
    }

    /// Whoever sits here was too slow, and was told so: no claim.
    pub(crate) fn was_slow(&mut self, at: Place) {
        self.listeners.retain(|(listener, _)| *listener != at);
    }

    /// A message leaves, or leaves again.
    pub(crate) fn sent(
        &mut self,
        at: Place,
        conversation: ConversationId,
        (stamp, padding): (Stamp, &[u8]),
    ) {
        let text = [stamp.write().as_bytes(), padding].concat();
        let attempt = Attempt {
            at,
            conversation,
            stamp,
            content: content(&text),
            invoked_ns: now_ns(),
            outcome: SendOutcome::Unknown,
        };
        self.open.insert((at, stamp.count), self.attempts.len());
        self.last.insert(at, stamp);
        self.attempts.push(attempt);
    }

    /// An ack came, which stands in the place of the event.
    pub(crate) fn acked(&mut self, at: Place, frame: &[u8]) {
        let stamp = scan::text(frame, br#""client_message_id":"#).and_then(Stamp::read);
        if let Some(stamp) = stamp
            && let Some(attempt) = self.note_ack(at, stamp, frame)
            && let SendOutcome::Acked { seq, duplicate: false, completed_ns } = attempt.outcome
            && let Some(sender) = self.people.get(at).copied()
        {
            let what = What::Message { sender, stamp, content: attempt.content };
            let conversation = attempt.conversation;
            self.seen.push(Seen { at, conversation, seq, what, observed_ns: completed_ns });
        }
    }

    /// The answer to the request of this connection.
    pub(crate) fn answered(&mut self, at: Place, answer: Answer<'_>) {
        let Some(stamp) = self.last.get(&at).copied() else { return };
        match answer.status {
            200..300 => {
                self.note_ack(at, stamp, answer.body);
            }
            429 | 500.. => {
                self.open.remove(&(at, stamp.count));
            }
            _ => self.refused(at, stamp),
        }
    }

    fn note_ack(&mut self, at: Place, stamp: Stamp, answer: &[u8]) -> Option<Attempt> {
        let attempt = self.attempts.get_mut(self.open.remove(&(at, stamp.count))?)?;
        attempt.outcome = SendOutcome::Acked {
            seq: Seq::new(scan::number(answer, br#""seq":"#)?),
            duplicate: memmem::find(answer, br#""dup":true"#).is_some(),
            completed_ns: now_ns(),
        };
        Some(*attempt)
    }

    /// A message was refused for good.
    pub(crate) fn refused(&mut self, at: Place, stamp: Stamp) {
        let open = self.open.remove(&(at, stamp.count));
        if let Some(attempt) = open.and_then(|index| self.attempts.get_mut(index)) {
            attempt.outcome = SendOutcome::Refused;
        }
    }

    /// An event came.
    pub(crate) fn event(&mut self, at: Place, frame: &[u8]) {
        let observed_ns = now_ns();
        let conversation = parsed(frame, br#""conversation_id":"#);
        let seq = scan::number(frame, br#""seq":"#).map(Seq::new);
        if let (Some(conversation), Some(seq)) = (conversation, seq) {
            let what = what(frame);
            self.seen.push(Seen { at, conversation, seq, what, observed_ns });
        }
    }

    /// A page of a conversation that holds nothing but messages was answered.
    pub(crate) fn page(
        &mut self,
        (at, conversation): (Place, ConversationId),
        body: &[u8],
        invoked_ns: u64,
    ) {
        let (body, completed_ns) = (body.to_vec(), now_ns());
        self.pages.push(Answered { at, conversation, body, invoked_ns, completed_ns });
    }

    /// Adds what another wrote down of the same people.
    pub(crate) fn append(&mut self, other: Self) {
        self.attempts.extend(other.attempts);
        self.seen.extend(other.seen);
        self.pages.extend(other.pages);
        self.listeners.extend(other.listeners);
    }

    /// Reads all logs and judges the whole run.
    pub(crate) fn judge(self, address: SocketAddr, people: &[Person]) -> anyhow::Result<Report> {
        let finals = logs::read(address, people, &self.readers())?;
        let history = self.history(finals);
        let mut report =
            Report::new("check", "what was sent and seen, judged afterwards".to_owned());
        report.count("attempts to send", count(history.sends.len()));
        report.count("events and acks seen", count(history.live.len()));
        report.count("pages", count(history.pages.len()));
        report.count("logs read to their end", count(history.finals.len()));
        report.count("people who must have missed nothing", count(history.caught_up.len()));
        match checker::check(&history) {
            Ok(summary) => {
                report.count("messages acked", count(summary.acked));
                report.count("comparisons", count(summary.steps));
                report.count(BROKEN, 0);
            }
            Err(violations) => {
                for violation in violations.iter().take(TOLD_MAX) {
                    report::note(&violation.to_string());
                }
                report.count(BROKEN, count(violations.len()));
            }
        }
        Ok(report)
    }

    /// Somebody for every conversation who can read it.
    fn readers(&self) -> BTreeMap<ConversationId, Place> {
        let sent = self.attempts.iter().map(|attempt| (attempt.conversation, attempt.at));
        let seen = self.seen.iter().map(|seen| (seen.conversation, seen.at));
        let pages = self.pages.iter().map(|page| (page.conversation, page.at));
        let listeners = self.listeners.iter().map(|(at, conversation)| (*conversation, *at));
        sent.chain(seen).chain(pages).chain(listeners).collect()
    }

    fn device(&self, at: Place) -> Option<Device> {
        self.people.get(at).map(|user| Device { user: *user, number: 0 })
    }

    fn history(&self, finals: Vec<FinalRead>) -> History {
        let sends = self.attempts.iter().filter_map(|attempt| {
            Some(SendAttempt {
                device: self.device(attempt.at)?,
                conversation: attempt.conversation,
                client_message_id: name(attempt.stamp),
                content: attempt.content,
                invoked_ns: attempt.invoked_ns,
                outcome: attempt.outcome,
            })
        });
        let live = self.seen.iter().filter_map(|seen| {
            let device = self.device(seen.at)?;
            let entry = Entry { seq: seen.seq, event: seen.what.event() };
            let (conversation, observed_ns) = (seen.conversation, seen.observed_ns);
            Some(Live { device, conversation, entry, observed_ns })
        });
        History {
            sends: sends.collect(),
            live: live.collect(),
            pages: self.pages.iter().filter_map(|page| self.checked_page(page)).collect(),
            caught_up: self.claims(),
            finals,
            ..History::default()
        }
    }

    fn checked_page(&self, page: &Answered) -> Option<Page> {
        let messages: Vec<HistoryMessage> = serde_json::from_slice(&page.body).ok()?;
        let entries: Vec<Entry> = messages.iter().filter_map(logs::listed).collect();
        let after = entries.first().map_or(Seq::ZERO, |first| first.seq.previous());
        Some(Page {
            device: self.device(page.at)?,
            conversation: page.conversation,
            after,
            // The newest page was asked for: it ends where the log ended.
            head: entries.last().map_or(Seq::ZERO, |last| last.seq),
            entries,
            invoked_ns: page.invoked_ns,
            completed_ns: page.completed_ns,
        })
    }

    /// Who listened has everything from the first message of the run on.
    fn claims(&self) -> Vec<CaughtUp> {
        let mut first: BTreeMap<ConversationId, Seq> = BTreeMap::new();
        let acked = self.attempts.iter().filter_map(|attempt| match attempt.outcome {
            SendOutcome::Acked { seq, .. } => Some((attempt.conversation, seq)),
            SendOutcome::Refused | SendOutcome::Unknown => None,
        });
        for (conversation, seq) in acked {
            first.entry(conversation).and_modify(|first| *first = seq.min(*first)).or_insert(seq);
        }
        let listeners: BTreeSet<&(Place, ConversationId)> = self.listeners.iter().collect();
        let claims = listeners.into_iter().filter_map(|(at, conversation)| {
            let (device, from) = (self.device(*at)?, *first.get(conversation)?);
            Some(CaughtUp { device, conversation: *conversation, from })
        });
        claims.collect()
    }
}

impl What {
    fn event(self) -> Event {
        match self {
            Self::Message { sender, stamp, content } => {
                Event::Message(Message { sender, client_message_id: name(stamp), content })
            }
            Self::Other(content) => Event::Other(content),
        }
    }
}

/// A message of this run, or anything else that has its place in a log.
fn what(frame: &[u8]) -> What {
    let text = scan::text(frame, br#""text":"#);
    match (parsed(frame, br#""sender_id":"#), text.and_then(Stamp::read), text) {
        (Some(sender), Some(stamp), Some(text)) => {
            What::Message { sender, stamp, content: content(text) }
        }
        _ => What::Other(logs::other()),
    }
}

fn parsed<T: std::str::FromStr>(frame: &[u8], name: &[u8]) -> Option<T> {
    std::str::from_utf8(scan::text(frame, name)?).ok()?.parse().ok()
}

fn content(text: &[u8]) -> ContentHash {
    ContentHash::of(&String::from_utf8_lossy(text))
}

fn name(stamp: Stamp) -> ClientMessageId {
    ClientMessageId::from_row(&stamp.write())
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
