//! Log lines: to standard error, for people or for machines. Never text, token, address or name of a person.

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::{Log, LogFormat};

/// The filter that `level` describes.
///
/// # Errors
/// If it is none.
pub fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::builder().parse(level).with_context(|| {
        format!("\"{level}\" is no level: write for example \"info\" or \"info,access=off\"")
    })
}

/// Starts to write log lines, once for the whole process.
///
/// # Errors
/// If the level is none, or if another logger was installed before.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(&log.level)?)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE);
    match log.format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    }
    .map_err(|error| anyhow::anyhow!(error))
    .context("logging cannot start")
}
