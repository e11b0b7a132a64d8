//! Requests that are not, or that want to be two.

use std::net::SocketAddr;

use crate::deployment::{Kith, Pair, account};
use crate::peer::Peer;

/// Whence the stranger connects.
const ELSEWHERE: u8 = 2;
/// What all requests of a test together may make the server take.
const KIB_MAX: u64 = 64 * 1024;

/// The statuses of the answers to these bytes, until the server or we have nothing more to say.
async fn statuses(to: SocketAddr, bytes: &[u8]) -> Vec<u16> {
    let mut peer = Peer::connect(to, ELSEWHERE).await.expect("there is a place");
    peer.send(bytes).await.ok();
    let answer = String::from_utf8_lossy(&peer.bytes().await).into_owned();
    let lines = answer.split("HTTP/1.1 ").skip(1);
    lines.filter_map(|line| line.get(..3)?.parse().ok()).collect()
}

fn post(path: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: kith\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{more}\r\n{body}"
    )
}

/// What a stranger may get: nothing, or one refusal.
async fn is_refused(kith: &Kith, name: &str, bytes: &[u8]) {
    let found = statuses(kith.address, bytes).await;
    assert!(matches!(found.as_slice(), [] | [400..500]), "{name}: {found:?}");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let mut kith = Kith::start(&[("KITH_LIMITS_HEADER_TIMEOUT_MS", "1000")]);
    let mut pair = Pair::meet(&kith).await;
    let before = kith.resident_kib();
    let get = |more: &str| {
        format!("GET /healthz HTTP/1.1\r\nHost: kith\r\nConnection: close\r\n{more}\r\n")
    };
    let many: String = (0..10_000).map(|number| format!("x-{number}: y\r\n")).collect();
    for (name, bytes) in [
        ("zeros", vec![0; 100_000]),
        (
            "noise",
            (0..100_000_u32)
                .map(|byte| byte.wrapping_mul(2_654_435_761).to_be_bytes()[0])
                .collect(),
        ),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20)),
        ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec()),
        ("a line without an end", vec![b'A'; 1_000_000]),
        ("a long header", get(&format!("x-long: {}\r\n", "a".repeat(1_000_000))).into_bytes()),
        ("many headers", get(&many).into_bytes()),
        (
            "a long address",
            format!(
                "GET /{} HTTP/1.1\r\nHost: kith\r\nConnection: close\r\n\r\n",
                "a".repeat(20_000)
            )
            .into_bytes(),
        ),
        ("two lengths", get("Content-Length: 1\r\nContent-Length: 2\r\n").into_bytes()),
        ("a negative length", get("Content-Length: -1\r\n").into_bytes()),
        ("a length of 2^64", get("Content-Length: 18446744073709551616\r\n").into_bytes()),
        ("an unknown coding", get("Transfer-Encoding: gzip\r\n").into_bytes()),
        ("a folded header", get("x-a: b\r\n c: d\r\n").into_bytes()),
        ("a space before the colon", get("Content-Length : 0\r\n").into_bytes()),
        ("a zero in a header", get("x-a: b\0c\r\n").into_bytes()),
        ("HTTP/0.9", b"GET /healthz\r\n\r\n".to_vec()),
    ] {
        is_refused(&kith, name, &bytes).await;
    }
    pair.talk(&kith).await;
    let taken = kith.resident_kib().saturating_sub(before);
    assert!(taken < KIB_MAX, "{taken} KiB");
    kith.is_unharmed();
}

