//! Statistics for operators.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A range of UTC days, both included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// The first day. Required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(format = Date, example = "2026-11-01")]
    pub start_date: Option<String>,
    /// The last day. Required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(format = Date, example = "2026-11-30")]
    pub end_date: Option<String>,
}

impl StatisticsQuery {
    /// These parameters, and those of `body` where they are absent here.
    #[must_use]
    pub fn or(self, body: Self) -> Self {
        Self {
            start_date: self.start_date.or(body.start_date),
            end_date: self.end_date.or(body.end_date),
        }
    }
}

/// What happened in a range of days; exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageStatistics {
    /// Messages sent.
    #[schema(example = 1024)]
    pub messages_sent: u64,
    /// Different people who sent at least one.
    #[schema(example = 12)]
    pub active_users: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_answer_as_the_contract_says() {
        let answer = MessageStatistics { messages_sent: 3, active_users: 2 };
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"messages_sent":3,"active_users":2}"#
        );
    }
}
