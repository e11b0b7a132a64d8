//! Section 1 of the contract: users.

use serde_json::json;

use crate::support::{Kith, PASSWORD, send, text};

#[tokio::test]
async fn registering_and_signing_in_answer_with_the_literals() {
    let kith = Kith::start();
    let body = json!({ "email": "anna@example.org", "password": PASSWORD, "name": "Anna", "username": "anna" });
    let registered = kith.ask("POST", "/register", Some(body)).await.with_status(201);
    let id = text(&registered.json(), "user_id");
    assert_eq!(registered.body, format!(r#"{{"status":"user_created","user_id":"{id}"}}"#));
    for name in ["anna", "anna@example.org", "ANNA@EXAMPLE.ORG"] {
        let body = json!({ "username": name, "password": PASSWORD });
        let answer = kith.ask("POST", "/login", Some(body)).await.with_status(200);
        assert!(answer.body.starts_with(r#"{"token":""#), "{}", answer.body);
        let tokens = answer.json();
        assert_eq!(text(&tokens, "user_id"), id);
        assert!(tokens["expires_in"].is_u64() && tokens["session_id"].is_string(), "{tokens}");
        assert!(tokens["refresh_token"].is_string(), "{tokens}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_one_answer() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let mut bodies = Vec::new();
    for (name, password) in [
        (anna.email.as_str(), "not the password"),
        ("nobody@example.org", PASSWORD),
        ("nobody", PASSWORD),
        ("not even a name!", PASSWORD),
        ("anna@example.org", ""),
    ] {
        let body = json!({ "username": name, "password": password });
        let answer = kith.ask("POST", "/login", Some(body)).await;
        answer.refused(401, "unauthenticated");
        let mut problem = answer.json();
        problem["request_id"].take();
        bodies.push(problem);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
}

#[tokio::test]
async fn signing_in_elsewhere_is_not_offered() {
    let kith = Kith::start();
    let body = json!({ "provider": "google", "id_token": "x" });
    kith.ask("POST", "/login", Some(body)).await.names("provider", "unknown");
}

#[tokio::test]
async fn an_address_or_a_name_in_use_is_a_conflict_that_names_neither() {
    let kith = Kith::start();
    let register = |email: &str, username: &str| {
        let body =
            json!({ "email": email, "password": PASSWORD, "name": "Anna", "username": username });
        kith.ask("POST", "/register", Some(body))
    };
    register("anna@example.org", "anna").await.with_status(201);
    let by_email = register("anna@example.org", "other").await;
    let by_name = register("other@example.org", "anna").await;
    for answer in [&by_email, &by_name] {
        answer.refused(409, "taken");
        assert!(answer.json().get("errors").is_none());
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_listed_field_by_field() {
    let kith = Kith::start();
    let body = json!({ "email": "nonsense", "password": "short", "name": " ", "username": "a" });
    let answer = kith.ask("POST", "/register", Some(body)).await;
    for (field, fault) in [
        ("email", "malformed"),
        ("password", "too-short"),
        ("name", "empty"),
        ("username", "too-short"),
    ] {
        answer.names(field, fault);
    }
    let body = json!({ "email": "anna@example.org", "password": "password", "name": "Anna" });
    kith.ask("POST", "/register", Some(body)).await.names("password", "too-common");
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once_and_no_other() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let other = text(&kith.login(&anna.email).await, "token");
    send(anna.request("POST", "/logout")).await.is(200, r#"{"status":"success"}"#);
    anna.get("/sessions").await.refused(401, "unauthenticated");
    send(kith.request("GET", "/sessions").bearer_auth(other)).await.with_status(200);
}

#[tokio::test]
async fn only_oneself_changes_a_profile() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let path = format!("/user/{}/profile", anna.id);
    let change = json!({ "name": "Anna B.", "profile_pic": "https://example.org/a.png", "status": "On the train" });
    anna.ask("PUT", &path, change).await.is(200, r#"{"status":"profile_updated"}"#);
    let seen = ben.get(&format!("/user/{}", anna.id)).await.with_status(200).json();
    assert_eq!((&seen["name"], &seen["status"]), (&json!("Anna B."), &json!("On the train")));
    assert_eq!(seen["profile_pic"], "https://example.org/a.png");
    assert!(seen.get("email").is_none(), "{seen}");
    ben.ask("PUT", &path, json!({ "name": "x" })).await.refused(403, "not-yourself");
    for nobody in ["u00000000000000000000000000", "nonsense", "%FF"] {
        let path = format!("/user/{nobody}/profile");
        let answer = ben.ask("PUT", &path, json!({ "name": "x" })).await;
        assert!(matches!(answer.status, 403 | 404), "{answer:?}");
    }
    anna.ask("PUT", &path, json!({ "profile_pic": "javascript:alert(1)" }))
        .await
        .names("profile_pic", "malformed");
}
