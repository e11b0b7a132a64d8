//! Messages: sending, reading back, changing.

mod send;

use app::message::{self, Destination, Position};
use app::reaction;
use app::session::Actor;
use axum::extract::State;
use domain::event::ReactionChange;
use domain::limits::{PAGE_EVENTS_MAX, PAGE_MESSAGES_DEFAULT};
use domain::refusal::Fault;
use domain::text::{Emoji, Text};
use domain::{MessageId, Refusal, Seq};
use wire::message::{
    DeleteMessage, EditMessage, HistoryMessage, HistoryQuery, MessageSent, Reaction, SendMessage,
};
use wire::{Done, Status};

use super::answer::{Answer, Outcome, Written, done};
use super::extract::{
    Body, Fields, IdempotencyKey, Named, OptionalBody, Parameters, Place, id, limit, yourself,
};
use crate::auth::Authenticated;
use crate::limits::{Group, Subject};
use crate::problem::Failed;
use crate::render;
use crate::state::Server;

/// Send a message.
///
/// The answer comes when the message is durable and has its place. One of `receiver_id`, `receiver_ids` and
/// `conversation_id` says where to. With `receiver_ids` each recipient gets the message in a conversation of its
/// own, and the answer is 200 only if all were sent: otherwise it is the first failure, and a retry with the same
/// `client_message_id` sends what is missing and nothing twice.
#[utoipa::path(
    post, path = "/message/send", tag = "messages", operation_id = "send_message",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same as `client_message_id`.")),
    request_body = SendMessage,
    responses((status = 200, description = "The message is durable.", body = MessageSent)),
)]
pub(super) async fn send(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    IdempotencyKey(key): IdempotencyKey,
    Body(body): Body<SendMessage>,
) -> Outcome<MessageSent> {
    yourself(&actor, body.sender_id.as_deref())?;
    let (receivers, message) = send::parse(&body, key)?;
    // The first was counted when the request came.
    for _ in 1..receivers.count() {
        server.edge.check(Group::Send, Subject::User(actor.user))?;
    }
    let _place = server.edge.places().take()?;
    send::send(&server.app, &actor, receivers, message).await.map(Answer)
}

/// A page of a conversation's messages, oldest first; the newest page unless told.
#[utoipa::path(
    get, path = "/message/history", tag = "messages", operation_id = "message_history",
    params(HistoryQuery),
    responses((status = 200, description = "Messages, oldest first.", body = Vec<HistoryMessage>)),
)]
pub(super) async fn history(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Fields(query): Fields<HistoryQuery>,
) -> Result<Written, Failed> {
    let place = query
        .conversation_id
        .as_deref()
        .ok_or(Refusal::field("conversation_id", Fault::Missing))?;
    let limit = limit(query.limit, (PAGE_MESSAGES_DEFAULT, PAGE_EVENTS_MAX))?;
    let Place(destination) = id(place)?;
    let conversation = destination.conversation(actor.user);
    let position = position(&actor, destination, &query)?;
    let _place = server.edge.places().take()?;
    let messages = message::history(&server.app, &actor, destination, (position, limit)).await?;
    Ok(Written(render::history(conversation, &messages, actor.user)))
}

fn position(
    actor: &Actor,
    destination: Destination,
    query: &HistoryQuery,
) -> Result<Position, Refusal> {
    let seq = |text: &str| -> Result<Seq, Refusal> {
        let message: MessageId = id(text)?;
        let fits = message.conversation == destination.conversation(actor.user);
        if fits { Ok(message.seq) } else { Err(Refusal::NotFound) }
    };
    match (query.before.as_deref(), query.after.as_deref(), query.around.as_deref()) {
        (None, None, None) => Ok(Position::Newest),
        (Some(before), None, None) => seq(before).map(Position::Before),
        (None, Some(after), None) => seq(after).map(Position::After),
        (None, None, Some(around)) => seq(around).map(Position::Around),
        (Some(_), Some(_), _) => Err(Refusal::field("after", Fault::Malformed)),
        (Some(_), None, Some(_)) | (None, Some(_), Some(_)) => {
            Err(Refusal::field("around", Fault::Malformed))
        }
    }
}

