//! Judges what clients did and saw: whether a history of sends, pages and live events keeps the promise of Kith.
//!
//! The server publishes `seq`, so the order is explicit and nothing has to be searched: every rule is a look-up or one
//! sweep over sorted times, O(n log n) in all. What is deliberately not here: I/O, clocks, and any knowledge of how the
//! server works. A test records a [`History`], calls [`check`], and prints the violations, each of which tells a story.
//!
//! | rule | what is checked |
//! |---|---|
//! | I1 | what was acked is in the final read, at its place |
//! | I2 | the final read is 1, 2, 3 … to the head; a place holds the same event for everybody |
//! | I3 | what was sent after an ack, a page or a live event stands behind it |
//! | I4 | a `client_message_id` of a sender is one event, and all its acks agree |
//! | I5 | the messages of one device stand in the order in which it first sent them |
//! | I6 | what was finally refused is not in the log |
//! | I7 | a page is one piece of the log, and nothing that was seen is gone |
//! | I8 | a device that says it has caught up has everything |
//! | I9 | what a device shows live only moves forwards |
//! | I10 | a user reads their own writes, and never an older state than before, on all their devices |
//! | I11 | nobody sees an event outside their membership |
//! | I12 | a deleted text is on no page that was asked for after the ack, and nothing is deleted unasked |
//! | phantom | every message was sent by somebody, as it stands there |

mod delete;
mod history;
mod index;
mod log;
mod order;
mod send;
mod view;
mod violation;

#[cfg(test)]
mod tests;

pub use history::{
    CaughtUp, ContentHash, Delete, DeleteOutcome, Device, Entry, Event, FinalRead, History, Live,
    Membership, Message, Page, SendAttempt, SendOutcome,
};
pub use violation::{Source, Violation};

/// What a history that keeps every promise contained, so that a test can see that it proved something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Conversations with a final read.
    pub conversations: usize,
    /// Messages that somebody tried to send, each counted once however often it was tried.
    pub messages: usize,
    /// Messages that were acked at least once.
    pub acked: usize,
    /// Messages without an ack that are in the log nevertheless.
    pub unknown_but_present: usize,
    /// Messages that were tried more than once.
    pub retried: usize,
    /// Events seen live, on pages and in final reads.
    pub sightings: usize,
    /// Look-ups and comparisons made: grows in proportion to the history, whatever is in it.
    pub steps: usize,
}

/// Checks every rule and reports all violations, in an order that depends on the history alone.
///
/// # Errors
///
/// The violations, at least one.
pub fn check(history: &History) -> Result<Summary, Vec<Violation>> {
    let index = index::Index::of(history);
    let mut report = violation::Report::default();
    log::check(history, &index, &mut report);
    send::check(&index, &mut report);
    order::check(history, &index, &mut report);
    view::check(history, &index, &mut report);
    delete::check(history, &mut report);
    report.into_result(|steps| summarise(history, &index, steps))
}

fn summarise(history: &History, index: &index::Index<'_>, steps: usize) -> Summary {
    let mut summary = Summary {
        conversations: index.logs.len(),
        sightings: history.sightings().count(),
        steps,
        ..Summary::default()
    };
    for operation in &index.operations {
        summary.messages += 1;
        summary.retried += usize::from(operation.attempts.len() > 1);
        match (operation.acked(), operation.place) {
            (Some(_), _) => summary.acked += 1,
            (None, Some(_)) => summary.unknown_but_present += 1,
            (None, None) => {}
        }
    }
    summary
}
