//! One conversation, in which a message was sent, edited, and another deleted; and all that a state must not say of it.

use super::*;
use crate::recording::{Moment, Person};

const CONVERSATION: ConversationId = ConversationId::group([1; 16]);
const SENDER: UserId = UserId::from_bytes([2; 16]);

/// Asked for and answered when the disk had got so many requests.
fn operation(tick: u64, [asked, done]: [u64; 2], act: Act) -> Operation {
    Operation {
        user: SENDER.to_string(),
        device: 1,
        conversation: CONVERSATION.to_string(),
        asked: Moment { requests: asked, tick },
        done: Moment { requests: done, tick: tick + 1 },
        act,
    }
}

fn send(id: &str, seq: u64) -> Act {
    Act::Send { client_message_id: id.to_owned(), text: recording::text_of(id, "words"), seq }
}

fn recorded() -> Recording {
    let person = Person {
        user: SENDER.to_string(),
        token: String::new(),
        conversations: vec![CONVERSATION.to_string()],
    };
    Recording {
        seed: 1,
        states: 1,
        disk_bytes: 0,
        people: vec![person],
        gathered: Moment { requests: 0, tick: 0 },
        operations: vec![
            operation(1, [10, 20], send("one", 1)),
            operation(3, [20, 30], send("two", 2)),
            operation(5, [30, 40], Act::Edit { seq: 1, number: 1 }),
            operation(7, [40, 50], Act::Delete { seq: 2 }),
            operation(9, [50, 60], Act::Change { what: "somebody added".to_owned() }),
        ],
        files: Vec::new(),
    }
}

fn text(id: &str) -> Body {
    Body::Message(Some(recording::text_of(id, "words")))
}

fn edited(id: &str, number: u32) -> Body {
    Body::Message(Some(recording::edited(&recording::text_of(id, "words"), number)))
}

fn other(what: &str) -> Body {
    Body::Other(what.to_owned())
}

/// The whole log.
fn whole() -> Vec<Body> {
    vec![
        edited("one", 1),
        Body::Message(None),
        other("1 edited"),
        other("2 deleted"),
        other("somebody added"),
    ]
}

fn logs(bodies: Vec<Body>) -> Logs {
    let found =
        (1..).zip(bodies).map(|(seq, body)| Found { seq: Seq::new(seq), sender: SENDER, body });
    Logs::from([(CONVERSATION, found.collect())])
}

/// What is told of a state behind the flush at this request, of a log with these events.
fn told(flush: u64, bodies: Vec<Body>) -> Vec<String> {
    let claim = Claim { durable: flush + 1, possible: flush + 1 };
    violations(&recorded(), claim, &logs(bodies), Some(&logs(whole())))
}

fn check(flush: u64, bodies: Vec<Body>, rule: &str) {
    let told = told(flush, bodies);
    assert!(told.iter().any(|told| told.starts_with(rule)), "{rule} is not in {told:?}");
}

#[test]
fn what_was_answered_before_the_flush_is_enough() {
    let none: [String; 0] = [];
    assert_eq!(told(5, vec![]), none);
    assert_eq!(told(25, vec![text("one")]), none);
    assert_eq!(told(35, vec![text("one"), text("two")]), none);
    assert_eq!(told(45, vec![edited("one", 1), text("two"), other("1 edited")]), none);
    assert_eq!(told(100, whole()), none);
}

#[test]
fn more_than_was_answered_may_be_there_if_it_was_asked_for() {
    let none: [String; 0] = [];
    assert_eq!(told(15, vec![text("one")]), none);
    assert_eq!(told(45, whole().into_iter().take(4).collect()), none);
}

#[test]
fn what_was_answered_and_is_gone_is_told() {
    check(25, vec![], "I1");
    check(35, vec![text("one")], "I1");
    check(45, vec![text("one"), text("two")], "I1");
    check(100, whole().into_iter().take(4).collect(), "I1");
}

#[test]
fn what_nobody_had_asked_for_yet_is_told() {
    check(5, vec![text("one")], "phantom");
    check(25, vec![edited("one", 1)], "I1");
    check(25, vec![text("one"), Body::Message(None), other("2 deleted")], "I12");
}

#[test]
fn a_log_that_differs_from_the_later_one_is_told() {
    check(35, vec![text("two"), text("one")], "I7");
    check(100, [whole(), vec![other("settings")]].concat(), "I7");
    check(35, vec![text("one"), text("one")], "I4");
    check(35, vec![text("one"), Body::Message(Some("two|torn wor".to_owned()))], "I1");
}

#[test]
fn half_a_delete_is_told() {
    let with_text = vec![edited("one", 1), text("two"), other("1 edited"), other("2 deleted")];
    check(45, with_text, "I12");
    check(45, vec![edited("one", 1), Body::Message(None), other("1 edited")], "I12");
}

#[test]
fn a_hole_is_told() {
    let mut found = logs(vec![text("one"), text("two")]);
    found.get_mut(&CONVERSATION).unwrap().remove(0);
    let claim = Claim { durable: 36, possible: 36 };
    let told = violations(&recorded(), claim, &found, None);
    assert!(told.iter().any(|told| told.starts_with("I2")), "{told:?}");
}
