//! Beyond the contract: people, preferences, the inbox, edits, reactions, read positions.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Kith, text};

/// What a job does is done within this time, also on a busy machine.
const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn people_are_found_unless_they_do_not_want_to_be() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Benjamin").await);
    let found = async |words: &str| {
        let list = anna.get(&format!("/users/search?q={words}")).await.with_status(200).json();
        let users = list["users"].as_array().expect("users").clone();
        users.iter().map(|user| text(user, "name")).collect::<Vec<_>>()
    };
    anna.get("/users/search?q=b").await.names("q", "too-short");
    anna.get("/users/search").await.names("q", "missing");
    // The directory is written by a job, which may still be at it.
    let shows = async |names: &[&str]| {
        let looks_again = async { while found("benj").await != names {} };
        tokio::time::timeout(SOON, looks_again).await.expect("the directory follows");
    };
    shows(&["Benjamin"]).await;
    let mut preferences = ben.get("/preferences").await.with_status(200).json();
    preferences["privacy"]["discoverable"] = json!(false);
    let stored = ben.ask("PUT", "/preferences", preferences.clone()).await.with_status(200).json();
    assert_eq!(stored["version"], 1);
    ben.ask("PUT", "/preferences", preferences).await.refused(409, "stale-version");
    assert_eq!(ben.get("/preferences").await.json(), stored);
    shows(&[]).await;
}

#[tokio::test]
async fn a_blocked_sender_is_refused() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    anna.send(&ben.id, "Hello").await;
    let path = format!("/user/{}/block", anna.id);
    ben.ask("PUT", &path, json!({})).await.is(200, r#"{"status":"user_blocked"}"#);
    let list = ben.get("/blocked").await.with_status(200).json();
    assert_eq!(text(&list["users"][0], "user_id"), anna.id);
    let hello = |to: &str| json!({ "receiver_id": to, "message": "Hello?" });
    anna.ask("POST", "/message/send", hello(&ben.id)).await.refused(403, "not-accepted");
    ben.ask("POST", "/message/send", hello(&anna.id)).await.refused(403, "blocked-by-you");
    ben.delete(&path).await.is(200, r#"{"status":"user_unblocked"}"#);
    anna.send(&ben.id, "Hello again").await;
    assert_eq!(ben.texts(&anna.id).await, ["Hello", "Hello again"]);
}

#[tokio::test]
async fn the_inbox_is_in_order_of_activity_and_counts_what_is_unread() {
    let kith = Kith::start();
    let (anna, ben, carl) =
        (kith.person("Anna").await, kith.person("Ben").await, kith.person("Carl").await);
    let direct = text(&ben.send(&anna.id, "one").await, "conversation_id");
    ben.send(&anna.id, "two").await;
    let group = carl.group(&[&anna]).await;
    carl.send(&group, "three").await;
    let page = async |query: &str| {
        anna.get(&format!("/conversations{query}")).await.with_status(200).json()
    };
    let first = page("?limit=1").await;
    assert_eq!(text(&first["conversations"][0], "conversation_id"), group);
    assert_eq!(first["conversations"][0]["last_event"]["event"]["text"], "three");
    let rest = page(&format!("?limit=1&cursor={}", text(&first, "next_cursor"))).await;
    let item = &rest["conversations"][0];
    assert_eq!(
        (text(item, "conversation_id"), text(item, "name")),
        (direct.clone(), "Ben".to_owned())
    );
    assert_eq!((&item["unread"], &item["peer"]["user_id"]), (&json!(2), &json!(ben.id)));
    assert_eq!(rest.get("next_cursor"), None);
    anna.get("/conversations?cursor=nonsense").await.refused(400, "invalid-parameter");
    let read =
        anna.ask("POST", &format!("/conversation/{direct}/read"), json!({ "seq": 99 })).await;
    read.is(200, r#"{"status":"conversation_read","read_seq":2}"#);
    let mute = format!("/conversation/{}/mute", ben.id);
    anna.ask("PUT", &mute, json!({ "muted": true }))
        .await
        .is(200, r#"{"status":"conversation_muted"}"#);
    let inbox = page("").await;
    let items = inbox["conversations"].as_array().expect("conversations");
    let item =
        items.iter().find(|item| item["conversation_id"] == json!(direct)).expect("it is there");
    assert_eq!((&item["unread"], &item["muted"]), (&json!(0), &json!(true)));
    let detail = ben.get(&format!("/conversation/{}", anna.id)).await.with_status(200).json();
    let members = detail["members"].as_array().expect("members");
    let seen = members.iter().find(|member| member["user_id"] == json!(anna.id)).expect("Anna");
    assert_eq!(seen["read_seq"], 2);
}

#[tokio::test]
async fn messages_are_edited_answered_and_reacted_to() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let id = text(&anna.send(&ben.id, "Helo").await, "message_id");
    let path = format!("/message/{id}");
    ben.ask("PUT", &path, json!({ "message": "x" })).await.refused(403, "needs-sender");
    anna.ask("PUT", &path, json!({ "message": "Hello" }))
        .await
        .is(200, r#"{"status":"message_edited"}"#);
    let reaction = format!("{path}/reaction");
    ben.ask("POST", &reaction, json!({ "emoji": "👍" }))
        .await
        .is(200, r#"{"status":"reaction_added"}"#);
    ben.ask("POST", &reaction, json!({ "emoji": "no" })).await.names("emoji", "malformed");
    let message = anna.get(&path).await.with_status(200).json();
    assert_eq!((&message["text"], message["edited_at"].is_string()), (&json!("Hello"), true));
    let expected = json!([{ "emoji": "👍", "count": 1, "user_ids": [ben.id] }]);
    assert_eq!(message["reactions"], expected);
    ben.delete(&format!("{reaction}?emoji=%F0%9F%91%8D"))
        .await
        .is(200, r#"{"status":"reaction_removed"}"#);
    ben.delete(&reaction).await.names("emoji", "missing");
    assert_eq!(anna.get(&path).await.json()["reactions"], json!([]));
    let body = json!({ "receiver_id": anna.id, "message": "Hi", "reply_to": id });
    ben.ask("POST", "/message/send", body).await.with_status(200);
    let history = anna.get(&format!("/message/history?conversation_id={}", ben.id)).await.json();
    let answered: Vec<&Value> =
        history.as_array().expect("messages").iter().map(|m| &m["reply_to"]).collect();
    assert_eq!(answered, [&Value::Null, &json!(id)]);
    let body = json!({ "receiver_id": anna.id, "message": "Hi", "reply_to": "nonsense" });
    ben.ask("POST", "/message/send", body).await.names("reply_to", "unknown");
}
