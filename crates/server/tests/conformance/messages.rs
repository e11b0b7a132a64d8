//! Section 2 of the contract: messages.

use serde_json::{Value, json};

use crate::support::{Kith, Person, send, text};

async fn history(person: &Person<'_>, query: &str) -> Vec<Value> {
    let answer = person.get(&format!("/message/history?{query}")).await.with_status(200);
    answer.json().as_array().expect("a bare array").clone()
}

fn seqs(messages: &[Value]) -> Vec<u64> {
    messages.iter().map(|message| message["seq"].as_u64().expect("a place")).collect()
}

#[tokio::test]
async fn a_sent_message_is_read_by_both() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let body = json!({ "sender_id": anna.id, "receiver_id": ben.id, "message": "Hello" });
    let sent = anna.ask("POST", "/message/send", body).await.with_status(200);
    let id = text(&sent.json(), "message_id");
    assert!(
        sent.body.starts_with(&format!(r#"{{"status":"message_sent","message_id":"{id}""#)),
        "{}",
        sent.body
    );
    let conversation = text(&sent.json(), "conversation_id");
    for (reader, place) in
        [(&anna, &ben.id), (&ben, &anna.id), (&anna, &conversation), (&ben, &conversation)]
    {
        let messages = history(reader, &format!("conversation_id={place}")).await;
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0]["message_id"], json!(id));
        assert_eq!(messages[0]["sender_id"], json!(anna.id));
        assert_eq!(messages[0]["text"], "Hello");
    }
}

#[tokio::test]
async fn the_fields_of_a_get_may_stand_in_a_body_and_the_query_wins() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    for text in ["one", "two", "three"] {
        anna.send(&ben.id, text).await;
    }
    let body = json!({ "conversation_id": ben.id, "limit": 2 });
    let by_body = send(anna.request("GET", "/message/history").json(&body)).await.with_status(200);
    assert_eq!(seqs(by_body.json().as_array().unwrap()), [2, 3]);
    let both =
        send(anna.request("GET", "/message/history?limit=1").json(&body)).await.with_status(200);
    assert_eq!(seqs(both.json().as_array().unwrap()), [3]);
}

#[tokio::test]
async fn history_pages_are_bounded_and_in_order() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let mut ids = Vec::new();
    for n in 1..=25 {
        ids.push(text(&anna.send(&ben.id, &format!("{n}")).await, "message_id"));
    }
    let page = async |query: &str| {
        seqs(&history(&ben, &format!("conversation_id={}{query}", anna.id)).await)
    };
    assert_eq!(page("").await, (6..=25).collect::<Vec<_>>());
    assert_eq!(page(&format!("&limit=3&before={}", ids[9])).await, [7, 8, 9]);
    assert_eq!(page(&format!("&limit=3&after={}", ids[9])).await, [11, 12, 13]);
    assert_eq!(page(&format!("&limit=4&around={}", ids[9])).await, [8, 9, 10, 11]);
    assert_eq!(page("&limit=200").await.len(), 25);
    let refused = async |query: &str| ben.get(&format!("/message/history?{query}")).await;
    refused("").await.names("conversation_id", "missing");
    let place = format!("conversation_id={}", anna.id);
    refused(&format!("{place}&limit=0")).await.names("limit", "malformed");
    refused(&format!("{place}&limit=201")).await.names("limit", "too-many");
    refused(&format!("{place}&limit=many")).await.refused(400, "invalid-parameter");
    refused(&format!("{place}&limit=1&limit=2")).await.refused(400, "invalid-parameter");
    refused(&format!("{place}&before={0}&after={0}", ids[0])).await.names("after", "malformed");
    refused(&format!("{place}&before=nonsense")).await.refused(404, "not-found");
    refused("conversation_id=nonsense").await.refused(404, "not-found");
}

