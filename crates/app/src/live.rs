//! Live delivery: who is connected to this node, and what waits to be written to them.

pub mod channel;
pub mod follow;
mod hub;
pub mod outbox;

pub use channel::{Channel, LiveEvent};
pub(crate) use hub::Answer;
pub use hub::{Hub, Joined};
pub use outbox::{Item, Outbox, Sending, Sent, Window};
