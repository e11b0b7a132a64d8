//! Frames that no honest client sends, before and after hello.

use serde_json::json;

use crate::deployment::{Account, Kith, Pair, account, say, socket, until};
use crate::peer::{BINARY, CONTINUATION, FINAL, PING, PONG, Peer, TEXT, claim, frame};

/// Whence the stranger connects.
const ELSEWHERE: u8 = 2;
/// Small things, sent very often.
const MANY: usize = 100_000;
/// What a single connection may make the server take, all attacks of a test together.
const KIB_MAX: u64 = 64 * 1024;

/// Sends bytes on a fresh socket, as far as the server takes them, and gives the code with which it says farewell.
async fn farewell(mut peer: Peer, bytes: &[u8]) -> Option<u16> {
    // The server may have said farewell before it got everything.
    peer.send(bytes).await.ok();
    peer.rest().await.pop().and_then(|last| last.close_code())
}

async fn check(kith: &Kith, account: &Account, (name, bytes, codes): (&str, Vec<u8>, &[u16])) {
    let fresh = Peer::open(kith.address, ELSEWHERE, ("/socket", "")).await.expect("a socket");
    let signed_in = socket(kith, ELSEWHERE, account).await;
    for (when, peer) in [("before hello", fresh), ("after hello", signed_in)] {
        let found = farewell(peer, &bytes).await;
        // A reset overtakes what was said, when bytes are left that nobody reads.
        assert!(found.is_none_or(|found| codes.contains(&found)), "{name} {when}: {found:?}");
    }
}

fn unmasked(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short payload");
    [&[first, length], payload].concat()
}

#[tokio::test]
async fn a_frame_that_lies_ends_its_own_socket_and_no_other() {
    let mut kith = Kith::start(&[]);
    let mut pair = Pair::meet(&kith).await;
    let eve = account(&kith, "eve").await;
    pair.talk(&kith).await;
    let before = kith.resident_kib();
    let attacks: [(&str, Vec<u8>, &[u16]); 13] = [
        ("a length of 2^63", claim(FINAL | TEXT, 1 << 63), &[4010, 1009]),
        ("a length of 2^64 - 1", claim(FINAL | BINARY, u64::MAX), &[4010, 1009]),
        ("a length of 2^62", claim(FINAL | TEXT, 1 << 62), &[1009]),
        ("a length of 4 GiB", claim(FINAL | TEXT, 1 << 32), &[1009]),
        (
            "a continuation of 2^62",
            [frame(TEXT, b"{"), claim(FINAL | CONTINUATION, 1 << 62)].concat(),
            &[1009],
        ),
        ("a ping of 2^62", claim(FINAL | PING, 1 << 62), &[4010, 1009]),
        ("no mask", unmasked(FINAL | TEXT, b"{}"), &[4010]),
        ("a ping without a mask", unmasked(FINAL | PING, b""), &[4010]),
        ("a reserved bit", frame(0x40 | FINAL | TEXT, b"{}"), &[4010]),
        ("an unknown opcode", frame(FINAL | 0x3, b""), &[4010]),
        ("a continuation of nothing", frame(FINAL | CONTINUATION, b"{}"), &[4010]),
        ("a ping in pieces", frame(PING, b""), &[4010]),
        ("text that is none", frame(FINAL | TEXT, b"\xff\xfe"), &[4010, 1007]),
    ];
    for attack in attacks {
        check(&kith, &eve, attack).await;
    }
    pair.talk(&kith).await;
    let taken = kith.resident_kib().saturating_sub(before);
    assert!(taken < KIB_MAX, "{taken} KiB");
    kith.is_unharmed();
}

#[tokio::test]
async fn what_is_sent_very_often_costs_its_sender_only() {
    let mut kith = Kith::start(&[]);
    let mut pair = Pair::meet(&kith).await;
    let eve = account(&kith, "eve").await;
    pair.talk(&kith).await;
    let before = kith.resident_kib();
    for (name, bytes) in [
        ("pings", frame(FINAL | PING, b"are you there?").repeat(MANY)),
        ("pongs", frame(FINAL | PONG, b"").repeat(MANY)),
        (
            "pieces of one byte",
            [frame(TEXT, b"{"), frame(CONTINUATION, b" ").repeat(MANY)].concat(),
        ),
        ("empty pieces", [frame(TEXT, b"{"), frame(CONTINUATION, b"").repeat(MANY)].concat()),
        ("empty messages", frame(FINAL | TEXT, b"").repeat(MANY)),
        ("heads", frame(FINAL | TEXT, br#"{"type":"heads"}"#).repeat(MANY / 10)),
    ] {
        let mut peer = socket(&kith, ELSEWHERE, &eve).await;
        // Nothing of what comes back is read meanwhile; the server may end the socket.
        let sending = peer.send(&bytes);
        tokio::join!(async { sending.await.ok() }, pair.talk(&kith));
        let taken = kith.resident_kib().saturating_sub(before);
        assert!(taken < KIB_MAX, "{name}: {taken} KiB");
    }
    pair.talk(&kith).await;
    kith.is_unharmed();
}

#[tokio::test]
async fn json_that_is_deep_or_wide_is_refused_and_the_socket_goes_on() {
    let mut kith = Kith::start(&[]);
    let mut pair = Pair::meet(&kith).await;
    let eve = account(&kith, "eve").await;
    let mut peer = socket(&kith, ELSEWHERE, &eve).await;
    let deep = format!(r#"{{"type":"ping","t":{}"#, "[".repeat(60_000));
    let wide: Vec<String> = (0..5_000).map(|key| format!(r#""{key}":{key}"#)).collect();
    let wide = format!(r#"{{"type":"send",{}}}"#, wide.join(","));
    let twice = format!(r#"{{"type":"ping"{}}}"#, r#","type":"ping""#.repeat(3_000));
    for (json, problem) in
        [(deep, "too-deep"), (wide, "client-message-id-missing"), (twice, "type-malformed")]
    {
        peer.send(&frame(FINAL | TEXT, json.as_bytes())).await.expect("an open socket");
        let error = until(&mut peer, "error").await;
        assert_eq!(error.get("problem"), Some(&json!(problem)));
    }
    say(&mut peer, &json!({ "type": "ping", "t": 1 })).await;
    until(&mut peer, "pong").await;
    pair.talk(&kith).await;
    kith.is_unharmed();
}
