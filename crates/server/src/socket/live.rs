//! A socket that is signed in: reads, writes and watches the time, all in one small task.
//!
//! What happens often happens in [`Live::poll`], without waiting for anything but the connection and the outbox. What
//! may have to wait for the store is a [`Step`], for which memory is taken only while it lasts.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::task::{Context, Poll};

use app::live::Item;
use app::live::outbox::{End, Outbox};
use app::{Failure, preference, session};
use domain::limits::{LAGGING_TIMEOUT_MS, SOCKET_IDLE_MS};
use domain::{Refusal, Timestamp};
use wire::frame::{ClientFrame, PreferencesFrame, ServerFrame};

use super::close::Close;
use super::codec;
use super::connection::Connection;
use super::hello::Place;
use super::outgoing::Outgoing;
use crate::metrics::SendOutcome;
use crate::state::Server;

/// A client that was silent for this long is asked whether it is still there.
const PING_AFTER_MS: u64 = SOCKET_IDLE_MS / 2;

/// A socket that is signed in.
pub(super) struct Live {
    connection: Connection,
    dialog: Dialog,
}

/// What a socket says and hears.
pub(super) struct Dialog {
    pub(super) server: Server,
    pub(super) place: Place,
    pub(super) outgoing: Outgoing,
    pub(super) heard_at: Timestamp,
    pub(super) typed_at: Option<Timestamp>,
    pub(super) malformed: u32,
    pub(super) pongs: u32,
}

/// What may take a while.
pub(super) enum Step {
    /// The client has asked for something that may have to be read from the store.
    Ask(Box<ClientFrame>),
    /// The preferences have changed.
    Preferences,
    /// Time has passed.
    Tick,
    /// It is over.
    End(Close),
}

impl Live {
    pub(super) fn new(server: Server, connection: Connection, place: Place) -> Self {
        let outgoing = Outgoing::new(place.actor.user, place.upos);
        let dialog = Dialog {
            heard_at: server.app.now(),
            typed_at: None,
            malformed: 0,
            pongs: 0,
            server,
            place,
            outgoing,
        };
        Self { connection, dialog }
    }

    /// Runs until the socket has to end. The client may have asked something already.
    pub(super) async fn run(mut self, first: Option<Box<ClientFrame>>) -> (Connection, Close) {
        let mut next = first.map(Step::Ask);
        loop {
            let step = match next.take() {
                Some(step) => step,
                None => poll_fn(|context| self.poll(context)).await,
            };
            let end = match step {
                Step::Ask(frame) => {
                    Box::pin(self.dialog.ask(*frame)).await;
                    Ok(())
                }
                Step::Preferences => {
                    Box::pin(self.dialog.tell_preferences()).await;
                    Ok(())
                }
                Step::Tick => Box::pin(self.dialog.tick()).await,
                Step::End(close) => Err(close),
            };
            if let Err(close) = end {
                return (self.connection, close);
            }
        }
    }

    /// Writes and reads whatever is possible. Reading goes on while the client takes nothing, but not while as many of
    /// its sends wait for their answer as are allowed: whoever sends more is held up by the connection itself, and costs
    /// the server nothing.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        let attachment = self.dialog.place.joined().attachment;
        if let Err(end) = self.dialog.outbox().wake_by(attachment, context.waker()) {
            return Poll::Ready(Step::End(end.into()));
        }
        loop {
            if let Some(step) = self.dialog.look() {
                return Poll::Ready(step);
            }
            match self.dialog.outgoing.poll_write(&mut self.connection, context) {
                Poll::Ready(Err(_)) => return Poll::Ready(Step::End(Close::Gone)),
                Poll::Ready(Ok(wrote)) if wrote => continue,
                Poll::Ready(Ok(_)) | Poll::Pending => {}
            }
            if self.dialog.outgoing.is_congested() || self.dialog.outbox().is_full() {
                return Poll::Pending;
            }
            let dialog = &mut self.dialog;
            match self.connection.poll_read(context, |message| dialog.received(message)) {
                Poll::Ready(Ok(ControlFlow::Continue(()) | ControlFlow::Break(None))) => {}
                Poll::Ready(Ok(ControlFlow::Break(Some(step)))) => return Poll::Ready(step),
                Poll::Ready(Err(close)) => return Poll::Ready(Step::End(close)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Dialog {
    pub(super) fn outbox(&self) -> &Outbox {
        &self.place.joined().outbox
    }

    /// Looks whether something waits in the outbox, once there is room, or it has ended.
    fn look(&mut self) -> Option<Step> {
        let attachment = self.place.joined().attachment;
        if self.outbox().take_due() {
            return Some(Step::Tick);
        }
        if !self.outgoing.is_empty() {
            return match self.outbox().ended(attachment) {
                Some(end @ (End::Revoked | End::Replaced)) => Some(Step::End(end.into())),
                // The rest of the queue comes first.
                Some(End::Drained | End::Slow) | None => None,
            };
        }
        match self.outbox().take(attachment) {
            Ok(items) => self.queue(items),
            Err(end) => Some(Step::End(end.into())),
        }
    }

    /// Takes over what the outbox gave.
    fn queue(&mut self, mut items: Vec<Item>) -> Option<Step> {
        if items.is_empty() {
            return None;
        }
        let metrics = self.server.edge.metrics();
        let mut events = 0;
        for item in &items {
            match item {
                Item::Event(..) => events += 1,
                Item::Answer(_, Ok(_)) => metrics.sent(SendOutcome::Acked),
                Item::Answer(_, Err(Failure::Refused(_))) => metrics.sent(SendOutcome::Refused),
                Item::Answer(_, Err(_)) => metrics.sent(SendOutcome::Unknown),
                Item::Receipt { .. }
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
        let step = (items.len() < all).then_some(Step::Preferences);
        self.outgoing.items(items, self.server.app.now());
        step
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
        if self.outbox().is_stuck(now) || self.outgoing.is_stuck(now, LAGGING_TIMEOUT_MS) {
            return Err(Close::Slow);
        }
        match now.since_ms(self.heard_at) {
            silent_ms if silent_ms > SOCKET_IDLE_MS => return Err(Close::Idle),
            silent_ms if silent_ms > PING_AFTER_MS && !self.outgoing.is_congested() => {
                let mut ping = Vec::new();
                codec::ping(&mut ping);
                self.outgoing.answer_bytes(ping, now);
            }
            _ => {}
        }
        Ok(())
    }
}
