//! Messages: send, read, edit, delete; and everything that only members of a conversation may see.

use domain::event::{Event, EventBody};
use domain::limits::PAGE_EVENTS_MAX;
use domain::member::Member;
use domain::refusal::Fault;
use domain::text::{Fingerprint, Text};
use domain::{ClientMessageId, ConversationId, ConversationKind, MessageId, Refusal, Seq, UserId};
use store::Direction;
use store::tables::{block, conversation, event};

use std::sync::Arc;

use crate::desk::{self, Action, Command, Done, Idempotency, Reply};
use crate::live::{Item, Outbox, Sent};
use crate::session::Actor;
use crate::{App, Failure};

/// Events read by one step while looking for messages, at most; and at least, where few are wanted.
const HISTORY_STEP_EVENTS: (usize, usize) = (64, 8);
/// Texts of one page, in bytes; a page of long messages is cut short.
const HISTORY_BYTES: usize = 512 * 1024;
/// Steps of one history request: a page may be short where nothing but reactions lies for thousands of events.
const HISTORY_STEPS_MAX: usize = 400;

/// Where a message goes, or where history is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To a person: the direct conversation, which need not exist yet.
    User(UserId),
    /// To a conversation that exists.
    Conversation(ConversationId),
}

impl Destination {
    /// The conversation, as seen by `user`.
    pub fn conversation(self, user: UserId) -> ConversationId {
        match self {
            Self::User(peer) => ConversationId::direct(user, peer),
            Self::Conversation(id) => id,
        }
    }
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// What.
    pub text: Text,
    /// In answer to which message.
    pub reply_to: Option<MessageId>,
    /// The sender's own id; without one a retry would be a second message.
    pub client_message_id: Option<ClientMessageId>,
}

/// Which part of a conversation's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The newest.
    Newest,
    /// The ones before this place.
    Before(Seq),
    /// The ones after this place.
    After(Seq),
    /// Half before, half from this place on.
    Around(Seq),
}

/// A piece of a log.
#[derive(Clone, Debug)]
pub struct Page {
    /// Events in order, each with the message that it changes.
    pub events: Vec<(Event, Option<Event>)>,
    /// The last place taken.
    pub head: Seq,
    /// Whether events after the page exist.
    pub more: bool,
    /// The first place that this person may see, if the page had to begin later than asked.
    pub truncated_before: Option<Seq>,
}

/// Sends a message and waits until it is durable.
///
/// # Errors
/// What `domain::conversation::decide` refuses; [`Failure::Busy`] when the outcome is not known: retry with the same id.
pub async fn send(
    app: &App,
    actor: &Actor,
    destination: Destination,
    message: NewMessage,
) -> Result<Sent, Failure> {
    let (id, command) = command(app, actor.user, destination, message)?;
    let done = desk::ask(app, id, actor.user, command).await?;
    Ok(Sent {
        conversation: done.conversation,
        seq: done.seq,
        at: done.at,
        duplicate: done.duplicate,
    })
}

/// Sends a message from a socket; the answer goes into the socket's queue.
///
/// # Errors
/// What is wrong before the message reaches its desk.
pub fn send_from_socket(
    app: &App,
    outbox: &Arc<Outbox>,
    destination: Destination,
    (message, client_message_id): (NewMessage, ClientMessageId),
) -> Result<(), Failure> {
    let message = NewMessage { client_message_id: Some(client_message_id.clone()), ..message };
    let (id, (action, mut idempotency)) = command(app, outbox.user, destination, message)?;
    if domain::planted!(DedupeBySession) {
        let of_session = format!("{}-{client_message_id}", outbox.session);
        idempotency
            .iter_mut()
            .for_each(|key| key.id = of_session.parse().unwrap_or(key.id.clone()));
    }
    let sending = outbox.begin_send(id, client_message_id)?;
    let reply = Reply::Socket(outbox.clone(), sending);
    desk::hand(app, id, Command { actor: outbox.user, action, idempotency, reply });
    Ok(())
}

fn command(
    app: &App,
    sender: UserId,
    destination: Destination,
    message: NewMessage,
) -> Result<(ConversationId, (Action, Option<Idempotency>)), Failure> {
    let id = destination.conversation(sender);
    if message.reply_to.is_some_and(|target| target.conversation != id) {
        return Err(Refusal::field("reply_to", Fault::Unknown).into());
    }
    let reply_to = message.reply_to.map(|target| target.seq);
    let reply_bytes = reply_to.unwrap_or_default().number().to_be_bytes();
    let fingerprint = Fingerprint::of(&[message.text.as_str().as_bytes(), &reply_bytes]);
    let client_message_id = message.client_message_id;
    let client_message_id =
        client_message_id.unwrap_or_else(|| ClientMessageId::made_up(app.env().bytes()));
    let peer = match destination {
        Destination::User(peer) => Some(peer),
        Destination::Conversation(_) => None,
    };
    let action = Action::Send { text: message.text, reply_to, peer };
    Ok((id, (action, Some(Idempotency { id: client_message_id, fingerprint }))))
}

