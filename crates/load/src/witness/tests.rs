use checker::Violation;

use super::*;

const CONVERSATION: ConversationId = ConversationId::group([7; 16]);
const PADDING: &[u8] = b"and some words";

fn people() -> Vec<Person> {
    let person = |byte| Person { id: UserId::from_bytes([byte; 16]), token: String::new() };
    [1, 2].map(person).to_vec()
}

fn stamp(count: u32) -> Stamp {
    Stamp { intended_ns: 1, count }
}

fn name_of(count: u32) -> String {
    name(stamp(count)).to_string()
}

fn ack(count: u32, seq: u64) -> String {
    let (id, conversation) = (name_of(count), CONVERSATION);
    format!(
        r#"{{"type":"ack","client_message_id":"{id}","conversation_id":"{conversation}","seq":{seq},"dup":false}}"#
    )
}

fn event(count: u32, seq: u64) -> String {
    let (id, conversation, sender) = (name_of(count), CONVERSATION, people()[0].id);
    let words = String::from_utf8_lossy(PADDING);
    format!(
        r#"{{"type":"event","n":1,"conversation_id":"{conversation}","seq":{seq},"event":{{"kind":"message","sender_id":"{sender}","text":"{id}{words}"}}}}"#
    )
}

fn log(counts: &[u32]) -> Vec<FinalRead> {
    let text = |count: u32| [name_of(count).as_bytes(), PADDING].concat();
    let message = |count: u32| Message {
        sender: people()[0].id,
        client_message_id: name(stamp(count)),
        content: content(&text(count)),
    };
    let entries = (1..)
        .zip(counts)
        .map(|(seq, count)| Entry { seq: Seq::new(seq), event: Event::Message(message(*count)) });
    let head = Seq::new(u64::try_from(counts.len()).unwrap());
    let entries = entries.collect();
    vec![FinalRead { conversation: CONVERSATION, entries, head, invoked_ns: u64::MAX }]
}

/// Two messages from the first to the second person, both acked, of which the second one saw these.
fn witness(seen: &[u32]) -> Witness {
    let mut witness = Witness::new(&people());
    witness.listens(1, CONVERSATION);
    for count in [1, 2] {
        witness.sent(0, CONVERSATION, (stamp(count), PADDING));
        witness.acked(0, ack(count, count.into()).as_bytes());
    }
    seen.iter().for_each(|count| witness.event(1, event(*count, (*count).into()).as_bytes()));
    witness
}

#[test]
fn what_was_kept_is_recognised() {
    let history = witness(&[1, 2]).history(log(&[1, 2]));
    assert_eq!((history.sends.len(), history.live.len()), (2, 4));
    let summary = checker::check(&history).unwrap();
    assert_eq!((summary.acked, summary.sightings), (2, 6));
}

#[test]
fn an_event_that_never_came_is_told() {
    let violations = checker::check(&witness(&[1]).history(log(&[1, 2]))).unwrap_err();
    assert!(matches!(violations[..], [Violation::Missing { .. }]), "{violations:?}");
    let mut slow = witness(&[1]);
    slow.was_slow(1);
    assert!(
        checker::check(&slow.history(log(&[1, 2]))).is_ok(),
        "who is told so asks for the rest"
    );
}

#[test]
fn an_acked_message_that_is_not_there_is_told() {
    let violations = checker::check(&witness(&[1, 2]).history(log(&[1]))).unwrap_err();
    let is_lost = |violation: &Violation| matches!(violation, Violation::AckedLost { .. });
    assert!(violations.iter().any(is_lost), "{violations:?}");
}

#[test]
fn a_refused_message_that_is_there_is_told() {
    let mut refused = Witness::new(&people());
    refused.sent(0, CONVERSATION, (stamp(1), PADDING));
    refused.refused(0, stamp(1));
    let violations = checker::check(&refused.history(log(&[1]))).unwrap_err();
    assert!(matches!(violations[..], [Violation::RefusedButPresent { .. }]), "{violations:?}");
}
