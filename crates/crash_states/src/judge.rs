//! Says whether what was found in a state can be, after what was asked for and answered.

use std::collections::{BTreeMap, BTreeSet};

use checker::{
    ContentHash, Delete, DeleteOutcome, Device, Entry, Event, FinalRead, History, Message,
    SendAttempt, SendOutcome,
};
use domain::{ConversationId, Seq, UserId};

use crate::plan::State;
use crate::recording::{self, Act, Body, Found, Logs, Operation, Recording, id_of};

/// What may and what must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// What was answered when the disk had got no more requests than these is durable: no flush came between the one
    /// that ends the state and the answer.
    durable: u64,
    /// What was asked for when the disk had got as many requests as these cannot have left anything.
    possible: u64,
}

impl Claim {
    pub(crate) fn of(state: &State) -> Self {
        let number = |index: usize| u64::try_from(index).expect("a log fits into memory");
        Self { durable: number(state.next_flush), possible: number(state.end()) }
    }

    pub(crate) const fn is_durable(self, operation: &Operation) -> bool {
        operation.done.requests <= self.durable
    }

    /// Whether everything that went before the load is durable.
    pub(crate) const fn is_gathered(self, recording: &Recording) -> bool {
        recording.gathered.requests <= self.durable
    }

    const fn is_possible(self, operation: &Operation) -> bool {
        operation.asked.requests < self.possible
    }
}

/// Everything that cannot be, told.
pub(crate) fn violations(
    recording: &Recording,
    claim: Claim,
    logs: &Logs,
    last: Option<&Logs>,
) -> Vec<String> {
    let possible = recording.operations.iter().filter(|operation| claim.is_possible(operation));
    let possible: Vec<&Operation> = possible.collect();
    let history = history(&possible, claim, logs);
    let checked = checker::check(&history).err().unwrap_or_default();
    let mut told: Vec<String> = checked.iter().map(ToString::to_string).collect();
    for (conversation, log) in logs {
        let last = last.and_then(|last| last.get(conversation));
        told.extend(last.and_then(|last| fork(*conversation, log, last)));
        told.extend(half_deletes(*conversation, log));
    }
    told.extend(edits(&possible, claim, logs));
    told.extend(changes(&possible, claim, logs));
    told
}

/// What the checker is told: an operation whose answer may have come after the state has no answer.
fn history(possible: &[&Operation], claim: Claim, logs: &Logs) -> History {
    let mut history = History::default();
    for operation in possible {
        let device = Device {
            user: operation.user.parse().expect("a user id is one"),
            number: operation.device,
        };
        let conversation = id_of(&operation.conversation);
        let (invoked_ns, completed_ns) = (operation.asked.tick, operation.done.tick);
        let durable = claim.is_durable(operation);
        match &operation.act {
            Act::Send { client_message_id, text, seq } => history.sends.push(SendAttempt {
                device,
                conversation,
                client_message_id: client_message_id.parse().expect("an id is one"),
                content: ContentHash::of(text),
                invoked_ns,
                outcome: if durable {
                    SendOutcome::Acked { seq: Seq::new(*seq), duplicate: false, completed_ns }
                } else {
                    SendOutcome::Unknown
                },
            }),
            Act::Delete { seq } => history.deletes.push(Delete {
                device,
                conversation,
                seq: Seq::new(*seq),
                invoked_ns,
                outcome: if durable {
                    DeleteOutcome::Acked { completed_ns }
                } else {
                    DeleteOutcome::Unknown
                },
            }),
            Act::Edit { .. } | Act::Change { .. } => {}
        }
    }
    history.finals = logs.iter().map(|(conversation, log)| read(*conversation, log)).collect();
    history
}

fn read(conversation: ConversationId, log: &[Found]) -> FinalRead {
    let head = log.last().map_or(Seq::ZERO, |last| last.seq);
    let entries = log.iter().map(entry).collect();
    FinalRead { conversation, entries, head, invoked_ns: u64::MAX }
}

/// An edited message counts as the one that was sent. A text that nobody can have sent counts as something else, which
/// is a violation wherever an acked message should be.
fn entry(found: &Found) -> Entry {
    let event = match &found.body {
        Body::Message(None) => Event::Deleted,
        Body::Message(Some(text)) => match message(found.sender, text) {
            Some(message) => Event::Message(message),
            None => Event::Other(ContentHash::of(text)),
        },
        Body::Other(what) => Event::Other(ContentHash::of(what)),
    };
    Entry { seq: found.seq, event }
}

