//! What operators do from the command line, as routes on a socket in the data folder.
//!
//! While a server runs, the command line asks it through the socket, which only the owner of the folder can open.
//! While none runs, the command line opens the store and asks the same routes in its own process.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use app::account::{NewAccount, Operator};
use app::operator::Access;
use app::session::Login;
use app::{App, Failure, operator};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::UserId;
use domain::account::Account;
use domain::refusal::Fault;
use domain::text::{Email, Name, Password, Username};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::problem::Failed;

/// Where the socket lies in the data folder.
const SOCKET: &str = "control.sock";
/// Only its owner may use the socket.
const SOCKET_MODE: u32 = 0o600;
/// Operators that are answered at the same time.
const CONNECTIONS_MAX: usize = 16;
/// Accounts in one answer.
const LIST_USERS: usize = 500;
/// How long a list waits for accounts made just before, in milliseconds.
const LIST_SETTLE_MS: u64 = 2_000;
/// Bytes of one piece of a backup on its way.
const PIECE_BYTES: usize = 256 * 1024;
/// Pieces of a backup that wait to be taken.
const PIECES_WAITING: usize = 8;

/// An account to make.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CreateUser {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) username: Option<String>,
    pub(crate) password: String,
    pub(crate) operator: bool,
}

/// An account, by e-mail address or username, and what to set.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChangeUser {
    pub(crate) login: String,
    pub(crate) disabled: Option<bool>,
    pub(crate) password: Option<String>,
}

/// Where a list goes on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ListUsers {
    pub(crate) after: Option<String>,
}

/// An account as operators see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserLine {
    pub(crate) user_id: String,
    pub(crate) email: String,
    pub(crate) username: Option<String>,
    pub(crate) name: String,
    pub(crate) operator: bool,
    pub(crate) disabled: bool,
}

/// Why something was not done, in words for the terminal.
struct Complaint(StatusCode, String);

impl axum::response::IntoResponse for Complaint {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

impl From<Failure> for Complaint {
    fn from(failure: Failure) -> Self {
        let problem = Failed::from(failure).0;
        Self(StatusCode::from_u16(problem.status).unwrap_or_default(), problem.detail)
    }
}

fn unacceptable(field: &str) -> impl Fn(Fault) -> Complaint + use<'_> {
    move |fault| Complaint(StatusCode::UNPROCESSABLE_ENTITY, format!("{field} is {}", fault.code()))
}

/// The routes behind the socket.
pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/users", post(create_user))
        .route("/users/list", post(list_users))
        .route("/users/change", post(change_user))
        .route("/backup", get(backup))
        .with_state(app)
}

async fn create_user(
    State(app): State<App>,
    Json(request): Json<CreateUser>,
) -> Result<Json<UserLine>, Complaint> {
    let username = request.username.as_deref().map(Username::parse).transpose();
    let new = NewAccount {
        email: Email::parse(&request.email).map_err(unacceptable("the e-mail address"))?,
        name: Name::parse(&request.name).map_err(unacceptable("the name"))?,
        username: username.map_err(unacceptable("the username"))?,
        password: Password::parse_new(&request.password).map_err(unacceptable("the password"))?,
    };
    let operator = if request.operator { Operator::Yes } else { Operator::IfFirst };
    let id = operator::create_user(&app, new, operator).await?;
    Ok(Json(line(app::account::get(&app, id).await?)))
}

async fn list_users(
    State(app): State<App>,
    Json(request): Json<ListUsers>,
) -> Result<Json<Vec<UserLine>>, Complaint> {
    if app.settle(LIST_SETTLE_MS).await == app::Settled::No {
        return Err(Failure::busy().into());
    }
    let after: Option<UserId> = request.after.and_then(|after| after.parse().ok());
    let accounts = operator::list_users(&app, after, LIST_USERS).await?;
    Ok(Json(accounts.into_iter().map(line).collect()))
}

async fn change_user(
    State(app): State<App>,
    Json(request): Json<ChangeUser>,
) -> Result<Json<UserLine>, Complaint> {
    let login = match request.login.contains('@') {
        true => {
            Login::Email(Email::parse(&request.login).map_err(unacceptable("the e-mail address"))?)
        }
        false => {
            Login::Username(Username::parse(&request.login).map_err(unacceptable("the username"))?)
        }
    };
    let account = operator::find(&app, &login).await?;
    if let Some(disabled) = request.disabled {
        let access = if disabled { Access::Disabled } else { Access::Enabled };
        operator::set_access(&app, account.id, access).await?;
    }
    if let Some(password) = request.password {
        let password = Password::parse_new(&password).map_err(unacceptable("the password"))?;
        operator::reset_password(&app, account.id, &password).await?;
    }
    Ok(Json(line(app::account::get(&app, account.id).await?)))
}

fn line(account: Account) -> UserLine {
    UserLine {
        user_id: account.id.to_string(),
        email: account.email.as_str().to_owned(),
        username: account.username.map(|username| username.as_str().to_owned()),
        name: account.name.as_str().to_owned(),
        operator: account.operator,
        disabled: account.disabled,
    }
}

/// The whole store as one stream. A backup that fails half-way ends without its trailer, which the reader notices.
async fn backup(State(app): State<App>) -> Response {
    let (pieces, taken) = mpsc::channel(PIECES_WAITING);
    let store = app.store().clone();
    drop(tokio::task::spawn_blocking(move || {
        let to = io::BufWriter::with_capacity(PIECE_BYTES, Pieces(pieces));
        if let Err(error) = store.backup(to, |_| ()) {
            tracing::error!(error = %error, "the backup did not succeed");
        }
    }));
    let stream = futures_util::stream::unfold(taken, async |mut taken| {
        let piece = taken.recv().await?;
        Some((Ok::<_, io::Error>(piece), taken))
    });
    Body::from_stream(stream).into_response()
}

/// Hands what is written to an async reader.
struct Pieces(mpsc::Sender<Bytes>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Bytes::copy_from_slice(bytes)).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the socket of a data folder lies.
pub(crate) fn socket_path(data: &Path) -> PathBuf {
    data.join(SOCKET)
}

/// Listens on the socket. Whoever holds the lock of the store owns the socket too: an old file is left over.
pub(crate) fn listen(data: &Path) -> anyhow::Result<UnixListener> {
    forget(data);
    let path = socket_path(data);
    let listener = UnixListener::bind(&path)
        .with_context(|| format!("cannot listen on {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(SOCKET_MODE))?;
    Ok(listener)
}

/// Removes the socket's file.
pub(crate) fn forget(data: &Path) {
    if let Err(error) = std::fs::remove_file(socket_path(data))
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(error = %error, "the control socket could not be removed");
    }
}

/// Answers on the socket. A backup that is taken slowly must not keep other operators waiting.
pub(crate) async fn serve(listener: UnixListener, routes: Router) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while open.try_join_next().is_some() {}
        if open.len() >= CONNECTIONS_MAX {
            open.join_next().await;
        }
        open.spawn(answer(stream, routes.clone()));
    }
    tracing::error!("the control socket takes no more connections until the server is restarted");
}

async fn answer(stream: UnixStream, routes: Router) {
    let service = TowerToHyperService::new(routes);
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(error = %error, "a control connection broke off");
    }
}