/// The membership of `user`, or the answer that hides the conversation.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever does not belong to it.
pub async fn membership(app: &App, user: UserId, id: ConversationId) -> Result<Member, Failure> {
    let member = conversation::member(app.store(), id, user).await?;
    member.ok_or(Failure::Refused(Refusal::NotFound))
}

/// Asked after reading for `member`: the log may have gone on without whoever left meanwhile.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever has left; [`Failure::Busy`] for whoever came back and may see less.
pub(crate) async fn still_member(
    app: &App,
    user: UserId,
    id: ConversationId,
    member: &Member,
) -> Result<(), Failure> {
    // Nobody leaves a conversation between two.
    if id.kind() == ConversationKind::Direct {
        return Ok(());
    }
    let now = membership(app, user, id).await?;
    if now.visible_from == member.visible_from {
        return Ok(());
    }
    Err(Failure::Busy { retry_after_ms: 100 })
}

/// Messages of a conversation, oldest first.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers. A direct conversation that has not begun is empty for both.
pub async fn history(
    app: &App,
    actor: &Actor,
    destination: Destination,
    (position, limit): (Position, usize),
) -> Result<Vec<Event>, Failure> {
    let id = destination.conversation(actor.user);
    let member = match (conversation::member(app.store(), id, actor.user).await?, destination) {
        (Some(member), _) => member,
        (None, Destination::User(peer)) if is_known(app, peer).await? => return Ok(Vec::new()),
        (None, Destination::User(_) | Destination::Conversation(_)) => {
            return Err(Refusal::NotFound.into());
        }
    };
    let from = member.visible_from;
    let messages = match position {
        Position::Newest => messages_before(app, id, (from, Seq::new(u64::MAX)), limit).await?,
        Position::Before(seq) => messages_before(app, id, (from, seq), limit).await?,
        Position::After(seq) => messages_from(app, id, from.max(seq.next()), limit).await?,
        Position::Around(seq) => {
            let mut messages = messages_before(app, id, (from, seq), limit / 2).await?;
            let rest = limit - messages.len();
            messages.extend(messages_from(app, id, from.max(seq), rest).await?);
            messages
        }
    };
    still_member(app, actor.user, id, &member).await?;
    Ok(messages)
}

async fn is_known(app: &App, user: UserId) -> Result<bool, Failure> {
    Ok(store::tables::account::get(app.store(), user)
        .await?
        .is_some_and(|(stored, _)| !stored.account.disabled))
}

const fn is_message(event: &Event) -> bool {
    matches!(event.body, EventBody::Message(_))
}

/// A page of messages that is filled until it holds enough of them, or enough bytes.
struct Filling {
    messages: Vec<Event>,
    limit: usize,
    bytes_left: usize,
}

impl Filling {
    const fn new(limit: usize) -> Self {
        Self { messages: Vec::new(), limit, bytes_left: HISTORY_BYTES }
    }

    /// Takes messages in the order in which they were found.
    fn take(&mut self, events: Vec<Event>) {
        for event in events {
            if self.is_full() {
                return;
            }
            if let EventBody::Message(message) = &event.body {
                let text = message.text.as_ref().map_or(0, |text| text.as_str().len());
                self.bytes_left = self.bytes_left.saturating_sub(text);
                self.messages.push(event);
            }
        }
    }

    /// Nearly all events are messages, so that one step of as many as are missing mostly fills the page.
    fn step(&self) -> usize {
        let (most, least) = HISTORY_STEP_EVENTS;
        self.limit.saturating_sub(self.messages.len()).clamp(least, most)
    }

    const fn is_full(&self) -> bool {
        self.messages.len() >= self.limit || self.bytes_left == 0
    }
}

async fn messages_before(
    app: &App,
    id: ConversationId,
    (from, mut to): (Seq, Seq),
    limit: usize,
) -> Result<Vec<Event>, Failure> {
    let mut page = Filling::new(limit);
    for _ in 0..HISTORY_STEPS_MAX {
        let step = (Direction::Backward, page.step());
        let events = event::scan(app.store(), id, (from, to), step).await?;
        let Some(oldest) = events.last() else { break };
        to = oldest.seq;
        page.take(events);
        if page.is_full() {
            break;
        }
    }
    page.messages.reverse();
    Ok(page.messages)
}

