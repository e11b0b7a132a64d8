//! What goes around every route: a name for the request, the address it counts under, limits on its size and time,
//! headers that make browsers careful, and a line in the log that names nobody.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument as _;
use wire::Problem;

use crate::config::Configuration;
use crate::edge::Edge;
use crate::problem::{self, Failed};

/// Where the name of the request stands in each answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// When to ask again after a request took too long.
const OVERLOADED_RETRY_MS: u64 = 1_000;
/// How long a browser may remember what a foreign page is allowed.
const CORS_SECONDS: Duration = Duration::from_secs(600);

/// What each answer carries unless its route says otherwise. The routes are an API: nothing in them may run.
const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];
/// Two years. For this name only: what else runs under the domain is not ours to decide about.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// The other end of the connection, as the accept loop leaves it in each request. Never logged.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The name of a request, in its answer and its log lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names requests: different ones, that tell nothing about how many there were.
#[derive(Debug)]
pub struct RequestIds {
    seed: RandomState,
    next: AtomicU64,
}

impl RequestIds {
    /// A source with a seed of its own.
    pub fn new() -> Self {
        Self { seed: RandomState::new(), next: AtomicU64::new(0) }
    }

    /// A new name.
    pub fn next(&self) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        RequestId(format!("{:016x}", self.seed.hash_one(number)))
    }
}

impl Default for RequestIds {
    fn default() -> Self {
        Self::new()
    }
}

/// Puts everything of this module around `routes`. To be called last.
pub fn around(routes: Router, edge: &Edge) -> Router {
    let configuration = edge.configuration();
    let body_bytes_max = usize::try_from(configuration.limits.body_bytes_max).unwrap_or(usize::MAX);
    let routes = routes.layer(DefaultBodyLimit::max(body_bytes_max));
    let routes = routes.layer(middleware::from_fn_with_state(edge.clone(), each_request));
    match cors(configuration) {
        Some(cors) => routes.layer(cors),
        None => routes,
    }
}

/// Which foreign pages may call the API: none, unless configured.
fn cors(configuration: &Configuration) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> =
        configuration.server.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let layer = || {
        CorsLayer::new()
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                HeaderName::from_static("idempotency-key"),
            ])
            .expose_headers([REQUEST_ID, header::RETRY_AFTER])
            .max_age(CORS_SECONDS)
    };
    (!origins.is_empty()).then(|| layer().allow_origin(AllowOrigin::list(origins)))
}

async fn each_request(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = edge.request_ids().next();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    if let Some(Peer(peer)) = request.extensions().get().copied() {
        let client = edge.trusted_proxies().client(peer, request.headers());
        request.extensions_mut().insert(client);
    }
    request.extensions_mut().insert(id.clone());

    let span = tracing::info_span!("request", request.id = id.as_str());
    let answer = answer(&edge, request, next).instrument(span).await;
    let mut response = as_problem(answer, &id);
    finish(&edge, response.headers_mut(), &id);

    let status = response.status();
    let path = path.as_ref().map_or("unknown", MatchedPath::as_str);
    let took = started.elapsed();
    edge.metrics().request(&method, path, (status, took));
    // Microseconds are as fine as it makes sense.
    let duration_ms = (took.as_secs_f64() * 1e6).round() / 1e3;
    let (request_id, status) = (id.as_str(), status.as_u16());
    tracing::info!(target: "access", request_id, %method, path, status, duration_ms, "answered");
    response
}

/// The answer of the route, unless the request is too long, takes too long or fails.
async fn answer(edge: &Edge, request: Request, next: Next) -> Response {
    let limits = &edge.configuration().limits;
    let url_bytes = request.uri().path_and_query().map_or(0, |url| url.as_str().len());
    if u64::try_from(url_bytes).is_ok_and(|bytes| bytes > limits.url_bytes_max.into()) {
        return Failed::from(Problem::address_too_long()).into_response();
    }
    let time_max = Duration::from_millis(limits.request_timeout_ms);
    let is_read = request.method().is_safe();
    let route = next.run(request);
    let answered = async {
        // Nothing follows a read, so that it may stop with its client, and need not pay for a task.
        if is_read { AssertUnwindSafe(route).catch_unwind().await.ok() } else { apart(route).await }
    };
    match tokio::time::timeout(time_max, answered).await {
        Ok(Some(response)) => response,
        Ok(None) => {
            tracing::error!("a request panicked");
            Failed::from(Problem::internal()).into_response()
        }
        Err(_elapsed) => {
            tracing::warn!("a request took too long");
            Failed::from(Problem::overloaded(OVERLOADED_RETRY_MS)).into_response()
        }
    }
}

/// The answer of a route that may change something, unless it panics. In a task of its own: a client that hangs up must
/// not stop what follows a commit. A panic ends its request only: locks of the app do not poison, and what was not
/// committed was not told.
async fn apart(route: impl Future<Output = Response> + Send + 'static) -> Option<Response> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a request is no task of the app, and its panic is answered here"
    )]
    let route = tokio::spawn(route.in_current_span());
    route.await.ok()
}

/// The same answer, with a problem document for its body if it says that something was not done.
fn as_problem(mut response: Response, id: &RequestId) -> Response {
    let failed = response.extensions_mut().remove::<Failed>();
    let foreign = || problem::of_status(response.status()).map(Failed::from);
    let Some(failed) = failed.or_else(|| if is_document(&response) { None } else { foreign() })
    else {
        return response;
    };
    let mut problem = failed.into_body(id.as_str());
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE
            && name != header::CONTENT_LENGTH
            && !problem.headers().contains_key(name)
        {
            problem.headers_mut().append(name, value.clone());
        }
    }
    problem
}

/// Whether the route wrote a body of its own for this status: JSON, as `/readyz` does, or the page of the client.
fn is_document(response: &Response) -> bool {
    let media_type =
        response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| {
        media_type.starts_with("application/") || media_type.starts_with("text/html")
    })
}

/// Adds what each answer carries.
fn finish(edge: &Edge, headers: &mut HeaderMap, id: &RequestId) {
    headers.reserve(HEADERS.len() + 2);
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if edge.configuration().is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
}

#[cfg(test)]
mod tests;
