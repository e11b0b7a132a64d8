//! Sessions and their tokens: signing in, refreshing, checking, revoking.
//!
//! An access token is a JWT signed with Ed25519 that names the session; the session's row is asked on every request,
//! so that a revoked session is dead at once. A verified token is remembered by its hash, since a signature costs
//! more to check than everything else in a request.

use bus::Notice;
use domain::limits::SESSIONS_PER_USER_MAX;
use domain::refusal::Reason;
use domain::text::{DeviceName, Email, Password, Username};
use domain::{Refusal, SessionId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, Header, Validation};
use quick_cache::sync::Cache as QuickCache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::tables::account;
use store::tables::session::{self as table, Session};
use store::{Batch, CommitError, Partition, Space};

use crate::{App, Failure};

/// Verified tokens that a node remembers.
const TOKENS_MAX: usize = 100_000;
/// Sessions that a node remembers.
const SESSIONS_MAX: usize = 100_000;
/// How often a commit is tried again because another device was faster.
const ATTEMPTS_MAX: usize = 8;
/// What our tokens say about who made them and whom they are for (RFC 8725 §3.8, §3.9).
const ISSUER: &str = "kith";

/// Who asks, with which session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// Whether this person runs the server.
    pub operator: bool,
}

impl Actor {
    /// The answer to whoever may not run the server.
    ///
    /// # Errors
    /// [`Reason::NeedsOperator`].
    pub const fn needs_operator(&self) -> Result<(), Refusal> {
        if self.operator { Ok(()) } else { Err(Refusal::Forbidden(Reason::NeedsOperator)) }
    }
}

/// What a client gets when it signs in.
#[derive(Clone)]
pub struct Tokens {
    /// Who signed in.
    pub user: UserId,
    /// The new session.
    pub session: SessionId,
    /// The access token.
    pub access: String,
    /// The refresh token: exchanged for the next pair.
    pub refresh: String,
    /// Life of the access token, in milliseconds.
    pub expires_in_ms: u64,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("user", &self.user)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// The name to sign in with.
#[derive(Clone, Debug)]
pub enum Login {
    /// An e-mail address.
    Email(Email),
    /// A username.
    Username(Username),
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: u64,
    exp: u64,
}

#[derive(Clone, Copy)]
struct Verified {
    user: UserId,
    session: SessionId,
    expires_at: Timestamp,
}

#[derive(Clone, Copy)]
struct Known {
    operator: bool,
    expires_at: Timestamp,
}

/// What a node remembers of tokens and sessions.
pub(crate) struct Cache {
    tokens: QuickCache<[u8; 32], Verified>,
    sessions: QuickCache<SessionId, Known>,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self { tokens: QuickCache::new(TOKENS_MAX), sessions: QuickCache::new(SESSIONS_MAX) }
    }

    /// A session, or all of a user's, must be read again.
    pub(crate) fn forget(&self, user: UserId, session: Option<SessionId>) {
        match session {
            Some(session) => {
                self.sessions.remove(&session);
            }
            None => {
                let of_user: Vec<_> =
                    self.tokens.iter().map(|(_, token)| token).filter(|t| t.user == user).collect();
                for token in of_user {
                    self.sessions.remove(&token.session);
                }
            }
        }
    }

    pub(crate) fn forget_all(&self) {
        self.sessions.clear();
    }
}

/// Signs in. An unknown name and a wrong password take the same time and get the same answer.
///
/// # Errors
/// [`Refusal::Unauthenticated`]; [`Refusal::TooMany`] while too many passwords wait to be checked.
pub async fn login(
    app: &App,
    login: &Login,
    password: Option<Password>,
    device: DeviceName,
) -> Result<Tokens, Failure> {
    let partition = match login {
        Login::Email(email) => account::email_claim(email),
        Login::Username(username) => account::username_claim(username),
    };
    let claim = account::claim(app.store(), &partition).await?;
    let stored = match claim {
        Some((claim, _)) => account::get(app.store(), claim.user).await?.map(|(stored, _)| stored),
        None => None,
    };
    let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
    let matches = app.inner.passwords.verify(password, hash).await?;
    match stored {
        Some(stored) if matches => open(app, &stored, device).await,
        Some(_) | None => Err(Refusal::Unauthenticated.into()),
    }
}