#[tokio::test]
async fn several_receivers_each_get_it_in_their_own_conversation() {
    let kith = Kith::start();
    let (anna, ben, carl) =
        (kith.person("Anna").await, kith.person("Ben").await, kith.person("Carl").await);
    let group = anna.group(&[&ben]).await;
    let body = json!({ "sender_id": anna.id, "receiver_ids": [ben.id, carl.id, group], "message": "To all" });
    let sent = anna.ask("POST", "/message/send", body).await.with_status(200).json();
    let ids = sent["message_ids"].as_array().expect("the ids in the order given").clone();
    assert_eq!((ids.len(), &sent["message_id"]), (3, &ids[0]));
    for (reader, place, id) in
        [(&ben, &anna.id, &ids[0]), (&carl, &anna.id, &ids[1]), (&ben, &group, &ids[2])]
    {
        let messages = history(reader, &format!("conversation_id={place}")).await;
        assert_eq!((&messages[0]["message_id"], &messages[0]["text"]), (id, &json!("To all")));
    }
    let nobody = "u00000000000000000000000000";
    let body = json!({ "receiver_ids": [ben.id, nobody], "message": "To nobody" });
    anna.ask("POST", "/message/send", body).await.refused(404, "not-found");
    assert_eq!(
        ben.texts(&anna.id).await,
        ["To all"],
        "nothing is sent when a receiver does not exist"
    );
}

#[tokio::test]
async fn whoever_sends_is_the_caller() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    for sender in [ben.id.as_str(), "", "nonsense"] {
        let body = json!({ "sender_id": sender, "receiver_id": ben.id, "message": "Hello" });
        anna.ask("POST", "/message/send", body).await.refused(403, "not-yourself");
    }
}

#[tokio::test]
async fn a_deleted_message_is_gone_for_everybody() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let id = text(&anna.send(&ben.id, "A secret").await, "message_id");
    let path = format!("/message/{id}");
    ben.delete(&path).await.refused(403, "needs-sender");
    let other = json!({ "message_id": "another" });
    anna.ask("DELETE", &path, other).await.names("message_id", "malformed");
    anna.ask("DELETE", &path, json!({ "message_id": id }))
        .await
        .is(200, r#"{"status":"message_deleted"}"#);
    anna.delete(&path).await.is(200, r#"{"status":"message_deleted"}"#);
    for reader in [&anna, &ben] {
        assert_eq!(
            reader.texts(if reader.id == anna.id { &ben.id } else { &anna.id }).await,
            [Value::Null]
        );
        let answers = [reader.get(&path).await, reader.get("/conversations").await];
        assert!(answers.iter().all(|answer| !answer.body.contains("A secret")), "{answers:?}");
    }
}

#[tokio::test]
async fn an_admin_of_a_group_deletes_messages_of_others() {
    let kith = Kith::start();
    let (anna, ben, carl) =
        (kith.person("Anna").await, kith.person("Ben").await, kith.person("Carl").await);
    let group = anna.group(&[&ben, &carl]).await;
    let path = format!("/message/{}", text(&ben.send(&group, "Hello").await, "message_id"));
    carl.delete(&path).await.refused(403, "needs-sender");
    anna.delete(&path).await.is(200, r#"{"status":"message_deleted"}"#);
}

#[tokio::test]
async fn what_a_stranger_may_not_see_is_what_does_not_exist() {
    let kith = Kith::start();
    let (anna, ben, carl) =
        (kith.person("Anna").await, kith.person("Ben").await, kith.person("Carl").await);
    let sent = anna.send(&ben.id, "Hello").await;
    let (message, direct) = (text(&sent, "message_id"), text(&sent, "conversation_id"));
    let group = anna.group(&[&ben]).await;
    for conversation in [&direct, &group, "g00000000000000000000000000", "nonsense", "%00", "%FF"] {
        for path in [
            format!("/message/history?conversation_id={conversation}"),
            format!("/conversation/{conversation}"),
        ] {
            carl.get(&path).await.refused(404, "not-found");
        }
        let body = json!({ "conversation_id": conversation, "message": "Hello" });
        carl.ask("POST", "/message/send", body).await.refused(404, "not-found");
    }
    for id in [message.as_str(), "g00000000000000000000000000-1", "nonsense"] {
        let path = format!("/message/{id}");
        carl.get(&path).await.refused(404, "not-found");
        carl.delete(&path).await.refused(404, "not-found");
        carl.ask("PUT", &path, json!({ "message": "x" })).await.refused(404, "not-found");
        carl.ask("POST", &format!("{path}/reaction"), json!({ "emoji": "👍" }))
            .await
            .refused(404, "not-found");
    }
}
