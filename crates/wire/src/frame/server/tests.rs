use domain::Refusal;
use domain::refusal::{Fault, Reason};
use serde_json::Value;

use super::*;
use crate::frame::*;
use crate::preference;

const SENT_AT: &str = "2026-11-24T13:00:00.000Z";

fn sent_at() -> Timestamp {
    crate::time::parse(SENT_AT).unwrap()
}

fn message(text: &str) -> EventBody {
    EventBody::Message(MessageEvent {
        message_id: "d1-7".to_owned(),
        sender_id: "u1".to_owned(),
        text: Some(text.to_owned()),
        sent_at: sent_at(),
        reply_to: None,
        edited_at: None,
        deleted: false,
        reactions: Vec::new(),
        client_message_id: None,
    })
}

fn event(text: &str) -> EventFrame {
    EventFrame { n: 12, conversation_id: "d1".to_owned(), seq: 7, event: message(text) }
}

fn writes(frame: &ServerFrame, text: &str) {
    assert_eq!(frame.to_json(), text);
    assert_eq!(ServerFrame::parse(text).as_ref(), Ok(frame));
}

#[test]
fn ready_is_as_in_the_design() {
    let ready = ServerFrame::Ready(ReadyFrame {
        user_id: "u1".to_owned(),
        session_id: "s1".to_owned(),
        upos: 41,
        resumed: Resumed::Cold,
        digest: "00ff".to_owned(),
        limits: Limits::default(),
        ticket: None,
    });
    let text = concat!(
        r#"{"type":"ready","user_id":"u1","session_id":"s1","upos":41,"resumed":"cold","digest":"00ff","#,
        r#""limits":{"text_bytes":16384,"frame_bytes":65536,"sends_in_flight":32,"page_events":200,"#,
        r#""window_frames":512,"window_bytes":1048576,"group_members":1024,"idle_ms":120000}}"#
    );
    writes(&ready, text);
}

#[test]
fn ack_is_as_in_the_design() {
    let ack = ServerFrame::Ack(AckFrame {
        client_message_id: "7f".to_owned(),
        conversation_id: "d1".to_owned(),
        seq: 7,
        message_id: "d1-7".to_owned(),
        sent_at: sent_at(),
        dup: false,
    });
    let text = concat!(
        r#"{"type":"ack","client_message_id":"7f","conversation_id":"d1","seq":7,"message_id":"d1-7","#,
        r#""sent_at":"2026-11-24T13:00:00.000Z","dup":false}"#
    );
    writes(&ack, text);
}

#[test]
fn nack_is_as_in_the_design() {
    let refusal = Refusal::field("message", Fault::TooLong);
    let nack = ServerFrame::Nack(NackFrame::new("7f".to_owned(), &Problem::from(&refusal)));
    writes(
        &nack,
        r#"{"type":"nack","client_message_id":"7f","problem":"text-too-long","final":true}"#,
    );
}

#[test]
fn a_nack_says_whether_and_when_to_retry() {
    let nack =
        |problem: &Problem| ServerFrame::Nack(NackFrame::new("7f".to_owned(), problem)).to_json();
    assert_eq!(
        nack(&Problem::overloaded(250)),
        r#"{"type":"nack","client_message_id":"7f","problem":"overloaded","final":false,"retry_after_ms":250}"#
    );
    assert_eq!(
        nack(&Problem::storage_full()),
        r#"{"type":"nack","client_message_id":"7f","problem":"storage-full","final":false}"#
    );
    assert_eq!(
        nack(&Problem::from(&Refusal::Forbidden(Reason::NotAccepted))),
        r#"{"type":"nack","client_message_id":"7f","problem":"not-accepted","final":true}"#
    );
}

#[test]
fn event_is_as_in_the_design() {
    let text = concat!(
        r#"{"type":"event","n":12,"conversation_id":"d1","seq":7,"event":{"kind":"message","message_id":"d1-7","#,
        r#""sender_id":"u1","text":"Hello","sent_at":"2026-11-24T13:00:00.000Z"}}"#
    );
    writes(&ServerFrame::Event(event("Hello")), text);
}

#[test]
fn the_shared_rest_behind_each_sockets_prefix_is_the_same_frame() {
    for text in ["Hello", "{\"n\":1,", "\u{0}\u{1f600}\\", ""] {
        let frame = event(text);
        let rest = frame.encode_shared();
        for n in [0, 12, u64::MAX] {
            let mut sent = Vec::new();
            event_frame_prefix(n, &mut sent);
            sent.extend_from_slice(rest.as_bytes());
            let sent = String::from_utf8(sent).expect("JSON is text");
            let whole = ServerFrame::Event(EventFrame { n, ..frame.clone() });
            assert_eq!(sent, whole.to_json());
            assert_eq!(ServerFrame::parse(&sent), Ok(whole));
        }
    }
}

