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
#[cfg(planted_bug)]
pub mod planted;
pub mod preference;
pub mod receipt;
pub mod refusal;
pub mod text;
pub mod time;
pub mod uuid;

pub use id::{
    ClientMessageId, ConversationId, ConversationKind, MessageId, Seq, SessionId, UserId,
};
pub use receipt::Receipt;
pub use refusal::Refusal;
pub use time::Timestamp;

/// Whether a bug is planted, by its name in `planted`. In everything but the build that tries the simulator: no.
#[cfg(planted_bug)]
#[macro_export]
macro_rules! planted {
    ($bug:ident) => {
        $crate::planted::has($crate::planted::Bug::$bug)
    };
}

/// Whether a bug is planted: no.
#[cfg(not(planted_bug))]
#[macro_export]
macro_rules! planted {
    ($bug:ident) => {
        false
    };
}
