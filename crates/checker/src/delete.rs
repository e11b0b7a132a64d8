//! Deletes delete: no page that was asked for afterwards holds the text, and no text goes without being asked for.
//!
//! Events that arrive live are not held against the server: the bytes may have left before the delete was acked.

use std::collections::HashMap;

use domain::{ConversationId, Seq};

use crate::history::{Delete, DeleteOutcome, Device, Entry, Event, History};
use crate::violation::{Report, Violation};

/// What is known about deletes of one place.
#[derive(Clone, Copy, Debug, Default)]
struct Deletion {
    /// The first attempt that was not refused.
    asked_ns: Option<u64>,
    /// Since then the text must be gone: the first ack, or the first page without the text.
    gone_ns: Option<u64>,
}

type Deletions = HashMap<(ConversationId, Seq), Deletion>;

/// A list of events, who got it and when.
struct Reading<'h> {
    device: Option<Device>,
    conversation: ConversationId,
    entries: &'h [Entry],
    invoked_ns: u64,
    completed_ns: u64,
}

pub(crate) fn check(history: &History, report: &mut Report) {
    let mut deletions = asked_and_acked(&history.deletes);
    for reading in readings(history) {
        note_deleted(&reading, &mut deletions, report);
    }
    for reading in readings(history) {
        check_gone(&reading, &deletions, report);
    }
}

fn asked_and_acked(deletes: &[Delete]) -> Deletions {
    let mut deletions = Deletions::new();
    for delete in deletes {
        let gone_ns = match delete.outcome {
            DeleteOutcome::Acked { completed_ns } => Some(completed_ns),
            DeleteOutcome::Unknown => None,
            DeleteOutcome::Refused => continue,
        };
        let deletion = deletions.entry((delete.conversation, delete.seq)).or_default();
        deletion.asked_ns = earlier(deletion.asked_ns, Some(delete.invoked_ns));
        deletion.gone_ns = earlier(deletion.gone_ns, gone_ns);
    }
    deletions
}

fn earlier(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}

fn readings(history: &History) -> impl Iterator<Item = Reading<'_>> {
    let pages = history.pages.iter().map(|page| Reading {
        device: Some(page.device),
        conversation: page.conversation,
        entries: &page.entries,
        invoked_ns: page.invoked_ns,
        completed_ns: page.completed_ns,
    });
    let live = history.live.iter().map(|live| Reading {
        device: Some(live.device),
        conversation: live.conversation,
        entries: std::slice::from_ref(&live.entry),
        invoked_ns: 0,
        completed_ns: live.observed_ns,
    });
    let finals = history.finals.iter().map(|read| Reading {
        device: None,
        conversation: read.conversation,
        entries: &read.entries,
        invoked_ns: read.invoked_ns,
        completed_ns: u64::MAX,
    });
    pages.chain(live).chain(finals)
}

/// A text that is gone stays gone, and was deleted by somebody before.
fn note_deleted(reading: &Reading<'_>, deletions: &mut Deletions, report: &mut Report) {
    for entry in reading.entries.iter().filter(|entry| entry.event == Event::Deleted) {
        report.step();
        let (conversation, seq) = (reading.conversation, entry.seq);
        let deletion = deletions.entry((conversation, seq)).or_default();
        if deletion.asked_ns.is_none_or(|asked_ns| asked_ns > reading.completed_ns) {
            report.add(Violation::DeletedByNobody { conversation, seq });
        }
        deletion.gone_ns = earlier(deletion.gone_ns, Some(reading.completed_ns));
    }
}

fn check_gone(reading: &Reading<'_>, deletions: &Deletions, report: &mut Report) {
    for entry in reading.entries {
        report.step();
        let Some(deletion) = deletions.get(&(reading.conversation, entry.seq)) else { continue };
        let gone = deletion.gone_ns.is_some_and(|gone_ns| gone_ns < reading.invoked_ns);
        if gone && matches!(entry.event, Event::Message(_)) {
            let (device, conversation) = (reading.device, reading.conversation);
            report.add(Violation::DeletedTextReturned { device, conversation, seq: entry.seq });
        }
    }
}
