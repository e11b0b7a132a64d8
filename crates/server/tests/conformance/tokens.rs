//! Tokens: what is forged, expired, revoked or sent along by a foreign page counts for nothing.

use std::sync::atomic::Ordering;

use app::{App, Env, Settings};
use axum::body::Body;
use axum::http::Request;
use bus::Bus;
use domain::Timestamp;
use serde_json::{Value, json};
use server::config::{Configuration, Overrides};
use server::edge::{Edge, Observed};
use store::Store;
use store::backend::Memory;
use tower::ServiceExt as _;

use crate::support::{Kith, PASSWORD, send, text};

/// `{"alg":"none","typ":"JWT"}`
const ALGORITHM_NONE: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
/// `{"alg":"HS256","typ":"JWT"}`
const ALGORITHM_SHARED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

#[tokio::test]
async fn forged_tokens_are_refused() {
    let (kith, elsewhere) = (Kith::start(), Kith::start());
    let (anna, ben) = (kith.person("Anna").await, kith.person("Ben").await);
    let stranger = elsewhere.person("Anna").await;
    let parts = |token: &str| -> [String; 3] {
        token.split('.').map(str::to_owned).collect::<Vec<_>>().try_into().expect("three parts")
    };
    let ([header, claims, signature], [_, other_claims, _]) =
        (parts(&anna.token), parts(&ben.token));
    for forged in [
        format!("{ALGORITHM_NONE}.{claims}."),
        format!("{ALGORITHM_NONE}.{claims}.{signature}"),
        format!("{ALGORITHM_SHARED}.{claims}.{signature}"),
        format!("{header}.{other_claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        stranger.token.clone(),
        "x".repeat(4_000),
        "a.b.c".to_owned(),
        String::new(),
    ] {
        let answer = send(kith.request("GET", "/sessions").bearer_auth(&forged)).await;
        answer.refused(401, "unauthenticated");
    }
    let basic = kith.request("GET", "/sessions").basic_auth("anna", Some(PASSWORD));
    send(basic).await.refused(401, "unauthenticated");
    anna.get("/sessions").await.with_status(200);
}

#[tokio::test]
async fn every_other_endpoint_asks_who_is_there() {
    let kith = Kith::start();
    let document = kith.ask("GET", "/openapi.json", None).await.json();
    // A socket may say who it is in its first frame.
    let public = ["/register", "/login", "/token/refresh", "/socket"];
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in
            item.as_object().expect("methods").keys().filter(|_| !public.contains(&path.as_str()))
        {
            let path = path.replace(['{', '}'], "x");
            kith.ask(&method.to_uppercase(), &path, None).await.refused(401, "unauthenticated");
        }
    }
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let (env, clock) = Env::manual(7, Timestamp::from_ms(1_795_525_200_000));
    let store = Store::Memory(Memory::new());
    let app =
        App::start(store, Bus::local(), env, Settings::default()).await.expect("the app starts");
    let configuration =
        Configuration::load(None, Overrides::default()).expect("defaults are valid");
    let edge = Edge::new(configuration, Box::new(Observed::default));
    let routes = server::security::around(server::http::routes(&edge, &app), &edge);
    let ask = async |request: Request<Body>| {
        let response = routes.clone().oneshot(request).await.expect("routes always answer");
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        (status, serde_json::from_slice::<Value>(&body).expect("JSON"))
    };
    let post = |path: &str, body: Value| {
        let request = Request::post(path).header("content-type", "application/json");
        request.body(Body::from(body.to_string())).expect("a request")
    };
    let sessions = |token: &str| {
        let request = Request::get("/sessions").header("authorization", format!("Bearer {token}"));
        request.body(Body::empty()).expect("a request")
    };
    ask(post(
        "/register",
        json!({ "email": "anna@example.org", "password": PASSWORD, "name": "Anna" }),
    ))
    .await;
    let (_, tokens) =
        ask(post("/login", json!({ "username": "anna@example.org", "password": PASSWORD }))).await;
    let token = text(&tokens, "token");
    assert_eq!(ask(sessions(&token)).await.0, 200);
    let life_ms = tokens["expires_in"].as_u64().expect("seconds") * 1000;
    clock.fetch_add(life_ms, Ordering::Relaxed);
    let (status, problem) = ask(sessions(&token)).await;
    assert_eq!((status, &problem["code"]), (401, &json!("unauthenticated")));
    let (status, fresh) =
        ask(post("/token/refresh", json!({ "refresh_token": tokens["refresh_token"] }))).await;
    assert_eq!(status, 200);
    assert_eq!(ask(sessions(&text(&fresh, "token"))).await.0, 200);
}

