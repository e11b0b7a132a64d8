//! A device that writes over its socket, several messages at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use client::{Backoff, Outgoing, Receiver, Session, SessionOptions, Update};
use domain::{ClientMessageId, ConversationId, ConversationKind};

use super::World;
use crate::dice::Dice;
use crate::recording::{self, Act, Moment, Operation, Person};

/// The number of this device among those of its user.
const DEVICE: u32 = 0;
/// Messages that it sends without waiting for an answer.
const PIPELINED: usize = 4;
/// A little less than 16 KiB.
const LONG_WORDS: usize = 950;
/// It comes back this fast.
const RETRY_WITHIN: Duration = Duration::from_millis(40);

pub(super) struct SocketWriter {
    world: Arc<World>,
    person: Person,
    session: Session,
    dice: Dice,
    numbered: u64,
    asked: HashMap<ClientMessageId, (ConversationId, Moment)>,
}

/// How a member addresses a conversation: a direct one begins with the first message to the other person.
pub(super) fn receiver(world: &World, from: &Person, conversation: ConversationId) -> Receiver {
    let mut others = world.people.iter().filter(|person| {
        person.user != from.user && person.conversations().contains(&conversation)
    });
    match conversation.kind() {
        ConversationKind::Group => Receiver::Conversation(conversation),
        ConversationKind::Direct => Receiver::User(others.next().expect("it has two").id()),
    }
}

impl SocketWriter {
    pub(super) fn new(world: &Arc<World>, person: &Person, seed: u64) -> Self {
        let backoff = Backoff::new(seed).between(RETRY_WITHIN / 8, RETRY_WITHIN);
        let options = SessionOptions::new(&world.base, &person.token);
        Self {
            world: Arc::clone(world),
            person: person.clone(),
            session: Session::new(SessionOptions { backoff, ..options }),
            dice: Dice::new(seed),
            numbered: 0,
            asked: HashMap::new(),
        }
    }

    pub(super) async fn run(mut self) -> anyhow::Result<()> {
        loop {
            while !self.world.is_over() && self.session.unsent() < PIPELINED {
                self.write()?;
            }
            if self.session.unsent() == 0 {
                return Ok(());
            }
            match self.session.next().await.context("the token stays good")? {
                Update::Acked { message, ack, .. } => self.acked(&message, ack.seq),
                Update::Refused { problem, .. } => bail!("a send was refused: {problem}"),
                update @ (Update::Gone(_) | Update::SignedOut(_)) => bail!("{update:?}"),
                Update::Connected(_)
                | Update::Disconnected
                | Update::Event { .. }
                | Update::Gap { .. }
                | Update::MoreChanged
                | Update::Notice(_) => {}
            }
        }
    }

    fn write(&mut self) -> anyhow::Result<()> {
        let conversation = *self.dice.choose(&self.person.conversations());
        self.numbered += 1;
        let id = format!("{DEVICE}-{}", self.numbered);
        let client_message_id: ClientMessageId = id.parse()?;
        let text = recording::text_of(&id, &words(&mut self.dice, self.world.load.long_in));
        let receiver = receiver(&self.world, &self.person, conversation);
        let asked = (conversation, self.world.recorder.now());
        self.asked.insert(client_message_id.clone(), asked);
        self.session.send(Outgoing { client_message_id, receiver, text, reply_to: None })?;
        Ok(())
    }

    fn acked(&mut self, message: &Outgoing, seq: u64) {
        let done = self.world.recorder.now();
        let id = &message.client_message_id;
        let (conversation, asked) = self.asked.remove(id).expect("what is acked was asked, once");
        self.world.recorder.note(Operation {
            user: self.person.user.clone(),
            device: DEVICE,
            conversation: conversation.to_string(),
            asked,
            done,
            act: Act::Send { client_message_id: id.to_string(), text: message.text.clone(), seq },
        });
        self.world.count_ack();
    }
}

/// Words of a length of their own; out of `long_in` times, once nearly as many as a text may have.
pub(super) fn words(dice: &mut Dice, long_in: u64) -> String {
    if dice.below(long_in) == 0 {
        return (0..LONG_WORDS).map(|_| format!("{:016x} ", dice.next())).collect();
    }
    let times = 1 + dice.index(24);
    format!("{:016x} ", dice.next()).repeat(times)
}
