//! Section 6 of the contract, the probes, the document, and what is not offered.

use serde_json::json;

use crate::support::{Kith, PASSWORD, send, text};

#[tokio::test]
async fn statistics_are_exact_and_for_operators() {
    let kith = Kith::start();
    let (anna, ben, carl) =
        (kith.person("Anna").await, kith.person("Ben").await, kith.person("Carl").await);
    let sent_at = text(&anna.send(&ben.id, "one").await, "sent_at");
    anna.send(&carl.id, "two").await;
    let third = text(&ben.send(&anna.id, "three").await, "message_id");
    ben.delete(&format!("/message/{third}")).await.with_status(200);
    let (day, _) = sent_at.split_once('T').expect("a day");
    let path = format!("/stats/messages?start_date={day}&end_date=2999-01-01");
    ben.get(&path).await.refused(403, "needs-operator");
    let range = |start: &str, end: &str| {
        anna.request("GET", &format!("/stats/messages?start_date={start}&end_date={end}"))
    };
    let next = day
        .get(..4)
        .and_then(|year| year.parse::<u32>().ok())
        .map(|year| format!("{}-01-01", year + 1));
    let next = next.expect("a year");
    send(range(day, &next)).await.is(200, r#"{"messages_sent":3,"active_users":2}"#);
    send(range("2000-01-01", "2000-12-31"))
        .await
        .is(200, r#"{"messages_sent":0,"active_users":0}"#);
    send(range("2000-01-02", "2000-01-01")).await.names("end_date", "malformed");
    send(range("1980-01-01", "2020-01-01")).await.names("end_date", "too-many");
    send(range("2000-02-30", "2000-03-01")).await.refused(400, "invalid-parameter");
    anna.get("/stats/messages?start_date=2000-01-01").await.names("end_date", "missing");
}

#[tokio::test]
async fn health_is_for_operators_and_the_probes_are_for_all() {
    let kith = Kith::start();
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let answer = anna.get("/system/health").await.with_status(200);
    assert!(answer.body.starts_with(r#"{"cpu_usage":""#), "{}", answer.body);
    for field in ["cpu_usage", "memory_usage"] {
        let share = text(&answer.json(), field);
        let number = share.strip_suffix('%').and_then(|number| number.parse::<u8>().ok());
        assert!(number.is_some_and(|number| number <= 100), "{share}");
    }
    ben.get("/system/health").await.refused(403, "needs-operator");
    kith.ask("GET", "/system/health", None).await.refused(401, "unauthenticated");
    for probe in ["/healthz", "/readyz"] {
        assert_eq!(kith.ask("GET", probe, None).await.status, 200);
    }
}

#[tokio::test]
async fn the_document_and_its_page_come_from_this_server() {
    let kith = Kith::start();
    let document = kith.ask("GET", "/openapi.json", None).await.with_status(200).json();
    assert!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")),
        "{}",
        document["openapi"]
    );
    let page = kith.ask("GET", "/docs/", None).await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-security-policy")
            .is_some_and(|policy| policy.contains("script-src 'self'"))
    );
    assert!(!page.body.contains("//unpkg") && !page.body.contains("//cdn"), "{}", page.body);
    for asset in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert_eq!(kith.ask("GET", &format!("/docs/{asset}"), None).await.status, 200, "{asset}");
    }
}

#[tokio::test]
async fn what_is_not_offered_is_not_there() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    for path in [
        "/message/send_media",
        "/call/voice/initiate",
        "/call/voice/answer",
        "/call/video/initiate",
        "/call/video/answer",
        "/notification/push",
        "/notification/email",
        "/nowhere",
    ] {
        anna.ask("POST", path, json!({})).await.refused(404, "not-found");
    }
}

#[tokio::test]
async fn other_methods_are_refused_and_the_right_ones_named() {
    let kith = Kith::start();
    for (method, path, allowed) in [
        ("GET", "/register", "POST"),
        ("DELETE", "/message/send", "POST"),
        ("POST", "/message/history", "GET"),
    ] {
        let answer = kith.ask(method, path, None).await;
        answer.refused(405, "method-not-allowed");
        assert!(answer.header("allow").is_some_and(|allow| allow.contains(allowed)), "{answer:?}");
    }
}

