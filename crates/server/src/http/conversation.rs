//! Conversations: the inbox, one of them with its members, how far the caller has read.

use app::App;
use app::conversation::{self, Cursor, Entry, Muted};
use app::session::Actor;
use axum::extract::State;
use domain::limits::PAGE_CONVERSATIONS_MAX;
use domain::{Seq, Timestamp, UserId};
use wire::account::UserView;
use wire::conversation::{
    ConversationDetail, ConversationRead, InboxPage, InboxQuery, MuteConversation, ReadConversation,
};
use wire::{Done, Problem, Status};

use super::answer::{Answer, Outcome, done};
use super::extract::{Body, Fields, Named, Place, limit};
use crate::auth::Authenticated;
use crate::problem::Failed;
use crate::render;
use crate::state::Server;

/// Conversations of a page when the client names no limit.
const PAGE_CONVERSATIONS_DEFAULT: usize = 50;

/// The caller's conversations, the one with the latest activity first.
#[utoipa::path(
    get, path = "/conversations", tag = "conversations", operation_id = "list_conversations",
    params(InboxQuery),
    responses((status = 200, description = "A page of the inbox.", body = InboxPage)),
)]
pub(super) async fn list(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Fields(query): Fields<InboxQuery>,
) -> Outcome<InboxPage> {
    let limit = limit(query.limit, (PAGE_CONVERSATIONS_DEFAULT, PAGE_CONVERSATIONS_MAX))?;
    let before = query.cursor.as_deref().map(parse_cursor).transpose()?;
    let (entries, next) = conversation::list(&server.app, &actor, (before, limit)).await?;
    let mut conversations = Vec::with_capacity(entries.len());
    for entry in &entries {
        let peer = peer(&server.app, &actor, entry).await?;
        conversations.push(render::inbox_item(actor.user, entry, peer));
    }
    Ok(Answer(InboxPage { conversations, next_cursor: next.map(write_cursor) }))
}

/// The other person of a direct conversation. One whose account is disabled is shown by name only.
async fn peer(app: &App, actor: &Actor, entry: &Entry) -> Result<Option<UserView>, Failed> {
    let Some(user) = entry.peer else { return Ok(None) };
    let account = app::account::get(app, user).await?;
    let presence = app::presence::of(app, actor.user, user).await?;
    Ok(Some(render::user_view(actor.user, &account, presence)))
}

fn write_cursor((at, conversation): Cursor) -> String {
    format!("{:x}-{conversation}", at.as_ms())
}

fn parse_cursor(text: &str) -> Result<Cursor, Failed> {
    let parts = text.split_once('-').and_then(|(at, conversation)| {
        let at = u64::from_str_radix(at, 16).ok()?;
        Some((Timestamp::from_ms(at), conversation.parse().ok()?))
    });
    parts.ok_or_else(|| Problem::invalid_parameter("cursor").into())
}

/// One conversation with its members. For a direct one the other person's id may stand in the place of its own.
#[utoipa::path(
    get, path = "/conversation/{conversation_id}", tag = "conversations", operation_id = "get_conversation",
    params(("conversation_id" = String, Path, description = "The conversation.")),
    responses((status = 200, description = "The conversation.", body = ConversationDetail)),
)]
pub(super) async fn get(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(Place(place)): Named<Place>,
) -> Outcome<ConversationDetail> {
    let detail = conversation::get(&server.app, &actor, place.conversation(actor.user)).await?;
    let peer = peer(&server.app, &actor, &detail.entry).await?;
    let members: Vec<UserId> = detail.members.iter().map(|(user, _)| *user).collect();
    let mut people = Vec::with_capacity(members.len());
    for user in members {
        people.push(app::account::get(&server.app, user).await?);
    }
    Ok(Answer(render::conversation_detail(&detail, peer, &people)))
}

/// Everything up to a place is read. Read positions never go back.
#[utoipa::path(
    post, path = "/conversation/{conversation_id}/read", tag = "conversations", operation_id = "read_conversation",
    params(("conversation_id" = String, Path, description = "The conversation.")),
    request_body = ReadConversation,
    responses((status = 200, description = "How far the caller has read.", body = ConversationRead)),
)]
pub(super) async fn read(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(Place(place)): Named<Place>,
    Body(body): Body<ReadConversation>,
) -> Outcome<ConversationRead> {
    let id = place.conversation(actor.user);
    let stands_at = conversation::read(&server.app, actor.user, id, Seq::new(body.seq)).await?;
    Ok(Answer(ConversationRead { status: Status::ConversationRead, read_seq: stands_at.number() }))
}

/// Whether the caller wants notifications from a conversation.
#[utoipa::path(
    put, path = "/conversation/{conversation_id}/mute", tag = "conversations", operation_id = "mute_conversation",
    params(("conversation_id" = String, Path, description = "The conversation.")),
    request_body = MuteConversation,
    responses((status = 200, description = "It is so.", body = Done)),
)]
pub(super) async fn mute(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(Place(place)): Named<Place>,
    Body(body): Body<MuteConversation>,
) -> Outcome<Done> {
    let (muted, status) = match body.muted {
        true => (Muted::Yes, Status::ConversationMuted),
        false => (Muted::No, Status::ConversationUnmuted),
    };
    conversation::mute(&server.app, &actor, place.conversation(actor.user), muted).await?;
    done(status)
}

#[cfg(test)]
mod tests {
    use domain::ConversationId;

    use super::*;

    #[test]
    fn a_cursor_reads_back_as_written() {
        let cursor = (Timestamp::from_ms(1_795_525_200_007), ConversationId::group([3; 16]));
        assert_eq!(parse_cursor(&write_cursor(cursor)), Ok(cursor));
        for other in ["", "1", "x-g1", "-", "1-u1"] {
            assert_eq!(parse_cursor(other).map_err(|failed| failed.0.status), Err(400), "{other}");
        }
    }
}
