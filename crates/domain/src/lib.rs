//! The rules of Kith: ids, limits, conversations, messages, receipts and accounts, as pure functions.
//!
//! What is here is told everything (state, request, time, fresh ids) and answers with a decision: a change to make
//! or a [`Refusal`] with a stable code. What is deliberately not here: I/O, async, clocks, randomness, serialisation.

pub mod access;
pub mod account;
pub mod conversation;
pub mod event;
pub mod id;
pub mod limits;
pub mod member;
pub mod preference;
pub mod refusal;
pub mod text;
pub mod time;

pub use id::{
    ClientMessageId, ConversationId, ConversationKind, MessageId, Seq, SessionId, UserId,
};
pub use refusal::Refusal;
pub use time::Timestamp;
