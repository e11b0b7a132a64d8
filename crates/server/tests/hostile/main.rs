//! Strangers who mean harm, against the real binary. Each attack goes on while two people talk, and in the end: they
//! were served over the connections that they had from the beginning, the server took no more memory than a stated
//! bound, and nothing in it panicked.

mod crowd;
mod deployment;
mod ending;
mod frames;
mod idle;
mod requests;
mod slow;

#[path = "../websocket/peer.rs"]
mod peer;
