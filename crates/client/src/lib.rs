//! The Rust client: what a program needs to take part in Kith, over HTTP and over the socket.
//!
//! | part | what it gives |
//! |---|---|
//! | [`Rest`] | one call, one answer: accounts, groups, history |
//! | [`Socket`] | one connection: typed frames in both directions, and nothing else |
//! | [`Session`] | a life of connections: every event once and in order, every send until it is answered |
//!
//! A [`Session`] does nothing by itself: it works while its owner waits in [`Session::next`], so there is no task, no
//! channel and no lock in here, and whoever does not ask holds nothing up but themself. What decides about frames
//! knows neither sockets nor clocks, and is tested without them.
//!
//! What is deliberately not here: storage (keep [`Session::place`] and give it back next time), names and pictures,
//! notifications, TLS, and any rule of the server; a text is checked there.

mod backoff;
mod error;
mod log;
mod outbox;
mod rest;
mod session;
mod socket;
mod state;

pub use backoff::Backoff;
pub use error::Error;
pub use outbox::{OUTBOX_MAX, OutboxFull, Outgoing, Receiver};
pub use rest::Rest;
pub use session::{Session, SessionOptions};
pub use socket::{Dial, Socket, Stream, socket_address};
pub use state::{Place, Update};
