//! What strangers send: each gets the documented answer, and the server goes on.

use serde_json::json;

use crate::support::{Answer, Kith, Person, send};

async fn post(person: &Person<'_>, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = person.request("POST", path).header("content-type", "application/json");
    send(request.body(body)).await
}

#[tokio::test]
async fn what_is_not_json_is_400_whatever_it_was_meant_for() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for path in ["/register", "/login", "/message/send", "/group/create", "/token/refresh"] {
        for body in [
            &b"{"[..],
            b"",
            b"{\"message\":\"Hel",
            b"{'message':1}",
            b"nul",
            b"{\"message\":\"\xff\xfe\"}",
            b"{} {}",
        ] {
            let empty_is_fine = body.is_empty() && path == "/token/refresh";
            let answer = post(&anna, path, body).await;
            if !empty_is_fine {
                answer.refused(400, "malformed");
            }
        }
        post(&anna, path, deep.clone()).await.refused(400, "too-deep");
        post(&anna, path, format!(r#"{{"message":{deep}}}"#)).await.refused(400, "too-deep");
    }
}

#[tokio::test]
async fn wrong_types_and_missing_fields_are_named() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let send = |body| anna.ask("POST", "/message/send", body);
    send(json!({ "receiver_id": ben.id })).await.names("message", "missing");
    send(json!({ "receiver_id": ben.id, "message": 3 })).await.names("message", "malformed");
    send(json!({ "receiver_id": [ben.id], "message": "Hello" }))
        .await
        .names("receiver_id", "malformed");
    send(json!({ "receiver_ids": ben.id, "message": "Hello" }))
        .await
        .names("receiver_ids", "malformed");
    send(json!({ "message": "Hello" })).await.names("receiver_id", "missing");
    post(&anna, "/message/send", r#"{"message":"\ud800"}"#).await.refused(400, "malformed");
    send(json!(["Hello"])).await.names("", "malformed");
    send(json!({ "receiver_id": ben.id, "message": "Hello", "later": { "a": [1] } }))
        .await
        .with_status(200);
}

#[tokio::test]
async fn a_body_must_be_declared_as_json_and_not_be_too_large() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let request = anna.request("POST", "/message/send").header("content-type", media_type);
        send(request.body("{}")).await.refused(415, "unsupported-media-type");
    }
    send(anna.request("POST", "/message/send").body("{}"))
        .await
        .refused(415, "unsupported-media-type");
    let query = anna.request("GET", "/conversations").header("content-type", "text/plain");
    send(query.body("limit=1")).await.refused(415, "unsupported-media-type");
    let large = format!(r#"{{"message":"{}"}}"#, "x".repeat(10 * 1024 * 1024));
    post(&anna, "/message/send", large).await.refused(413, "too-large");
    let long = format!("/message/history?conversation_id={}", "g".repeat(9_000));
    anna.get(&long).await.refused(414, "address-too-long");
}

#[tokio::test]
async fn texts_have_a_length_and_no_control_characters() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let send = |text: &str| {
        anna.ask("POST", "/message/send", json!({ "receiver_id": ben.id, "message": text }))
    };
    send(&"x".repeat(16 * 1024)).await.with_status(200);
    send(&"x".repeat(16 * 1024 + 1)).await.names("message", "too-long");
    send(&"ä".repeat(8 * 1024 + 1)).await.names("message", "too-long");
    for text in ["", " \n\t "] {
        send(text).await.names("message", "empty");
    }
    for text in ["\u{0}", "a\u{7}b", "\u{1b}[31m", "\u{7f}"] {
        send(text).await.names("message", "malformed");
    }
    send("two\nlines, a\ttab, 👩‍👩‍👧, עברית").await.with_status(200);
    assert_eq!(ben.texts(&anna.id).await.len(), 2);
}

#[tokio::test]
async fn ids_of_any_size_and_shape_name_nothing() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let huge = "u".repeat(100_000);
    for receiver in
        ["", "u", "-1", "../../etc/passwd", "u\u{0}", huge.as_str(), "UZZZ", "' OR 1=1 --"]
    {
        let body = json!({ "receiver_id": receiver, "message": "Hello" });
        anna.ask("POST", "/message/send", body).await.refused(404, "not-found");
    }
    let sent = anna.send(&anna.id, "A note to myself").await;
    let conversation = sent["conversation_id"].as_str().expect("an id");
    for seq in ["0", "01", "-1", "18446744073709551616", "1e3", "2"] {
        anna.get(&format!("/message/{conversation}-{seq}")).await.refused(404, "not-found");
    }
}

#[tokio::test]
async fn keys_must_be_short_and_visible() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let body = json!({ "receiver_id": ben.id, "message": "Hello" });
    for key in ["", "with space", &"x".repeat(65)] {
        let request = anna.request("POST", "/message/send").header("idempotency-key", key);
        send(request.json(&body)).await.refused(400, "invalid-parameter");
        let mut body = body.clone();
        body["client_message_id"] = json!(key);
        anna.ask("POST", "/message/send", body).await.names("client_message_id", "malformed");
    }
    let mut both = body.clone();
    both["client_message_id"] = json!("one");
    let request = anna.request("POST", "/message/send").header("idempotency-key", "other");
    send(request.json(&both)).await.names("client_message_id", "malformed");
}