#[test]
fn page_is_as_in_the_design() {
    let page = ServerFrame::Page(PageFrame {
        conversation_id: "d1".to_owned(),
        events: vec![LoggedEvent { seq: 4, event: message("Hello") }],
        head: 7,
        more: false,
        truncated_before: None,
    });
    let text = concat!(
        r#"{"type":"page","conversation_id":"d1","events":[{"seq":4,"event":{"kind":"message","message_id":"d1-7","#,
        r#""sender_id":"u1","text":"Hello","sent_at":"2026-11-24T13:00:00.000Z"}}],"head":7,"more":false}"#
    );
    writes(&page, text);
}

#[test]
fn every_kind_of_event_reads_and_writes() {
    let at = r#""sent_at":"2026-11-24T13:00:00.000Z"}"#;
    let bodies = [
        r#"{"kind":"edit","message_id":"d1-7","sender_id":"u1","text":"Hi","#,
        r#"{"kind":"edit","message_id":"d1-7","sender_id":"u1","text":null,"#,
        r#"{"kind":"delete","message_id":"d1-7","sender_id":"u1","#,
        r#"{"kind":"reaction","message_id":"d1-7","sender_id":"u1","emoji":"👍","change":"added","#,
        r#"{"kind":"member","sender_id":"u1","user_id":"u2","change":"added","role":"admin","#,
        r#"{"kind":"member","sender_id":"u1","user_id":"u1","change":"left","#,
        r#"{"kind":"settings","sender_id":"u1","name":"Hiking","history_for_new_members":"from_join","#,
    ];
    for body in bodies {
        let text = format!("{body}{at}");
        let event: EventBody = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
    }
}

#[test]
fn a_deleted_message_shows_no_text() {
    let EventBody::Message(message) = message("secret") else { panic!("not a message") };
    let deleted = EventBody::Message(MessageEvent { text: None, deleted: true, ..message });
    let json = serde_json::to_value(&deleted).unwrap();
    assert_eq!((&json["text"], &json["deleted"]), (&Value::Null, &Value::Bool(true)));
}

#[test]
fn a_client_ignores_what_it_does_not_know() {
    assert_eq!(ServerFrame::parse(r#"{"type":"dance"}"#), Ok(ServerFrame::Unknown));
    let event: LoggedEvent =
        serde_json::from_str(r#"{"seq":1,"event":{"kind":"call","x":[1]}}"#).unwrap();
    assert_eq!(event, LoggedEvent { seq: 1, event: EventBody::Unknown });
}

#[test]
fn the_other_frames_read_and_write() {
    let cursor = CursorFrame {
        conversation_id: "d1".to_owned(),
        user_id: "u2".to_owned(),
        read_seq: Some(7),
        delivered_seq: None,
    };
    writes(
        &ServerFrame::Cursor(cursor),
        r#"{"type":"cursor","conversation_id":"d1","user_id":"u2","read_seq":7}"#,
    );
    let typing = TypingNotice { conversation_id: "d1".to_owned(), user_id: "u2".to_owned() };
    writes(
        &ServerFrame::Typing(typing),
        r#"{"type":"typing","conversation_id":"d1","user_id":"u2"}"#,
    );
    let presence =
        PresenceFrame { user_id: "u2".to_owned(), online: false, last_seen_at: Some(sent_at()) };
    writes(
        &ServerFrame::Presence(presence),
        &format!(
            r#"{{"type":"presence","user_id":"u2","online":false,"last_seen_at":"{SENT_AT}"}}"#
        ),
    );
    let conversations = vec![Head { conversation_id: "d1".to_owned(), head: 7 }];
    writes(
        &ServerFrame::Dirty(DirtyFrame {
            conversations: conversations.clone(),
            upos: 41,
            more: false,
        }),
        r#"{"type":"dirty","conversations":[{"conversation_id":"d1","head":7}],"upos":41,"more":false}"#,
    );
    writes(
        &ServerFrame::Heads(HeadsFrame { conversations, digest: "00ff".to_owned(), more: true }),
        r#"{"type":"heads","conversations":[{"conversation_id":"d1","head":7}],"digest":"00ff","more":true}"#,
    );
    writes(
        &ServerFrame::Drain(DrainFrame { reconnect_in_ms: 1500 }),
        r#"{"type":"drain","reconnect_in_ms":1500}"#,
    );
    writes(
        &ServerFrame::Revoked(RevokedFrame { reason: RevokedReason::SignedOut }),
        r#"{"type":"revoked","reason":"signed_out"}"#,
    );
    writes(
        &ServerFrame::Pong(PongFrame { t: Some(5.into()), digest: None }),
        r#"{"type":"pong","t":5}"#,
    );
    let refused = Problem::from(&Refusal::NotFound);
    let error = ErrorFrame::new(Some("pull"), &refused);
    let json = ServerFrame::Error(error.clone()).to_json();
    assert!(json.starts_with(r#"{"type":"error","problem":"not-found","detail":""#), "{json}");
    assert_eq!(ServerFrame::parse(&json), Ok(ServerFrame::Error(error)));
}

#[test]
fn preferences_travel_whole() {
    let frame =
        ServerFrame::Preferences(PreferencesFrame { preferences: preference::tests::example() });
    let json = frame.to_json();
    assert!(json.starts_with(r#"{"type":"preferences","preferences":{"version":3,"#), "{json}");
    assert_eq!(ServerFrame::parse(&json), Ok(frame));
}
