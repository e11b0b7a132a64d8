//! Any history that a correct server makes is accepted, and a large one costs no more per operation than a small one.

use proptest::prelude::*;

use super::script::{Script, anna, ben, cleo};
use crate::{Device, check};

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// A message is sent, committed and acked.
    Post(Device),
    /// A message is committed, and its answer is lost.
    LoseAnswer(Device),
    /// A message is lost before it is committed.
    LoseMessage(Device),
    /// A message is refused.
    Refuse(Device),
    /// A device reads from somewhere to the end.
    Page(Device, u64),
    /// A message is deleted.
    Delete(Device, u64),
}

fn device() -> impl Strategy<Value = Device> {
    prop_oneof![(1_u32..4).prop_map(anna), (1_u32..4).prop_map(ben), (1_u32..4).prop_map(cleo)]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => device().prop_map(Act::Post),
        1 => device().prop_map(Act::LoseAnswer),
        1 => device().prop_map(Act::LoseMessage),
        1 => device().prop_map(Act::Refuse),
        2 => (device(), any::<u64>()).prop_map(|(device, place)| Act::Page(device, place)),
        1 => (device(), any::<u64>()).prop_map(|(device, place)| Act::Delete(device, place)),
    ]
}

fn play(script: &mut Script, number: usize, act: Act) {
    let name = format!("m{number}");
    let head = script.head().number();
    match act {
        Act::Post(device) => script.post(device, &name),
        Act::LoseAnswer(device) => {
            script.send_unanswered(device, &name);
            script.commit(&super::script::message(device, &name));
        }
        Act::LoseMessage(device) => script.send_unanswered(device, &name),
        Act::Refuse(device) => script.refuse(device, &name, &name),
        Act::Page(device, place) => script.page(device, place % (head + 1)),
        Act::Delete(device, place) if head > 0 => script.delete(device, place % head + 1),
        Act::Delete(_, _) => {}
    }
}

proptest! {
    #[test]
    fn what_a_correct_server_does_is_accepted(acts in proptest::collection::vec(act(), 0..80)) {
        let mut script = Script::new();
        for (number, act) in acts.iter().enumerate() {
            play(&mut script, number, *act);
        }
        script.finish();
        let judged = check(&script.history);
        prop_assert!(judged.is_ok(), "{judged:#?}");
    }
}

/// Steps for so many posts.
fn steps_of(posts: u64) -> usize {
    let mut script = Script::new();
    for number in 0..posts {
        let device = if number % 2 == 0 { anna(1) } else { ben(1) };
        script.post(device, &format!("m{number}"));
    }
    script.finish();
    let summary = check(&script.history).expect("the script keeps every promise");
    assert_eq!(summary.acked as u64, posts);
    summary.steps
}

#[test]
fn two_hundred_thousand_messages_cost_ten_times_as_much_as_twenty_thousand() {
    let (small, large) = (steps_of(20_000), steps_of(200_000));
    assert!(large <= small * 10 + 100, "{small} steps for 20,000 messages, {large} for 200,000");
    assert!(large <= 200_000 * 30, "{large} steps");
}
