//! The end: reads everything back in every way there is, and compares.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use checker::{CaughtUp, Device, FinalRead, Live, Summary};
use client::{Rest, Update};
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

/// A device that was never there before reaches the same state as all others.
pub(crate) async fn late_devices(world: &World, heads: &Heads, recorded: &mut Recorded) {
    for person in world.people.iter() {
        let device = Device { user: person.user, number: NUMBER };
        let mut session = socket_writer::session(&world.reachable().await, person, 0);
        let wanted = |id: &ConversationId| heads.get(id).copied();
        while !person
            .conversations
            .iter()
            .all(|id| session.place().have.get(id).copied() >= wanted(id))
        {
            let update =
                timeout(STUCK, session.next()).await.expect("a new device gets everything");
            if let Some(Update::Event { conversation, seq, event }) = update {
                let entry = record::entry(seq.number(), &event);
                let observed_ns = record::now_ns();
                recorded.history.live.push(Live { device, conversation, entry, observed_ns });
            }
        }
        while let Ok(Some(update)) = timeout(Duration::ZERO, session.next()).await {
            if let Update::Event { conversation, seq, event } = update {
                let entry = record::entry(seq.number(), &event);
                let observed_ns = record::now_ns();
                recorded.history.live.push(Live { device, conversation, entry, observed_ns });
            }
        }
        let from = Seq::ZERO.next();
        let claims = person.conversations.iter();
        let claims = claims.map(|id| CaughtUp { device, conversation: *id, from });
        recorded.history.caught_up.extend(claims);
        check_inbox(world, person, heads, &session.digest()).await;
    }
}

/// The inbox names the same heads, and its digest is the one that clients compute.
async fn check_inbox(world: &World, person: &Person, heads: &Heads, digest: &str) {
    let inbox = rest(world, person).await.conversations(&InboxQuery::default()).await;
    let inbox = inbox.expect("everybody may read their own inbox");
    let listed: Heads = inbox
        .conversations
        .iter()
        .map(|item| {
            (item.conversation_id.parse().expect("a conversation id is one"), Seq::new(item.head))
        })
        .collect();
    let own =
        person.conversations.iter().map(|id| (*id, heads.get(id).copied().expect("it has a head")));
    assert_eq!(listed, own.collect::<Heads>(), "the inbox of {}", person.user);
    assert_eq!(open(world, person).await.ready.digest, digest, "the digest of {}", person.user);
}

/// Reads every log with two of its members, and compares with edits, the history and the statistics.
pub(crate) async fn everything(world: &World, heads: &Heads, recorded: &mut Recorded) {
    let mut messages = 0;
    let mut senders = BTreeSet::new();
    let mut times = BTreeSet::new();
    for (conversation, head) in heads {
        let mut log = Vec::new();
        let members: Vec<&Person> = world.members(*conversation).collect();
        let first = *members.first().expect("a conversation has members");
        for person in [first].iter().chain(members.last()) {
            let invoked_ns = record::now_ns();
            log = read_log(&mut open(world, person).await, *conversation).await;
            recorded.history.finals.push(FinalRead {
                conversation: *conversation,
                entries: log.iter().map(|event| record::entry(event.seq, &event.event)).collect(),
                head: *head,
                invoked_ns,
            });
        }
        check_edits(*conversation, &log, recorded);
        check_history(&rest(world, first).await, *conversation, &log).await;
        for (_, message) in log.iter().filter_map(message_of) {
            messages += 1;
            senders.insert(message.sender_id.clone());
            times.insert(message.sent_at);
        }
    }
    check_statistics(world, messages, senders.len(), &times).await;
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
async fn check_statistics(
    world: &World,
    messages: u64,
    senders: usize,
    times: &BTreeSet<Timestamp>,
) {
    let day = |time: Option<&Timestamp>| {
        time.map(|time| wire::time::format(*time).split('T').take(1).collect())
    };
    let query = StatisticsQuery { start_date: day(times.first()), end_date: day(times.last()) };
    let operator = world.people.first().expect("somebody was first");
    let counted = rest(world, operator).await.statistics(&query).await;
    let counted = counted.expect("the first user is the operator");
    let active = u64::try_from(senders).expect("few people take part");
    assert_eq!(
        (counted.messages_sent, counted.active_users),
        (messages, active),
        "statistics and recount"
    );
}

/// What the checker says of all that was recorded.
pub(crate) fn verdict(recorded: &Recorded) -> Summary {
    assert!(recorded.refusals.is_empty(), "refused although allowed: {:?}", recorded.refusals);
    let summary = checker::check(&recorded.history).unwrap_or_else(|violations| {
        let told: Vec<String> = violations.iter().take(PRINTED).map(ToString::to_string).collect();
        panic!("{} violations:\n{}", violations.len(), told.join("\n"))
    });
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