async fn messages_from(
    app: &App,
    id: ConversationId,
    mut from: Seq,
    limit: usize,
) -> Result<Vec<Event>, Failure> {
    let mut page = Filling::new(limit);
    for _ in 0..HISTORY_STEPS_MAX {
        let step = (Direction::Forward, page.step());
        let events = event::scan(app.store(), id, (from, Seq::new(u64::MAX)), step).await?;
        let Some(newest) = events.last() else { break };
        from = newest.seq.next();
        page.take(events);
        if page.is_full() {
            break;
        }
    }
    Ok(page.messages)
}

/// Everything that happened after a place, as sockets pull it.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers.
pub async fn page(
    app: &App,
    user: UserId,
    id: ConversationId,
    (after, limit): (Seq, usize),
) -> Result<Page, Failure> {
    let member = membership(app, user, id).await?;
    let (head, ..) = conversation::head(app.store(), id).await?.ok_or(Refusal::NotFound)?;
    let from = member.visible_from.max(after.next());
    let limit = limit.clamp(1, PAGE_EVENTS_MAX);
    let mut found =
        event::scan(app.store(), id, (from, head.next()), (Direction::Forward, limit)).await?;
    let more = found.last().is_some_and(|last| last.seq < head);
    if domain::planted!(PageHole) && found.len() > 20 {
        found.remove(10);
    }
    let mut events = Vec::with_capacity(found.len());
    for event in found {
        let target = target_of(app, id, &event).await?;
        let target = target.filter(|target| target.seq >= member.visible_from);
        events.push((event, target));
    }
    let truncated_before = (from > after.next()).then_some(from);
    still_member(app, user, id, &member).await?;
    Ok(Page { events, head, more, truncated_before })
}

/// The message that an edit changes, as it stands now: its text is told with the edit.
pub(crate) async fn target_of(
    app: &App,
    id: ConversationId,
    event: &Event,
) -> Result<Option<Event>, Failure> {
    match event.body {
        EventBody::Edit { target } => Ok(event::get(app.store(), id, target).await?),
        EventBody::Message(_)
        | EventBody::Delete { .. }
        | EventBody::Reaction { .. }
        | EventBody::Member { .. }
        | EventBody::Settings(_) => Ok(None),
    }
}

/// One message.
///
/// # Errors
/// [`Refusal::NotFound`] if there is none, or the caller may not see it.
pub async fn get(app: &App, actor: &Actor, message: MessageId) -> Result<Event, Failure> {
    let member = membership(app, actor.user, message.conversation).await?;
    let found = event::get(app.store(), message.conversation, message.seq).await?;
    still_member(app, actor.user, message.conversation, &member).await?;
    let visible = found.filter(|event| is_message(event) && event.seq >= member.visible_from);
    visible.ok_or(Failure::Refused(Refusal::NotFound))
}

/// Replaces the text of a message.
///
/// # Errors
/// What `domain::conversation::decide` refuses.
pub async fn edit(app: &App, actor: &Actor, message: MessageId, text: Text) -> Result<(), Failure> {
    change(app, actor, message.conversation, Action::Edit { target: message.seq, text })
        .await
        .map(drop)
}

/// Deletes a message: afterwards nothing returns its text.
///
/// # Errors
/// What `domain::conversation::decide` refuses.
pub async fn delete(app: &App, actor: &Actor, message: MessageId) -> Result<(), Failure> {
    change(app, actor, message.conversation, Action::Delete { target: message.seq }).await.map(drop)
}

/// Asks the desk for anything that carries no id of its own.
pub(crate) async fn change(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    action: Action,
) -> Result<Done, Failure> {
    desk::ask(app, id, actor.user, (action, None)).await
}

/// Whispers that somebody is writing. Members who are connected hear it; nothing is stored.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers.
pub async fn typing(app: &App, user: UserId, id: ConversationId) -> Result<(), Failure> {
    membership(app, user, id).await?;
    tell_members(app, id, user, &Item::Typing { conversation: id, user }).await?;
    app.publish(bus::Notice::Typing { conversation: id, user });
    Ok(())
}

/// Puts a notice about `user` into the queues of the other members of a conversation.
pub(crate) async fn tell_members(
    app: &App,
    id: ConversationId,
    user: UserId,
    item: &Item,
) -> Result<(), Failure> {
    for (member, _) in conversation::members(app.store(), id).await? {
        if member == user || !app.hub().is_online(member) {
            continue;
        }
        let blocked = block::exists(app.store(), member, user).await?
            || block::exists(app.store(), user, member).await?;
        if !blocked {
            app.hub().tell(member, item);
        }
    }
    Ok(())
}
