//! Many connections at once.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::deployment::{Kith, Pair};
use crate::peer::{CLOSE, FINAL, Frame, PING, Peer, frame};

/// Strangers of one crowd.
const STRANGERS: usize = 10_000;
/// Source addresses that they come from: the second byte from the end stays zero.
const ADDRESSES: u8 = 20;
/// Whence whoever waits for the crowd connects.
const LAST: u8 = 2 + ADDRESSES;
/// How many connect at the same time.
const AT_ONCE: usize = 100;
/// What one silent connection may cost, in an unoptimised build.
const KIB_PER_CONNECTION: u64 = 24;
/// What the server may hold on to after a crowd has gone: the allocator's, not ours.
const KIB_LEFT: u64 = 64 * 1024;
/// More than one address may have by default.
const TOO_MANY: usize = 600;

/// Limits that let the whole crowd in.
pub(crate) const WIDE: &[(&str, &str)] =
    &[("KITH_LIMITS_CONNECTIONS_PER_ADDRESS", "2000"), ("KITH_LIMITS_CONNECTIONS_MAX", "20000")];

/// From address 2 on; the people are at 1.
fn address(number: usize) -> u8 {
    2 + u8::try_from(number % usize::from(ADDRESSES)).expect("fewer than there are addresses")
}

/// Connects them all, some at a time; `open` is what each of them does.
async fn gather(to: SocketAddr, open: impl AsyncFn(u8) -> Peer) -> Vec<Peer> {
    let mut peers = Vec::with_capacity(STRANGERS);
    for start in (0..STRANGERS).step_by(AT_ONCE) {
        let some = (start..start + AT_ONCE).map(|number| open(address(number)));
        peers.extend(futures_util::future::join_all(some).await);
        // Else the kernel's queue runs over, and it makes everybody wait for seconds.
        all_are_taken(to).await;
    }
    peers
}

async fn silent(to: SocketAddr, last: u8) -> Peer {
    Peer::connect(to, last).await.expect("there is a place")
}

/// Waits until the server has taken all connections that came before: one behind them is answered.
async fn all_are_taken(to: SocketAddr) {
    let mut last = silent(to, LAST).await;
    last.send(b"GET /healthz HTTP/1.1\r\nHost: kith\r\n\r\n").await.expect("an open connection");
    assert!(last.head().await.is_ok_and(|head| head.starts_with("HTTP/1.1 200")), "an answer");
}

async fn upgraded(to: SocketAddr, last: u8) -> Peer {
    Peer::open(to, last, ("/socket", "")).await.expect("there is a place")
}

#[tokio::test]
async fn ten_thousand_connections_that_say_nothing_keep_nobody_from_talking() {
    let mut kith = Kith::start(WIDE);
    let mut pair = Pair::meet(&kith).await;
    pair.talk(&kith).await;
    let before = kith.resident_kib();
    let to = kith.address;
    let peers = gather(to, async move |last| silent(to, last).await).await;
    pair.talk(&kith).await;
    let taken = kith.resident_kib().saturating_sub(before);
    assert!(taken < STRANGERS as u64 * KIB_PER_CONNECTION, "{taken} KiB");
    drop(peers);
    pair.talk(&kith).await;
    kith.is_unharmed();
}

#[tokio::test]
async fn ten_thousand_sockets_that_never_say_hello_are_let_go() {
    let mut kith = Kith::start(WIDE);
    let mut pair = Pair::meet(&kith).await;
    pair.talk(&kith).await;
    let before = kith.resident_kib();
    let to = kith.address;
    let peers = gather(to, async move |last| upgraded(to, last).await).await;
    let taken = kith.resident_kib().saturating_sub(before);
    assert!(taken < STRANGERS as u64 * KIB_PER_CONNECTION, "{taken} KiB");
    pair.talk(&kith).await;
    for mut peer in peers {
        let last = peer.rest().await.pop().expect("a farewell");
        assert_eq!(last.close_code(), Some(4001), "{last:?}");
    }
    pair.talk(&kith).await;
    kith.is_unharmed();
}

#[tokio::test]
async fn one_address_gets_no_more_than_its_share() {
    let mut kith = Kith::start(&[]);
    let mut pair = Pair::meet(&kith).await;
    let mut served = Vec::new();
    let mut refused = 0;
    for _ in 0..TOO_MANY {
        let mut peer = silent(kith.address, 2).await;
        peer.send(b"GET /healthz HTTP/1.1\r\nHost: kith\r\n\r\n").await.ok();
        match peer.head().await {
            Ok(head) if head.starts_with("HTTP/1.1 200") => served.push(peer),
            // A refused connection may be reset before its answer is read.
            Ok(_) | Err(_) => refused += 1,
        }
    }
    assert_eq!((served.len(), refused), (512, TOO_MANY - 512));
    pair.talk(&kith).await;
    drop(served);
    pair.talk(&kith).await;
    kith.is_unharmed();
}

/// One stranger of a storm: comes, and goes in one of four ways.
async fn comes_and_goes(to: SocketAddr, number: usize) {
    let Ok(mut peer) = Peer::open(to, address(number), ("/socket", "")).await else { return };
    match number % 4 {
        0 => drop(peer),
        1 => peer.reset(),
        2 => {
            let farewell = frame(FINAL | CLOSE, &1000_u16.to_be_bytes());
            peer.send(&farewell).await.expect("an open socket");
            let expected = Frame::new(FINAL | CLOSE, 1000_u16.to_be_bytes());
            assert_eq!(peer.rest().await, [expected], "a farewell is returned, and nothing else");
        }
        _ => {
            // The second farewell and the ping come too late to mean anything.
            let farewell = frame(FINAL | CLOSE, &1001_u16.to_be_bytes());
            let bytes = [farewell.clone(), frame(FINAL | PING, b"?"), farewell].concat();
            peer.send(&bytes).await.expect("an open socket");
            peer.0.shutdown().await.ok();
            assert!(peer.rest().await.len() <= 1, "one farewell at most");
        }
    }
}

#[tokio::test]
async fn a_storm_of_sockets_that_come_and_go_leaves_nothing_behind() {
    let mut kith = Kith::start(WIDE);
    let mut pair = Pair::meet(&kith).await;
    pair.talk(&kith).await;
    let before = kith.resident_kib();
    for _ in 0..25 {
        let mut storm = JoinSet::new();
        // Few enough that even a busy machine hears each of them before it would have to say hello.
        for number in 0..200 {
            storm.spawn(comes_and_goes(kith.address, number));
        }
        pair.talk(&kith).await;
        while let Some(gone) = storm.join_next().await {
            gone.expect("the stranger got what it should");
        }
    }
    let taken = kith.resident_kib().saturating_sub(before);
    assert!(taken < KIB_LEFT, "{taken} KiB");
    pair.talk(&kith).await;
    kith.is_unharmed();
}
