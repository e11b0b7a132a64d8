//! The use cases, against a store in memory that can fail, with a clock that only the test moves.

#![expect(clippy::unwrap_used, reason = "what is unwrapped in a test is expected to be there")]

mod account;
mod delivery;
mod faults;
mod group;
mod inbox;
mod message;
mod people;
mod receipt;
mod session;
mod statistics;
mod world;
