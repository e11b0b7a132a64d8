//! The log itself: dense, the same for everybody, and made of what was sent.

use std::collections::{BTreeSet, HashMap};

use domain::{ConversationId, Seq};

use crate::history::{FinalRead, History, SendOutcome};
use crate::index::{Index, Key, Log};
use crate::violation::{Report, Violation};

pub(crate) fn check(history: &History, index: &Index<'_>, report: &mut Report) {
    for read in &history.finals {
        check_dense(read, report);
        if let Some(log) = index.logs.get(&read.conversation) {
            check_same_end(log, read, report);
        }
    }
    for log in index.logs.values() {
        check_messages(log, index, report);
    }
    check_same_for_all(history, index, report);
    check_all_read(history, index, report);
}

/// I1: every conversation in which anything happened is read at the end. Without that, nothing would be proved.
fn check_all_read(history: &History, index: &Index<'_>, report: &mut Report) {
    let sends = history.sends.iter().filter(|attempt| attempt.outcome != SendOutcome::Refused);
    let sent = sends.map(|attempt| attempt.conversation);
    let seen = history.sightings().map(|sighting| sighting.conversation);
    let asked = history.pages.iter().map(|page| page.conversation);
    let deleted = history.deletes.iter().map(|delete| delete.conversation);
    let claimed = history.caught_up.iter().map(|claim| claim.conversation);
    let mut unread: BTreeSet<ConversationId> = BTreeSet::new();
    for conversation in sent.chain(seen).chain(asked).chain(deleted).chain(claimed) {
        report.step();
        if !index.logs.contains_key(&conversation) && unread.insert(conversation) {
            report.add(Violation::NoFinalRead { conversation });
        }
    }
}

/// I2: 1, 2, 3 … to the head. Only the first fault is told: all that follow are its consequences.
fn check_dense(read: &FinalRead, report: &mut Report) {
    let conversation = read.conversation;
    let mut expected = Seq::ZERO.next();
    for entry in &read.entries {
        report.step();
        if entry.seq != expected {
            report.add(Violation::Hole { conversation, expected, found: Some(entry.seq) });
            return;
        }
        if entry.seq > read.head {
            report.add(Violation::BehindHead { conversation, head: read.head, found: entry.seq });
            return;
        }
        expected = expected.next();
    }
    if expected <= read.head {
        report.add(Violation::Hole { conversation, expected, found: None });
    }
}

fn check_same_end(log: &Log<'_>, read: &FinalRead, report: &mut Report) {
    if log.read.head != read.head {
        let conversation = read.conversation;
        report.add(Violation::FinalReadsDiffer {
            conversation,
            head: log.read.head,
            other: read.head,
        });
    }
}

/// I4 and phantoms: each message stands once, and as somebody sent it.
fn check_messages(log: &Log<'_>, index: &Index<'_>, report: &mut Report) {
    let conversation = log.read.conversation;
    let mut places = HashMap::new();
    for entry in &log.read.entries {
        report.step();
        let Some(message) = log.place(entry.seq).and_then(|place| place.message) else { continue };
        let (sender, client_message_id) = (message.sender, message.client_message_id.clone());
        let seq = entry.seq;
        let key = Key::of_message(conversation, message);
        if let Some(first) = places.insert(key, seq) {
            report.add(Violation::SentOnceStoredTwice {
                conversation,
                client_message_id,
                first,
                second: seq,
            });
            continue;
        }
        let Some(operation) = index.operation(key) else {
            report.add(Violation::SentByNobody { sender, conversation, client_message_id, seq });
            continue;
        };
        if !operation.attempts.iter().any(|attempt| attempt.content == message.content) {
            report.add(Violation::NotAsSent { sender, conversation, client_message_id, seq });
        }
    }
}

/// I2 and I7: wherever an event was seen, it is the one that stands there at the end, or has been deleted since.
fn check_same_for_all(history: &History, index: &Index<'_>, report: &mut Report) {
    for sighting in history.sightings() {
        report.step();
        let (device, conversation, seq) =
            (sighting.device, sighting.conversation, sighting.entry.seq);
        let Some(log) = index.logs.get(&conversation) else { continue };
        let Some(place) = log.place(seq) else {
            report.add(Violation::SeenThenLost { device, conversation, seq });
            continue;
        };
        if !place.could_have_been(&sighting.entry.event) {
            let (seen, last) = (sighting.entry.event.clone(), place.last.clone());
            report.add(Violation::Forked { device, conversation, seq, seen, last });
        }
    }
}
