//! How the server is: for operators, and for the probes of whatever runs it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the server is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SystemHealth {
    /// How busy the processors are.
    #[schema(example = "70%")]
    pub cpu_usage: String,
    /// How much of the memory that the server may use is used.
    #[schema(example = "65%")]
    pub memory_usage: String,
    /// Processes that run or want to.
    pub load: Load,
    /// How long requests take.
    pub response_times: ResponseTimes,
    /// The parts of the server.
    pub components: Vec<Component>,
}

/// Processes that run or want to, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Load {
    /// Over one minute.
    pub one: f64,
    /// Over five minutes.
    pub five: f64,
    /// Over fifteen minutes.
    pub fifteen: f64,
}

/// How long requests take, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseTimes {
    /// Half of them take at most this.
    pub p50_ms: f64,
    /// 95 of 100 take at most this.
    pub p95_ms: f64,
    /// 99 of 100 take at most this.
    pub p99_ms: f64,
}

/// A part of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Component {
    /// Its name.
    #[schema(example = "store")]
    pub name: String,
    /// How it is.
    pub status: ComponentStatus,
    /// More about it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a part of the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentStatus {
    /// It works.
    Ok,
    /// It works, but is close to a limit.
    Degraded,
    /// It does not work.
    Failed,
}

/// The answer of the public probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Probe {
    /// How it is.
    pub status: ProbeStatus,
}

/// What a probe tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeStatus {
    /// It runs, and takes requests.
    Ok,
    /// It is about to stop, and takes no more requests.
    Draining,
    /// It cannot do its work.
    Failed,
}

/// Writes a share between 0 and 100 as the contract wants it, such as `70%`.
pub fn percent(share: f64) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 100.0) } else { 0.0 };
    format!("{share:.0}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_begins_as_the_contract_says() {
        let health = SystemHealth {
            cpu_usage: percent(70.2),
            memory_usage: percent(64.9),
            load: Load::default(),
            response_times: ResponseTimes::default(),
            components: Vec::new(),
        };
        let json = serde_json::to_string(&health).unwrap();
        assert!(json.starts_with(r#"{"cpu_usage":"70%","memory_usage":"65%","#), "{json}");
    }

    #[test]
    fn a_share_stays_between_nothing_and_all() {
        let shares = [(-1.0, "0%"), (0.0, "0%"), (99.6, "100%"), (250.0, "100%"), (f64::NAN, "0%")];
        for (share, text) in shares {
            assert_eq!(percent(share), text);
        }
    }
}
