//! What the answers to sends promised: acked is there, refused is not, and one message is one event.

use domain::Seq;

use crate::history::{Event, SendAttempt, SendOutcome};
use crate::index::{Index, Log, Operation, Place};
use crate::violation::{Report, Violation};

pub(crate) fn check(index: &Index<'_>, report: &mut Report) {
    for operation in &index.operations {
        check_acks_agree(operation, report);
        let Some(log) = index.logs.get(&operation.key.conversation) else { continue };
        for attempt in &operation.attempts {
            report.step();
            match attempt.outcome {
                SendOutcome::Acked { seq, .. } => check_acked(attempt, seq, log, report),
                SendOutcome::Refused => check_refused(attempt, operation, log, report),
                SendOutcome::Unknown => {}
            }
        }
    }
}

/// I1: it stands where its ack says.
fn check_acked(attempt: &SendAttempt, seq: Seq, log: &Log<'_>, report: &mut Report) {
    let (device, conversation) = (attempt.device, attempt.conversation);
    let client_message_id = attempt.client_message_id.clone();
    let Some(place) = log.place(seq) else {
        report.add(Violation::AckedLost { device, conversation, client_message_id, seq });
        return;
    };
    if !holds(place, attempt) {
        let found = place.last.clone();
        report.add(Violation::AckedOverwritten {
            device,
            client_message_id,
            conversation,
            seq,
            found,
        });
    }
}

/// Whether the message of this attempt stands there, or stood there before it was deleted.
fn holds(place: Place<'_>, attempt: &SendAttempt) -> bool {
    match place.message {
        Some(message) => {
            message.sender == attempt.device.user
                && message.client_message_id == attempt.client_message_id
                && message.content == attempt.content
        }
        None => *place.last == Event::Deleted,
    }
}

/// I6: a refusal is final. Another attempt with another text may have been accepted: that is why this one was not.
fn check_refused(
    attempt: &SendAttempt,
    operation: &Operation<'_>,
    log: &Log<'_>,
    report: &mut Report,
) {
    let Some(seq) = operation.place else { return };
    if log.place(seq).is_some_and(|place| place.message.is_some() && holds(place, attempt)) {
        let (device, conversation) = (attempt.device, attempt.conversation);
        let client_message_id = attempt.client_message_id.clone();
        report.add(Violation::RefusedButPresent { device, conversation, client_message_id, seq });
    }
}

/// I4: all acks name one place, at most one calls itself the first, and a repetition repeats something.
fn check_acks_agree(operation: &Operation<'_>, report: &mut Report) {
    let conversation = operation.key.conversation;
    let client_message_id = operation.key.client_message_id;
    let mut first: Option<Seq> = None;
    let mut news = 0;
    for (duplicate, _, seq) in operation.acks() {
        report.step();
        let client_message_id = client_message_id.clone();
        news += u32::from(!duplicate);
        match first {
            Some(first) if first != seq => {
                report.add(Violation::AcksDisagree {
                    conversation,
                    client_message_id,
                    first,
                    second: seq,
                });
            }
            Some(_) if news == 2 && !duplicate => {
                report.add(Violation::AckedAsNewTwice { conversation, client_message_id, seq });
            }
            None if duplicate && operation.attempts.len() == 1 => {
                report.add(Violation::DuplicateOfNothing { conversation, client_message_id, seq });
            }
            Some(_) | None => {}
        }
        first = first.or(Some(seq));
    }
}
