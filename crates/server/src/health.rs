//! How the server is: the probes of whatever runs it, and the operator's view.

mod host;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use wire::health::{
    Component, ComponentStatus, Load, Probe, ProbeStatus, ResponseTimes, SystemHealth, percent,
};

use wire::json::MEDIA_TYPE;

use crate::config::MIB;
use crate::edge::{Edge, Observed};

use crate::metrics;

pub use host::{Host, Sample, memory_bytes};

/// Batches that wait for their commit before the store counts as degraded.
const WAITING_BATCHES_DEGRADED: u64 = 1_000;

/// `GET /healthz`, `GET /readyz` and `GET /metrics`.
pub fn routes(edge: Edge) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics::serve))
        .with_state(edge)
}

/// Whether the process runs at all: it depends on nothing, so that a full disk does not make it start anew.
async fn alive() -> Response {
    answer(StatusCode::OK, ProbeStatus::Ok)
}

async fn ready(State(edge): State<Edge>) -> Response {
    let status = readiness(&edge);
    let code = match status {
        ProbeStatus::Ok => StatusCode::OK,
        ProbeStatus::Draining | ProbeStatus::Failed => StatusCode::SERVICE_UNAVAILABLE,
    };
    answer(code, status)
}

fn answer(code: StatusCode, status: ProbeStatus) -> Response {
    (code, [(header::CONTENT_TYPE, MEDIA_TYPE)], Json(Probe { status })).into_response()
}

/// Whether the server can do its work now.
pub fn readiness(edge: &Edge) -> ProbeStatus {
    if edge.is_draining() {
        ProbeStatus::Draining
    } else if edge.observe().store.full {
        ProbeStatus::Failed
    } else {
        ProbeStatus::Ok
    }
}

/// How the server is, for `GET /system/health`.
pub fn system(edge: &Edge) -> SystemHealth {
    let sample = edge.host().sample();
    let times = edge.metrics().percentiles();
    SystemHealth {
        cpu_usage: percent(sample.cpu_percent),
        memory_usage: percent(sample.memory_percent),
        load: Load { one: sample.load[0], five: sample.load[1], fifteen: sample.load[2] },
        response_times: ResponseTimes {
            p50_ms: times.p50_ms,
            p95_ms: times.p95_ms,
            p99_ms: times.p99_ms,
        },
        components: components(edge, &edge.observe()),
    }
}

fn components(edge: &Edge, observed: &Observed) -> Vec<Component> {
    let sockets = Component {
        name: "sockets".to_owned(),
        status: if edge.is_draining() { ComponentStatus::Degraded } else { ComponentStatus::Ok },
        detail: Some(format!("{} connected", edge.metrics().sockets())),
    };
    let queues = observed.queues.iter().map(|(name, length)| Component {
        name: (*name).to_owned(),
        status: ComponentStatus::Ok,
        detail: Some(format!("{length} waiting")),
    });
    [store(&observed.store), sockets].into_iter().chain(queues).collect()
}

fn store(status: &store::Status) -> Component {
    let (level, remark) = if status.damaged_records > 0 {
        (ComponentStatus::Failed, "damaged records were found, ")
    } else if status.full {
        (ComponentStatus::Failed, "the disk is nearly full, ")
    } else if status.waiting_batches > WAITING_BATCHES_DEGRADED {
        (ComponentStatus::Degraded, "")
    } else {
        (ComponentStatus::Ok, "")
    };
    let detail = format!(
        "{remark}{} batches waiting, {} MiB on disk",
        status.waiting_batches,
        status.disk_bytes.div_ceil(MIB)
    );
    Component { name: "store".to_owned(), status: level, detail: Some(detail) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Configuration, Overrides};

    fn edge(store: store::Status) -> Edge {
        let configuration =
            Configuration::load(None, Overrides::default()).expect("defaults are valid");
        Edge::new(configuration, Box::new(move || Observed { store, queues: vec![("jobs", 3)] }))
    }

    #[test]
    fn readiness_follows_the_store_and_the_drain() {
        let full = edge(store::Status { full: true, ..store::Status::default() });
        assert_eq!(readiness(&full), ProbeStatus::Failed);
        let edge = edge(store::Status::default());
        assert_eq!(readiness(&edge), ProbeStatus::Ok);
        edge.start_draining();
        assert_eq!(readiness(&edge), ProbeStatus::Draining);
    }

    #[test]
    fn the_operators_view_names_what_is_wrong() {
        let edge = edge(store::Status { full: true, ..store::Status::default() });
        edge.host().refresh();
        let health = system(&edge);
        assert!(
            health.cpu_usage.ends_with('%') && health.memory_usage.ends_with('%'),
            "{health:?}"
        );
        let store = health
            .components
            .iter()
            .find(|component| component.name == "store")
            .expect("the store");
        assert_eq!(store.status, ComponentStatus::Failed);
        assert!(
            health
                .components
                .iter()
                .any(|component| component.detail.as_deref() == Some("3 waiting"))
        );
    }
}
