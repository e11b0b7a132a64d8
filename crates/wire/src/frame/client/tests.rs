use domain::refusal::Fault;
use proptest::prelude::*;

use super::*;

fn round_trip(text: &str) -> ClientFrame {
    let frame = ClientFrame::parse(text).unwrap();
    assert_eq!(frame.to_json(), text);
    frame
}

#[test]
fn the_frames_of_the_design_read_and_write_byte_for_byte() {
    let hello = round_trip(r#"{"type":"hello","token":"<JWT>","device":"laptop","upos":0}"#);
    assert_eq!(
        hello,
        ClientFrame::Hello(HelloFrame {
            token: Some("<JWT>".to_owned()),
            device: Some("laptop".to_owned()),
            upos: Some(0),
            resume: None,
        })
    );
    let send =
        round_trip(r#"{"type":"send","receiver_id":"u2","client_message_id":"7f","text":"Hello"}"#);
    assert_eq!(
        send,
        ClientFrame::Send(SendFrame {
            receiver_id: Some("u2".to_owned()),
            client_message_id: "7f".to_owned(),
            text: "Hello".to_owned(),
            ..SendFrame::default()
        })
    );
    let pull = round_trip(r#"{"type":"pull","conversation_id":"d1","after":3,"limit":200}"#);
    assert_eq!(
        pull,
        ClientFrame::Pull(PullFrame {
            conversation_id: "d1".to_owned(),
            after: 3,
            limit: Some(200)
        })
    );
}

#[test]
fn the_other_frames_read_and_write() {
    round_trip(r#"{"type":"hello","resume":{"ticket":"t","n":12}}"#);
    round_trip(
        r#"{"type":"send","conversation_id":"d1","client_message_id":"7f","text":"Yes","reply_to":"d1-6"}"#,
    );
    round_trip(r#"{"type":"delivered","conversation_id":"d1","seq":7}"#);
    round_trip(r#"{"type":"read","conversation_id":"d1","seq":7}"#);
    round_trip(r#"{"type":"typing","conversation_id":"d1"}"#);
    round_trip(r#"{"type":"acked","n":12}"#);
    round_trip(r#"{"type":"heads"}"#);
    round_trip(r#"{"type":"ping"}"#);
    round_trip(r#"{"type":"ping","t":1.5}"#);
    round_trip(r#"{"type":"ping","t":5.5111111111111115e+159}"#);
}

#[test]
fn unknown_frames_and_fields_are_ignored() {
    assert_eq!(ClientFrame::parse(r#"{"type":"dance","n":[1,{}]}"#), Ok(ClientFrame::Unknown));
    assert_eq!(
        ClientFrame::parse(r#"{"later":{"type":"send"},"n":3,"type":"acked"}"#),
        Ok(ClientFrame::Acked(AckedFrame { n: 3 }))
    );
}

#[test]
fn a_wrong_field_is_named() {
    let wrong = [
        (r#"{}"#, None, "type", Fault::Missing),
        (r#"{"type":3}"#, None, "type", Fault::Malformed),
        (r#"{"type":"ping","type":"acked"}"#, None, "type", Fault::Malformed),
        (r#"[]"#, None, "", Fault::Malformed),
        (r#"{"type":"acked"}"#, Some("acked"), "n", Fault::Missing),
        (r#"{"type":"acked","n":-1}"#, Some("acked"), "n", Fault::Malformed),
        (
            r#"{"type":"pull","conversation_id":7,"after":0}"#,
            Some("pull"),
            "conversation_id",
            Fault::Malformed,
        ),
        (
            r#"{"type":"hello","resume":{"ticket":"t","n":"x"}}"#,
            Some("hello"),
            "resume.n",
            Fault::Malformed,
        ),
    ];
    for (text, frame, field, fault) in wrong {
        let refused = ClientFrame::parse(text).unwrap_err();
        assert_eq!(refused.frame, frame, "{text}");
        let JsonError::WrongShape { field: named, fault: found, .. } = refused.error else {
            panic!("{text} gave {:?}", refused.error);
        };
        assert_eq!((named.as_str(), found), (field, fault), "{text}");
    }
}

#[test]
fn a_broken_frame_is_answered_with_an_error() {
    let refused = ClientFrame::parse(r#"{"type":"acked"}"#).unwrap_err();
    assert_eq!(
        refused.to_frame().to_json(),
        r#"{"type":"error","problem":"n-missing","detail":"`n`: It is needed.","frame":"acked"}"#
    );
}

#[test]
fn a_broken_send_is_refused_for_good_where_its_id_can_be_read() {
    let refused =
        ClientFrame::parse(r#"{"type":"send","client_message_id":"7f","text":3}"#).unwrap_err();
    assert_eq!(
        refused.to_frame().to_json(),
        r#"{"type":"nack","client_message_id":"7f","problem":"text-malformed","final":true}"#
    );
    let unnamed =
        ClientFrame::parse(r#"{"type":"send","client_message_id":7,"text":"Hello"}"#).unwrap_err();
    assert_eq!(unnamed.client_message_id, None);
}

#[test]
fn a_frame_nested_too_deeply_is_not_parsed() {
    let text = format!(r#"{{"type":"ping","t":{}"#, "[".repeat(10_000));
    assert_eq!(ClientFrame::parse(&text).unwrap_err().error, JsonError::TooDeep);
}

proptest! {
    #[test]
    fn whatever_arrives_is_read_without_panicking(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        if let Err(refused) = ClientFrame::parse(&String::from_utf8_lossy(&bytes)) {
            refused.to_frame().to_json();
        }
    }

    #[test]
    fn what_looks_like_a_frame_is_read_without_panicking(
        name in "hello|send|pull|read|typing|acked|heads|ping|other",
        field in "token|resume|client_message_id|text|conversation_id|after|limit|seq|n|t",
        value in r#"-?[0-9]{1,25}(\.[0-9]{1,3})?|"[ -!#-\[\]-~]{0,20}"|null|true|\[\]|\{\}|\[1,"a"\]|\{"ticket":1\}|.{0,8}"#,
    ) {
        let text = format!(r#"{{"type":"{name}","{field}":{value}}}"#);
        match ClientFrame::parse(&text) {
            Ok(frame) => prop_assert_eq!(ClientFrame::parse(&frame.to_json()), Ok(frame)),
            Err(refused) => {
                refused.to_frame().to_json();
            }
        }
    }
}
