//! A device that writes, edits and deletes over HTTP, one request at a time, and asks again while the answer is unknown.

use checker::{ContentHash, Delete, DeleteOutcome, Device, SendAttempt, SendOutcome};
use client::{Error, Receiver, Rest};
use domain::{ClientMessageId, ConversationId, MessageId, Seq};
use wire::message::{MessageSent, SendMessage};

use crate::record::{self, Dice, Edits, Recorded};
use crate::world::{Person, Phase, World};

/// The number of this device among those of its user.
const NUMBER: u32 = 1;
/// Out of so many requests, one is an edit and one a delete.
const CHANGES_IN: u64 = 8;

pub(crate) struct HttpWriter {
    world: World,
    person: Person,
    device: Device,
    dice: Dice,
    numbered: u64,
    /// What it has sent and not deleted.
    own: Vec<Own>,
    recorded: Recorded,
}

struct Own {
    id: MessageId,
    text: String,
    edits: Edits,
}

impl HttpWriter {
    pub(crate) fn new(world: &World, person: &Person, seed: u64) -> Self {
        world.writes();
        Self {
            world: world.clone(),
            person: person.clone(),
            device: Device { user: person.user, number: NUMBER },
            dice: Dice::new(seed),
            numbered: 0,
            own: Vec::new(),
            recorded: Recorded::default(),
        }
    }

    pub(crate) async fn run(mut self) -> Recorded {
        let phase = self.world.phase();
        while *phase.borrow() == Phase::Load {
            match self.dice.below(CHANGES_IN) {
                0 if !self.own.is_empty() => self.edit().await,
                1 if !self.own.is_empty() => self.delete().await,
                _ => self.send().await,
            }
        }
        self.recorded
            .edits
            .extend(self.own.iter().map(|own| own.edits).filter(|edits| edits.asked > 0));
        self.world.finished();
        self.recorded
    }

    async fn rest(&self) -> Rest {
        let base = self.world.reachable().await;
        Rest::new(&base).expect("the address is one").with_token(&self.person.token)
    }

    async fn send(&mut self) {
        let conversation = *self.dice.choose(&self.person.conversations);
        self.numbered += 1;
        let id = format!("{NUMBER}-{}", self.numbered);
        let id: ClientMessageId = id.parse().expect("the id is visible ASCII");
        let text = record::text_of(&id, &self.dice.words());
        let message = SendMessage {
            receiver_id: Some(match self.world.receiver(self.person.user, conversation) {
                Receiver::User(user) => user.to_string(),
                Receiver::Conversation(group) => group.to_string(),
            }),
            message: text.clone(),
            ..SendMessage::default()
        };
        let attempt = SendAttempt {
            device: self.device,
            conversation,
            client_message_id: id.clone(),
            content: ContentHash::of(&text),
            invoked_ns: 0,
            outcome: SendOutcome::Unknown,
        };
        loop {
            let rest = self.rest().await;
            let invoked_ns = record::now_ns();
            let answer = rest.send(&message, Some(&id)).await;
            let outcome = outcome(&answer, record::now_ns());
            self.recorded.history.sends.push(SendAttempt {
                invoked_ns,
                outcome,
                ..attempt.clone()
            });
            match answer {
                Ok(sent) => return self.sent(conversation, sent.seq, text),
                Err(error) if error.is_final() => return self.refused("send", &error),
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }

    fn sent(&mut self, conversation: ConversationId, seq: u64, text: String) {
        let seq = Seq::new(seq);
        let edits = Edits { conversation, seq, acked: 0, asked: 0 };
        self.own.push(Own { id: MessageId { conversation, seq }, text, edits });
        self.world.count_ack();
    }

    fn refused(&mut self, what: &str, error: &Error) {
        self.recorded.refusals.push(format!("{what} over HTTP: {error}"));
    }

    /// One of its own messages, taken out of the list.
    fn take_own(&mut self) -> Own {
        let count = u64::try_from(self.own.len()).expect("a list fits into memory");
        let index = usize::try_from(self.dice.below(count)).expect("the index is below the length");
        self.own.swap_remove(index)
    }

    async fn edit(&mut self) {
        let mut own = self.take_own();
        own.edits.asked += 1;
        let text = record::edited(&own.text, own.edits.asked);
        loop {
            match self.rest().await.edit(own.id, &text).await {
                Ok(_) => {
                    own.edits.acked = own.edits.asked;
                    break;
                }
                Err(error) if error.is_final() => {
                    self.refused("edit", &error);
                    break;
                }
                Err(_) => tokio::task::yield_now().await,
            }
        }
        self.own.push(own);
    }

    async fn delete(&mut self) {
        let own = self.take_own();
        let mut was_unknown = false;
        loop {
            let rest = self.rest().await;
            let invoked_ns = record::now_ns();
            let answer = rest.delete(own.id).await;
            let outcome = match &answer {
                Ok(_) => DeleteOutcome::Acked { completed_ns: record::now_ns() },
                Err(error) if error.is_final() => DeleteOutcome::Refused,
                Err(_) => DeleteOutcome::Unknown,
            };
            let MessageId { conversation, seq } = own.id;
            let delete = Delete { device: self.device, conversation, seq, invoked_ns, outcome };
            self.recorded.history.deletes.push(delete);
            match answer {
                Ok(_) => return,
                // The try before may have done it.
                Err(error) if error.is_final() && was_unknown => return,
                Err(error) if error.is_final() => return self.refused("delete", &error),
                Err(_) => was_unknown = true,
            }
            tokio::task::yield_now().await;
        }
    }
}

fn outcome(answer: &Result<MessageSent, Error>, completed_ns: u64) -> SendOutcome {
    match answer {
        Ok(sent) => {
            SendOutcome::Acked { seq: Seq::new(sent.seq), duplicate: sent.dup, completed_ns }
        }
        Err(error) if error.is_final() => SendOutcome::Refused,
        Err(_) => SendOutcome::Unknown,
    }
}
