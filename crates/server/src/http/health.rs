//! How the server is, for operators.

use axum::extract::State;
use wire::health::SystemHealth;

use super::answer::{Answer, Outcome};
use crate::auth::Authenticated;
use crate::state::Server;

/// How the server is. For operators.
#[utoipa::path(
    get, path = "/system/health", tag = "operation", operation_id = "system_health",
    responses((status = 200, description = "How the server is.", body = SystemHealth)),
)]
pub(super) async fn system(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
) -> Outcome<SystemHealth> {
    actor.needs_operator()?;
    Ok(Answer(crate::health::system(&server.edge)))
}
