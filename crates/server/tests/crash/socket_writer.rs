//! A device that writes over its socket, several messages at a time, and shows all that happens in order.

use std::collections::HashMap;

use checker::{CaughtUp, ContentHash, Device, Live, SendAttempt, SendOutcome};
use client::{Backoff, Outgoing, Session, SessionOptions, Update};
use domain::{ClientMessageId, ConversationId, Seq};
use wire::frame::Resumed;

use crate::record::{self, Dice, Recorded};
use crate::world::{Heads, Person, Phase, RETRY_WITHIN, World};

/// The number of this device among those of its user.
const NUMBER: u32 = 0;
/// Out of so many updates, one makes it drop its connection and come back.
const RECONNECT_IN: u64 = 200;
/// Messages that it sends without waiting for an answer.
const PIPELINED: usize = 4;

pub(crate) struct SocketWriter {
    world: World,
    person: Person,
    device: Device,
    session: Session,
    dice: Dice,
    numbered: u64,
    asked: HashMap<ClientMessageId, Asked>,
    is_writing: bool,
    recorded: Recorded,
}

/// A message that was given to the session.
struct Asked {
    conversation: ConversationId,
    content: ContentHash,
    invoked_ns: u64,
}

/// A session that comes back quickly.
pub(crate) fn session(base: &str, person: &Person, seed: u64) -> Session {
    let backoff = Backoff::new(seed).between(RETRY_WITHIN / 8, RETRY_WITHIN);
    Session::new(SessionOptions { backoff, ..SessionOptions::new(base, &person.token) })
}

impl SocketWriter {
    pub(crate) fn new(world: &World, person: &Person, seed: u64) -> Self {
        world.writes();
        let base = world.base().borrow().clone().expect("the load begins with a running server");
        Self {
            world: world.clone(),
            person: person.clone(),
            device: Device { user: person.user, number: NUMBER },
            session: session(&base, person, seed),
            dice: Dice::new(seed),
            numbered: 0,
            asked: HashMap::new(),
            is_writing: true,
            recorded: Recorded::default(),
        }
    }

    pub(crate) async fn run(mut self) -> Recorded {
        let (mut base, mut phase) = (self.world.base(), self.world.phase());
        loop {
            let now = phase.borrow_and_update().clone();
            match now {
                Phase::Load => self.write(),
                Phase::Finish => self.finish(),
                Phase::CatchUp(heads) if self.has_all(&heads) => break,
                Phase::CatchUp(_) => {}
            }
            tokio::select! {
                update = self.session.next() => {
                    self.record(update.expect("the token stays good"));
                    if self.dice.below(RECONNECT_IN) == 0 {
                        self.session.reconnect();
                    }
                }
                _ = base.changed() => {
                    if let Some(base) = base.borrow_and_update().as_deref() {
                        self.session.set_base(base);
                    }
                }
                _ = phase.changed() => {}
            }
        }
        let claim = |conversation: &ConversationId| CaughtUp {
            device: self.device,
            conversation: *conversation,
            from: Seq::ZERO.next(),
        };
        self.recorded.history.caught_up = self.person.conversations.iter().map(claim).collect();
        self.recorded
    }

    fn write(&mut self) {
        while self.session.unsent() < PIPELINED {
            let conversation = *self.dice.choose(&self.person.conversations);
            self.numbered += 1;
            let id = format!("{NUMBER}-{}", self.numbered);
            let client_message_id: ClientMessageId = id.parse().expect("the id is visible ASCII");
            let text = record::text_of(&client_message_id, &self.dice.words());
            let content = ContentHash::of(&text);
            let asked = Asked { conversation, content, invoked_ns: record::now_ns() };
            self.asked.insert(client_message_id.clone(), asked);
            let receiver = self.world.receiver(self.person.user, conversation);
            let message = Outgoing { client_message_id, receiver, text, reply_to: None };
            self.session.send(message).expect("the pipeline is shorter than the outbox");
        }
    }

    fn finish(&mut self) {
        if self.is_writing && self.session.unsent() == 0 {
            self.is_writing = false;
            self.world.finished();
        }
    }

    fn has_all(&self, heads: &Heads) -> bool {
        let place = self.session.place();
        let has = |id: &ConversationId| place.have.get(id) >= heads.get(id);
        self.person.conversations.iter().all(has)
    }

    fn record(&mut self, update: Update) {
        match update {
            Update::Event { conversation, seq, event } => self.recorded.history.live.push(Live {
                device: self.device,
                conversation,
                entry: record::entry(seq.number(), &event),
                observed_ns: record::now_ns(),
            }),
            Update::Acked { message, ack, attempts } => {
                let completed_ns = record::now_ns();
                let outcome =
                    SendOutcome::Acked { seq: Seq::new(ack.seq), duplicate: ack.dup, completed_ns };
                self.attempted(&message.client_message_id, outcome, attempts);
                self.world.count_ack();
            }
            Update::Refused { message, problem, attempts } => {
                self.attempted(&message.client_message_id, SendOutcome::Refused, attempts);
                self.recorded.refusals.push(format!("send over the socket: {problem}"));
            }
            Update::Gap { .. } | Update::Gone(_) | Update::SignedOut(_) | Update::MoreChanged => {
                self.recorded.refusals.push(format!("{update:?}"));
            }
            Update::Connected(Resumed::Hot) => self.recorded.hot_resumes += 1,
            Update::Connected(Resumed::Cold) | Update::Disconnected | Update::Notice(_) => {}
        }
    }

    /// Every try before the last had no answer.
    fn attempted(&mut self, id: &ClientMessageId, outcome: SendOutcome, attempts: u32) {
        let asked = self.asked.remove(id).expect("only what was asked is answered, and once");
        for attempt in 1..=attempts {
            self.recorded.history.sends.push(SendAttempt {
                device: self.device,
                conversation: asked.conversation,
                client_message_id: id.clone(),
                content: asked.content,
                invoked_ns: asked.invoked_ns,
                outcome: if attempt == attempts { outcome } else { SendOutcome::Unknown },
            });
        }
    }
}