/// Opens a session for a user who has shown who they are. Of too many, the one unused for longest makes room.
///
/// The password may have been replaced, or the account disabled, while it was checked: then there is no session.
async fn open(app: &App, shown: &account::Stored, device: DeviceName) -> Result<Tokens, Failure> {
    let (user, now) = (shown.account.id, app.now());
    let secret: [u8; 32] = app.env().bytes();
    let session = Session {
        id: SessionId::from_bytes(app.env().bytes()),
        device,
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_ms(app.settings().session_ms),
        refresh_hash: Sha256::digest(secret).into(),
        previous_refresh_hash: None,
    };
    let mut in_doubt = false;
    for _ in 0..ATTEMPTS_MAX {
        let (present, version) =
            account::get(app.store(), user).await?.ok_or(Refusal::Unauthenticated)?;
        if present.account.disabled || present.password_hash != shown.password_hash {
            return Err(Refusal::Unauthenticated.into());
        }
        let over = over_the_limit(app, user).await?;
        let mut batch = Batch { space: Space::Essential, ..Batch::new(Partition::User(user)) };
        batch.checks.push(account::unchanged(Some(version)));
        batch.writes.extend(over.iter().map(|id| table::remove(*id)));
        batch.writes.push(table::put(&session));
        if in_doubt {
            // A new version of the account, so that the earlier try cannot come after the end of the session.
            batch.writes.push(account::put(&present));
        }
        match app.store().commit(batch).await {
            Ok(_) => {
                over.into_iter().for_each(|id| ended(app, user, Some(id)));
                return tokens(app, user, (session.id, &secret), session.expires_at);
            }
            Err(CommitError::Conflict) => {}
            Err(CommitError::Unknown) => in_doubt = true,
            Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
        }
    }
    Err(Failure::busy())
}

/// The sessions that have to make room for one more: those that were written longest ago. Not by their times, since a clock
/// that was ahead would have made its sessions the latest for as long.
async fn over_the_limit(app: &App, user: UserId) -> Result<Vec<SessionId>, Failure> {
    let mut sessions = table::all(app.store(), user).await?;
    sessions.sort_by_key(|(_, version)| std::cmp::Reverse(*version));
    Ok(sessions.iter().skip(SESSIONS_PER_USER_MAX - 1).map(|(session, _)| session.id).collect())
}

fn tokens(
    app: &App,
    user: UserId,
    (session, secret): (SessionId, &[u8; 32]),
    session_expires_at: Timestamp,
) -> Result<Tokens, Failure> {
    let now = app.now();
    let expires_in_ms = app.settings().access_token_ms.min(session_expires_at.since_ms(now));
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: ISSUER.to_owned(),
        sub: user.to_string(),
        sid: session.to_string(),
        iat: now.as_ms() / 1000,
        exp: now.plus_ms(expires_in_ms).as_ms() / 1000,
    };
    let access =
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &app.inner.keys.signing);
    let access = access.map_err(|_| Failure::Damaged)?;
    let (low, high) = secret.split_at(16);
    let half = |bytes: &[u8]| u128::from_be_bytes(bytes.try_into().unwrap_or_default());
    let refresh = format!("{user}.{session}.{:032x}{:032x}", half(low), half(high));
    Ok(Tokens { user, session, access, refresh, expires_in_ms })
}

/// Who shows this access token.
///
/// # Errors
/// [`Refusal::Unauthenticated`] for a token that is forged or expired, or whose session is over.
pub async fn authenticate(app: &App, token: &str) -> Result<Actor, Failure> {
    let verified = verify(app, token)?;
    let known = known(app, verified.user, verified.session).await?;
    Ok(Actor { user: verified.user, session: verified.session, operator: known.operator })
}

