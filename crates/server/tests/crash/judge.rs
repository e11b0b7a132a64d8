//! The end: reads everything back in every way there is, and compares.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use checker::{CaughtUp, Device, FinalRead, Live, Summary};
use client::{Rest, Session, Update};
use domain::{ConversationId, Seq, Timestamp};
use tokio::time::timeout;
use wire::conversation::InboxQuery;
use wire::frame::{EventBody, LoggedEvent, MessageEvent};
use wire::message::{HistoryMessage, HistoryQuery};
use wire::statistics::StatisticsQuery;

use crate::puller::Puller;
use crate::record::{self, Recorded};
use crate::socket_writer;
use crate::world::{Heads, Person, World};

/// Every conversation's log, as it is at the end.
pub(crate) type Logs = BTreeMap<ConversationId, Vec<LoggedEvent>>;

/// The number of the device that comes late, among those of its user.
const NUMBER: u32 = 3;
/// A page of the history.
const PAGE: u64 = 200;
/// A new device has everything long before that.
const STUCK: Duration = Duration::from_secs(60);
/// Violations that are printed: the first ones tell the story.
const PRINTED: usize = 20;

/// How far every conversation reaches, now that nobody writes.
pub(crate) async fn heads(world: &World) -> Heads {
    let mut heads = Heads::new();
    for conversation in world.conversations() {
        let person = world.members(conversation).next().expect("a conversation has members");
        let mut puller = open(world, person).await;
        let page = puller.pull(conversation, Seq::ZERO).await.expect("a member may read");
        heads.insert(conversation, Seq::new(page.head));
    }
    heads
}

async fn open(world: &World, person: &Person) -> Puller {
    Puller::open(&world.reachable().await, &person.token).await.expect("the server runs")
}

async fn rest(world: &World, person: &Person) -> Rest {
    Rest::new(&world.reachable().await).expect("the address is one").with_token(&person.token)
}

/// A device that was never there before reaches the same state as all others. Returns everybody's digest.
pub(crate) async fn late_devices(
    world: &World,
    heads: &Heads,
    recorded: &mut Recorded,
) -> Vec<String> {
    let mut digests = Vec::new();
    for person in world.people.iter() {
        let device = Device { user: person.user, number: NUMBER };
        let mut session = socket_writer::session(&world.reachable().await, person, 0);
        while !has_all(&session, person, heads) {
            let update = timeout(STUCK, session.next()).await;
            let update = update.expect("a new device gets everything");
            show(update.expect("the token stays good"), device, recorded);
        }
        // What was taken in by the last step and not shown yet: nothing of it has to be waited for.
        while let Ok(Some(update)) = timeout(Duration::ZERO, session.next()).await {
            show(update, device, recorded);
        }
        let from = Seq::ZERO.next();
        let claims = person.conversations.iter();
        let claims = claims.map(|id| CaughtUp { device, conversation: *id, from });
        recorded.history.caught_up.extend(claims);
        digests.push(session.digest());
    }
    digests
}

fn has_all(session: &Session, person: &Person, heads: &Heads) -> bool {
    let place = session.place();
    person.conversations.iter().all(|id| place.have.get(id) >= heads.get(id))
}

fn show(update: Update, device: Device, recorded: &mut Recorded) {
    if let Update::Event { conversation, seq, event } = update {
        let entry = record::entry(seq.number(), &event);
        let observed_ns = record::now_ns();
        recorded.history.live.push(Live { device, conversation, entry, observed_ns });
    }
}

/// The inbox names the same heads, and its digest is the one that clients compute.
async fn check_inbox(world: &World, person: &Person, logs: &Logs, digest: &str) {
    let inbox = rest(world, person).await.conversations(&InboxQuery::default()).await;
    let inbox = inbox.expect("everybody may read their own inbox");
    let listed: Heads = inbox
        .conversations
        .iter()
        .map(|item| {
            (item.conversation_id.parse().expect("a conversation id is one"), Seq::new(item.head))
        })
        .collect();
    let end = |id| logs.get(id).and_then(|log| log.last()).map(|last| Seq::new(last.seq));
    let own = person.conversations.iter().map(|id| (*id, end(id).expect("it has an end")));
    assert_eq!(listed, own.collect::<Heads>(), "the inbox of {}", person.user);
    assert_eq!(open(world, person).await.ready.digest, digest, "the digest of {}", person.user);
}

/// Reads every log with two of its members.
pub(crate) async fn logs(world: &World, heads: &Heads, recorded: &mut Recorded) -> Logs {
    let mut logs = Logs::new();
    for (conversation, head) in heads {
        let members: Vec<&Person> = world.members(*conversation).collect();
        for person in members.first().into_iter().chain(members.last()) {
            let invoked_ns = record::now_ns();
            let log = read_log(&mut open(world, person).await, *conversation).await;
            recorded.history.finals.push(FinalRead {
                conversation: *conversation,
                entries: log.iter().map(|event| record::entry(event.seq, &event.event)).collect(),
                head: *head,
                invoked_ns,
            });
            logs.insert(*conversation, log);
        }
    }
    logs
}

