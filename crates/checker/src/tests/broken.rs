//! Histories broken by hand, each in one way, and what the checker must say about it.

use domain::{ConversationId, Seq};

use super::script::{Script, anna, ben, cleo, group, message};
use crate::{
    CaughtUp, ContentHash, DeleteOutcome, Entry, Event, History, Live, Membership, SendOutcome,
    check,
};

/// What is broken, the variant that must be among the violations, and how to break it.
type Case = (&'static str, &'static str, fn(&mut History));

#[test]
fn every_broken_history_is_rejected_for_its_own_fault() {
    let tables = [LOG, SENDS, ORDER, PAGES, VIEWS, DELETES];
    let cases: Vec<Case> = tables.concat();
    assert!(cases.len() >= 30, "only {} cases", cases.len());
    for (name, expected, break_it) in cases {
        let mut history = Script::conversation_of_two().history;
        check(&history).expect("the script keeps every promise");
        break_it(&mut history);
        let violations = check(&history).expect_err(name);
        let variants: Vec<String> = violations.iter().map(variant).collect();
        assert!(
            variants.iter().any(|one| one == expected),
            "{name}: expected {expected}, got {violations:#?}"
        );
    }
}

fn variant(violation: &crate::Violation) -> String {
    format!("{violation:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn entry(seq: u64, event: Event) -> Entry {
    Entry { seq: Seq::new(seq), event }
}

const fn acked(seq: u64, duplicate: bool, completed_ns: u64) -> SendOutcome {
    SendOutcome::Acked { seq: Seq::new(seq), duplicate, completed_ns }
}

/// Shows an event live to `anna`'s third device, which has seen nothing yet.
fn show(history: &mut History, seq: u64, event: Event) {
    let entry = entry(seq, event);
    history.live.push(Live {
        device: anna(3),
        conversation: group(),
        entry,
        observed_ns: 1_000_000,
    });
}

const LOG: &[Case] = &[
    ("the last message is missing, the head too", "AckedLost", |history| {
        history.finals[0].entries.truncate(3);
        history.finals[0].head = Seq::new(3);
    }),
    ("the last message is missing, the head is not", "Hole", |history| {
        history.finals[0].entries.truncate(4);
    }),
    ("a place in the middle is missing", "Hole", |history| {
        history.finals[0].entries.remove(2);
    }),
    ("the log starts at 2", "Hole", |history| {
        history.finals[0].entries.remove(0);
    }),
    ("a place is there twice", "Hole", |history| {
        let again = history.finals[0].entries[3].clone();
        history.finals[0].entries.insert(4, again);
    }),
    ("two places are swapped", "Hole", |history| history.finals[0].entries.swap(0, 2)),
    ("the log goes on behind its head", "BehindHead", |history| {
        history.finals[0].head = Seq::new(4);
    }),
    ("two final reads end differently", "FinalReadsDiffer", |history| {
        let mut other = history.finals[0].clone();
        other.entries.pop();
        other.head = Seq::new(4);
        history.finals.push(other);
    }),
    ("two final reads hold different events", "Forked", |history| {
        let mut other = history.finals[0].clone();
        other.entries[0].event = message(anna(1), "m4");
        history.finals.push(other);
    }),
    ("a conversation is never read at the end", "NoFinalRead", |history| history.finals.clear()),
    ("nobody sent what stands there", "SentByNobody", |history| {
        history.finals[0].entries.push(entry(6, message(ben(1), "phantom")));
        history.finals[0].head = Seq::new(6);
    }),
    ("a message is shown under another sender", "SentByNobody", |history| {
        history.finals[0].entries[4].event = message(ben(1), "m5");
    }),
    ("a text was changed on its way", "NotAsSent", |history| {
        if let Event::Message(message) = &mut history.finals[0].entries[4].event {
            message.content = ContentHash::of("garbled");
        }
    }),
];

const SENDS: &[Case] = &[
    ("another message took the place", "AckedOverwritten", |history| {
        history.finals[0].entries[0].event = message(ben(1), "m4");
    }),
    ("an acked message became something else", "AckedOverwritten", |history| {
        history.finals[0].entries[3].event = Event::Other(ContentHash::of("joined"));
    }),
    ("an ack names a place that is not its own", "AckedOverwritten", |history| {
        history.sends[0].outcome = acked(4, false, 150);
    }),
    ("a repetition with another text was acked", "AckedOverwritten", |history| {
        let mut other = history.sends[0].clone();
        other.content = ContentHash::of("another text");
        other.outcome = acked(1, true, 1_000_000);
        history.sends.push(other);
    }),
    ("a retried message is there twice", "SentOnceStoredTwice", |history| {
        history.finals[0].entries.push(entry(6, message(anna(1), "m3")));
        history.finals[0].head = Seq::new(6);
    }),
    ("two acks of one message disagree", "AcksDisagree", |history| {
        let mut again = history.sends[0].clone();
        again.outcome = acked(3, true, 1_000_000);
        history.sends.push(again);
    }),
    ("two attempts were both the first", "AckedAsNewTwice", |history| {
        let mut again = history.sends[0].clone();
        again.outcome = acked(1, false, 1_000_000);
        history.sends.push(again);
    }),
    ("the only attempt was a repetition", "DuplicateOfNothing", |history| {
        history.sends[0].outcome = acked(1, true, 150);
    }),
    ("a refused message is there", "RefusedButPresent", |history| {
        let last = history.sends.len() - 1;
        history.sends[last].outcome = SendOutcome::Refused;
    }),
    ("a retry was refused although the first attempt is there", "RefusedButPresent", |history| {
        history.sends[3].outcome = SendOutcome::Refused;
    }),
];

const ORDER: &[Case] = &[
    ("acked before the other was sent, but behind it", "OutOfRealTimeOrder", |history| {
        history.sends[0].invoked_ns = 1_000_000;
    }),
    ("sent after a page had shown more", "OutOfRealTimeOrder", |history| {
        let last = history.sends.len() - 1;
        history.pages[0].head = Seq::new(5);
        history.sends[last].invoked_ns = history.pages[0].completed_ns + 1;
    }),
    ("on a page before it was sent", "OutOfRealTimeOrder", |history| {
        let last = history.sends.len() - 1;
        history.sends[last].invoked_ns = history.pages[1].completed_ns + 1;
    }),
    ("live before it was sent", "OutOfRealTimeOrder", |history| {
        history.live.retain(|live| live.entry.seq == Seq::new(5));
        history.pages.clear();
        let last = history.sends.len() - 1;
        history.sends[last].invoked_ns = 1_000_000;
    }),
    ("one device's messages changed places", "OutOfSenderOrder", |history| {
        let last = history.sends.len() - 1;
        history.sends[last].invoked_ns = 1;
    }),
    ("one device's retried message fell behind", "OutOfSenderOrder", |history| {
        history.sends[2].invoked_ns = 1;
    }),
];

const PAGES: &[Case] = &[
    ("a page skips a place", "PageHole", |history| {
        history.pages[1].entries.remove(1);
    }),
    ("a page repeats a place", "PageHole", |history| {
        let again = history.pages[1].entries[0].clone();
        history.pages[1].entries.insert(0, again);
    }),
    ("a page does not start where it was asked to", "PageHole", |history| {
        history.pages[1].after = Seq::new(2);
    }),
    ("a page goes backwards", "PageHole", |history| history.pages[1].entries.reverse()),
    ("a page goes on behind its head", "PageBehindHead", |history| {
        history.pages[1].head = Seq::new(4);
    }),
    ("a page is empty below its head", "PageEmpty", |history| history.pages[1].entries.clear()),
    ("a page named a head that is never reached", "HeadLost", |history| {
        history.pages[1].head = Seq::new(9);
    }),
    ("a page tells another story", "Forked", |history| {
        history.pages[1].entries[0].event = message(anna(1), "m4");
    }),
    ("a page leaves out an own message that was acked", "OwnWriteNotRead", |history| {
        history.live.clear();
        history.pages.retain(|page| page.device == anna(2));
        history.pages[1].head = Seq::new(2);
        history.pages[1].entries.clear();
    }),
    ("a page is older than the one before", "ReadWentBack", |history| {
        history.pages[3].entries.truncate(4);
        history.pages[3].head = Seq::new(4);
    }),
    ("a page is older than what another device of the user saw live", "ReadWentBack", |history| {
        history.pages.remove(2);
        history.pages[1].entries.truncate(4);
        history.pages[1].head = Seq::new(4);
    }),
];

const VIEWS: &[Case] = &[
    ("a live event is shown twice", "LiveNotForwards", |history| {
        let again = history.live[8].clone();
        history.live.push(again);
    }),
    ("live events change places", "LiveNotForwards", |history| history.live.swap(0, 2)),
    ("a live event is not in the log", "SeenThenLost", |history| {
        show(history, 6, message(ben(1), "gone"));
    }),
    ("a live event has another text", "Forked", |history| show(history, 3, message(ben(1), "m3"))),
    ("a live event is of another kind", "Forked", |history| {
        show(history, 3, Event::Other(ContentHash::of("joined")));
    }),
    ("a hole in what arrived live was never filled", "Missing", |history| {
        history.live.remove(4);
    }),
    ("a device that saw nothing says that it has all", "Missing", |history| {
        history.caught_up.push(CaughtUp {
            device: cleo(1),
            conversation: group(),
            from: Seq::new(1),
        });
    }),
    ("the end of the log never arrived", "Missing", |history| {
        history.live.retain(|live| live.entry.seq < Seq::new(5));
    }),
    ("a member from 4 on saw what was before", "NotAMember", |history| {
        let (user, from) = (ben(1).user, Seq::new(4));
        history.memberships.push(Membership { user, conversation: group(), from, until: None });
    }),
    ("a removed member saw what came after", "NotAMember", |history| {
        let (user, from, until) = (ben(1).user, Seq::new(1), Some(Seq::new(3)));
        history.memberships.push(Membership { user, conversation: group(), from, until });
    }),
    ("a conversation that is seen live is never read", "NoFinalRead", |history| {
        let entry = entry(1, message(anna(1), "m1"));
        let conversation = ConversationId::group([8; 16]);
        history.live.push(Live { device: anna(1), conversation, entry, observed_ns: 1_000_000 });
    }),
];

const DELETES: &[Case] = &[
    ("a page returns a deleted text", "DeletedTextReturned", |history| {
        history.pages[3].entries[1].event = message(ben(1), "m2");
    }),
    ("a deleted text is there at the end", "DeletedTextReturned", |history| {
        history.finals[0].entries[1].event = message(ben(1), "m2");
    }),
    ("a text comes back although a page had shown it gone", "DeletedTextReturned", |history| {
        history.deletes[0].outcome = DeleteOutcome::Unknown;
        history.finals[0].entries[1].event = message(ben(1), "m2");
    }),
    ("a text went without a delete", "DeletedByNobody", |history| history.deletes.clear()),
    ("a text went although the delete was refused", "DeletedByNobody", |history| {
        history.deletes[0].outcome = DeleteOutcome::Refused;
    }),
    ("a text was gone before anybody asked", "DeletedByNobody", |history| {
        history.pages[0].entries[1].event = Event::Deleted;
    }),
    ("the delete took the wrong message", "DeletedByNobody", |history| {
        history.finals[0].entries[3].event = Event::Deleted;
    }),
];