#[tokio::test]
async fn a_body_that_is_a_trap_is_refused() {
    let mut kith = Kith::start(&[]);
    let mut pair = Pair::meet(&kith).await;
    let eve = account(&kith, "eve").await;
    let signed = format!("Authorization: Bearer {}\r\n", eve.token);
    let before = kith.resident_kib();
    let keys: String = (0..20_000).map(|key| format!(r#""{key}":0,"#)).collect();
    let same: String = r#""a":0,"#.repeat(30_000);
    let nested = "[".repeat(100_000);
    for (name, path, body) in [
        ("depth", "/message/send", format!(r#"{{"message":{nested}"#)),
        ("depth in objects", "/message/send", r#"{"a":"#.repeat(40_000)),
        ("many keys", "/message/send", format!(r#"{{{keys}"message":1}}"#)),
        ("one key again and again", "/message/send", format!(r#"{{{same}"message":1}}"#)),
        (
            "many receivers",
            "/message/send",
            format!(r#"{{"message":"x","receiver_id":[{}"x"]}}"#, r#""u","#.repeat(50_000)),
        ),
        ("a large number", "/message/send", format!(r#"{{"message":{}}}"#, "9".repeat(200_000))),
        (
            "a large password",
            "/login",
            format!(r#"{{"username":"eve","password":"{}"}}"#, "a".repeat(200_000)),
        ),
        (
            "more than may be sent",
            "/message/send",
            format!(r#"{{"message":"{}"}}"#, "a".repeat(2_000_000)),
        ),
    ] {
        is_refused(&kith, name, post(path, &signed, &body).as_bytes()).await;
    }
    pair.talk(&kith).await;
    let taken = kith.resident_kib().saturating_sub(before);
    assert!(taken < KIB_MAX, "{taken} KiB");
    kith.is_unharmed();
}

#[tokio::test]
async fn what_keys_a_client_keeps_in_its_preferences_costs_no_more_than_other_keys() {
    let mut kith = Kith::start(&[]);
    let mut pair = Pair::meet(&kith).await;
    let eve = account(&kith, "eve").await;
    let client = reqwest::Client::new();
    let url = format!("http://{}/preferences", kith.address);
    let asked = client.get(&url).bearer_auth(&eve.token).send().await.expect("an answer");
    let mut preferences: serde_json::Value = asked.json().await.expect("JSON");
    // As many keys as fit, which differ in their last letter and so would meet in a careless table.
    let keys = (0..1_200).map(|key| (format!("{key:04}"), serde_json::Value::Null)).collect();
    let own = preferences.get_mut("client").expect("what a client keeps");
    *own = serde_json::Value::Object(keys);
    let put = client.put(&url).bearer_auth(&eve.token).json(&preferences);
    assert_eq!(put.send().await.expect("an answer").status(), 200);
    pair.talk(&kith).await;
    kith.is_unharmed();
}

#[tokio::test]
async fn no_request_is_smuggled_behind_an_upgrade() {
    let mut kith = Kith::start(&[]);
    let mut pair = Pair::meet(&kith).await;
    let eve = account(&kith, "eve").await;
    let behind = "GET /healthz HTTP/1.1\r\nHost: kith\r\nConnection: close\r\n\r\n";
    let upgrade = |more: &str| {
        format!(
            "GET /socket HTTP/1.1\r\nHost: kith\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
        )
    };
    // What follows a real upgrade is taken for frames, whatever it looks like.
    let real = upgrade("Sec-WebSocket-Version: 13\r\n") + behind;
    assert_eq!(statuses(kith.address, real.as_bytes()).await, [101]);
    // What follows a refused one is an honest second request.
    for more in ["Sec-WebSocket-Version: 12\r\n", ""] {
        let refused = statuses(kith.address, (upgrade(more) + behind).as_bytes()).await;
        assert!(matches!(refused.as_slice(), [400..500, 200] | [400..500]), "{more}: {refused:?}");
    }
    // A body is never an answer of its own.
    let chunked = post("/healthz", "Transfer-Encoding: chunked\r\n", &format!("0\r\n\r\n{behind}"));
    let found = statuses(kith.address, chunked.as_bytes()).await;
    assert!(matches!(found.as_slice(), [400..500]), "{found:?}");
    let other =
        "GET /healthz HTTP/1.1\r\nHost: kith\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n";
    assert_eq!(statuses(kith.address, other.as_bytes()).await, [200]);
    // The page of another site gets no socket, with or without the cookies of this one.
    let cookie = format!("Cookie: kith_session={}\r\n", eve.token);
    for more in [cookie.as_str(), ""] {
        let more = format!("Sec-WebSocket-Version: 13\r\nOrigin: https://evil.example\r\n{more}");
        let close = upgrade(&more).replace("Connection: Upgrade", "Connection: Upgrade, close");
        assert_eq!(statuses(kith.address, close.as_bytes()).await, [403]);
    }
    pair.talk(&kith).await;
    kith.is_unharmed();
}
