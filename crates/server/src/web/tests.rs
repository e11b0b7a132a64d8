use axum::body::Body;
use axum::http::request::Builder;
use tower::ServiceExt as _;

use super::*;
use crate::config::{Configuration, Overrides};
use crate::edge::{Edge, Observed};
use crate::security::{self, Peer};

async fn ask(request: Builder) -> Response {
    let configuration =
        Configuration::load(None, Overrides::default()).expect("defaults are valid");
    let edge = Edge::new(configuration, Box::new(Observed::default));
    let all = security::around(routes().fallback(missing), &edge);
    let mut request = request.body(Body::empty()).expect("a request");
    request.extensions_mut().insert(Peer([127, 0, 0, 1].into()));
    all.oneshot(request).await.expect("a router always answers")
}

fn header_of<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn each_address_of_the_client_is_its_page_and_may_do_only_what_it_needs() {
    for path in ["/", "/c/g1", "/c/g1/7", "/settings", "/settings/devices", "/sign-in", "/sign-up"]
    {
        let answer = ask(Request::get(path)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(header_of(&answer, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header_of(&answer, "cache-control"), "no-cache");
        assert_eq!(header_of(&answer, "x-content-type-options"), "nosniff");
        let policy = header_of(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(header_of(&answer, "permissions-policy").contains("geolocation=()"));
    }
}

#[tokio::test]
async fn pages_can_be_read_only() {
    assert_eq!(ask(Request::head("/")).await.status(), StatusCode::OK);
    assert_eq!(ask(Request::post("/")).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(ask(Request::post("/nowhere")).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_nowhere_is_a_page_for_browsers_and_a_problem_for_programs() {
    let browser = ask(Request::get("/nowhere").header("accept", "text/html,*/*;q=0.8")).await;
    assert_eq!(browser.status(), StatusCode::NOT_FOUND);
    assert_eq!(header_of(&browser, "content-type"), "text/html; charset=utf-8");
    for request in [Request::get("/nowhere"), Request::get("/assets/app-of-another-build.js")] {
        let program = ask(request.header("accept", "*/*")).await;
        assert_eq!(program.status(), StatusCode::NOT_FOUND);
        assert_eq!(header_of(&program, "content-type"), wire::problem::MEDIA_TYPE);
        assert_eq!(header_of(&program, "cache-control"), "no-store");
    }
}