/// Whether a session still is what it was: sockets ask this again and again.
///
/// # Errors
/// [`Refusal::Unauthenticated`] once it is over.
pub async fn still_valid(app: &App, user: UserId, session: SessionId) -> Result<(), Failure> {
    known(app, user, session).await.map(drop)
}

fn verify(app: &App, token: &str) -> Result<Verified, Failure> {
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let cache = &app.inner.sessions.tokens;
    let now = app.now();
    if let Some(verified) = cache.get(&hash) {
        let alive = now < verified.expires_at;
        return if alive { Ok(verified) } else { Err(Refusal::Unauthenticated.into()) };
    }
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    validation.validate_exp = false;
    let dead = |_| Failure::Refused(Refusal::Unauthenticated);
    let claims = jsonwebtoken::decode::<Claims>(token, &app.inner.keys.checking, &validation)
        .map_err(dead)?
        .claims;
    let verified = Verified {
        user: claims.sub.parse().map_err(|_| Refusal::Unauthenticated)?,
        session: claims.sid.parse().map_err(|_| Refusal::Unauthenticated)?,
        expires_at: Timestamp::from_ms(claims.exp.saturating_mul(1000)),
    };
    if now >= verified.expires_at {
        return Err(Refusal::Unauthenticated.into());
    }
    cache.insert(hash, verified);
    Ok(verified)
}

async fn known(app: &App, user: UserId, id: SessionId) -> Result<Known, Failure> {
    let now = app.now();
    let known = match app.inner.sessions.sessions.get(&id) {
        Some(known) => known,
        None => {
            let (session, _) =
                table::get(app.store(), user, id).await?.ok_or(Refusal::Unauthenticated)?;
            let (stored, _) =
                account::get(app.store(), user).await?.ok_or(Refusal::Unauthenticated)?;
            if stored.account.disabled {
                return Err(Refusal::Unauthenticated.into());
            }
            let known = Known { operator: stored.account.operator, expires_at: session.expires_at };
            app.inner.sessions.sessions.insert(id, known);
            if table::get(app.store(), user, id).await?.is_none() {
                app.inner.sessions.forget(user, Some(id));
                return Err(Refusal::Unauthenticated.into());
            }
            known
        }
    };
    if now >= known.expires_at { Err(Refusal::Unauthenticated.into()) } else { Ok(known) }
}

/// Exchanges a refresh token for the next pair.
///
/// The predecessor stays valid until its successor is first used, so
/// that a lost answer logs nobody out; anything older ends the session, since somebody has copied it.
///
/// # Errors
/// [`Refusal::Unauthenticated`].
pub async fn refresh(app: &App, token: &str) -> Result<Tokens, Failure> {
    let (user, id, secret) = parse_refresh(token).ok_or(Refusal::Unauthenticated)?;
    let shown: [u8; 32] = Sha256::digest(secret).into();
    let successor = successor(app, &secret);
    let successor_hash: [u8; 32] = Sha256::digest(successor).into();
    for _ in 0..ATTEMPTS_MAX {
        let (session, version) =
            table::get(app.store(), user, id).await?.ok_or(Refusal::Unauthenticated)?;
        let now = app.now();
        let disabled = account::get(app.store(), user)
            .await?
            .is_none_or(|(stored, _)| stored.account.disabled);
        if disabled || now >= session.expires_at {
            return Err(Refusal::Unauthenticated.into());
        }
        if session.previous_refresh_hash == Some(shown) && session.refresh_hash == successor_hash {
            return tokens(app, user, (id, &successor), session.expires_at);
        }
        if session.refresh_hash != shown {
            end(app, user, id).await?;
            return Err(Refusal::Unauthenticated.into());
        }
        let renewed = Session {
            last_seen_at: now,
            expires_at: now.plus_ms(app.settings().session_ms),
            refresh_hash: successor_hash,
            previous_refresh_hash: Some(shown),
            ..session
        };
        let batch = Batch {
            checks: vec![table::unchanged(id, version)],
            writes: vec![table::put(&renewed)],
            space: Space::Essential,
            ..Batch::new(Partition::User(user))
        };
        match app.store().commit(batch).await {
            Ok(_) => {
                app.inner.sessions.forget(user, Some(id));
                return tokens(app, user, (id, &successor), renewed.expires_at);
            }
            Err(CommitError::Conflict | CommitError::Unknown) => {}
            Err(error @ (CommitError::Full | CommitError::Busy)) => return Err(error.into()),
        }
    }
    Err(Failure::busy())
}

