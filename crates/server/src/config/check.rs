//! What must hold between values, said so that the reader knows what to do.

use anyhow::{Context as _, bail, ensure};
use axum::http::Uri;

use super::{Configuration, Limits, Tls};

/// The smallest head buffer that the HTTP library works with.
const HEADER_BYTES_MIN: u32 = 8_192;

pub(super) fn check(configuration: &Configuration) -> anyhow::Result<()> {
    if let Some(url) = &configuration.server.public_url {
        origin(url).with_context(|| format!("server.public_url \"{url}\""))?;
    }
    for url in &configuration.server.cors_origins {
        origin(url).with_context(|| format!("server.cors_origins \"{url}\""))?;
    }
    tls(&configuration.tls)?;
    limits(&configuration.limits)?;
    ensure!(configuration.session.access_hours > 0, "session.access_hours must be at least 1");
    ensure!(configuration.session.refresh_days > 0, "session.refresh_days must be at least 1");
    ensure!(
        u64::from(configuration.session.access_hours)
            <= u64::from(configuration.session.refresh_days) * 24,
        "session.refresh_days must be at least as long as session.access_hours"
    );
    crate::logs::filter(&configuration.log.level).context("log.level")?;
    ensure!(
        configuration.log.metrics_token.as_ref().is_none_or(|token| !token.is_empty()),
        "the metrics token is empty: remove it, or give one"
    );
    Ok(())
}

/// Whether `url` is a scheme and a host and nothing more.
fn origin(url: &str) -> anyhow::Result<()> {
    let parsed: Uri = url.parse().context("is no address")?;
    ensure!(
        matches!(parsed.scheme_str(), Some("http" | "https")),
        "must begin with https:// (or http://)"
    );
    ensure!(parsed.path() == "/" && parsed.query().is_none(), "must end after the host and port");
    ensure!(!url.ends_with('/'), "must not end with a slash");
    Ok(())
}

fn tls(tls: &Tls) -> anyhow::Result<()> {
    match (&tls.certificate_file, &tls.key_file) {
        (Some(_), None) => bail!("tls.certificate_file needs tls.key_file beside it"),
        (None, Some(_)) => bail!("tls.key_file needs tls.certificate_file beside it"),
        (Some(_), Some(_)) => {
            ensure!(tls.domains.is_empty(), "give tls.certificate_file or tls.domains, not both");
        }
        (None, None) => {}
    }
    for domain in &tls.domains {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        ensure!(
            !domain.is_empty() && domain.chars().all(good),
            "tls.domains: \"{domain}\" is no domain that a certificate can be issued for (write it without https://)"
        );
    }
    if !tls.domains.is_empty() {
        let directory: Uri =
            tls.acme_directory.parse().context("tls.acme_directory is no address")?;
        ensure!(
            directory.scheme_str() == Some("https"),
            "tls.acme_directory must begin with https://"
        );
    }
    ensure!(
        tls.redirect_listen.is_none() || tls.is_on(),
        "tls.redirect_listen needs TLS: give tls.certificate_file or tls.domains, or remove it"
    );
    Ok(())
}

fn limits(limits: &Limits) -> anyhow::Result<()> {
    ensure!(
        limits.header_bytes_max >= HEADER_BYTES_MIN,
        "limits.header_bytes_max must be at least {HEADER_BYTES_MIN}"
    );
    for (name, value) in [
        ("body_bytes_max", u64::from(limits.body_bytes_max)),
        ("url_bytes_max", limits.url_bytes_max.into()),
        ("header_timeout_ms", limits.header_timeout_ms),
        ("request_timeout_ms", limits.request_timeout_ms),
        ("write_timeout_ms", limits.write_timeout_ms),
        ("requests_at_once", limits.requests_at_once.into()),
        ("connections_max", limits.connections_max.into()),
        ("connections_per_address", limits.connections_per_address.into()),
        ("login_threads", limits.login_threads.into()),
        ("login_queue_max", limits.login_queue_max.into()),
    ] {
        ensure!(value > 0, "limits.{name} must be at least 1");
    }
    Ok(())
}
