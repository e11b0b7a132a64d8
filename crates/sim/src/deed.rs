//! The things that people do, beside sending over their socket: one request each, and what its answer proves.

use std::sync::Arc;

use checker::{ContentHash, Delete, DeleteOutcome, Device, Page, SendAttempt, SendOutcome};
use client::{Dial, Socket};
use domain::{ConversationId, Seq, SessionId, UserId};
use hyper::Method;
use serde_json::json;
use tokio::time::{Duration, Instant, timeout};
use wire::frame::{ClientFrame, HelloFrame, PageFrame, PullFrame, ServerFrame};

use crate::http::{Answer, Ask};
use crate::record::{self, BlockAsk, Wish};
use crate::world::{Person, World};

/// Kinds of actions a device chooses from; their weights are the plan's.
pub(crate) const KINDS: usize = 25;
/// A page that did not come within this time does not come.
const PAGE_WITHIN: Duration = Duration::from_secs(20);
/// What the name of a group begins with, before the number of people that it was founded with.
pub(crate) const FOUNDED_WITH: &str = "Group ";

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    /// The person.
    pub(crate) user: UserId,
    /// The access token.
    pub(crate) token: String,
    /// Its session.
    pub(crate) session: SessionId,
    /// The node that is asked.
    pub(crate) node: usize,
}

impl Signed {
    async fn ask(&self, world: &Arc<World>, ask: &Ask) -> Option<Answer> {
        let answer = world.ask(self.node, (Some(&self.token), Some(self.session)), ask).await;
        let told = answer.as_ref().map_or(0, |answer| answer.status);
        world.trace.note(&format!("{} {} {} -> {told}", self.user, ask.method, ask.path));
        answer
    }
}

/// A message that goes over HTTP, perhaps not for the first time.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// The number of the device that it counts for.
    pub(crate) device: u32,
    /// Where to.
    pub(crate) conversation: ConversationId,
    /// The other person of a direct conversation.
    pub(crate) receiver: Option<UserId>,
    /// The sender's own id of it.
    pub(crate) id: String,
    /// What.
    pub(crate) text: String,
    /// Whether no other try of it is under way.
    pub(crate) only: bool,
}

/// Sends over HTTP, and writes down what came of it.
pub(crate) async fn send(world: Arc<World>, by: Signed, letter: Letter) {
    let invoked_ns = now_ns(&world);
    let to = match letter.receiver {
        Some(receiver) => ("receiver_id", receiver.to_string()),
        None => ("conversation_id", letter.conversation.to_string()),
    };
    let mut body = json!({ "message": letter.text, "client_message_id": letter.id });
    if let Some(fields) = body.as_object_mut() {
        fields.insert(to.0.to_owned(), json!(to.1));
    }
    let answer = by.ask(&world, &Ask::new(Method::POST, "/message/send".to_owned(), body)).await;
    let completed_ns = now_ns(&world);
    let outcome = match &answer {
        Some(answer) if answer.is_done() => SendOutcome::Acked {
            seq: Seq::new(answer.number("seq").unwrap_or_default()),
            duplicate: answer.json.get("dup").and_then(serde_json::Value::as_bool) == Some(true),
            completed_ns,
        },
        // Another try of it may be under way, and be decided differently.
        Some(answer) if answer.is_final() && answer.status != 401 && letter.only => {
            SendOutcome::Refused
        }
        Some(_) | None => SendOutcome::Unknown,
    };
    let attempt = SendAttempt {
        device: Device { user: by.user, number: letter.device },
        conversation: letter.conversation,
        client_message_id: match letter.id.parse() {
            Ok(id) => id,
            Err(_) => return,
        },
        content: ContentHash::of(&letter.text),
        invoked_ns,
        outcome,
    };
    world
        .trace
        .note(&format!("{} letter {} to {}: {outcome:?}", by.user, letter.id, letter.conversation));
    world.record.lock().history.sends.push(attempt);
}

