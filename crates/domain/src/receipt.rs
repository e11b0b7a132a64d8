//! Receipts: how far a member has got a conversation.

/// What a member's position in a conversation says. Both only grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Receipt {
    /// Everything up to it has reached one of the member's devices.
    Delivered,
    /// The member has read everything up to it, so that it has been delivered as well.
    Read,
}