#[tokio::test]
async fn each_answer_makes_browsers_careful() {
    let kith = Kith::start();
    for path in ["/healthz", "/nowhere", "/sessions"] {
        let answer = kith.ask("GET", path, None).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(
            answer.header("content-security-policy").is_some()
                && answer.header("x-request-id").is_some()
        );
        assert!(answer.header("access-control-allow-origin").is_none());
    }
}

#[tokio::test]
async fn the_callers_limit_is_429_with_a_time() {
    let kith = Kith::start_with(&[("KITH_LIMITS_SEND_PER_USER", "1/hour burst 2")]);
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    anna.send(&ben.id, "one").await;
    anna.send(&ben.id, "two").await;
    let body = json!({ "receiver_id": ben.id, "message": "three" });
    let answer = anna.ask("POST", "/message/send", body).await;
    answer.refused(429, "too-many-requests");
    assert!(answer.json()["retry_after_ms"].as_u64().is_some_and(|ms| ms > 60_000), "{answer:?}");
    ben.send(&anna.id, "others are not concerned").await;
    assert_eq!(anna.texts(&ben.id).await.len(), 3, "reading is counted apart");
}

#[tokio::test]
async fn a_stranger_cannot_keep_somebody_from_signing_in() {
    let kith = Kith::start_with(&[
        ("KITH_LIMITS_LOGIN_PER_USER", "3/hour"),
        ("KITH_SERVER_TRUSTED_PROXIES", "127.0.0.1"),
    ]);
    let anna = kith.person("Anna").await;
    let sign_in = async |from: &str, password: &str| {
        let body = json!({ "username": anna.email, "password": password });
        send(kith.request("POST", "/login").header("x-forwarded-for", from).json(&body)).await
    };
    for _ in 0..3 {
        sign_in("192.0.2.1", "a wrong password").await.refused(401, "unauthenticated");
    }
    sign_in("192.0.2.1", "a wrong password").await.refused(429, "too-many-requests");
    sign_in("192.0.2.2", PASSWORD).await.with_status(200);
}

#[tokio::test]
async fn an_account_can_be_tried_only_so_often_from_wherever() {
    let kith = Kith::start_with(&[
        ("KITH_LIMITS_LOGIN_PER_ACCOUNT", "2/hour"),
        ("KITH_SERVER_TRUSTED_PROXIES", "127.0.0.1"),
    ]);
    let body = json!({ "username": "nobody@example.org", "password": PASSWORD });
    for (from, status) in [("192.0.2.1", 401), ("192.0.2.2", 401), ("192.0.2.3", 429)] {
        let request = kith.request("POST", "/login").header("x-forwarded-for", from);
        assert_eq!(send(request.json(&body)).await.status, status, "{from}");
    }
}

#[tokio::test]
async fn sessions_can_be_ended_when_everything_else_is_used_up() {
    let kith = Kith::start_with(&[
        ("KITH_LIMITS_GENERAL_PER_USER", "1/hour"),
        ("KITH_LIMITS_GENERAL_PER_ADDRESS", "2/hour"),
    ]);
    let anna = kith.person("Anna").await;
    let robbed = text(&kith.login(&anna.email).await, "session_id");
    let mute = async || {
        anna.ask("PUT", &format!("/conversation/{}/mute", anna.id), json!({ "muted": true })).await
    };
    mute().await.refused(404, "not-found");
    mute().await.refused(429, "too-many-requests");
    anna.delete(&format!("/sessions/{robbed}")).await.with_status(200);
    anna.ask("POST", "/logout", json!({})).await.with_status(200);
}

#[tokio::test]
async fn the_servers_limit_is_503_with_a_time() {
    use std::io::Read as _;

    let kith = Kith::start_with(&[("KITH_LIMITS_CONNECTIONS_PER_ADDRESS", "1")]);
    let _first = std::net::TcpStream::connect(kith.address()).expect("a place");
    let mut second = std::net::TcpStream::connect(kith.address()).expect("a connection");
    let mut answer = String::new();
    second.read_to_string(&mut answer).expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: "),
        "{answer}"
    );
}