/// One message as it stands now.
#[utoipa::path(
    get, path = "/message/{message_id}", tag = "messages", operation_id = "get_message",
    params(("message_id" = String, Path, description = "The message.")),
    responses((status = 200, description = "The message.", body = HistoryMessage)),
)]
pub(super) async fn get(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(message): Named<MessageId>,
) -> Outcome<HistoryMessage> {
    let event = message::get(&server.app, &actor, message).await?;
    let rendered = render::history_message(message.conversation, &event, actor.user);
    Ok(Answer(rendered.ok_or(Refusal::NotFound)?))
}

/// Replace the text of one's own message.
#[utoipa::path(
    put, path = "/message/{message_id}", tag = "messages", operation_id = "edit_message",
    params(("message_id" = String, Path, description = "The message.")),
    request_body = EditMessage,
    responses((status = 200, description = "The text is replaced.", body = Done)),
)]
pub(super) async fn edit(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(message): Named<MessageId>,
    Body(body): Body<EditMessage>,
) -> Outcome<Done> {
    let text = Text::parse(&body.message).map_err(|fault| Refusal::field("message", fault))?;
    message::edit(&server.app, &actor, message, text).await?;
    done(Status::MessageEdited)
}

/// Delete a message: afterwards nothing returns its text. The sender may, and admins of a group.
#[utoipa::path(
    delete, path = "/message/{message_id}", tag = "messages", operation_id = "delete_message",
    params(("message_id" = String, Path, description = "The message.")),
    responses((status = 200, description = "The text is gone.", body = Done)),
)]
pub(super) async fn delete(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(message): Named<MessageId>,
    OptionalBody(body): OptionalBody<DeleteMessage>,
) -> Outcome<Done> {
    if body.message_id.is_some_and(|named| named != message.to_string()) {
        return Err(Refusal::field("message_id", Fault::Malformed).into());
    }
    message::delete(&server.app, &actor, message).await?;
    done(Status::MessageDeleted)
}

/// React to a message. Doing it twice changes nothing.
#[utoipa::path(
    post, path = "/message/{message_id}/reaction", tag = "messages", operation_id = "add_reaction",
    params(("message_id" = String, Path, description = "The message.")),
    request_body = Reaction,
    responses((status = 200, description = "The reaction stands at the message.", body = Done)),
)]
pub(super) async fn react(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(message): Named<MessageId>,
    Body(body): Body<Reaction>,
) -> Outcome<Done> {
    let change = (emoji(&body.emoji)?, ReactionChange::Added);
    reaction::change(&server.app, &actor, message, change).await?;
    done(Status::ReactionAdded)
}

/// Take a reaction back. Doing it twice changes nothing.
#[utoipa::path(
    delete, path = "/message/{message_id}/reaction", tag = "messages", operation_id = "remove_reaction",
    params(
        ("message_id" = String, Path, description = "The message."),
        ("emoji" = String, Query, description = "The emoji.", example = "👍"),
    ),
    responses((status = 200, description = "The reaction is gone.", body = Done)),
)]
pub(super) async fn unreact(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(message): Named<MessageId>,
    Parameters(query): Parameters<EmojiQuery>,
) -> Outcome<Done> {
    let named = query.emoji.ok_or(Refusal::field("emoji", Fault::Missing))?;
    let change = (emoji(&named)?, ReactionChange::Removed);
    reaction::change(&server.app, &actor, message, change).await?;
    done(Status::ReactionRemoved)
}

/// The parameter of a reaction that is taken back.
#[derive(serde::Deserialize)]
pub(super) struct EmojiQuery {
    emoji: Option<String>,
}

fn emoji(text: &str) -> Result<Emoji, Failed> {
    Ok(Emoji::parse(text).map_err(|fault| Refusal::field("emoji", fault))?)
}
