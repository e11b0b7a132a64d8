//! The checker accepts what keeps the promise and names what breaks it.

mod broken;
mod random;
mod script;

use crate::tests::script::{Script, anna, ben, group};
use crate::{Violation, check};

#[test]
fn an_empty_history_keeps_every_promise() {
    let summary =
        check(&crate::History::default()).expect("nothing happened, so nothing went wrong");
    assert_eq!(summary.messages, 0);
}

#[test]
fn a_conversation_of_two_is_accepted_and_counted() {
    let history = Script::conversation_of_two().history;
    let summary = check(&history).expect("the script keeps every promise");
    assert_eq!((summary.conversations, summary.messages, summary.acked), (1, 5, 4));
    assert_eq!((summary.unknown_but_present, summary.retried), (1, 1));
}

#[test]
fn a_lost_message_without_an_ack_is_no_violation() {
    let mut script = Script::conversation_of_two();
    script.send_unanswered(anna(1), "lost");
    check(&script.history).expect("unknown may mean absent");
}

#[test]
fn a_refused_repetition_with_another_text_is_no_violation() {
    let mut script = Script::conversation_of_two();
    script.refuse(anna(1), "m1", "another text");
    check(&script.history).expect("the first text stands, as acked");
}

#[test]
fn a_delete_under_way_may_show_or_not() {
    let mut script = Script::conversation_of_two();
    let asked_ns = script.tick();
    script.delete_unanswered(ben(1), 2, asked_ns);
    check(&script.history).expect("an unanswered delete promises nothing");
}

#[test]
fn a_late_member_needs_only_what_they_may_see() {
    let mut script = Script::conversation_of_two();
    script.join(script::cleo(1), 4);
    check(&script.history).expect("a member from 4 on sees 4 and 5 and lacks nothing");
}

#[test]
fn two_devices_have_no_order_between_them() {
    let mut script = Script::new();
    script.post_out_of_order(anna(1), anna(2));
    script.finish();
    check(&script.history).expect("each device's own order is kept");
}

#[test]
fn several_faults_are_all_told_and_each_names_its_rule() {
    let mut history = Script::conversation_of_two().history;
    history.finals[0].entries.truncate(3);
    let violations = check(&history).expect_err("two messages are gone");
    let told: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(told.len() >= 3, "{told:?}");
    for (violation, story) in violations.iter().zip(&told) {
        assert!(story.starts_with(violation.rule()), "{story}");
        assert!(story.contains(&group().to_string()), "{story}");
    }
    assert!(violations.iter().any(|one| matches!(one, Violation::AckedLost { .. })));
}