/// The one successor of a refresh token: however many requests race with it, they all get the same.
fn successor(app: &App, secret: &[u8; 32]) -> [u8; 32] {
    let key =
        aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &app.inner.keys.refresh_secret);
    let tag = aws_lc_rs::hmac::sign(&key, secret);
    tag.as_ref().try_into().expect("HMAC-SHA-256 gives 32 bytes")
}

fn parse_refresh(token: &str) -> Option<(UserId, SessionId, [u8; 32])> {
    let (user, rest) = token.split_once('.')?;
    let (session, secret) = rest.split_once('.')?;
    let half = |text: Option<&str>| u128::from_str_radix(text?, 16).ok().map(u128::to_be_bytes);
    if secret.len() != 64 || !secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    let halves = half(secret.get(..32))?.into_iter().chain(half(secret.get(32..))?);
    bytes.iter_mut().zip(halves).for_each(|(byte, read)| *byte = read);
    Some((user.parse().ok()?, session.parse().ok()?, bytes))
}

/// The sessions of a user, latest use first.
///
/// # Errors
/// If the store cannot be read.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Session>, Failure> {
    let now = app.now();
    let found = table::all(app.store(), actor.user).await?;
    let mut sessions: Vec<_> = found.into_iter().map(|(session, _)| session).collect();
    sessions.retain(|session| session.expires_at > now);
    sessions.sort_by_key(|session| std::cmp::Reverse(session.last_seen_at));
    Ok(sessions)
}

/// Ends one of the caller's sessions: its tokens are refused at once and its sockets end.
///
/// # Errors
/// [`Refusal::NotFound`] if the caller has no such session.
pub async fn revoke(app: &App, actor: &Actor, id: SessionId) -> Result<(), Failure> {
    if table::get(app.store(), actor.user, id).await?.is_none() {
        // An earlier try may have ended before everybody was told.
        ended(app, actor.user, Some(id));
        return Err(Refusal::NotFound.into());
    }
    end(app, actor.user, id).await
}

/// Signs out.
///
/// # Errors
/// If the store cannot be written.
pub async fn logout(app: &App, actor: &Actor) -> Result<(), Failure> {
    end(app, actor.user, actor.session).await
}

async fn end(app: &App, user: UserId, id: SessionId) -> Result<(), Failure> {
    let batch = Batch {
        writes: vec![table::remove(id)],
        space: Space::Essential,
        ..Batch::new(Partition::User(user))
    };
    app.store().commit(batch).await?;
    ended(app, user, Some(id));
    Ok(())
}

/// Ends all sessions of a user, or all but one.
pub(crate) async fn end_all(
    app: &App,
    user: UserId,
    keep: Option<SessionId>,
) -> Result<(), Failure> {
    let sessions = table::all(app.store(), user).await?;
    let over: Vec<SessionId> =
        sessions.iter().map(|(session, _)| session.id).filter(|id| Some(*id) != keep).collect();
    let batch = Batch {
        writes: over.iter().map(|id| table::remove(*id)).collect(),
        space: Space::Essential,
        ..Batch::new(Partition::User(user))
    };
    app.store().commit(batch).await?;
    for id in over {
        ended(app, user, Some(id));
    }
    Ok(())
}

/// After the commit: forget the session everywhere and end its sockets.
fn ended(app: &App, user: UserId, session: Option<SessionId>) {
    if !domain::planted!(SessionNotForgotten) {
        app.inner.sessions.forget(user, session);
    }
    if !domain::planted!(SocketsOutliveSession) {
        app.hub().end_session(user, session);
    }
    app.publish(Notice::SessionEnded { user, session });
}