fn message(sender: UserId, text: &str) -> Option<Message> {
    let (sent, _) = recording::unedited(text)?;
    let client_message_id = recording::id_in(sent)?.parse().ok()?;
    Some(Message { sender, client_message_id, content: ContentHash::of(sent) })
}

/// I7: a log in a state is how the log began: the same events at the same places, whatever came later.
fn fork(conversation: ConversationId, log: &[Found], last: &[Found]) -> Option<String> {
    let mut later = last.iter();
    for found in log {
        let after = later.next();
        if !after.is_some_and(|after| continues(found, after)) {
            let seq = found.seq;
            return Some(format!(
                "I7: {conversation} has at {seq} {found:?}, which was not there later: {after:?}"
            ));
        }
    }
    None
}

fn continues(found: &Found, after: &Found) -> bool {
    let same = match (&found.body, &after.body) {
        (Body::Message(Some(found)), Body::Message(Some(after))) => {
            recording::id_in(found) == recording::id_in(after)
        }
        (Body::Message(_), Body::Message(None)) => true,
        (Body::Other(found), Body::Other(after)) => found == after,
        (Body::Message(_) | Body::Other(_), Body::Message(_) | Body::Other(_)) => false,
    };
    same && found.seq == after.seq && found.sender == after.sender
}

/// I12: the event that says so and the text that is gone are one commit.
fn half_deletes(conversation: ConversationId, log: &[Found]) -> Vec<String> {
    let others = log.iter().filter_map(|found| match &found.body {
        Body::Other(what) => Some(what.as_str()),
        Body::Message(_) => None,
    });
    let others: BTreeSet<&str> = others.collect();
    let mut told = Vec::new();
    for found in log.iter().filter(|found| matches!(found.body, Body::Message(_))) {
        let seq = found.seq;
        let is_said = others.contains(recording::deleted(seq).as_str());
        let is_gone = found.body == Body::Message(None);
        if is_said && !is_gone {
            told.push(format!("I12: {conversation} says that {seq} is deleted, and has its text"));
        }
        if is_gone && !is_said {
            told.push(format!("I12: {conversation} lost the text of {seq} and does not say why"));
        }
    }
    told
}

/// I1 for edits, which the checker does not know; and every edit that is there was asked for.
fn edits(possible: &[&Operation], claim: Claim, logs: &Logs) -> Vec<String> {
    let mut asked = BTreeMap::new();
    for operation in possible {
        if let Act::Edit { seq, number } = operation.act {
            let (last_asked, last_durable) =
                asked.entry((id_of(&operation.conversation), Seq::new(seq))).or_insert((0, 0));
            *last_asked = number.max(*last_asked);
            if claim.is_durable(operation) {
                *last_durable = number.max(*last_durable);
            }
        }
    }
    let mut told = Vec::new();
    for (conversation, log) in logs {
        for found in log {
            let Body::Message(Some(text)) = &found.body else { continue };
            let Some((_, edit)) = recording::unedited(text) else { continue };
            let (most, least) = asked.get(&(*conversation, found.seq)).copied().unwrap_or_default();
            if !(least..=most).contains(&edit) {
                let seq = found.seq;
                told.push(format!(
                    "I1: {conversation} has edit {edit} of {seq}; {least} was acked and {most} asked for"
                ));
            }
        }
    }
    told
}

/// I1 for groups and their members: as many events of each kind as were acked.
fn changes(possible: &[&Operation], claim: Claim, logs: &Logs) -> Vec<String> {
    let mut acked: BTreeMap<_, usize> = BTreeMap::new();
    for operation in possible.iter().filter(|operation| claim.is_durable(operation)) {
        if let Act::Change { what } = &operation.act {
            *acked.entry((id_of(&operation.conversation), what)).or_default() += 1;
        }
    }
    let mut told = Vec::new();
    for ((conversation, what), acked) in acked {
        let log = logs.get(&conversation).map_or(&[][..], Vec::as_slice);
        let is_it = |found: &&Found| matches!(&found.body, Body::Other(other) if other == what);
        let found = log.iter().filter(is_it).count();
        if found < acked {
            told.push(format!("I1: {conversation} has {found} times {what:?}; acked were {acked}"));
        }
    }
    told
}

#[cfg(test)]
mod tests;
