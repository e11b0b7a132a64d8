//! The shapes that strangers see: REST bodies, socket frames and problem documents.
//!
//! The OpenAPI document and the TypeScript types are generated from here, and the Rust client uses the same types,
//! so every shape reads and writes. Ids are text here: `server` parses them at the door, and writes them with
//! `to_string`. Points in time are [`domain::Timestamp`] and travel as RFC 3339. What is deliberately not here: rules.

pub mod account;
pub mod conversation;
pub mod frame;
pub mod group;
pub mod health;
pub mod json;
pub mod message;
pub mod preference;
pub mod problem;
pub mod statistics;
pub mod status;
pub mod time;

pub use json::JsonError;
pub use problem::Problem;
pub use status::{Done, Status};
