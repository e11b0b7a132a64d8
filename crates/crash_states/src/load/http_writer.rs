//! A device that writes, edits, deletes, makes groups and changes their members over HTTP, one request at a time, and
//! asks again while the answer is unknown.

use std::sync::Arc;

use anyhow::bail;
use client::{Error, Receiver, Rest};
use domain::{ClientMessageId, ConversationId, MessageId, Seq};
use wire::message::SendMessage;

use super::World;
use super::people::{self, Group};
use super::socket_writer::{receiver, words};
use crate::dice::Dice;
use crate::recording::{self, Act, Moment, Operation, Person};

/// The number of this device among those of its user.
const DEVICE: u32 = 1;

pub(super) struct HttpWriter {
    world: Arc<World>,
    person: Person,
    rest: Rest,
    dice: Dice,
    numbered: u64,
    /// What it has sent and not deleted.
    own: Vec<Own>,
    /// Its group, and whether the guest is in it.
    group: Option<(Group, bool)>,
}

struct Own {
    id: MessageId,
    text: String,
    edits: u32,
}

impl HttpWriter {
    pub(super) fn new(world: &Arc<World>, person: &Person, seed: u64) -> Self {
        let rest = Rest::new(&world.base).expect("the address has been used already");
        let group = world.groups.iter().find(|group| group.owner == person.id());
        Self {
            world: Arc::clone(world),
            person: person.clone(),
            rest: rest.with_token(&person.token),
            dice: Dice::new(seed),
            numbered: 0,
            own: Vec::new(),
            group: group.map(|group| (*group, false)),
        }
    }

    pub(super) async fn run(mut self) -> anyhow::Result<()> {
        while !self.world.is_over() {
            match self.dice.below(24) {
                0..=3 if !self.own.is_empty() => self.edit().await?,
                4..=6 if !self.own.is_empty() => self.delete().await?,
                7..=8 => self.change_members().await?,
                9 => self.make_group().await?,
                _ => self.send().await?,
            }
        }
        Ok(())
    }

    fn note(&self, conversation: ConversationId, asked: Moment, act: Act) {
        let done = self.world.recorder.now();
        self.world.recorder.note(Operation {
            user: self.person.user.clone(),
            device: DEVICE,
            conversation: conversation.to_string(),
            asked,
            done,
            act,
        });
        self.world.count_ack();
    }

    fn next_id(&mut self) -> String {
        self.numbered += 1;
        format!("{DEVICE}-{}", self.numbered)
    }

    async fn send(&mut self) -> anyhow::Result<()> {
        let conversation = *self.dice.choose(&self.person.conversations());
        let id = self.next_id();
        let text = recording::text_of(&id, &words(&mut self.dice, self.world.load.long_in));
        let receiver_id = match receiver(&self.world, &self.person, conversation) {
            Receiver::User(user) => user.to_string(),
            Receiver::Conversation(group) => group.to_string(),
        };
        let receiver_id = Some(receiver_id);
        let message = SendMessage { receiver_id, message: text.clone(), ..SendMessage::default() };
        let key: ClientMessageId = id.parse()?;
        let asked = self.world.recorder.now();
        let sent = loop {
            match self.rest.send(&message, Some(&key)).await {
                Ok(sent) => break sent,
                Err(error) => again(&error).await?,
            }
        };
        let (client_message_id, seq) = (id, sent.seq);
        let act = Act::Send { client_message_id, text: text.clone(), seq };
        self.note(conversation, asked, act);
        let id = MessageId { conversation, seq: Seq::new(seq) };
        self.own.push(Own { id, text, edits: 0 });
        Ok(())
    }

    async fn edit(&mut self) -> anyhow::Result<()> {
        let index = self.dice.index(self.own.len());
        let mut own = self.own.swap_remove(index);
        own.edits += 1;
        let text = recording::edited(&own.text, own.edits);
        let asked = self.world.recorder.now();
        while let Err(error) = self.rest.edit(own.id, &text).await {
            again(&error).await?;
        }
        let act = Act::Edit { seq: own.id.seq.number(), number: own.edits };
        self.note(own.id.conversation, asked, act);
        self.own.push(own);
        Ok(())
    }

    async fn delete(&mut self) -> anyhow::Result<()> {
        let index = self.dice.index(self.own.len());
        let own = self.own.swap_remove(index);
        let asked = self.world.recorder.now();
        let mut was_unknown = false;
        while let Err(error) = self.rest.delete(own.id).await {
            // The try before may have done it.
            if error.is_final() && was_unknown {
                break;
            }
            was_unknown = true;
            again(&error).await?;
        }
        let act = Act::Delete { seq: own.id.seq.number() };
        self.note(own.id.conversation, asked, act);
        Ok(())
    }

    /// The guest comes, or goes.
    async fn change_members(&mut self) -> anyhow::Result<()> {
        let Some((group, is_in)) = self.group else { return self.send().await };
        let guest = self.world.guest.id();
        let asked = self.world.recorder.now();
        let mut was_unknown = false;
        loop {
            let answer = if is_in {
                self.rest.remove_from_group(group.id, guest).await
            } else {
                self.rest.add_to_group(group.id, guest).await
            };
            let Err(error) = answer else { break };
            if error.is_final() && was_unknown {
                break;
            }
            was_unknown = true;
            again(&error).await?;
        }
        let what = if is_in { recording::removed(guest) } else { recording::added(guest) };
        self.note(group.id, asked, Act::Change { what });
        self.group = Some((group, !is_in));
        Ok(())
    }

    async fn make_group(&mut self) -> anyhow::Result<()> {
        let group = people::group("Swimming", vec![self.world.guest.user.clone()]);
        let key: ClientMessageId = self.next_id().parse()?;
        let asked = self.world.recorder.now();
        let made = loop {
            match self.rest.create_group(&group, Some(&key)).await {
                Ok(made) => break made,
                Err(error) => again(&error).await?,
            }
        };
        let what = recording::added(self.world.guest.id());
        self.note(made.group_id.parse()?, asked, Act::Change { what });
        Ok(())
    }
}

/// Nothing here is refused; what has no answer is asked again.
async fn again(error: &Error) -> anyhow::Result<()> {
    if error.is_final() {
        bail!("refused over HTTP: {error}");
    }
    tokio::task::yield_now().await;
    Ok(())
}
