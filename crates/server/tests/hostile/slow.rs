//! Strangers who take their time.

use tokio::io::AsyncWriteExt as _;

use crate::deployment::{Kith, Pair, account, socket};
use crate::peer::{FINAL, Peer, TEXT, frame};

/// Whence the strangers connect.
const ELSEWHERE: u8 = 2;
/// How many there are.
const STRANGERS: usize = 200;
/// What they may make the server take, all together.
const KIB_MAX: u64 = 64 * 1024;

/// Short times, so that their end can be waited for.
const IMPATIENT: &[(&str, &str)] = &[
    ("KITH_LIMITS_HEADER_TIMEOUT_MS", "2000"),
    ("KITH_LIMITS_REQUEST_TIMEOUT_MS", "2000"),
    ("KITH_LIMITS_WRITE_TIMEOUT_MS", "2000"),
];

/// Strangers who have sent the beginning and go on with `drop` at a time, until the server has let all of them go.
async fn dribble(kith: &Kith, pair: &mut Pair, (beginning, piece): (&[u8], &[u8])) {
    let mut peers = Vec::new();
    for _ in 0..STRANGERS {
        let mut peer = Peer::connect(kith.address, ELSEWHERE).await.expect("there is a place");
        peer.send(beginning).await.expect("an open connection");
        peers.push(peer);
    }
    // The talk in between sets the pace.
    while !peers.is_empty() {
        pair.talk(kith).await;
        let mut left = Vec::new();
        for mut peer in peers {
            let is_open = peer.send(piece).await.is_ok()
                && peer
                    .0
                    .try_read(&mut [0; 1])
                    .is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
            if is_open {
                left.push(peer);
            }
        }
        peers = left;
    }
}

#[tokio::test]
async fn heads_and_bodies_that_come_a_byte_at_a_time_are_waited_for_only_so_long() {
    let mut kith = Kith::start(IMPATIENT);
    let mut pair = Pair::meet(&kith).await;
    pair.talk(&kith).await;
    let before = kith.resident_kib();
    let head = b"GET /healthz HTTP/1.1\r\nHost: kith\r\nx-slow: ";
    let body = b"POST /login HTTP/1.1\r\nHost: kith\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n{";
    let chunk = b"POST /login HTTP/1.1\r\nHost: kith\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    dribble(&kith, &mut pair, (head, b"a")).await;
    dribble(&kith, &mut pair, (body, b" ")).await;
    dribble(&kith, &mut pair, (chunk, b"1\r\n \r\n")).await;
    let taken = kith.resident_kib().saturating_sub(before);
    assert!(taken < KIB_MAX, "{taken} KiB");
    kith.is_unharmed();
}

#[tokio::test]
async fn connections_that_are_half_open_end() {
    let mut kith = Kith::start(IMPATIENT);
    let mut pair = Pair::meet(&kith).await;
    let mut peers = Vec::new();
    for beginning in [
        &b""[..],
        b"G",
        b"GET /healthz HTTP/1.1\r\n",
        b"POST /login HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
    ] {
        for is_shut in [false, true] {
            let mut peer = Peer::connect(kith.address, ELSEWHERE).await.expect("there is a place");
            peer.send(beginning).await.expect("an open connection");
            if is_shut {
                peer.0.shutdown().await.expect("an open connection");
            }
            peers.push(peer);
        }
    }
    for mut peer in peers {
        let answer = String::from_utf8_lossy(&peer.bytes().await).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    // A socket whose client says nothing more, but leaves its own end open, ends as well.
    let mut peer = Peer::open(kith.address, ELSEWHERE, ("/socket", "")).await.expect("a socket");
    peer.0.shutdown().await.expect("an open connection");
    assert!(peer.rest().await.len() <= 1, "a farewell at most");
    pair.talk(&kith).await;
    kith.is_unharmed();
}

#[tokio::test]
async fn answers_that_nobody_reads_do_not_pile_up() {
    let mut kith = Kith::start(IMPATIENT);
    let mut pair = Pair::meet(&kith).await;
    let eve = account(&kith, "eve").await;
    pair.talk(&kith).await;
    let before = kith.resident_kib();
    let asked = b"GET /openapi.json HTTP/1.1\r\nHost: kith\r\n\r\n".repeat(500);
    let heads = frame(FINAL | TEXT, br#"{"type":"heads"}"#).repeat(20_000);
    let (mut peers, mut sockets) = (Vec::new(), Vec::new());
    for _ in 0..50 {
        let peer = Peer::connect(kith.address, ELSEWHERE).await.expect("there is a place");
        // As much as the server takes without being read; it need not be all.
        peer.0.try_write(&asked).expect("an open connection");
        peers.push(peer);
    }
    for _ in 0..8 {
        let peer = socket(&kith, ELSEWHERE, &eve).await;
        peer.0.try_write(&heads).expect("an open connection");
        sockets.push(peer);
    }
    pair.talk(&kith).await;
    let taken = kith.resident_kib().saturating_sub(before);
    assert!(taken < KIB_MAX, "{taken} KiB");
    // The server ends those that take nothing: then what it wrote can be read, and no more.
    for peer in peers {
        while peer.0.writable().await.is_ok() && peer.0.try_write(b"\r\n").is_ok() {
            pair.talk(&kith).await;
        }
    }
    drop(sockets);
    pair.talk(&kith).await;
    kith.is_unharmed();
}