/// Everything else that the server says agrees with the logs.
pub(crate) async fn compare(world: &World, logs: &Logs, digests: &[String], recorded: &Recorded) {
    for (person, digest) in world.people.iter().zip(digests) {
        check_inbox(world, person, logs, digest).await;
    }
    for (conversation, log) in logs {
        let person = world.members(*conversation).next().expect("a conversation has members");
        check_edits(*conversation, log, recorded);
        check_history(&rest(world, person).await, *conversation, log).await;
    }
    check_statistics(world, logs).await;
}

async fn read_log(puller: &mut Puller, conversation: ConversationId) -> Vec<LoggedEvent> {
    let mut log: Vec<LoggedEvent> = Vec::new();
    loop {
        let after = log.last().map_or(Seq::ZERO, |last| Seq::new(last.seq));
        let page = puller.pull(conversation, after).await.expect("a member may read");
        log.extend(page.events);
        if !page.more {
            return log;
        }
    }
}

fn message_of(event: &LoggedEvent) -> Option<(u64, &MessageEvent)> {
    if let EventBody::Message(message) = &event.event { Some((event.seq, message)) } else { None }
}

/// An edit that was answered is there, unless a later one or a delete is.
fn check_edits(conversation: ConversationId, log: &[LoggedEvent], recorded: &Recorded) {
    let texts: BTreeMap<u64, &str> = log
        .iter()
        .filter_map(message_of)
        .filter_map(|(seq, message)| Some((seq, message.text.as_deref()?)))
        .collect();
    for edits in recorded.edits.iter().filter(|edits| edits.conversation == conversation) {
        let text = texts.get(&edits.seq.number());
        let (_, number) = record::unedited(text.expect("nobody else deletes an edited message"));
        assert!(
            (edits.acked..=edits.asked).contains(&number),
            "{edits:?}, but the text is of edit {number}"
        );
    }
}

/// The history over HTTP, page by page, is the messages of the log.
async fn check_history(rest: &Rest, conversation: ConversationId, log: &[LoggedEvent]) {
    let mut history: Vec<HistoryMessage> = Vec::new();
    loop {
        let query = HistoryQuery {
            conversation_id: Some(conversation.to_string()),
            limit: Some(PAGE),
            before: history.first().map(|first| first.message_id.clone()),
            ..HistoryQuery::default()
        };
        let mut page = rest.history(&query).await.expect("a member may read");
        if page.is_empty() {
            break;
        }
        page.append(&mut history);
        history = page;
    }
    let of_history = history.iter().map(|message| (message.seq, message.text.as_deref()));
    let of_log = log.iter().filter_map(message_of);
    let of_log = of_log.map(|(seq, message)| (seq, message.text.as_deref()));
    assert!(of_history.eq(of_log), "the history of {conversation} differs from its log");
}

/// The statistics are exact: equal to a recount of the logs.
async fn check_statistics(world: &World, logs: &Logs) {
    let messages = logs.values().flatten().filter_map(message_of).map(|(_, message)| message);
    let times: BTreeSet<Timestamp> = messages.clone().map(|message| message.sent_at).collect();
    let senders: BTreeSet<&str> = messages.clone().map(|message| &*message.sender_id).collect();
    let day = |time: Option<&Timestamp>| {
        time.map(|time| wire::time::format(*time).split('T').take(1).collect())
    };
    let query = StatisticsQuery { start_date: day(times.first()), end_date: day(times.last()) };
    let operator = world.people.first().expect("somebody was first");
    let counted = rest(world, operator).await.statistics(&query).await;
    let counted = counted.expect("the first user is the operator");
    let recounted = [messages.count(), senders.len()].map(|count| u64::try_from(count).ok());
    assert_eq!([counted.messages_sent, counted.active_users].map(Some), recounted, "statistics");
}

/// What the checker says of all that was recorded.
pub(crate) fn verdict(recorded: &Recorded) -> Summary {
    let summary = checker::check(&recorded.history).unwrap_or_else(|violations| {
        let told: Vec<String> = violations.iter().take(PRINTED).map(ToString::to_string).collect();
        panic!("{} violations:\n{}", violations.len(), told.join("\n"))
    });
    assert!(recorded.refusals.is_empty(), "refused although allowed: {:?}", recorded.refusals);
    assert!(
        recorded.repeated() > 0,
        "no kill came between a commit and its ack: this proved little"
    );
    assert!(
        !recorded.history.deletes.is_empty() && !recorded.edits.is_empty(),
        "nothing was changed"
    );
    summary
}