/// A message that somebody knows of.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Where it stands.
    pub(crate) conversation: ConversationId,
    /// Its place there.
    pub(crate) seq: Seq,
    /// The API's name of it.
    pub(crate) id: String,
    /// Its text when it was seen.
    pub(crate) text: String,
    /// Who sent it.
    pub(crate) sender: String,
}

/// Deletes a message, and writes down what came of it.
pub(crate) async fn delete(world: Arc<World>, by: Signed, known: Known) {
    let invoked_ns = now_ns(&world);
    let path = format!("/message/{}", known.id);
    let ask = Ask { method: Method::DELETE, path, body: None };
    let answer = by.ask(&world, &ask).await;
    let completed_ns = now_ns(&world);
    let outcome = match &answer {
        Some(answer) if answer.is_done() => DeleteOutcome::Acked { completed_ns },
        Some(answer) if answer.is_final() => DeleteOutcome::Refused,
        Some(_) | None => DeleteOutcome::Unknown,
    };
    let mut record = world.record.lock();
    if let (DeleteOutcome::Acked { .. }, Some(canary)) = (outcome, record::canary_of(&known.text)) {
        record.deleted.entry(canary).or_insert_with(Instant::now);
    }
    record.history.deletes.push(Delete {
        device: Device { user: by.user, number: 0 },
        conversation: known.conversation,
        seq: known.seq,
        invoked_ns,
        outcome,
    });
}

/// Has read up to a place, over HTTP.
pub(crate) async fn read(
    world: Arc<World>,
    by: Signed,
    (conversation, seq): (ConversationId, Seq),
) {
    let path = format!("/conversation/{conversation}/read");
    let ask = Ask::new(Method::POST, path, json!({ "seq": seq.number() }));
    let Some(answer) = by.ask(&world, &ask).await.filter(Answer::is_done) else { return };
    let stands_at = Seq::new(answer.number("read_seq").unwrap_or_default());
    let mut record = world.record.lock();
    let known = record.read.entry((conversation, by.user)).or_default();
    let before = *known;
    *known = stands_at.max(before);
    if stands_at < seq.min(stands_at.max(before)) {
        record.violation(format!(
            "I13: {} read {conversation} up to {seq}, but stands at {stands_at}",
            by.user
        ));
    }
}

/// Blocks somebody, or ends that.
pub(crate) async fn block(world: Arc<World>, by: Signed, (other, wish): (UserId, Wish)) {
    let asked_ns = now_ns(&world);
    let method = match wish {
        Wish::Block => Method::PUT,
        Wish::Unblock => Method::DELETE,
    };
    let ask = Ask { method, path: format!("/user/{other}/block"), body: None };
    let done = by.ask(&world, &ask).await.is_some_and(|answer| answer.is_done());
    let done_ns = done.then(|| now_ns(&world));
    let pair = (by.user, other);
    world.record.lock().blocks.add(BlockAsk { pair, wish, asked_ns, done_ns });
}

/// Ends a session; from the answer on it is dead.
pub(crate) async fn end_session(world: Arc<World>, by: Signed, session: Option<SessionId>) {
    let ask = match session {
        Some(session) => {
            Ask { method: Method::DELETE, path: format!("/sessions/{session}"), body: None }
        }
        None => Ask { method: Method::POST, path: "/logout".to_owned(), body: None },
    };
    let done = by.ask(&world, &ask).await.is_some_and(|answer| answer.is_done());
    if done {
        let over = session.unwrap_or(by.session);
        world.record.lock().over.entry(over).or_insert_with(Instant::now);
    }
}

/// Anything of which only the status matters.
pub(crate) async fn just(world: Arc<World>, by: Signed, ask: Ask) {
    let _answer = by.ask(&world, &ask).await;
}

