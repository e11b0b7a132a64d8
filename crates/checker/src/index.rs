//! The history, arranged for look-ups: the one log of each conversation, and the attempts of each message together.

use std::collections::{BTreeMap, HashMap};

use domain::{ClientMessageId, ConversationId, Seq, UserId};

use crate::history::{Device, Event, FinalRead, History, Message, SendAttempt, SendOutcome};

/// What stands at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'h> {
    /// At the end.
    pub(crate) last: &'h Event,
    /// The message that stands or stood there, as far as anybody saw it.
    pub(crate) message: Option<&'h Message>,
}

/// A conversation as its first final read tells it.
#[derive(Debug)]
pub(crate) struct Log<'h> {
    pub(crate) read: &'h FinalRead,
    places: HashMap<Seq, Place<'h>>,
}

impl<'h> Log<'h> {
    fn of(read: &'h FinalRead) -> Self {
        let mut places = HashMap::with_capacity(read.entries.len());
        for entry in &read.entries {
            let message = message_of(&entry.event);
            places.entry(entry.seq).or_insert(Place { last: &entry.event, message });
        }
        Self { read, places }
    }

    pub(crate) fn place(&self, seq: Seq) -> Option<Place<'h>> {
        self.places.get(&seq).copied()
    }
}

const fn message_of(event: &Event) -> Option<&Message> {
    match event {
        Event::Message(message) => Some(message),
        Event::Deleted | Event::Other(_) => None,
    }
}

/// What makes a message one and the same, however often it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key<'h> {
    pub(crate) conversation: ConversationId,
    pub(crate) sender: UserId,
    pub(crate) client_message_id: &'h ClientMessageId,
}

impl<'h> Key<'h> {
    pub(crate) const fn of_message(conversation: ConversationId, message: &'h Message) -> Self {
        Self { conversation, sender: message.sender, client_message_id: &message.client_message_id }
    }

    const fn of_attempt(attempt: &'h SendAttempt) -> Self {
        Self {
            conversation: attempt.conversation,
            sender: attempt.device.user,
            client_message_id: &attempt.client_message_id,
        }
    }
}

/// All attempts to send one message.
#[derive(Debug)]
pub(crate) struct Operation<'h> {
    pub(crate) key: Key<'h>,
    pub(crate) attempts: Vec<&'h SendAttempt>,
    /// Where it stands in the log, if it does.
    pub(crate) place: Option<Seq>,
}

impl Operation<'_> {
    /// When it was first sent.
    pub(crate) fn invoked_ns(&self) -> u64 {
        self.attempts.iter().map(|attempt| attempt.invoked_ns).min().unwrap_or_default()
    }

    /// When it was first acked, and its place according to that ack.
    pub(crate) fn acked(&self) -> Option<(u64, Seq)> {
        self.acks().map(|(_, completed_ns, seq)| (completed_ns, seq)).min()
    }

    /// All acks: whether as a repetition, when, and the place.
    pub(crate) fn acks(&self) -> impl Iterator<Item = (bool, u64, Seq)> {
        self.attempts.iter().filter_map(|attempt| match attempt.outcome {
            SendOutcome::Acked { seq, duplicate, completed_ns } => {
                Some((duplicate, completed_ns, seq))
            }
            SendOutcome::Refused | SendOutcome::Unknown => None,
        })
    }

    /// The device that sent it, unless several did.
    pub(crate) fn only_device(&self) -> Option<Device> {
        let first = self.attempts.first()?.device;
        self.attempts.iter().all(|attempt| attempt.device == first).then_some(first)
    }
}

/// The whole history, arranged.
#[derive(Debug)]
pub(crate) struct Index<'h> {
    pub(crate) logs: BTreeMap<ConversationId, Log<'h>>,
    /// In the order of their first record.
    pub(crate) operations: Vec<Operation<'h>>,
    by_key: HashMap<Key<'h>, usize>,
}

impl<'h> Index<'h> {
    pub(crate) fn of(history: &'h History) -> Self {
        let mut index =
            Self { logs: BTreeMap::new(), operations: Vec::new(), by_key: HashMap::new() };
        for read in &history.finals {
            index.logs.entry(read.conversation).or_insert_with(|| Log::of(read));
        }
        index.remember_deleted_messages(history);
        index.gather_attempts(history);
        index.find_places();
        index
    }

    pub(crate) fn operation(&self, key: Key<'_>) -> Option<&Operation<'h>> {
        self.by_key.get(&key).and_then(|position| self.operations.get(*position))
    }

    fn remember_deleted_messages(&mut self, history: &'h History) {
        for sighting in history.sightings() {
            let Some(log) = self.logs.get_mut(&sighting.conversation) else { continue };
            let Some(place) = log.places.get_mut(&sighting.entry.seq) else { continue };
            if *place.last == Event::Deleted && place.message.is_none() {
                place.message = message_of(&sighting.entry.event);
            }
        }
    }

    fn gather_attempts(&mut self, history: &'h History) {
        for attempt in &history.sends {
            let key = Key::of_attempt(attempt);
            let position = *self.by_key.entry(key).or_insert(self.operations.len());
            if position == self.operations.len() {
                self.operations.push(Operation { key, attempts: Vec::new(), place: None });
            }
            if let Some(operation) = self.operations.get_mut(position) {
                operation.attempts.push(attempt);
            }
        }
    }

    /// A message stands where the log says so, or where its ack says so and only a deleted message is left.
    fn find_places(&mut self) {
        for log in self.logs.values() {
            for (seq, place) in
                log.read.entries.iter().filter_map(|entry| Some((entry.seq, log.place(entry.seq)?)))
            {
                let key =
                    place.message.map(|message| Key::of_message(log.read.conversation, message));
                let position = key.and_then(|key| self.by_key.get(&key));
                if let Some(operation) =
                    position.and_then(|position| self.operations.get_mut(*position))
                {
                    operation.place.get_or_insert(seq);
                }
            }
        }
        for operation in &mut self.operations {
            let Some((_, seq)) = operation.acked() else { continue };
            let place = self.logs.get(&operation.key.conversation).and_then(|log| log.place(seq));
            if place.is_some_and(|place| *place.last == Event::Deleted && place.message.is_none()) {
                operation.place.get_or_insert(seq);
            }
        }
    }
}

impl Place<'_> {
    /// Whether somebody may have seen `event` here earlier: the same one, or a message before its text was deleted.
    /// A text that comes back after a delete is the subject of I12.
    pub(crate) fn could_have_been(&self, event: &Event) -> bool {
        match (event, self.last) {
            (Event::Deleted, Event::Deleted | Event::Message(_)) => true,
            (Event::Message(seen), Event::Deleted | Event::Message(_)) => {
                self.message == Some(seen)
            }
            (Event::Other(seen), Event::Other(last)) => seen == last,
            (Event::Deleted | Event::Message(_), Event::Other(_)) => false,
            (Event::Other(_), Event::Deleted | Event::Message(_)) => false,
        }
    }
}
