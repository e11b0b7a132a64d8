//! Messages that are in the store before its server starts, so that growth can be measured in minutes.

use domain::conversation::Conversation;
use domain::event::{Event, EventBody, Message};
use domain::text::{Fingerprint, Text};
use domain::{ClientMessageId, ConversationId, Seq, Timestamp, UserId, uuid};
use store::tables::{conversation, event, job};
use store::{Batch, Check, Partition, Version};

use super::{Person, World, id_bytes, mix};
use crate::report;

/// Bytes of a text: what the figures are about.
const TEXT_BYTES: usize = 100;
/// Messages of one commit.
const BATCH_MESSAGES: u64 = 200;
/// Conversations that grow at the same time.
const GROWING_MAX: usize = 256;
/// From one message to the next.
const STEP_MS: u64 = 1_000;
/// How often progress is told, in messages.
const NOTE_EVERY: u64 = 1_000_000;

/// A conversation of two with messages in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(crate) id: ConversationId,
    /// Which person may read it.
    pub(crate) reader: usize,
    pub(crate) messages: u64,
}

struct Growing {
    conversation: Conversation,
    people: [UserId; 2],
    head: Option<Version>,
    left: u64,
    seed: u64,
}

/// How `messages` are spread over the conversations of people who write to each other two by two.
pub(crate) fn planned(people: &[Person], messages: u64) -> anyhow::Result<Vec<Stored>> {
    let pairs = u64::try_from(people.len() / 2)?.max(1);
    let conversations = pairs.min(messages.max(1));
    (0..conversations)
        .zip(people.chunks_exact(2))
        .map(|(index, pair)| {
            let [one, other] = pair else { anyhow::bail!("a pair is two") };
            let count = messages / conversations + u64::from(index < messages % conversations);
            let id = ConversationId::direct(one.id, other.id);
            Ok(Stored { id, reader: usize::try_from(index * 2)?, messages: count })
        })
        .collect()
}

impl World {
    /// Writes `messages`, spread as [`planned`].
    pub(crate) fn messages(&self, people: &[Person], messages: u64) -> anyhow::Result<Vec<Stored>> {
        let stored = planned(people, messages)?;
        let mut written = 0;
        for (group, pairs) in stored.chunks(GROWING_MAX).zip(people.chunks(GROWING_MAX * 2)) {
            let growing = group.iter().zip(pairs.chunks_exact(2));
            let growing = growing.filter_map(|(stored, pair)| self.growing(stored, pair));
            self.grow(growing.collect(), (&mut written, messages))?;
        }
        Ok(stored)
    }

    fn growing(&self, stored: &Stored, pair: &[Person]) -> Option<Growing> {
        let [one, other] = pair else { return None };
        let began = self.now.as_ms().saturating_sub(stored.messages * STEP_MS);
        Some(Growing {
            conversation: Conversation::direct(one.id, other.id, Timestamp::from_ms(began)),
            people: [one.id, other.id],
            head: None,
            left: stored.messages,
            seed: u64::try_from(stored.reader).ok()?,
        })
    }

    /// Writes everything that these conversations lack.
    fn grow(
        &self,
        mut growing: Vec<Growing>,
        (written, all): (&mut u64, u64),
    ) -> anyhow::Result<()> {
        while !growing.is_empty() {
            let before = *written;
            let batches: Vec<Batch> = growing.iter_mut().map(|one| one.batch(written)).collect();
            let versions = self.commit_each(batches)?;
            for (one, version) in growing.iter_mut().zip(versions) {
                one.head = Some(version);
            }
            growing.retain(|one| one.left > 0);
            if before / NOTE_EVERY < *written / NOTE_EVERY {
                report::note(&format!("{written} of {all} messages stored"));
            }
        }
        Ok(())
    }
}

impl Growing {
    fn batch(&mut self, written: &mut u64) -> Batch {
        let mut writes = Vec::new();
        for _ in 0..self.left.min(BATCH_MESSAGES) {
            self.left -= 1;
            *written += 1;
            let event = self.next_message();
            let fingerprint = Fingerprint::from_bytes(mix(self.seed).to_be_bytes());
            if let Some(id) = &event.client_message_id {
                let sent = conversation::Sent { seq: event.seq, fingerprint };
                writes.push(conversation::put_sent(event.sender, id, sent));
            }
            writes.push(event::put(&event));
        }
        writes.push(conversation::put_head(&self.conversation));
        let id = self.conversation.id;
        let checks = match self.head {
            Some(version) => vec![Check::Version(conversation::head_key(), version)],
            None => {
                let members = self.conversation.members.iter();
                writes.extend(
                    members.map(|(user, member)| conversation::put_member(*user, Some(member))),
                );
                vec![Check::Absent(conversation::head_key())]
            }
        };
        // Nothing has been followed up: the server does it, from the first message on.
        let jobs = vec![job::job(job::Work::Advanced(id), Seq::new(1))];
        Batch { checks, writes, jobs, ..Batch::new(Partition::Conversation(id)) }
    }

    fn next_message(&mut self) -> Event {
        self.seed = mix(self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let talk = &mut self.conversation;
        talk.head = talk.head.next();
        talk.messages += 1;
        talk.last_at = Timestamp::from_ms(talk.last_at.as_ms() + STEP_MS);
        let [one, other] = self.people;
        Event {
            seq: talk.head,
            sender: if self.seed.is_multiple_of(2) { one } else { other },
            at: talk.last_at,
            client_message_id: Some(id(talk.last_at, self.seed)),
            messages: talk.messages,
            body: EventBody::Message(Message {
                text: Some(Text::from_row(letters(self.seed, TEXT_BYTES))),
                reply_to: None,
                edited_at: None,
                edits: 0,
                reactions: Vec::new(),
            }),
        }
    }
}

/// As clients of that time would have made it.
fn id(at: Timestamp, seed: u64) -> ClientMessageId {
    let [rest @ .., _, _, _, _, _, _] = id_bytes(5, seed);
    ClientMessageId::from_uuid(uuid::version_7(at.as_ms(), rest))
}

/// Words of letters by chance: a compressor gains less from them than from any language.
pub(crate) fn letters(mut seed: u64, bytes: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz eta o";
    let mut text = String::with_capacity(bytes);
    while text.len() < bytes {
        seed = mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut bits = seed;
        for _ in 0..12.min(bytes - text.len()) {
            let index = usize::try_from(bits & 31).unwrap_or_default();
            text.push(char::from(LETTERS.get(index).copied().unwrap_or(b' ')));
            bits >>= 5;
        }
    }
    text
}
