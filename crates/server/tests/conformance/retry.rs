//! Retries: on any connection, after any crash, a send or a creation gives its first result.

use serde_json::{Value, json};

use crate::support::{Kith, PASSWORD, send, text};

async fn create(
    kith: &Kith,
    token: Option<&str>,
    (path, key): (&str, &str),
    body: &Value,
) -> crate::support::Answer {
    let mut request = kith.request("POST", path).header("idempotency-key", key).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    send(request).await
}

#[tokio::test]
async fn a_send_that_is_retried_after_a_kill_is_the_same_message() {
    let mut kith = Kith::start();
    let (anna_id, token, ben) = {
        let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
        (anna.id, anna.token, ben.id)
    };
    let body = json!({ "receiver_id": ben, "message": "Hello" });
    let first =
        create(&kith, Some(&token), ("/message/send", "7f"), &body).await.with_status(200).json();
    assert_eq!(first["dup"], false);
    kith.kill_and_restart();
    let again =
        create(&kith, Some(&token), ("/message/send", "7f"), &body).await.with_status(200).json();
    assert_eq!(again["dup"], true);
    for field in ["message_id", "conversation_id", "seq", "sent_at"] {
        assert_eq!(first[field], again[field], "{field}");
    }
    let mut by_field = body.clone();
    by_field["client_message_id"] = json!("7f");
    let request = kith.request("POST", "/message/send").bearer_auth(&token).json(&by_field);
    assert_eq!(send(request).await.with_status(200).json()["message_id"], first["message_id"]);
    let other = json!({ "receiver_id": ben, "message": "Something else" });
    create(&kith, Some(&token), ("/message/send", "7f"), &other)
        .await
        .refused(422, "idempotency-conflict");
    let history = format!("/message/history?conversation_id={ben}");
    let history =
        send(kith.request("GET", &history).bearer_auth(&token)).await.with_status(200).json();
    assert_eq!(
        (history.as_array().map(Vec::len), &history[0]["client_message_id"]),
        (Some(1), &json!("7f"))
    );
    assert_eq!(history[0]["sender_id"], json!(anna_id));
}

#[tokio::test]
async fn a_group_and_an_account_are_created_once_per_key() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let body = json!({ "group_name": "Hiking", "participants": [] });
    let group = async |key: &str, body: &Value| {
        create(&kith, Some(&anna.token), ("/group/create", key), body).await
    };
    let first = text(&group("k", &body).await.with_status(201).json(), "group_id");
    assert_eq!(text(&group("k", &body).await.with_status(201).json(), "group_id"), first);
    assert_ne!(text(&group("l", &body).await.with_status(201).json(), "group_id"), first);
    let other = json!({ "group_name": "Climbing", "participants": [] });
    group("k", &other).await.refused(422, "idempotency-conflict");

    let body = json!({ "email": "ben@example.org", "password": PASSWORD, "name": "Ben" });
    let account = async |key: &str| create(&kith, None, ("/register", key), &body).await;
    let first = text(&account("k").await.with_status(201).json(), "user_id");
    assert_eq!(text(&account("k").await.with_status(201).json(), "user_id"), first);
    account("l").await.refused(409, "taken");
}
