//! What is counted, for Prometheus and for the operator's view. No label names a person or an address.

mod latency;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use parking_lot::Mutex;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::time::Instant;
use wire::Problem;

use crate::config::ClientAddress;
use crate::edge::{Edge, Observed};
use crate::limits::Group;
use crate::problem::Failed;

pub use latency::Percentiles;

/// Upper ends of the buckets of request times, in seconds.
const REQUEST_SECONDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// The media type of the text form of OpenMetrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Headers that proxies add.
const FORWARDED: [&str; 4] = ["x-forwarded-for", "x-real-ip", "forwarded", "via"];

type Number = Gauge<u64, AtomicU64>;

/// All counters. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    started: Instant,
    window: Mutex<latency::Window>,
    requests: Family<RequestLabels, Histogram>,
    limited: Family<GroupLabels, Counter>,
    sends: Family<SendLabels, Counter>,
    connections: Gauge,
    sockets: Gauge,
    delivered: Counter,
    queues: Family<QueueLabels, Number>,
    resident_bytes: Number,
    store: StoreGauges,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    path: String,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GroupLabels {
    group: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SendLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabels {
    queue: &'static str,
}

/// How a send ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// It is durable and has its place.
    Acked,
    /// It was refused.
    Refused,
    /// The sender has to ask again.
    Unknown,
}

#[derive(Default)]
struct StoreGauges {
    free_bytes: Number,
    full: Number,
    waiting_batches: Number,
    committed_batches: Number,
    syncs: Number,
    damaged_records: Number,
    disk_bytes: Number,
}

impl Metrics {
    /// Counters that stand at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("kith");
        let inner = Inner {
            started: Instant::now(),
            window: Mutex::default(),
            requests: Family::new_with_constructor(|| Histogram::new(REQUEST_SECONDS)),
            limited: Family::default(),
            sends: Family::default(),
            connections: Gauge::default(),
            sockets: Gauge::default(),
            delivered: Counter::default(),
            queues: Family::default(),
            resident_bytes: Number::default(),
            store: StoreGauges::default(),
            registry: Registry::default(),
        };
        registry.register(
            "build",
            "The version of Kith",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        registry.register("request_seconds", "Time to answer a request", inner.requests.clone());
        registry.register(
            "rate_limited",
            "Requests refused by a rate limit",
            inner.limited.clone(),
        );
        registry.register("sends", "Messages sent, by outcome", inner.sends.clone());
        registry.register("connections", "Open connections", inner.connections.clone());
        registry.register("sockets", "Open sockets of signed-in devices", inner.sockets.clone());
        registry.register("delivered_events", "Events written to sockets", inner.delivered.clone());
        registry.register("queue_length", "Entries that wait in a queue", inner.queues.clone());
        registry.register("resident_bytes", "Memory of the process", inner.resident_bytes.clone());
        inner.store.register(&mut registry);
        Self(Arc::new(Inner { registry, ..inner }))
    }

    /// Counts an answered request. `path` is the pattern of the route, never what the client wrote.
    pub fn request(
        &self,
        method: &axum::http::Method,
        path: &str,
        (status, took): (StatusCode, Duration),
    ) {
        let seconds = took.as_secs_f64();
        let labels = RequestLabels {
            method: method_name(method),
            path: path.to_owned(),
            status: status_class(status),
        };
        self.0.requests.get_or_create(&labels).observe(seconds);
        self.0.window.lock().record(self.minute(), seconds);
    }

    /// Counts a request that a rate limit refused.
    pub fn rate_limited(&self, group: Group) {
        self.0.limited.get_or_create(&GroupLabels { group: group.name() }).inc();
    }

    /// Counts a send.
    pub fn sent(&self, outcome: SendOutcome) {
        let outcome = match outcome {
            SendOutcome::Acked => "acked",
            SendOutcome::Refused => "refused",
            SendOutcome::Unknown => "unknown",
        };
        self.0.sends.get_or_create(&SendLabels { outcome }).inc();
    }

    /// Counts events written to a socket.
    pub fn delivered(&self, events: u64) {
        self.0.delivered.inc_by(events);
    }

    /// Counts a connection for as long as the answer lives.
    pub fn connection(&self) -> Counted {
        Counted::new(self.0.connections.clone())
    }

    /// Counts a signed-in socket for as long as the answer lives.
    pub fn socket(&self) -> Counted {
        Counted::new(self.0.sockets.clone())
    }

