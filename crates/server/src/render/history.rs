//! Pages of history, written straight into the bytes of the answer: every message is
//! [`HistoryMessage`](wire::message::HistoryMessage), without the texts that it holds being made first.

use domain::event::{Event, Message};
use domain::id::IdText;
use domain::{ConversationId, UserId};
use wire::json::{write_number, write_text};
use wire::time::TimeText;

use super::{message_of, own_id, reaction};

/// About how many bytes a message takes beside its text.
const MESSAGE_BYTES: usize = 320;

/// The messages among `events` as `viewer` sees them, as a JSON array.
pub fn history(conversation: ConversationId, events: &[Event], viewer: UserId) -> Vec<u8> {
    let messages = events.iter().filter_map(|event| Some((event, message_of(event)?)));
    let texts = messages.clone().filter_map(|(_, message)| message.text.as_ref());
    let text_bytes: usize = texts.map(|text| text.as_str().len()).sum();
    let mut out = Vec::with_capacity(2 + events.len() * MESSAGE_BYTES + text_bytes);
    let id = conversation.text();
    out.push(b'[');
    for (event, message) in messages {
        if out.len() > 1 {
            out.push(b',');
        }
        write(&id, event, message, viewer, &mut out);
    }
    out.push(b']');
    out
}

fn write(
    conversation: &IdText,
    event: &Event,
    message: &Message,
    viewer: UserId,
    out: &mut Vec<u8>,
) {
    let (conversation, seq) = (conversation.as_str().as_bytes(), event.seq.number());
    out.extend_from_slice(br#"{"message_id":""#);
    out.extend_from_slice(conversation);
    out.push(b'-');
    write_number(seq, out);
    out.extend_from_slice(br#"","conversation_id":""#);
    out.extend_from_slice(conversation);
    out.extend_from_slice(br#"","seq":"#);
    write_number(seq, out);
    out.extend_from_slice(br#","sender_id":""#);
    out.extend_from_slice(event.sender.text().as_str().as_bytes());
    out.extend_from_slice(br#"","text":"#);
    match &message.text {
        Some(text) => write_text(text.as_str(), out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(br#","sent_at":""#);
    out.extend_from_slice(TimeText::new(event.at).as_str().as_bytes());
    if let Some(at) = message.edited_at {
        out.extend_from_slice(br#"","edited_at":""#);
        out.extend_from_slice(TimeText::new(at).as_str().as_bytes());
    }
    out.extend_from_slice(match message.text {
        Some(_) => br#"","deleted":false"#,
        None => br#"","deleted":true"#.as_slice(),
    });
    if let Some(target) = message.reply_to {
        out.extend_from_slice(br#","reply_to":""#);
        out.extend_from_slice(conversation);
        out.push(b'-');
        write_number(target.number(), out);
        out.push(b'"');
    }
    write_reactions(message, out);
    if let Some(id) = own_id(event, viewer) {
        out.extend_from_slice(br#","client_message_id":"#);
        write_text(&id, out);
    }
    out.push(b'}');
}

fn write_reactions(message: &Message, out: &mut Vec<u8>) {
    out.extend_from_slice(br#","reactions":"#);
    if message.reactions.is_empty() {
        return out.extend_from_slice(b"[]");
    }
    let reactions: Vec<_> = message.reactions.iter().map(reaction).collect();
    serde_json::to_writer(out, &reactions).expect("reactions always have a JSON form");
}

#[cfg(test)]
mod tests {
    use domain::event::{EventBody, Reaction};
    use domain::text::{Emoji, Text};
    use domain::{Seq, Timestamp};

    use super::*;
    use crate::render::history_message;

    const GROUP: ConversationId = ConversationId::group([7; 16]);
    const ANNA: UserId = UserId::from_bytes([1; 16]);
    const BEN: UserId = UserId::from_bytes([2; 16]);

    fn event(seq: u64, body: EventBody) -> Event {
        Event {
            seq: Seq::new(seq),
            sender: ANNA,
            at: Timestamp::from_ms(1_795_525_200_000 + seq),
            client_message_id: Some("7f\"3d".parse().unwrap()),
            messages: seq,
            body,
        }
    }

    fn message(text: &str) -> Message {
        Message::new(Text::parse(text).unwrap(), None)
    }

    /// Messages with everything that a message may have, each apart.
    fn events() -> Vec<Event> {
        let reactions = vec![
            Reaction { emoji: Emoji::parse("👍").unwrap(), users: vec![ANNA, BEN] },
            Reaction { emoji: Emoji::parse("🎉").unwrap(), users: vec![BEN] },
        ];
        let bodies = [
            message("Hello"),
            message("She said \"no\",\n\tthen \\ left: a long text, longer than one step."),
            Message { reply_to: Some(Seq::new(1)), ..message("ja 🙂") },
            Message { edited_at: Some(Timestamp::from_ms(9)), edits: 1, ..message("Hello!") },
            Message { text: None, edited_at: Some(Timestamp::from_ms(9)), ..message("gone") },
            Message { reactions, ..message("Hello") },
        ];
        let messages = (1..).zip(bodies).map(|(seq, body)| event(seq, EventBody::Message(body)));
        let others = [event(7, EventBody::Delete { target: Seq::new(5) })];
        messages.chain(others).collect()
    }

    #[test]
    fn a_page_is_written_as_its_shape_says() {
        let mut events = events();
        events
            .push(Event { client_message_id: None, ..event(8, EventBody::Message(message("x"))) });
        for viewer in [ANNA, BEN] {
            for page in [&events[..], &events[6..], &[]] {
                let shapes: Vec<_> =
                    page.iter().filter_map(|event| history_message(GROUP, event, viewer)).collect();
                let expected = serde_json::to_string(&shapes).unwrap();
                assert_eq!(String::from_utf8(history(GROUP, page, viewer)).unwrap(), expected);
            }
        }
    }
}