#[tokio::test]
async fn an_old_refresh_token_ends_the_session_it_was_copied_from() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let first = text(&kith.login(&anna.email).await, "refresh_token");
    let refresh = async |token: &str| {
        kith.ask("POST", "/token/refresh", Some(json!({ "refresh_token": token }))).await
    };
    let second = refresh(&first).await.with_status(200).json();
    let lost_answer = refresh(&first).await.with_status(200).json();
    assert_eq!(lost_answer["refresh_token"], second["refresh_token"]);
    let third = refresh(&text(&second, "refresh_token")).await.with_status(200).json();
    refresh(&first).await.refused(401, "unauthenticated");
    refresh(&text(&third, "refresh_token")).await.refused(401, "unauthenticated");
    let request = kith.request("GET", "/sessions").bearer_auth(text(&third, "token"));
    send(request).await.refused(401, "unauthenticated");
    for nonsense in ["", "a.b.c", "x"] {
        refresh(nonsense).await.refused(401, "unauthenticated");
    }
    kith.ask("POST", "/token/refresh", Some(json!({}))).await.names("refresh_token", "missing");
}

#[tokio::test]
async fn one_device_signs_out_another() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let body = json!({ "username": anna.email, "password": PASSWORD, "device": "laptop" });
    let laptop = kith.ask("POST", "/login", Some(body)).await.with_status(200).json();
    let list = anna.get("/sessions").await.with_status(200).json();
    let sessions = list["sessions"].as_array().expect("sessions");
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    assert!(sessions.iter().any(|session| session["device"] == "laptop"), "{list}");
    let path = format!("/sessions/{}", text(&laptop, "session_id"));
    let ben = kith.person("Ben").await;
    ben.delete(&path).await.refused(404, "not-found");
    anna.delete(&path).await.is(200, r#"{"status":"session_revoked"}"#);
    anna.delete(&path).await.refused(404, "not-found");
    let request = kith.request("GET", "/sessions").bearer_auth(text(&laptop, "token"));
    send(request).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_browser_session_works_for_its_own_pages_only() {
    let kith = Kith::start();
    let anna = kith.person("Anna").await;
    let body = json!({ "username": anna.email, "password": PASSWORD, "cookie": true });
    let login = || kith.request("POST", "/login").json(&body);
    send(login()).await.refused(403, "cross-site");
    let answer = send(login().header("sec-fetch-site", "same-origin")).await.with_status(200);
    assert!(answer.json().get("refresh_token").is_none());
    let set: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(set.iter().all(|cookie| cookie.contains("; HttpOnly; SameSite=Lax")), "{set:?}");
    let pairs: Vec<&str> = set.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    let session = pairs.iter().find(|pair| pair.starts_with("kith_session=")).expect("the session");
    let with = |method: &str, path: &str| kith.request(method, path).header("cookie", *session);
    send(with("GET", "/sessions")).await.with_status(200);
    let mute = json!({ "muted": true });
    for foreign in [None, Some("https://evil.example")] {
        let mut request = with("POST", "/logout").json(&mute);
        if let Some(origin) = foreign {
            request = request.header("origin", origin);
        }
        send(request).await.refused(403, "cross-site");
    }
    let refresh =
        pairs.iter().find(|pair| pair.starts_with("kith_refresh=")).expect("the refresh token");
    let request = kith.request("POST", "/token/refresh").header("cookie", *refresh);
    let fresh = send(request.header("sec-fetch-site", "same-origin")).await.with_status(200);
    assert_eq!(fresh.headers.get_all("set-cookie").iter().count(), 2);
    let own = format!("http://{}", kith.address());
    let answer = send(with("POST", "/logout").header("origin", own)).await.with_status(200);
    assert!(
        answer
            .headers
            .get_all("set-cookie")
            .iter()
            .all(|cookie| cookie.to_str().unwrap().contains("Max-Age=0"))
    );
    send(with("GET", "/sessions")).await.refused(401, "unauthenticated");
}
