//! What comes from the client.

use std::ops::ControlFlow;

use app::message::{Destination, NewMessage};
use app::{Failure, conversation, message, receipt};
use domain::limits::{
    CLIENT_FRAME_BYTES_MAX, DIRTY_CONVERSATIONS_MAX, PAGE_EVENTS_MAX, PONGS_PER_DIGEST,
};
use domain::refusal::Fault;
use domain::text::Text;
use domain::{ClientMessageId, ConversationId, Refusal, Seq, UserId};
use wire::frame::{
    ClientFrame, DeliveredFrame, ErrorFrame, EventBody, HeadsFrame, LoggedEvent, PageFrame,
    PingFrame, PongFrame, PullFrame, ReadFrame, SendFrame, ServerFrame, TypingFrame,
};

use super::close::{self, Close};
use super::codec::{self, Message};
use super::hello::digest;
use super::live::{Dialog, Step};
use super::outgoing::{heads, nack};
use crate::limits::{Group, RetryAfter, Subject};
use crate::metrics::SendOutcome;
use crate::problem::Failed;
use crate::render;

/// Frames that could not be read before the socket ends.
const MALFORMED_MAX: u32 = 10;
/// At most one `typing` in so many milliseconds is told on.
const TYPING_MS: u64 = 1_000;
/// About how many bytes of texts and reactions one page holds. It is cut short rather than made of many large ones.
const PAGE_BYTES: usize = 64 * 1024;
/// About how many bytes a user takes in the list of those who reacted.
const REACTION_BYTES: usize = 32;

