//! What all routes share: configuration, limits, counters, and whether the server is about to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::{Configuration, TrustedProxies};
use crate::health::Host;
use crate::limits::{Group, Limits, RetryAfter, Subject};
use crate::metrics::Metrics;
use crate::places::Places;
use crate::security::RequestIds;

/// What all routes share. Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    configuration: Configuration,
    trusted_proxies: TrustedProxies,
    limits: Limits,
    places: Places,
    metrics: Metrics,
    host: Host,
    request_ids: RequestIds,
    draining: AtomicBool,
    observe: Observe,
}

/// The state of what lies below, at this moment.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// How the store is doing.
    pub store: store::Status,
    /// Queues and how many entries wait in them.
    pub queues: Vec<(&'static str, u64)>,
}

/// Looks at what lies below.
pub type Observe = Box<dyn Fn() -> Observed + Send + Sync>;

impl Edge {
    /// The edge that `configuration` describes, above what `observe` looks at.
    pub fn new(configuration: Configuration, observe: Observe) -> Self {
        Self(Arc::new(Inner {
            trusted_proxies: configuration.trusted_proxies(),
            limits: Limits::new(&configuration.limits),
            places: Places::new(configuration.limits.requests_at_once),
            metrics: Metrics::new(),
            host: Host::new(),
            request_ids: RequestIds::new(),
            draining: AtomicBool::new(false),
            observe,
            configuration,
        }))
    }

    /// The configuration.
    pub fn configuration(&self) -> &Configuration {
        &self.0.configuration
    }

    /// Which peers may say for whom they speak.
    pub fn trusted_proxies(&self) -> &TrustedProxies {
        &self.0.trusted_proxies
    }

    /// The rate limits.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The places of requests that work in the store.
    pub fn places(&self) -> &Places {
        &self.0.places
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The machine.
    pub fn host(&self) -> &Host {
        &self.0.host
    }

    /// The source of request ids.
    pub fn request_ids(&self) -> &RequestIds {
        &self.0.request_ids
    }

    /// Looks at what lies below.
    pub fn observe(&self) -> Observed {
        (self.0.observe)()
    }

    /// Counts one request against the limits, and in the metrics if it is one too many.
    ///
    /// # Errors
    /// [`RetryAfter`] if it is one too many.
    pub fn check(&self, group: Group, subject: Subject<'_>) -> Result<(), RetryAfter> {
        self.limits().check(group, subject).inspect_err(|_| self.metrics().rate_limited(group))
    }

    /// Whether the server is about to stop.
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// From now on the server is about to stop: `/readyz` says so.
    pub fn start_draining(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }
}
