//! Who asks: a token in the `Authorization` header, or the cookie session of a browser.
//!
//! A browser sends cookies along whichever page asks, so a cookie counts for a change only if the request comes from
//! a page of this server. A token in a header needs no such check: no foreign page can set it.

use app::session::{self, Actor, Tokens};
use axum::extract::FromRequestParts;
use axum::http::header::{self, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri};
use domain::Refusal;
use wire::Problem;

use crate::config::Configuration;
use crate::edge::Edge;
use crate::limits::{Group, Subject};
use crate::problem::Failed;
use crate::state::Server;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Where the refresh token may be sent to, and nowhere else.
const REFRESH_PATH: &str = "/token/refresh";

/// Whoever asks, signed in and within their limits.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated(pub Actor);

impl FromRequestParts<Server> for Authenticated {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failed> {
        let token = token(parts, &server.edge)?;
        let actor = session::authenticate(&server.app, &token).await?;
        let group = parts.extensions.get::<Group>().copied().unwrap_or(Group::General);
        server.edge.check(group, Subject::User(actor.user))?;
        Ok(Self(actor))
    }
}

fn token(parts: &Parts, edge: &Edge) -> Result<String, Failed> {
    if let Some(authorization) = parts.headers.get(header::AUTHORIZATION) {
        return Ok(bearer(authorization).ok_or(Refusal::Unauthenticated)?.to_owned());
    }
    let configuration = edge.configuration();
    let token = session_cookie(&parts.headers, configuration).ok_or(Refusal::Unauthenticated)?;
    if !parts.method.is_safe() {
        same_origin(&parts.headers, configuration)?;
    }
    Ok(token)
}

/// The token of an `Authorization` header.
pub fn bearer(authorization: &HeaderValue) -> Option<&str> {
    let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The access token of a browser's session.
pub fn session_cookie(headers: &HeaderMap, configuration: &Configuration) -> Option<String> {
    cookie(headers, session_name(configuration))
}

/// The refresh token of a browser's session.
pub(crate) fn refresh_cookie(headers: &HeaderMap, configuration: &Configuration) -> Option<String> {
    cookie(headers, refresh_name(configuration))
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

/// The prefix makes browsers refuse the cookie unless it comes over HTTPS and from this very host.
fn session_name(configuration: &Configuration) -> &'static str {
    if configuration.is_https() { "__Host-kith_session" } else { "kith_session" }
}

fn refresh_name(configuration: &Configuration) -> &'static str {
    if configuration.is_https() { "__Secure-kith_refresh" } else { "kith_refresh" }
}

/// The cookies that keep a session in a browser.
pub(crate) fn cookies(tokens: &Tokens, edge: &Edge) -> [String; 2] {
    let configuration = edge.configuration();
    let session_seconds = u64::from(configuration.session.refresh_days) * 24 * 60 * 60;
    [
        set_cookie(
            configuration,
            (session_name(configuration), "/"),
            &tokens.access,
            tokens.expires_in_ms / 1000,
        ),
        set_cookie(
            configuration,
            (refresh_name(configuration), REFRESH_PATH),
            &tokens.refresh,
            session_seconds,
        ),
    ]
}

/// The cookies that end a session in a browser.
pub(crate) fn no_cookies(edge: &Edge) -> [String; 2] {
    let configuration = edge.configuration();
    [
        set_cookie(configuration, (session_name(configuration), "/"), "", 0),
        set_cookie(configuration, (refresh_name(configuration), REFRESH_PATH), "", 0),
    ]
}

fn set_cookie(
    configuration: &Configuration,
    (name, path): (&str, &str),
    value: &str,
    seconds: u64,
) -> String {
    let secure = if configuration.is_https() { "; Secure" } else { "" };
    format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// Refuses what a browser sends on behalf of a page of somebody else. For whatever counts a cookie.
///
/// # Errors
/// 403 if the page is another site's, or the request does not say where it comes from.
pub fn same_origin(headers: &HeaderMap, configuration: &Configuration) -> Result<(), Failed> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let same = match (text(SEC_FETCH_SITE), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => is_own(origin, text(header::HOST), configuration),
        (None, None) => false,
    };
    if same { Ok(()) } else { Err(Problem::cross_site().into()) }
}

/// Whether an origin is the address that people reach this server under, or that this very request was sent to.
fn is_own(origin: &str, host: Option<&str>, configuration: &Configuration) -> bool {
    let Ok(origin) = origin.parse::<Uri>() else { return false };
    let public = configuration.server.public_url.as_deref().and_then(|url| url.parse::<Uri>().ok());
    let is_public = public.is_some_and(|public| {
        public.scheme() == origin.scheme() && public.authority() == origin.authority()
    });
    let scheme = if configuration.is_https() { "https" } else { "http" };
    let is_asked = origin.scheme_str() == Some(scheme)
        && host.is_some_and(|host| {
            origin.authority().is_some_and(|authority| authority.as_str() == host)
        });
    is_public || is_asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    fn configuration(public_url: Option<&str>) -> Configuration {
        let mut configuration =
            Configuration::load(None, Overrides::default()).expect("defaults are valid");
        configuration.server.public_url = public_url.map(str::to_owned);
        configuration
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_cookie_counts_only_for_pages_of_this_server() {
        let plain = configuration(None);
        let https = configuration(Some("https://chat.example.org"));
        for (configuration, pairs, same) in [
            (&plain, &[("sec-fetch-site", "same-origin")][..], true),
            (
                &plain,
                &[("sec-fetch-site", "same-site"), ("origin", "http://kith"), ("host", "kith")],
                false,
            ),
            (&plain, &[("sec-fetch-site", "none")], false),
            (&plain, &[("origin", "http://kith:8080"), ("host", "kith:8080")], true),
            (&plain, &[("origin", "https://kith:8080"), ("host", "kith:8080")], false),
            (&plain, &[("origin", "http://evil"), ("host", "kith:8080")], false),
            (&plain, &[("origin", "null"), ("host", "kith:8080")], false),
            (&plain, &[("host", "kith:8080")], false),
            (&https, &[("origin", "https://chat.example.org"), ("host", "127.0.0.1:8080")], true),
            (&https, &[("origin", "http://chat.example.org"), ("host", "127.0.0.1:8080")], false),
        ] {
            assert_eq!(same_origin(&headers(pairs), configuration).is_ok(), same, "{pairs:?}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let headers = headers(&[("cookie", "theme=dark; kith_session=abc.def ;x=y")]);
        assert_eq!(session_cookie(&headers, &configuration(None)).as_deref(), Some("abc.def"));
        assert_eq!(session_cookie(&headers, &configuration(Some("https://kith"))), None);
    }

    #[test]
    fn over_https_a_cookie_is_bound_to_this_host() {
        let cookie =
            set_cookie(&configuration(Some("https://kith")), ("__Host-kith_session", "/"), "t", 60);
        assert_eq!(
            cookie,
            "__Host-kith_session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn only_bearer_tokens_are_read() {
        let read = |text| bearer(&HeaderValue::from_static(text)).map(str::to_owned);
        assert_eq!(read("bearer abc"), Some("abc".to_owned()));
        for other in ["Basic abc", "abc", "", "Bearer"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