/// Founds a group. Its name tells how many people it begins with, so that a log alone says who was there from the first.
pub(crate) async fn found(
    world: Arc<World>,
    by: Signed,
    (participants, policy): (Vec<UserId>, &'static str),
) {
    let others: Vec<String> = participants.iter().map(ToString::to_string).collect();
    let body = json!({
        "group_name": format!("{FOUNDED_WITH}{}", others.len() + 1),
        "participants": others,
        "history_for_new_members": policy,
    });
    let answer = by.ask(&world, &Ask::new(Method::POST, "/group/create".to_owned(), body)).await;
    let id: Option<ConversationId> =
        answer.and_then(|answer| answer.text("group_id")?.parse().ok());
    world.groups.lock().extend(id);
}

/// Signs in. Nothing if it did not work this time.
pub(crate) async fn sign_in(world: &Arc<World>, person: &Person, node: usize) -> Option<Signed> {
    let body = json!({ "username": person.name, "password": crate::world::PASSWORD });
    let ask = Ask::new(Method::POST, "/login".to_owned(), body);
    let answer = world.ask(node, (None, None), &ask).await?;
    let token = answer.text("token")?.to_owned();
    let mine = world.ask(node, (Some(&token), None), &Ask::get("/sessions".to_owned())).await?;
    let sessions = mine.json.get("sessions")?.as_array()?.iter();
    let current = sessions.filter(|session| {
        session.get("current").and_then(serde_json::Value::as_bool) == Some(true)
    });
    let mut session =
        current.filter_map(|session| session.get("session_id")?.as_str()?.parse().ok());
    let session = session.next()?;
    world.sessions.lock().push((person.user, session));
    Some(Signed { user: person.user, token, session, node })
}

/// Reads a page over a socket of its own, and writes it down.
pub(crate) async fn peek(
    world: Arc<World>,
    by: Signed,
    (conversation, after): (ConversationId, Seq),
) {
    let invoked_ns = now_ns(&world);
    let pulled = timeout(PAGE_WITHIN, pull(&world, &by, (conversation, after))).await;
    let Ok(Some(page)) = pulled else { return };
    let completed_ns = now_ns(&world);
    let after = match page.truncated_before {
        Some(first) => Seq::new(first).previous(),
        None => after,
    };
    world.trace.note(&format!(
        "{} page of {conversation} after {after}: {} events, head {}",
        by.user,
        page.events.len(),
        page.head
    ));
    world.record.lock().history.pages.push(Page {
        device: Device { user: by.user, number: 0 },
        conversation,
        after,
        entries: page.events.iter().map(|event| record::entry(event.seq, &event.event)).collect(),
        head: Seq::new(page.head),
        invoked_ns,
        completed_ns,
    });
}

async fn pull(
    world: &Arc<World>,
    by: &Signed,
    (conversation, after): (ConversationId, Seq),
) -> Option<PageFrame> {
    let (network, node, session) = (world.clone(), by.node, by.session);
    let dial = Dial::new(move || {
        let end = network.connect(node, Some(session));
        async move { end }
    });
    let mut socket = Socket::dial(BASE, &dial).await.ok()?;
    let hello = HelloFrame { token: Some(by.token.clone()), ..HelloFrame::default() };
    socket.hello(hello).await.ok()?;
    let pull = PullFrame {
        conversation_id: conversation.to_string(),
        after: after.number(),
        limit: Some(50),
    };
    socket.send(&ClientFrame::Pull(pull)).await.ok()?;
    loop {
        match socket.next().await.ok()? {
            ServerFrame::Page(page) => return Some(page),
            ServerFrame::Error(_) | ServerFrame::Revoked(_) => return None,
            ServerFrame::Ready(_)
            | ServerFrame::Ack(_)
            | ServerFrame::Nack(_)
            | ServerFrame::Event(_)
            | ServerFrame::Cursor(_)
            | ServerFrame::Typing(_)
            | ServerFrame::Presence(_)
            | ServerFrame::Dirty(_)
            | ServerFrame::Heads(_)
            | ServerFrame::Drain(_)
            | ServerFrame::Pong(_)
            | ServerFrame::Preferences(_)
            | ServerFrame::Unknown => {}
        }
    }
}

/// The address of every node, on this network.
pub(crate) const BASE: &str = "http://kith.sim";

/// The time of the run, for the record.
pub(crate) fn now_ns(world: &World) -> u64 {
    let clock_ns = world.trace.now_ns();
    world.record.lock().now_ns(clock_ns)
}
