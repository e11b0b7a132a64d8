//! The web client: the files that Vite built, which `build.rs` has put into the binary.

mod asset;

use std::future::ready;

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;

use asset::{ASSETS, Asset};

/// The one page. It reads the address itself.
const PAGE: &str = "/index.html";
/// Where files are whose names change with their content.
const HASHED: &str = "/assets/";
/// What is shown where the binary was built without the client.
const PAGE_WITHOUT_CLIENT: &str = include_str!("web/without_client.html");

/// What the client may do: run and fetch what this server serves, and nothing else. A worker obeys the policy of its
/// own file, so that all files carry it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
     worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// What the client does not need, so that nothing that gets into the page can ask for it.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), bluetooth=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
     hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
);
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// For files whose names change with their content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For files whose names stay: a browser asks whether they have changed.
const UNTIL_THE_NEXT_BUILD: HeaderValue = HeaderValue::from_static("no-cache");

/// The addresses of the client, and its files.
pub(crate) fn routes() -> Router {
    let routes = Router::new()
        .route("/", get(page))
        .route("/c/{conversation}", get(page))
        .route("/c/{conversation}/{seq}", get(page))
        .route("/settings", get(page))
        .route("/settings/{section}", get(page))
        .route("/sign-in", get(page))
        .route("/sign-up", get(page))
        .route("/assets/{*file}", get(hashed));
    // The page has an address of its own among them, for the service worker that keeps it.
    let others = ASSETS.iter().filter(|asset| !asset.path.starts_with(HASHED));
    others.fold(routes, |routes, asset| {
        let file = move |headers: HeaderMap| ready(answer(asset, UNTIL_THE_NEXT_BUILD, &headers));
        routes.route(asset.path, get(file))
    })
}

async fn page(headers: HeaderMap) -> Response {
    match Asset::find(PAGE) {
        Some(asset) => answer(asset, UNTIL_THE_NEXT_BUILD, &headers),
        None => careful(Html(PAGE_WITHOUT_CLIENT).into_response(), UNTIL_THE_NEXT_BUILD),
    }
}

/// A file of another build is not there: the binary holds its own only.
async fn hashed(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match Asset::find(&format!("{HASHED}{name}")) {
        Some(asset) => answer(asset, FOREVER, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What is nowhere: whoever looks for it in a browser gets the client, which says so; programs get a problem.
pub(crate) async fn missing(request: Request) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_browser = accept.is_some_and(|accept| accept.contains("text/html"));
    if !is_browser || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut headers = request.headers().clone();
    headers.remove(header::IF_NONE_MATCH);
    let mut response = page(headers).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn answer(asset: &Asset, lifetime: HeaderValue, request: &HeaderMap) -> Response {
    careful(asset.answer(request), lifetime)
}

fn careful(mut response: Response, lifetime: HeaderValue) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(PERMISSIONS_POLICY, PERMISSIONS);
    headers.insert(header::CACHE_CONTROL, lifetime);
    response
}

#[cfg(test)]
mod tests;
