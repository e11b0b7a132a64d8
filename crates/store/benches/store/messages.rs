//! Batches as the server makes them when somebody sends a message.

use domain::conversation::Conversation;
use domain::event::{Event, EventBody, Message};
use domain::text::{Fingerprint, Text};
use domain::{ClientMessageId, ConversationId, Timestamp, UserId};
use store::tables::{conversation, event, job};
use store::{Batch, Check, CommitError, Partition, Store, Version};

/// The length that the figures are about.
const TEXT_BYTES: usize = 100;
const START_MS: u64 = 1_790_000_000_000;
const WORDS: &str = "the of and to in is you that it he was for on are as with his they at be this have from or one \
    had by word but not what all were we when your can said there use an each which she do how their if will up other \
    about out many then them these so some her would make like him into time has look two more write go see number no \
    way could people my than first water been call who oil its now find long down day did get come made may part over \
    new sound take only little work know place year live me back give most very after thing our just name good sentence \
    man think say great where help through much before line right too mean old any same tell boy follow came want show \
    also around form three small set put end does another well large must big even such because turn here why ask went \
    meeting tomorrow lunch train station coffee thanks sorry maybe probably yes tonight weekend photo call later okay";

/// Numbers that are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number (splitmix64).
    pub(crate) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self) -> [u8; 16] {
        let wide = (u128::from(self.roll()) << 64) | u128::from(self.roll());
        wide.to_be_bytes()
    }

    fn uuid(&mut self) -> String {
        let hex = format!("{:032x}", u128::from_be_bytes(self.bytes()));
        let mut uuid = String::with_capacity(36);
        for (index, digit) in hex.chars().enumerate() {
            if matches!(index, 8 | 12 | 16 | 20) {
                uuid.push('-');
            }
            uuid.push(digit);
        }
        uuid
    }

    fn text(&mut self, words: &[&str]) -> String {
        let mut text = String::new();
        while text.len() < TEXT_BYTES {
            // The smaller of two: frequent words are frequent.
            let (one, other) = (self.roll(), self.roll());
            let count = words.len() as u64;
            let index = usize::try_from((one % count).min(other % count)).unwrap_or_default();
            text.push_str(words.get(index).copied().unwrap_or_default());
            text.push(' ');
        }
        text.truncate(TEXT_BYTES);
        text
    }
}

/// Two people and what they have written.
pub(crate) struct Talk {
    pub(crate) conversation: Conversation,
    people: [UserId; 2],
    head_version: Option<Version>,
    dice: Dice,
    words: Vec<&'static str>,
}

impl Talk {
    pub(crate) fn new(number: u64) -> Self {
        let mut dice = Dice::new(number.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let people = [UserId::from_bytes(dice.bytes()), UserId::from_bytes(dice.bytes())];
        let [one, other] = people;
        Self {
            conversation: Conversation::direct(one, other, Timestamp::from_ms(START_MS)),
            people,
            head_version: None,
            dice,
            words: WORDS.split_whitespace().collect(),
        }
    }

    /// The id of the conversation with this number.
    pub(crate) fn id(number: u64) -> ConversationId {
        Self::new(number).conversation.id
    }

    /// The batch of the next `count` messages.
    pub(crate) fn send(&mut self, count: u64) -> Batch {
        let first = self.conversation.head.next();
        let mut writes = Vec::new();
        for _ in 0..count {
            let event = self.next();
            let fingerprint = Fingerprint::from_bytes(self.dice.roll().to_be_bytes());
            let sent = conversation::Sent { seq: event.seq, fingerprint };
            if let Some(id) = &event.client_message_id {
                writes.push(conversation::put_sent(event.sender, id, sent));
            }
            writes.push(event::put(&event));
        }
        writes.push(conversation::put_head(&self.conversation));
        let check = match self.head_version {
            Some(version) => Check::Version(conversation::head_key(), version),
            None => {
                let members = self.conversation.members.iter();
                writes.extend(
                    members.map(|(user, member)| conversation::put_member(*user, Some(member))),
                );
                Check::Absent(conversation::head_key())
            }
        };
        let id = self.conversation.id;
        Batch {
            checks: vec![check],
            writes,
            jobs: vec![job::job(job::Work::Advanced(id), first)],
            ..Batch::new(Partition::Conversation(id))
        }
    }

    fn next(&mut self) -> Event {
        let seq = self.conversation.head.next();
        let at = Timestamp::from_ms(self.conversation.last_at.as_ms() + self.dice.roll() % 60_000);
        let [one, other] = self.people;
        self.conversation.head = seq;
        self.conversation.messages += 1;
        self.conversation.last_at = at;
        let id: Option<ClientMessageId> = self.dice.uuid().parse().ok();
        Event {
            seq,
            sender: if self.dice.roll().is_multiple_of(2) { one } else { other },
            at,
            client_message_id: id,
            messages: self.conversation.messages,
            body: EventBody::Message(Message {
                text: Some(Text::from_row(self.dice.text(&self.words))),
                reply_to: None,
                edited_at: None,
                edits: 0,
                reactions: Vec::new(),
            }),
        }
    }

    /// Sends and waits until it is on disk.
    pub(crate) async fn commit(&mut self, store: &Store, count: u64) -> Result<(), CommitError> {
        let committed = store.commit(self.send(count)).await?;
        self.head_version = Some(committed.version);
        Ok(())
    }
}
