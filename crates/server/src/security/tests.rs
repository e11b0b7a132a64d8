use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;
use crate::config::Overrides;
use crate::edge::Observed;
use crate::limits::{self, Group};

/// The largest body that a test reads.
const BODY_BYTES_MAX: usize = 64 * 1024;

fn edge(change: impl FnOnce(&mut Configuration)) -> Edge {
    let mut configuration =
        Configuration::load(None, Overrides::default()).expect("defaults are valid");
    change(&mut configuration);
    Edge::new(configuration, Box::new(Observed::default))
}

fn app(edge: &Edge) -> Router {
    let limited = middleware::from_fn_with_state((edge.clone(), Group::Login), limits::apply);
    let routes = Router::new()
        .route("/limited", get(async || "done"))
        .route_layer(limited)
        .route("/good", get(async || "good"))
        .route("/read", post(async |body: String| body))
        .route("/never", get(std::future::pending::<&'static str>))
        .route("/panic", get(panics))
        .route("/upgrade", get(async || StatusCode::UPGRADE_REQUIRED))
        .route(
            "/page",
            get(async || ([(header::CONTENT_SECURITY_POLICY, "default-src 'self'")], "")),
        );
    around(routes.merge(crate::health::routes(edge.clone())), edge)
}

async fn panics() -> &'static str {
    panic!("as the test wants it")
}

async fn ask(edge: &Edge, request: axum::http::request::Builder) -> (Response, Value) {
    ask_with(edge, request.body(Body::empty()).expect("a request")).await
}

async fn ask_with(edge: &Edge, mut request: Request) -> (Response, Value) {
    request.extensions_mut().insert(Peer([127, 0, 0, 1].into()));
    let response = app(edge).oneshot(request).await.expect("a router always answers");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.expect("a small body");
    (Response::from_parts(parts, Body::empty()), serde_json::from_slice(&body).unwrap_or_default())
}

fn header_of<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn every_answer_has_a_name_of_its_own_and_careful_headers() {
    let edge = edge(|_| ());
    let (first, _) = ask(&edge, Request::get("/good")).await;
    let (second, _) = ask(&edge, Request::get("/good")).await;
    assert_eq!(header_of(&first, "x-request-id").len(), 16);
    assert_ne!(header_of(&first, "x-request-id"), header_of(&second, "x-request-id"));
    assert_eq!(header_of(&first, "x-content-type-options"), "nosniff");
    assert_eq!(header_of(&first, "referrer-policy"), "no-referrer");
    assert!(header_of(&first, "content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(header_of(&first, "strict-transport-security"), "");
    assert_eq!(header_of(&first, "access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_refusal_to_upgrade_is_a_problem_too() {
    let (refused, problem) = ask(&edge(|_| ()), Request::get("/upgrade")).await;
    assert_eq!(refused.status(), 426);
    assert_eq!(problem["code"], "upgrade-required");
}

#[tokio::test]
async fn a_route_may_have_its_own_policy() {
    let (page, _) = ask(&edge(|_| ()), Request::get("/page")).await;
    assert_eq!(header_of(&page, "content-security-policy"), "default-src 'self'");
}

#[tokio::test]
async fn with_https_browsers_are_told_to_stay_there() {
    let edge = edge(|all| all.server.public_url = Some("https://chat.example.org".to_owned()));
    let (response, _) = ask(&edge, Request::get("/good")).await;
    assert!(header_of(&response, "strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn what_is_not_done_is_explained_by_a_problem_that_names_the_request() {
    let edge = edge(|all| all.limits.request_timeout_ms = 20);
    let long = format!("/good?{}", "a".repeat(9_000));
    for (method, path, status, code) in [
        ("GET", "/nowhere", 404, "not-found"),
        ("POST", "/good", 405, "method-not-allowed"),
        ("GET", long.as_str(), 414, "address-too-long"),
        ("GET", "/panic", 500, "internal"),
        ("GET", "/never", 503, "overloaded"),
    ] {
        let (response, problem) = ask(&edge, Request::builder().method(method).uri(path)).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_eq!(header_of(&response, "content-type"), "application/problem+json");
        assert_eq!(problem["code"], code);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], header_of(&response, "x-request-id"));
    }
    let (response, _) = ask(&edge, Request::get("/never")).await;
    assert_eq!(header_of(&response, "retry-after"), "1");
    let (response, _) = ask(&edge, Request::post("/good")).await;
    assert!(header_of(&response, "allow").contains("GET"));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let edge = edge(|all| all.limits.body_bytes_max = 100);
    let (response, _) =
        ask_with(&edge, Request::post("/read").body("a".repeat(100).into()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let (response, problem) =
        ask_with(&edge, Request::post("/read").body("a".repeat(101).into()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(problem["code"], "too-large");
}

#[tokio::test]
async fn one_too_many_is_told_when_to_come_back() {
    let edge = edge(|all| all.limits.login_per_address = "1/hour".parse().unwrap());
    let (first, _) = ask(&edge, Request::get("/limited")).await;
    assert_eq!(first.status(), StatusCode::OK);
    let (second, problem) = ask(&edge, Request::get("/limited")).await;
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(problem["code"], "too-many-requests");
    let seconds: u64 = header_of(&second, "retry-after").parse().expect("a number");
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    let (elsewhere, _) = ask(&edge, Request::get("/good")).await;
    assert_eq!(elsewhere.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_foreign_page_may_ask_only_if_configured() {
    let preflight = || {
        Request::options("/good")
            .header("origin", "https://app.example.org")
            .header("access-control-request-method", "GET")
    };
    let (refused, _) = ask(&edge(|_| ()), preflight()).await;
    assert_eq!(header_of(&refused, "access-control-allow-origin"), "");
    let edge = edge(|all| all.server.cors_origins = vec!["https://app.example.org".to_owned()]);
    let (allowed, _) = ask(&edge, preflight()).await;
    assert_eq!(header_of(&allowed, "access-control-allow-origin"), "https://app.example.org");
    let stranger = Request::get("/good").header("origin", "https://evil.example");
    let (refused, _) = ask(&edge, stranger).await;
    assert_eq!(header_of(&refused, "access-control-allow-origin"), "");
}

#[tokio::test]
async fn probes_tell_whether_it_lives_and_whether_it_works() {
    let edge = edge(|_| ());
    let (alive, body) = ask(&edge, Request::get("/healthz")).await;
    assert_eq!((alive.status(), &body["status"]), (StatusCode::OK, &"ok".into()));
    edge.start_draining();
    let (alive, _) = ask(&edge, Request::get("/healthz")).await;
    assert_eq!(alive.status(), StatusCode::OK);
    let (ready, body) = ask(&edge, Request::get("/readyz")).await;
    let draining = (StatusCode::SERVICE_UNAVAILABLE, &"draining".into());
    assert_eq!((ready.status(), &body["status"]), draining);
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_for_the_token() {
    let open = edge(|_| ());
    let (local, _) = ask(&open, Request::get("/metrics")).await;
    assert_eq!(local.status(), StatusCode::OK);
    let (proxied, _) =
        ask(&open, Request::get("/metrics").header("x-forwarded-for", "192.0.2.1")).await;
    assert_eq!(proxied.status(), StatusCode::NOT_FOUND);

    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(&file, "sesame\n").expect("it can be written");
    let configuration = format!("[log]\nmetrics_token_file = {:?}", file.path());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("kith.toml");
    std::fs::write(&path, configuration).expect("it can be written");
    let guarded = Configuration::load(Some(&path), Overrides::default()).expect("valid");
    let guarded = Edge::new(guarded, Box::new(Observed::default));
    for (token, status) in [("", 404), ("Bearer wrong", 404), ("Bearer sesame", 200)] {
        let request = Request::get("/metrics").header("authorization", token);
        assert_eq!(ask(&guarded, request).await.0.status().as_u16(), status, "{token}");
    }
}
