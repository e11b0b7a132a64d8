//! Exact figures for days.

use std::collections::BTreeSet;

use domain::Refusal;
use domain::limits::STATISTICS_DAYS_MAX;
use domain::refusal::Fault;
use domain::time::Day;
use store::tables::statistic;

use crate::session::Actor;
use crate::{App, Failure, Settled};

/// How long a query waits for what is not counted yet, in milliseconds; after that it is told to come again.
const SETTLE_MS_MAX: u64 = 10_000;

/// What happened in a range of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Messages sent, deleted ones included: sending them happened.
    pub messages_sent: u64,
    /// People who sent at least one.
    pub active_users: u64,
}

/// The figures of the days from `start` to `end`, both included.
///
/// # Errors
/// Only operators; [`Fault::Malformed`] if the end lies before the start; [`Fault::TooMany`] days.
pub async fn messages(
    app: &App,
    actor: &Actor,
    (start, end): (Day, Day),
) -> Result<Figures, Failure> {
    actor.needs_operator()?;
    if end < start {
        return Err(Refusal::field("end_date", Fault::Malformed).into());
    }
    if end.number() - start.number() >= STATISTICS_DAYS_MAX {
        return Err(Refusal::field("end_date", Fault::TooMany).into());
    }
    if app.settle(SETTLE_MS_MAX).await == Settled::No {
        return Err(Failure::busy());
    }
    let mut messages_sent = 0;
    let mut active = BTreeSet::new();
    let mut day = start;
    while day <= end {
        let total = statistic::total(app.store(), day).await?;
        if total > 0 {
            messages_sent += total;
            active.extend(statistic::users(app.store(), day).await?);
        }
        day = day.next();
    }
    Ok(Figures { messages_sent, active_users: active.len() as u64 })
}
