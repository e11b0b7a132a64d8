//! Sessions: signing in and out, fresh tokens, the list of devices.

use app::session::{self, Login, Tokens};
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, SET_COOKIE};
use axum::response::AppendHeaders;
use domain::refusal::Fault;
use domain::text::{DeviceName, Email, Password, Username};
use domain::{Refusal, SessionId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use wire::account::{self as shape, Refresh, SessionItem, SessionList};
use wire::{Done, Status};

use super::answer::{Answer, Outcome, done};
use super::extract::{Json, Named, OptionalBody};
use crate::auth::{self, Authenticated};
use crate::config::ClientAddress;
use crate::limits::{Group, Subject};
use crate::problem::Failed;
use crate::state::Server;

/// An answer with cookies beside it.
type WithCookies<T> = Result<(AppendHeaders<Vec<(HeaderName, String)>>, Answer<T>), Failed>;

/// Sign in.
///
/// An unknown name and a wrong password get the same answer. With `cookie` the session is kept in the browser's
/// cookies as well, and the refresh token only there. Signing in with a `provider` is not offered.
#[utoipa::path(
    post, path = "/login", tag = "sessions", security(()),
    request_body = shape::Login,
    responses((status = 200, description = "A new session.", body = shape::Tokens)),
)]
pub(super) async fn login(
    State(server): State<Server>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(body): Json,
) -> WithCookies<shape::Tokens> {
    refuse_provider(&body)?;
    let body: shape::Login = wire::json::parse(&body)?;
    let login = parse_login(&body.username).ok_or(Refusal::Unauthenticated)?;
    let device = match body.device.as_deref().map(DeviceName::parse) {
        Some(device) => device.map_err(|fault| Refusal::field("device", fault))?,
        None => DeviceName::unnamed(),
    };
    let keep = Keep::from(body.cookie.unwrap_or_default());
    if keep == Keep::InCookies {
        auth::same_origin(&headers, server.edge.configuration())?;
    }
    let name = match &login {
        Login::Email(email) => email.claim(),
        Login::Username(username) => username.as_str().to_owned(),
    };
    let address = address.map(|Extension(address)| address);
    server.edge.check(Group::Login, Subject::AccountFrom(&name, address))?;
    server.edge.check(Group::Login, Subject::Account(&name))?;
    let password = Password::parse_attempt(&body.password);
    let tokens = session::login(&server.app, &login, password, device).await?;
    Ok(answer(&server, tokens, keep))
}

/// Where a session is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    ByTheClient,
    InCookies,
}

impl From<bool> for Keep {
    fn from(cookie: bool) -> Self {
        if cookie { Self::InCookies } else { Self::ByTheClient }
    }
}

/// Signing in with somebody else's accounts has a body of its own, of which only the first field counts here.
fn refuse_provider(body: &[u8]) -> Result<(), Failed> {
    #[derive(Deserialize)]
    struct Social {
        provider: Option<IgnoredAny>,
    }

    let social: Social = wire::json::parse(body)?;
    match social.provider {
        Some(_) => Err(Refusal::field("provider", Fault::Unknown).into()),
        None => Ok(()),
    }
}

fn parse_login(name: &str) -> Option<Login> {
    if name.contains('@') {
        Email::parse(name).ok().map(Login::Email)
    } else {
        Username::parse(name).ok().map(Login::Username)
    }
}

fn answer(
    server: &Server,
    tokens: Tokens,
    keep: Keep,
) -> (AppendHeaders<Vec<(HeaderName, String)>>, Answer<shape::Tokens>) {
    let cookies = match keep {
        Keep::InCookies => set(auth::cookies(&tokens, &server.edge)),
        Keep::ByTheClient => set([]),
    };
    let body = shape::Tokens {
        token: tokens.access,
        refresh_token: (keep == Keep::ByTheClient).then_some(tokens.refresh),
        expires_in: tokens.expires_in_ms / 1000,
        user_id: tokens.user.to_string(),
        session_id: tokens.session.to_string(),
    };
    (cookies, Answer(body))
}

fn set(cookies: impl IntoIterator<Item = String>) -> AppendHeaders<Vec<(HeaderName, String)>> {
    AppendHeaders(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)).collect())
}

/// Exchange a refresh token for fresh tokens.
///
/// The old refresh token stays good until the new one is first used, so that a lost answer signs nobody out. One that
/// is older ends the session.
#[utoipa::path(
    post, path = "/token/refresh", tag = "sessions", security(()),
    request_body = Refresh,
    responses((status = 200, description = "The same session, with fresh tokens.", body = shape::Tokens)),
)]
pub(super) async fn refresh(
    State(server): State<Server>,
    headers: HeaderMap,
    OptionalBody(body): OptionalBody<Refresh>,
) -> WithCookies<shape::Tokens> {
    let configuration = server.edge.configuration();
    let (token, keep) = match (body.refresh_token, auth::refresh_cookie(&headers, configuration)) {
        (Some(token), _) => (token, Keep::ByTheClient),
        (None, Some(token)) => {
            auth::same_origin(&headers, configuration)?;
            (token, Keep::InCookies)
        }
        (None, None) => return Err(Refusal::field("refresh_token", Fault::Missing).into()),
    };
    let tokens = session::refresh(&server.app, &token).await?;
    Ok(answer(&server, tokens, keep))
}

/// Sign out: the session is over at once, everywhere.
#[utoipa::path(
    post, path = "/logout", tag = "sessions",
    responses((status = 200, description = "The session is over.", body = Done)),
)]
pub(super) async fn logout(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
) -> WithCookies<Done> {
    session::logout(&server.app, &actor).await?;
    Ok((set(auth::no_cookies(&server.edge)), done(Status::Success)?))
}

/// The caller's signed-in devices.
#[utoipa::path(
    get, path = "/sessions", tag = "sessions", operation_id = "list_sessions",
    responses((status = 200, description = "The devices, the one used last first.", body = SessionList)),
)]
pub(super) async fn list(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
) -> Outcome<SessionList> {
    let sessions =
        session::list(&server.app, &actor).await?.into_iter().map(|session| SessionItem {
            session_id: session.id.to_string(),
            device: session.device.as_str().to_owned(),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            current: session.id == actor.session,
        });
    Ok(Answer(SessionList { sessions: sessions.collect() }))
}

/// Sign out another device.
#[utoipa::path(
    delete, path = "/sessions/{session_id}", tag = "sessions", operation_id = "revoke_session",
    params(("session_id" = String, Path, description = "The session to end.")),
    responses((status = 200, description = "The session is over.", body = Done)),
)]
pub(super) async fn revoke(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(id): Named<SessionId>,
) -> Outcome<Done> {
    session::revoke(&server.app, &actor, id).await?;
    done(Status::SessionRevoked)
}
