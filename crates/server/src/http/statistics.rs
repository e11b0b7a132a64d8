//! Statistics for operators.

use app::statistics;
use axum::extract::State;
use domain::Refusal;
use domain::refusal::Fault;
use domain::time::Day;
use wire::Problem;
use wire::statistics::{MessageStatistics, StatisticsQuery};

use super::answer::{Answer, Outcome};
use super::extract::Fields;
use crate::auth::Authenticated;
use crate::problem::Failed;
use crate::state::Server;

/// What happened in a range of UTC days. For operators.
#[utoipa::path(
    get, path = "/stats/messages", tag = "operation", operation_id = "message_statistics",
    params(StatisticsQuery),
    responses((status = 200, description = "Exact figures.", body = MessageStatistics)),
)]
pub(super) async fn messages(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Fields(query): Fields<StatisticsQuery>,
) -> Outcome<MessageStatistics> {
    actor.needs_operator()?;
    let start = day("start_date", query.start_date.as_deref())?;
    let end = day("end_date", query.end_date.as_deref())?;
    let figures = statistics::messages(&server.app, &actor, (start, end)).await?;
    Ok(Answer(MessageStatistics {
        messages_sent: figures.messages_sent,
        active_users: figures.active_users,
    }))
}

fn day(field: &'static str, text: Option<&str>) -> Result<Day, Failed> {
    let text = text.ok_or(Refusal::field(field, Fault::Missing))?;
    wire::time::parse_day(text).map_err(|_| Problem::invalid_parameter(field).into())
}
