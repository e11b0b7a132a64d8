//! Accounts: registering, and what others see of oneself.

use app::account::{self, NewAccount};
use axum::extract::State;
use domain::Refusal;
use domain::account::ProfileChange;
use domain::refusal::Reason;
use domain::text::{Email, Name, Password, Picture, StatusLine, Username};
use wire::account::{ProfileUpdate, Register, Registered};
use wire::{Done, Status};

use super::answer::{Created, Outcome, done};
use super::extract::{Body, IdempotencyKey, Named};
use crate::auth::Authenticated;
use crate::problem::Failed;
use crate::refusal::Faults;
use crate::state::Server;

/// Make an account.
///
/// The first account of a server becomes its operator. An address or a username that is in use, or reserved, gives
/// 409 without saying which of the two.
#[utoipa::path(
    post, path = "/register", tag = "accounts", security(()),
    params(("Idempotency-Key" = Option<String>, Header, description = "Retrying with the same key gives the first result.")),
    request_body = Register,
    responses((status = 201, description = "The account exists.", body = Registered)),
)]
pub(super) async fn register(
    State(server): State<Server>,
    IdempotencyKey(key): IdempotencyKey,
    Body(body): Body<Register>,
) -> Result<Created<Registered>, Failed> {
    let user = account::register(&server.app, new_account(&body)?, key.as_ref()).await?;
    Ok(Created(Registered { status: Status::UserCreated, user_id: user.to_string() }))
}

fn new_account(body: &Register) -> Result<NewAccount, Failed> {
    let mut faults = Faults::default();
    let email = faults.take("email", Email::parse(&body.email));
    let password = faults.take("password", Password::parse_new(&body.password));
    let name = faults.take("name", Name::parse(&body.name));
    let username = faults.take_optional("username", body.username.as_deref(), Username::parse);
    let whole = email.zip(password).zip(name);
    faults.or(whole.map(|((email, password), name)| NewAccount { email, username, name, password }))
}

/// Change what others see of oneself.
#[utoipa::path(
    put, path = "/user/{user_id}/profile", tag = "accounts",
    params(("user_id" = String, Path, description = "The caller.")),
    request_body = ProfileUpdate,
    responses((status = 200, description = "The profile is changed.", body = Done)),
)]
pub(super) async fn update_profile(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(user): Named<String>,
    Body(body): Body<ProfileUpdate>,
) -> Outcome<Done> {
    let user = user.parse().map_err(|_| Refusal::Forbidden(Reason::NotYourself))?;
    account::update_profile(&server.app, &actor, user, profile_change(&body)?).await?;
    done(Status::ProfileUpdated)
}

fn profile_change(body: &ProfileUpdate) -> Result<ProfileChange, Failed> {
    let mut faults = Faults::default();
    let name = faults.take_optional("name", body.name.as_deref(), Name::parse);
    let picture = faults.take_optional("profile_pic", body.profile_pic.as_deref(), Picture::parse);
    let status = faults.take_optional("status", body.status.as_deref(), StatusLine::parse);
    faults.or(Some(ProfileChange { name, picture, status }))
}