    /// Open sockets of signed-in devices.
    pub fn sockets(&self) -> i64 {
        self.0.sockets.get()
    }

    /// How long requests took in the last minutes.
    pub fn percentiles(&self) -> Percentiles {
        self.0.window.lock().percentiles(self.minute())
    }

    /// All counters and `observed`, in the text form of OpenMetrics.
    ///
    /// # Errors
    /// None in practice: writing to a string does not fail.
    pub fn render(
        &self,
        observed: &Observed,
        resident_bytes: u64,
    ) -> Result<String, std::fmt::Error> {
        self.0.store.set(&observed.store);
        self.0.resident_bytes.set(resident_bytes);
        for (queue, length) in &observed.queues {
            self.0.queues.get_or_create(&QueueLabels { queue }).set(*length);
        }
        let mut out = String::new();
        text::encode(&mut out, &self.0.registry)?;
        Ok(out)
    }

    fn minute(&self) -> u64 {
        self.0.started.elapsed().as_secs() / 60
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl StoreGauges {
    fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("store");
        for (name, help, gauge) in [
            ("free_bytes", "Bytes free on the disk", &self.free_bytes),
            ("full", "1 if new messages are refused because the disk is nearly full", &self.full),
            ("waiting_batches", "Batches that wait for their commit", &self.waiting_batches),
            ("committed_batches", "Batches committed since start", &self.committed_batches),
            ("syncs", "Syncs since start; many batches share one", &self.syncs),
            ("damaged_records", "Records found damaged since start", &self.damaged_records),
            ("disk_bytes", "Bytes on disk", &self.disk_bytes),
        ] {
            registry.register(name, help, gauge.clone());
        }
    }

    fn set(&self, status: &store::Status) {
        self.free_bytes.set(status.free_bytes);
        self.full.set(u64::from(status.full));
        self.waiting_batches.set(status.waiting_batches);
        self.committed_batches.set(status.committed_batches);
        self.syncs.set(status.syncs);
        self.damaged_records.set(status.damaged_records);
        self.disk_bytes.set(status.disk_bytes);
    }
}

/// One more, until it is dropped.
#[derive(Debug)]
pub struct Counted(Gauge);

impl Counted {
    fn new(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// `GET /metrics`, for this machine, or for whoever has the token.
pub async fn serve(State(edge): State<Edge>, request: Request) -> Response {
    if !may_read(&edge, &request) {
        return Failed::from(Refusal::NotFound).into_response();
    }
    match edge.metrics().render(&edge.observe(), edge.host().sample().resident_bytes) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be rendered");
            Failed::from(Problem::internal()).into_response()
        }
    }
}

fn may_read(edge: &Edge, request: &Request) -> bool {
    match &edge.configuration().log.metrics_token {
        None => {
            // A proxy on this machine that is not named as trusted must not open the metrics to everybody.
            let direct = !FORWARDED.iter().any(|name| request.headers().contains_key(*name));
            direct
                && request
                    .extensions()
                    .get::<ClientAddress>()
                    .is_some_and(|address| address.is_loopback())
        }
        Some(token) => request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|given| token.matches(given)),
    }
}

fn method_name(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_rendered() {
        let metrics = Metrics::new();
        let socket = metrics.socket();
        let took = Duration::from_millis(3);
        metrics.request(&axum::http::Method::POST, "/group/{group_id}/add", (StatusCode::OK, took));
        metrics.sent(SendOutcome::Acked);
        metrics.rate_limited(Group::Login);
        let store = store::Status { waiting_batches: 7, ..store::Status::default() };
        let observed = Observed { store, queues: vec![("login", 2)] };
        let text = metrics.render(&observed, 42).expect("a string takes all");
        for line in [
            "kith_request_seconds_count{method=\"POST\",path=\"/group/{group_id}/add\",status=\"2xx\"} 1",
            "kith_sends_total{outcome=\"acked\"} 1",
            "kith_rate_limited_total{group=\"login\"} 1",
            "kith_sockets 1",
            "kith_store_waiting_batches 7",
            "kith_queue_length{queue=\"login\"} 2",
            "kith_resident_bytes 42",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        drop(socket);
        assert_eq!(metrics.sockets(), 0);
        assert!(metrics.percentiles().p99_ms >= 3.0);
    }
}
