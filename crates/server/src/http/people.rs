//! Other people: finding them, looking at them, blocking them.

use app::people;
use axum::extract::State;
use domain::limits::SEARCH_RESULTS_MAX;
use domain::refusal::Fault;
use domain::{Refusal, UserId};
use wire::account::{BlockList, UserSearchQuery, UserSearchResult, UserView};
use wire::{Done, Status};

use super::answer::{Answer, Outcome, done};
use super::extract::{Fields, Named, limit};
use crate::auth::Authenticated;
use crate::render;
use crate::state::Server;

/// Find people by the beginning of a name.
///
/// Only people who let themselves be found, and who have not blocked the caller.
#[utoipa::path(
    get, path = "/users/search", tag = "people", operation_id = "search_users",
    params(UserSearchQuery),
    responses((status = 200, description = "The people found.", body = UserSearchResult)),
)]
pub(super) async fn search(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Fields(query): Fields<UserSearchQuery>,
) -> Outcome<UserSearchResult> {
    let words = query.q.ok_or(Refusal::field("q", Fault::Missing))?;
    let limit = limit(query.limit, (SEARCH_RESULTS_MAX, SEARCH_RESULTS_MAX))?;
    let found = people::search(&server.app, &actor, &words).await?;
    let users = found.iter().take(limit).map(render::user_summary).collect();
    Ok(Answer(UserSearchResult { users }))
}

/// One person.
#[utoipa::path(
    get, path = "/user/{user_id}", tag = "people", operation_id = "get_user",
    params(("user_id" = String, Path, description = "The person.")),
    responses((status = 200, description = "The person, as the caller may see them.", body = UserView)),
)]
pub(super) async fn get(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(user): Named<UserId>,
) -> Outcome<UserView> {
    let (account, presence) = people::view(&server.app, &actor, user).await?;
    Ok(Answer(render::user_view(actor.user, &account, presence)))
}

/// Block a person: they can no longer write to the caller, nor see whether the caller is online.
#[utoipa::path(
    put, path = "/user/{user_id}/block", tag = "people", operation_id = "block_user",
    params(("user_id" = String, Path, description = "The person.")),
    responses((status = 200, description = "The person is blocked.", body = Done)),
)]
pub(super) async fn block(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(user): Named<UserId>,
) -> Outcome<Done> {
    people::block(&server.app, &actor, user).await?;
    done(Status::UserBlocked)
}

/// End a block.
#[utoipa::path(
    delete, path = "/user/{user_id}/block", tag = "people", operation_id = "unblock_user",
    params(("user_id" = String, Path, description = "The person.")),
    responses((status = 200, description = "The person is not blocked.", body = Done)),
)]
pub(super) async fn unblock(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(user): Named<UserId>,
) -> Outcome<Done> {
    people::unblock(&server.app, &actor, user).await?;
    done(Status::UserUnblocked)
}

/// Everybody whom the caller has blocked.
#[utoipa::path(
    get, path = "/blocked", tag = "people", operation_id = "list_blocked",
    responses((status = 200, description = "The people.", body = BlockList)),
)]
pub(super) async fn blocked(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
) -> Outcome<BlockList> {
    let accounts = people::blocked(&server.app, &actor).await?;
    Ok(Answer(BlockList { users: accounts.iter().map(render::user_summary).collect() }))
}
