//! Preferences, the same on all devices of a person.

use app::preference;
use axum::extract::State;
use wire::preference::Preferences;

use super::answer::{Answer, Outcome};
use super::extract::Body;
use crate::auth::Authenticated;
use crate::state::Server;

/// What the caller has chosen.
#[utoipa::path(
    get, path = "/preferences", tag = "preferences", operation_id = "get_preferences",
    responses((status = 200, description = "The preferences.", body = Preferences)),
)]
pub(super) async fn get(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
) -> Outcome<Preferences> {
    let preferences = preference::get(&server.app, &actor).await?;
    Ok(Answer((&preferences).into()))
}

/// Replace what the caller has chosen.
///
/// `version` is the one that was read; if another device was faster the answer is 409 `stale-version`.
#[utoipa::path(
    put, path = "/preferences", tag = "preferences", operation_id = "put_preferences",
    request_body = Preferences,
    responses((status = 200, description = "The preferences with their new version.", body = Preferences)),
)]
pub(super) async fn put(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Body(body): Body<Preferences>,
) -> Outcome<Preferences> {
    let version = preference::put(&server.app, &actor, body.clone().into()).await?;
    Ok(Answer(Preferences { version, ..body }))
}