impl Dialog {
    /// A message came. It breaks off with what may take a while, or with nothing when no more can be taken for now.
    pub(super) fn received(&mut self, message: Message<'_>) -> ControlFlow<Option<Step>> {
        let now = self.server.app.now();
        self.heard_at = now;
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return ControlFlow::Break(Some(Step::End(Close::Protocol))),
            Message::Close(code) => return ControlFlow::Break(Some(Step::End(Close::Left(code)))),
            Message::Pong(_) => return ControlFlow::Continue(()),
            Message::Ping(payload) => {
                let mut pong = Vec::new();
                codec::pong(&payload, &mut pong);
                self.outgoing.answer_bytes(pong, now);
                return ControlFlow::Continue(());
            }
        };
        match close::checked(&text, CLIENT_FRAME_BYTES_MAX).and_then(|text| self.text(text)) {
            Ok(Some(frame)) => ControlFlow::Break(Some(Step::Ask(Box::new(frame)))),
            Ok(None) if self.outbox().is_full() => ControlFlow::Break(None),
            Ok(None) => ControlFlow::Continue(()),
            Err(close) => ControlFlow::Break(Some(Step::End(close))),
        }
    }

    /// Does at once what can be done at once, and gives back any other frame.
    fn text(&mut self, text: &str) -> Result<Option<ClientFrame>, Close> {
        match ClientFrame::parse(text) {
            Ok(ClientFrame::Send(frame)) => self.send(&frame),
            Ok(ClientFrame::Acked(frame)) => self.outbox().acked(frame.n),
            Ok(frame) => return Ok(Some(frame)),
            Err(error) => {
                self.malformed += 1;
                if self.malformed > MALFORMED_MAX {
                    return Err(Close::Protocol);
                }
                self.answer(&error.to_frame());
            }
        }
        Ok(None)
    }

    fn answer(&mut self, frame: &ServerFrame) {
        self.outgoing.answer(frame, self.server.app.now());
    }

    /// A message to send. It is answered from the outbox, unless it does not get that far.
    fn send(&mut self, frame: &SendFrame) {
        if let Err(failed) = self.try_send(frame) {
            let outcome = match failed.0.is_final() {
                true => SendOutcome::Refused,
                false => SendOutcome::Unknown,
            };
            self.server.edge.metrics().sent(outcome);
            if !failed.0.is_final() {
                self.put_off(frame);
            }
            self.answer(&nack(&frame.client_message_id, failed));
        }
    }

    /// What comes behind a send that is not taken for now has to wait for its retry.
    fn put_off(&self, frame: &SendFrame) {
        let outbox = &self.place.joined().outbox;
        let to = frame.conversation_id.as_ref().or(frame.receiver_id.as_ref());
        let to = to.and_then(|id| destination(id).ok());
        if let (Some(to), Ok(id)) = (to, frame.client_message_id.parse()) {
            outbox.put_off(to.conversation(outbox.user), &id);
        }
    }

    fn try_send(&self, frame: &SendFrame) -> Result<(), Failed> {
        let outbox = &self.place.joined().outbox;
        self.server.edge.check(Group::Send, Subject::User(outbox.user))?;
        let field = |name, fault| Failed::from(Refusal::field(name, fault));
        let id: ClientMessageId = frame
            .client_message_id
            .parse()
            .map_err(|_| field("client_message_id", Fault::Malformed))?;
        let destination = match (&frame.conversation_id, &frame.receiver_id) {
            (Some(id), None) | (None, Some(id)) => destination(id)?,
            (None, None) => return Err(field("conversation_id", Fault::Missing)),
            (Some(_), Some(_)) => return Err(field("receiver_id", Fault::TooMany)),
        };
        let reply_to = match frame.reply_to.as_deref().map(str::parse) {
            Some(parsed) => Some(parsed.map_err(|_| field("reply_to", Fault::Malformed))?),
            None => None,
        };
        let text = Text::parse(&frame.text).map_err(|fault| field("text", fault))?;
        let new = NewMessage { text, reply_to, client_message_id: None };
        message::send_from_socket(&self.server.app, outbox, destination, (new, id))?;
        Ok(())
    }

    /// Everything that may have to read the store.
    pub(super) async fn ask(&mut self, frame: ClientFrame) {
        let (name, about, answered) = match frame {
            ClientFrame::Pull(pull) => {
                let page = self.page(&pull).await.map(Some);
                ("pull", Some(pull.conversation_id), page)
            }
            ClientFrame::Delivered(delivered) => {
                let done = self.delivered(&delivered).await;
                ("delivered", Some(delivered.conversation_id), done.map(|()| None))
            }
            ClientFrame::Read(read) => {
                let done = self.read(&read).await;
                ("read", Some(read.conversation_id), done.map(|()| None))
            }
            ClientFrame::Typing(typing) => {
                let done = self.typing(&typing).await;
                ("typing", Some(typing.conversation_id), done.map(|()| None))
            }
            ClientFrame::Heads(_) => ("heads", None, self.heads().await.map(Some)),
            ClientFrame::Ping(ping) => ("ping", None, Ok(Some(self.pong(ping).await))),
            ClientFrame::Send(send) => return self.send(&send),
            ClientFrame::Acked(acked) => return self.place.joined().outbox.acked(acked.n),
            ClientFrame::Hello(_) | ClientFrame::Unknown => return,
        };
        match answered {
            Ok(Some(frame)) => self.answer(&frame),
            Ok(None) => {}
            Err(failed) => {
                let error = ErrorFrame::new(Some(name), &failed.0);
                self.answer(&ServerFrame::Error(ErrorFrame { conversation_id: about, ..error }));
            }
        }
    }

    async fn page(&mut self, pull: &PullFrame) -> Result<ServerFrame, Failed> {
        self.check(Group::Read)?;
        let viewer = self.place.actor.user;
        let id = destination(&pull.conversation_id)?.conversation(viewer);
        let limit = pull
            .limit
            .map_or(PAGE_EVENTS_MAX, |limit| usize::try_from(limit).unwrap_or(PAGE_EVENTS_MAX));
        let page =
            message::page(&self.server.app, viewer, id, (Seq::new(pull.after), limit)).await?;
        let all = page.events.len();
        let mut bytes_left = PAGE_BYTES;
        let mut events = Vec::with_capacity(all);
        for (event, target) in &page.events {
            let body = render::event_body_for(viewer, id, event, target.as_ref());
            bytes_left = bytes_left.saturating_sub(large_bytes(&body));
            events.push(LoggedEvent { seq: event.seq.number(), event: body });
            if bytes_left == 0 {
                break;
            }
        }
        Ok(ServerFrame::Page(PageFrame {
            conversation_id: id.to_string(),
            head: page.head.number(),
            more: page.more || events.len() < all,
            truncated_before: page.truncated_before.map(Seq::number),
            events,
        }))
    }

    async fn read(&mut self, read: &ReadFrame) -> Result<(), Failed> {
        self.check(Group::Send)?;
        let user = self.place.actor.user;
        let id = destination(&read.conversation_id)?.conversation(user);
        conversation::read(&self.server.app, user, id, Seq::new(read.seq)).await?;
        Ok(())
    }

    async fn delivered(&mut self, delivered: &DeliveredFrame) -> Result<(), Failed> {
        self.check(Group::Read)?;
        let user = self.place.actor.user;
        let id = destination(&delivered.conversation_id)?.conversation(user);
        Ok(receipt::delivered(&self.server.app, user, id, Seq::new(delivered.seq)).await?)
    }

    async fn typing(&mut self, typing: &TypingFrame) -> Result<(), Failed> {
        let now = self.server.app.now();
        if self.typed_at.is_some_and(|last| now.since_ms(last) < TYPING_MS) {
            return Ok(());
        }
        self.typed_at = Some(now);
        self.check(Group::Send)?;
        let user = self.place.actor.user;
        let id = destination(&typing.conversation_id)?.conversation(user);
        Ok(message::typing(&self.server.app, user, id).await?)
    }

    async fn heads(&mut self) -> Result<ServerFrame, Failed> {
        self.check(Group::Read)?;
        let all = conversation::changes(&self.server.app, self.place.actor.user, 0).await?;
        debug_assert!(all.heads.len() <= DIRTY_CONVERSATIONS_MAX, "the list is bounded");
        Ok(ServerFrame::Heads(HeadsFrame {
            conversations: heads(&all.heads),
            digest: digest(all.summary.digest),
            more: all.more,
        }))
    }

    async fn pong(&mut self, ping: PingFrame) -> ServerFrame {
        self.pongs += 1;
        let digest = if self.pongs.is_multiple_of(PONGS_PER_DIGEST) {
            let summary = conversation::summary(&self.server.app, self.place.actor.user).await;
            summary.ok().map(|summary| digest(summary.digest))
        } else {
            None
        };
        ServerFrame::Pong(PongFrame { t: ping.t, digest })
    }

    fn check(&self, group: Group) -> Result<(), RetryAfter> {
        self.server.edge.check(group, Subject::User(self.place.actor.user))
    }
}

/// About how many bytes the parts of an event take that may be large.
fn large_bytes(body: &EventBody) -> usize {
    match body {
        EventBody::Message(message) => {
            let users: usize =
                message.reactions.iter().map(|reaction| reaction.user_ids.len()).sum();
            message.text.as_ref().map_or(0, String::len) + users * REACTION_BYTES
        }
        EventBody::Edit(edit) => edit.text.as_ref().map_or(0, String::len),
        EventBody::Delete(_)
        | EventBody::Reaction(_)
        | EventBody::Member(_)
        | EventBody::Settings(_)
        | EventBody::Unknown => 0,
    }
}

/// A conversation by its id, or the direct one by the id of the other person.
fn destination(id: &str) -> Result<Destination, Failure> {
    match id.parse::<UserId>() {
        Ok(user) => Ok(Destination::User(user)),
        Err(_) => match id.parse::<ConversationId>() {
            Ok(conversation) => Ok(Destination::Conversation(conversation)),
            Err(_) => Err(Refusal::NotFound.into()),
        },
    }
}
