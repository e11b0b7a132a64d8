//! A socket that is signed in: reads, writes and watches the time, all in one task.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use app::live::outbox::End;
use app::live::{Item, Joined};
use app::{Failure, preference, session};
use axum::extract::ws::{Message, WebSocket};
use domain::limits::{LAGGING_TIMEOUT_MS, SOCKET_IDLE_MS};
use domain::{Refusal, Timestamp};
use futures_util::Stream as _;
use wire::frame::{PreferencesFrame, ServerFrame};

use super::close::Close;
use super::hello::Place;
use super::outgoing::Outgoing;
use crate::metrics::SendOutcome;
use crate::state::Server;

/// How often a socket asks whether its session is still valid, and looks at the time.
const TICK: Duration = Duration::from_secs(30);
/// A client that was silent for this long is asked whether it is still there.
const PING_AFTER_MS: u64 = SOCKET_IDLE_MS / 2;

/// A socket that is signed in.
pub(super) struct Live<'a> {
    pub(super) server: &'a Server,
    pub(super) place: Place,
    pub(super) outgoing: Outgoing,
    pub(super) heard_at: Timestamp,
    pub(super) typed_at: Option<Timestamp>,
    pub(super) malformed: u32,
    pub(super) pongs: u32,
    socket: &'a mut WebSocket,
}

/// What has happened.
enum Step {
    /// Everything is with the operating system.
    Written,
    /// A message came.
    Received(Message),
    /// The connection is of no more use.
    Broken(Close),
    /// Something waits in the outbox, or it has ended.
    Woken,
    /// Time has passed.
    Tick,
}

impl<'a> Live<'a> {
    pub(super) fn new(server: &'a Server, socket: &'a mut WebSocket, place: Place) -> Self {
        let outgoing = Outgoing::new(place.actor.user, place.upos);
        Self {
            heard_at: server.app.now(),
            typed_at: None,
            malformed: 0,
            pongs: 0,
            server,
            place,
            outgoing,
            socket,
        }
    }

    /// Runs until the socket has to end.
    pub(super) async fn run(mut self) -> Close {
        let Joined { outbox, attachment, .. } = self.place.joined().clone();
        let mut clock = tokio::time::interval(TICK);
        clock.reset();
        if let Some(first) = self.place.first.take() {
            Box::pin(self.ask(first)).await;
        }
        loop {
            if self.outgoing.is_empty() {
                match outbox.take(attachment) {
                    Ok(items) => self.queue(items).await,
                    Err(end) => return end.into(),
                }
            }
            let step = tokio::select! {
                // The order is fixed, so that the simulator sees what production does. The clock is first: a client
                // that always has something to say keeps nobody from looking at the time.
                biased;
                _ = clock.tick() => Step::Tick,
                step = poll_fn(|context| self.poll(context)) => step,
                () = outbox.woken() => Step::Woken,
            };
            let end = match step {
                Step::Written => Ok(()),
                Step::Received(message) => self.received(message).await,
                Step::Broken(close) => Err(close),
                Step::Woken => match outbox.ended(attachment) {
                    Some(end @ (End::Revoked | End::Replaced)) => Err(end.into()),
                    // The rest of the queue comes first.
                    Some(End::Drained | End::Slow) | None => Ok(()),
                },
                Step::Tick => Box::pin(self.tick()).await,
            };
            if let Err(close) = end {
                return close;
            }
        }
    }

    /// Writes and reads whatever is possible. Reading goes on while the client takes nothing.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        match self.outgoing.poll_write(Pin::new(&mut *self.socket), context) {
            Poll::Ready(Ok(())) => return Poll::Ready(Step::Written),
            Poll::Ready(Err(error)) => return Poll::Ready(Step::Broken(Close::of_error(error))),
            Poll::Pending => {}
        }
        if self.outgoing.is_congested() {
            return Poll::Pending;
        }
        Poll::Ready(match ready!(Pin::new(&mut *self.socket).poll_next(context)) {
            Some(Ok(message)) => Step::Received(message),
            Some(Err(error)) => Step::Broken(Close::of_error(error)),
            None => Step::Broken(Close::Gone),
        })
    }

    /// Takes over what the outbox gave.
    async fn queue(&mut self, mut items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        let metrics = self.server.edge.metrics();
        let mut events = 0;
        for item in &items {
            match item {
                Item::Event(..) => events += 1,
                Item::Answer(_, Ok(_)) => metrics.sent(SendOutcome::Acked),
                Item::Answer(_, Err(Failure::Refused(_))) => metrics.sent(SendOutcome::Refused),
                Item::Answer(_, Err(_)) => metrics.sent(SendOutcome::Unknown),
                Item::Read { .. }
                | Item::Typing { .. }
                | Item::Presence { .. }
                | Item::Dirty(_)
                | Item::Preferences(_)
                | Item::Drain(_) => {}
            }
        }
        metrics.delivered(events);
        let all = items.len();
        items.retain(|item| !matches!(item, Item::Preferences(_)));
        if items.len() < all {
            Box::pin(self.tell_preferences()).await;
        }
        self.outgoing.items(items, self.server.app.now());
    }

    async fn tell_preferences(&mut self) {
        match preference::get(&self.server.app, &self.place.actor).await {
            Ok(preferences) => {
                let preferences = (&preferences).into();
                let frame = ServerFrame::Preferences(PreferencesFrame { preferences });
                self.outgoing.answer(&frame, self.server.app.now());
            }
            Err(failure) => tracing::warn!(?failure, "preferences could not be told"),
        }
    }

    /// A notice of revocation can be lost, so the session is asked for again; and whoever is silent or slow has to go.
    async fn tick(&mut self) -> Result<(), Close> {
        let app = &self.server.app;
        let (user, session) = (self.place.actor.user, self.place.actor.session);
        if let Err(Failure::Refused(Refusal::Unauthenticated)) =
            session::still_valid(app, user, session).await
        {
            return Err(Close::Revoked);
        }
        let now = app.now();
        let outbox = &self.place.joined().outbox;
        if outbox.is_stuck(now) || self.outgoing.is_stuck(now, LAGGING_TIMEOUT_MS) {
            return Err(Close::Slow);
        }
        match now.since_ms(self.heard_at) {
            silent_ms if silent_ms > SOCKET_IDLE_MS => return Err(Close::Idle),
            silent_ms if silent_ms > PING_AFTER_MS && !self.outgoing.is_congested() => {
                self.outgoing.message(Message::Ping(Default::default()), now);
            }
            _ => {}
        }
        Ok(())
    }
}
