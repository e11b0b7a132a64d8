//! The beginning of a socket: who is it, and what has it missed?

use std::time::Duration;

use app::live::Joined;
use app::session::{self, Actor};
use app::{App, Failure, conversation, presence};
use domain::Refusal;
use domain::limits::{HELLO_FRAME_BYTES_MAX, HELLO_TIMEOUT_MS};
use wire::frame::{
    ClientFrame, DirtyFrame, ErrorFrame, HelloFrame, Limits, ReadyFrame, Resume, Resumed,
    ServerFrame,
};

use super::close::{self, Close};
use super::codec;
use super::connection::Connection;
use super::outgoing::heads;
use crate::limits::{Group, Subject};
use crate::problem::Failed;
use crate::state::Server;

/// A client whose request showed who it is need not say `hello`: after this much silence it has said it.
const SILENT_HELLO: Duration = Duration::from_secs(1);

/// A socket's place among all others, until it is dropped.
pub(super) struct Place {
    app: App,
    joined: Joined,
    /// Who it is.
    pub(super) actor: Actor,
    /// Up to which place in the inbox the client has been told everything.
    pub(super) upos: u64,
}

impl Place {
    /// Where its events wait.
    pub(super) const fn joined(&self) -> &Joined {
        &self.joined
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.app.hub().leave(&self.joined, self.app.now());
    }
}

/// The first words of both sides. What came instead of a `hello`, where none is needed, is to be answered next.
///
/// # Errors
/// How to end the socket.
pub(super) async fn hello(
    server: &Server,
    connection: &mut Connection,
    token: Option<String>,
) -> Result<(Place, Option<ClientFrame>), Close> {
    let (hello, first) = first_frame(connection, token.is_some()).await?;
    let Some(token) = hello.token.as_deref().or(token.as_deref()) else {
        return Err(
            refuse(connection, Refusal::Unauthenticated.into(), Close::Unauthenticated).await
        );
    };
    let actor = match session::authenticate(&server.app, token).await {
        Ok(actor) => actor,
        Err(failure @ Failure::Refused(_)) => {
            return Err(refuse(connection, failure.into(), Close::Unauthenticated).await);
        }
        Err(failure @ (Failure::Busy { .. } | Failure::StorageFull | Failure::Damaged)) => {
            return Err(refuse(connection, failure.into(), Close::Overloaded).await);
        }
    };
    if let Err(too_many) = server.edge.check(Group::SocketHello, Subject::User(actor.user)) {
        return Err(refuse(connection, too_many.into(), Close::Overloaded).await);
    }
    let (joined, resumed) = take_place(&server.app, actor, hello.resume.as_ref());
    let upos = hello.upos.unwrap_or_default();
    let mut place = Place { app: server.app.clone(), joined, actor, upos };
    // The session may have ended before the place was taken, when nobody could tell this socket.
    if session::still_valid(&server.app, actor.user, actor.session).await.is_err() {
        return Err(Close::Revoked);
    }
    let frames = match welcome(&mut place, resumed).await {
        Ok(frames) => frames,
        Err(failure) => return Err(refuse(connection, failure.into(), Close::Overloaded).await),
    };
    for frame in frames {
        send(connection, &frame).await?;
    }
    if let Err(failure) = presence::arrived(&server.app, &place.joined).await {
        tracing::warn!(?failure, "that somebody came could not be told");
    }
    Ok((place, first))
}

/// The `hello`, or what came instead of it where none is needed.
async fn first_frame(
    connection: &mut Connection,
    is_known: bool,
) -> Result<(HelloFrame, Option<ClientFrame>), Close> {
    let patience = Duration::from_millis(HELLO_TIMEOUT_MS);
    let patience = if is_known { SILENT_HELLO } else { patience };
    let text = match tokio::time::timeout(patience, connection.text()).await {
        Ok(text) => text?,
        Err(_elapsed) if is_known => return Ok((HelloFrame::default(), None)),
        Err(_elapsed) => return Err(Close::Unauthenticated),
    };
    match ClientFrame::parse(close::checked(&text, HELLO_FRAME_BYTES_MAX)?) {
        Ok(ClientFrame::Hello(hello)) => Ok((hello, None)),
        Ok(other) if is_known => Ok((HelloFrame::default(), Some(other))),
        Ok(_) => Err(Close::Unauthenticated),
        Err(error) => {
            send(connection, &error.to_frame()).await?;
            Err(Close::Protocol)
        }
    }
}

/// Registers the socket. This comes before the inbox is read, so that nothing is lost in between.
fn take_place(app: &App, actor: Actor, resume: Option<&Resume>) -> (Joined, Resumed) {
    let whose = (actor.user, actor.session);
    let place = resume.and_then(|resume| {
        let ticket = u128::from_str_radix(&resume.ticket, 16).ok()?;
        app.hub().resume(whose, (ticket.to_be_bytes(), resume.n))
    });
    match place {
        Some(joined) => (joined, Resumed::Hot),
        None => (app.hub().join(whose, app.env()), Resumed::Cold),
    }
}

/// `ready`, and for a cold start what has changed. After a hot one the inbox may know more than the client has
/// got so far, so its own place stands until it starts cold again.
async fn welcome(place: &mut Place, resumed: Resumed) -> Result<Vec<ServerFrame>, Failure> {
    let changes = match resumed {
        Resumed::Hot => None,
        Resumed::Cold => {
            Some(conversation::changes(&place.app, place.actor.user, place.upos).await?)
        }
    };
    let summary = match &changes {
        Some(changes) => changes.summary,
        None => conversation::summary(&place.app, place.actor.user).await?,
    };
    if changes.is_some() {
        place.upos = summary.upos;
    }
    let mut frames = vec![ServerFrame::Ready(ReadyFrame {
        user_id: place.actor.user.to_string(),
        session_id: place.actor.session.to_string(),
        upos: place.upos,
        resumed,
        digest: digest(summary.digest),
        limits: Limits::default(),
        ticket: Some(format!("{:032x}", u128::from_be_bytes(place.joined.outbox.ticket()))),
    })];
    if let Some(changes) = changes.filter(|changes| !changes.heads.is_empty()) {
        place.joined.outbox.told_dirty();
        let conversations = heads(&changes.heads);
        frames.push(ServerFrame::Dirty(DirtyFrame {
            conversations,
            upos: place.upos,
            more: changes.more,
        }));
    }
    Ok(frames)
}

/// The digest of heads as frames carry it.
pub(super) fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}

async fn refuse(connection: &mut Connection, failed: Failed, close: Close) -> Close {
    let frame = ServerFrame::Error(ErrorFrame::new(Some("hello"), &failed.0));
    send(connection, &frame).await.err().unwrap_or(close)
}

async fn send(connection: &mut Connection, frame: &ServerFrame) -> Result<(), Close> {
    let patience = Duration::from_millis(HELLO_TIMEOUT_MS);
    let mut bytes = Vec::new();
    codec::text(&mut bytes, |out| frame.write_json(out));
    match tokio::time::timeout(patience, connection.write(&bytes)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Close::Gone),
        Err(_elapsed) => Err(Close::Slow),
    }
}
