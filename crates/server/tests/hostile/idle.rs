//! What a silent socket of somebody who is signed in costs the whole server: task, connection, queue, and its places
//! everywhere. A regression gate like those of `crates/gates`, which see only what `app` holds.

use domain::limits::{SESSIONS_PER_USER_MAX, SOCKETS_PER_SESSION_MAX};

use crate::crowd::WIDE;
use crate::deployment::{Kith, account, greet, token};
use crate::peer::Peer;

/// People whose sockets are counted. Those of one more come first: what the first sockets need is not theirs alone.
const PEOPLE: u8 = 10;
/// In a development build, whose tasks are larger than those of a release. Counted: 2,277.
const BYTES_PER_IDLE_SOCKET_MAX: u64 = 3_000;

/// As many sockets as one person may have.
async fn sockets(kith: &Kith, number: u8) -> Vec<Peer> {
    let (name, from) = (format!("person{number}"), 2 + number);
    let mut tokens = vec![account(kith, &name).await.token];
    while tokens.len() < SESSIONS_PER_USER_MAX {
        tokens.push(token(kith, &name).await);
    }
    let mut peers = Vec::new();
    for token in &tokens {
        for _ in 0..SOCKETS_PER_SESSION_MAX {
            let mut peer = Peer::open(kith.address, from, ("/socket", "")).await.expect("a place");
            greet(&mut peer, token).await;
            peers.push(peer);
        }
    }
    peers
}

#[tokio::test]
async fn memory_of_an_idle_socket() {
    let mut kith = Kith::start(WIDE);
    let first = sockets(&kith, 0).await;
    let before = kith.anonymous_kib();
    let mut peers = Vec::new();
    for number in 1..=PEOPLE {
        peers.extend(sockets(&kith, number).await);
    }
    let taken = kith.anonymous_kib().saturating_sub(before) * 1024;
    let counted = taken / peers.len() as u64;
    assert!(
        counted <= BYTES_PER_IDLE_SOCKET_MAX,
        "counted {counted}, and {BYTES_PER_IDLE_SOCKET_MAX} is the limit"
    );
    drop(first);
    kith.is_unharmed();
}
