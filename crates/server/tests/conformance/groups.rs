//! Section 5 of the contract: groups.

use futures_util::future::join;
use serde_json::json;

use crate::support::{Kith, text};

#[tokio::test]
async fn groups_answer_with_the_literals() {
    let kith = Kith::start();
    let (anna, ben, carl) =
        (kith.person("Anna").await, kith.person("Ben").await, kith.person("Carl").await);
    let body = json!({ "group_name": "Hiking", "participants": [ben.id] });
    let created = anna.ask("POST", "/group/create", body).await.with_status(201);
    let group = text(&created.json(), "group_id");
    assert_eq!(created.body, format!(r#"{{"status":"group_created","group_id":"{group}"}}"#));
    let (add, remove) = (format!("/group/{group}/add"), format!("/group/{group}/remove"));
    let carl_too = json!({ "user_id": carl.id });
    ben.ask("POST", &add, carl_too.clone()).await.refused(403, "needs-admin");
    anna.ask("POST", &add, carl_too.clone()).await.is(200, r#"{"status":"participant_added"}"#);
    anna.ask("POST", &add, carl_too.clone()).await.refused(409, "already-member");
    anna.ask("POST", &remove, carl_too).await.is(200, r#"{"status":"participant_removed"}"#);
    ben.ask("POST", &remove, json!({ "user_id": ben.id }))
        .await
        .is(200, r#"{"status":"participant_removed"}"#);
    anna.ask("POST", &add, json!({ "user_id": "u00000000000000000000000000" }))
        .await
        .refused(404, "not-found");
    anna.ask("POST", &add, json!({ "user_id": "nonsense" })).await.refused(404, "not-found");
}

#[tokio::test]
async fn a_removed_member_reads_and_writes_nothing_more() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let group = anna.group(&[&ben]).await;
    ben.send(&group, "Hello").await;
    anna.ask("POST", &format!("/group/{group}/remove"), json!({ "user_id": ben.id }))
        .await
        .with_status(200);
    let body = json!({ "receiver_id": group, "message": "Still here" });
    ben.ask("POST", "/message/send", body).await.refused(404, "not-found");
    ben.get(&format!("/message/history?conversation_id={group}")).await.refused(404, "not-found");
    ben.get(&format!("/conversation/{group}")).await.refused(404, "not-found");
    assert_eq!(ben.get("/conversations").await.with_status(200).json()["conversations"], json!([]));
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    let kith = Kith::start();
    let (anna, ben, carl) =
        (kith.person("Anna").await, kith.person("Ben").await, kith.person("Carl").await);
    let group = anna.group(&[&ben, &carl]).await;
    let role = json!({ "user_id": ben.id, "role": "owner" });
    anna.ask("PUT", &format!("/group/{group}/role"), role)
        .await
        .is(200, r#"{"status":"role_changed"}"#);
    let path = format!("/group/{group}/remove");
    let leave = |person: &'_ str| json!({ "user_id": person });
    let (one, other) =
        join(anna.ask("POST", &path, leave(&anna.id)), ben.ask("POST", &path, leave(&ben.id)))
            .await;
    let (left, stayed) = if one.status == 200 { (one, other) } else { (other, one) };
    left.is(200, r#"{"status":"participant_removed"}"#);
    stayed.refused(409, "last-owner");
}

#[tokio::test]
async fn roles_settings_and_ownership() {
    let kith = Kith::start();
    let (anna, ben, carl) =
        (kith.person("Anna").await, kith.person("Ben").await, kith.person("Carl").await);
    let group = anna.group(&[&ben]).await;
    let path = format!("/group/{group}");
    let change = json!({ "name": "Climbing", "history_for_new_members": "from_join" });
    ben.ask("PUT", &path, change.clone()).await.refused(403, "needs-admin");
    anna.ask("PUT", &path, change).await.is(200, r#"{"status":"group_updated"}"#);
    anna.send(&group, "Before Carl").await;
    anna.ask("POST", &format!("{path}/add"), json!({ "user_id": carl.id })).await.with_status(200);
    anna.send(&group, "With Carl").await;
    assert_eq!(carl.texts(&group).await, ["With Carl"]);
    assert_eq!(ben.texts(&group).await, ["Before Carl", "With Carl"]);
    let owner = json!({ "user_id": ben.id });
    ben.ask("POST", &format!("{path}/owner"), owner.clone()).await.refused(403, "needs-owner");
    anna.ask("POST", &format!("{path}/owner"), owner)
        .await
        .is(200, r#"{"status":"ownership_transferred"}"#);
    let detail = carl.get(&format!("/conversation/{group}")).await.with_status(200).json();
    assert_eq!((&detail["name"], &detail["member_count"]), (&json!("Climbing"), &json!(3)));
    let role_of = |id: &str| {
        let members = detail["members"].as_array().expect("members");
        members.iter().find(|member| member["user_id"] == id).expect("a member")["role"].clone()
    };
    assert_eq!(
        [role_of(&anna.id), role_of(&ben.id), role_of(&carl.id)],
        ["admin", "owner", "member"]
    );
}

#[tokio::test]
async fn a_group_needs_a_name_and_people_who_exist() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let create = |body| anna.ask("POST", "/group/create", body);
    create(json!({ "group_name": "", "participants": [] })).await.names("group_name", "empty");
    create(json!({ "group_name": "Hiking" })).await.names("participants", "missing");
    for nobody in ["u00000000000000000000000000", "nonsense"] {
        let body = json!({ "group_name": "Hiking", "participants": [nobody] });
        create(body).await.names("participants", "unknown");
    }
    let many = vec!["u00000000000000000000000000"; 1_025];
    create(json!({ "group_name": "Hiking", "participants": many }))
        .await
        .names("participants", "too-many");
}
