//! What stands in the headers of a request: tokens, cookies, origins, and for whom a proxy speaks.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use server::auth;
use server::config::{ClientAddress, Configuration, Overrides, TrustedProxies};

static CONFIGURATION: LazyLock<Configuration> =
    LazyLock::new(|| Configuration::load(None, Overrides::default()).expect("defaults are valid"));

/// Each line is the value of one header: `Authorization`, `Cookie`, `Origin`, `Host`, then any number of
/// `X-Forwarded-For`.
pub fn judge(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in [header::AUTHORIZATION, header::COOKIE, header::ORIGIN, header::HOST] {
        insert(&mut headers, name, lines.next());
    }
    for line in lines {
        insert(&mut headers, HeaderName::from_static("x-forwarded-for"), Some(line));
    }
    tokens(&headers);
    origin(&headers);
    addresses(&headers);
}

fn insert(headers: &mut HeaderMap, name: HeaderName, line: Option<&[u8]>) {
    if let Some(value) = line.and_then(|line| HeaderValue::from_bytes(line).ok()) {
        headers.append(name, value);
    }
}

fn tokens(headers: &HeaderMap) {
    if let Some(token) = headers.get(header::AUTHORIZATION).and_then(auth::bearer) {
        assert_eq!(token.trim(), token);
    }
    if let Some(token) = auth::session_cookie(headers, &CONFIGURATION) {
        assert!(!token.contains(';') && token.trim() == token, "more than the value: {token:?}");
    }
}

/// Another site's page is never taken for one of this server.
fn origin(headers: &HeaderMap) {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if auth::same_origin(headers, &CONFIGURATION).is_ok() {
        let (origin, host) = (text(header::ORIGIN), text(header::HOST));
        let own = origin.zip(host).is_some_and(|(origin, host)| {
            let asked = origin.split_once("://").map(|(_, asked)| asked);
            let authority = asked.and_then(|asked| asked.split(['/', '?', '#']).next());
            authority == Some(host)
        });
        assert!(own, "{origin:?} may use {host:?}");
    }
}

/// A stranger is counted under their own address, whatever they say.
fn addresses(headers: &HeaderMap) {
    let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().expect("a network")]);
    let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    assert!(proxies.client(stranger, headers) == ClientAddress::new(stranger), "someone else");
    let proxy = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let asked = proxies.client(proxy, headers);
    assert!(asked == proxies.client(proxy, headers), "the same headers name the same client");
}
