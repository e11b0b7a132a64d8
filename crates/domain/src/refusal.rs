//! Why something asked for is not done: the part of every answer that clients act on.

/// A decision against a request. Each has a stable code; the server turns it into a status and a problem document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A field is well-formed but not acceptable.
    Unacceptable(Vec<FieldError>),
    /// It does not exist, or this person may not know that it does: one and the same answer.
    NotFound,
    /// The person may see it but not do this.
    Forbidden(Reason),
    /// It does not fit the present state.
    Conflict(Reason),
    /// The same `client_message_id` or `Idempotency-Key` was used for something else.
    IdempotencyConflict,
    /// No session, or a dead one.
    Unauthenticated,
    /// The caller's limit. Try again after so many milliseconds.
    TooMany {
        /// When to try again, in milliseconds.
        retry_after_ms: u64,
    },
}

/// A field that is not acceptable, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field in the request.
    pub field: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is needed.
    Missing,
    /// It is empty, or blank.
    Empty,
    /// It is longer than allowed.
    TooLong,
    /// It is shorter than allowed.
    TooShort,
    /// It holds control characters or is otherwise not of the right form.
    Malformed,
    /// It is a password that attackers try first.
    TooCommon,
    /// It names somebody or something that does not exist or cannot be used here.
    Unknown,
    /// More entries than allowed.
    TooMany,
}

/// Why a request does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// `sender_id` names somebody else.
    NotYourself,
    /// The other person does not accept messages from the caller.
    NotAccepted,
    /// The caller has blocked the other person.
    BlockedByYou,
    /// Only admins and owners may do this.
    NeedsAdmin,
    /// Only owners may do this.
    NeedsOwner,
    /// Only the sender may do this.
    NeedsSender,
    /// Only an operator of the server may do this.
    NeedsOperator,
    /// This is a direct conversation, which has no members to change and no settings.
    NotAGroup,
    /// The person is a member already.
    AlreadyMember,
    /// The group has as many members as allowed.
    GroupFull,
    /// The only owner cannot leave while others stay: make somebody else owner first.
    LastOwner,
    /// The message has been deleted.
    Deleted,
    /// The message has been edited, or reacted to, as often as allowed.
    MessageLimit,
    /// The event at this place is not a message.
    NotAMessage,
    /// The name or address is in use, or reserved.
    Taken,
    /// The row was changed by another device since it was read.
    StaleVersion,
    /// As many people are blocked as allowed.
    BlockLimit,
    /// The account is disabled.
    Disabled,
}

impl Refusal {
    /// A refusal of one field.
    pub fn field(field: &'static str, fault: Fault) -> Self {
        Self::Unacceptable(vec![FieldError { field, fault }])
    }

    /// The stable code of this refusal, as problems and nacks carry it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unacceptable(_) => "unacceptable",
            Self::NotFound => "not-found",
            Self::Forbidden(reason) | Self::Conflict(reason) => reason.code(),
            Self::IdempotencyConflict => "idempotency-conflict",
            Self::Unauthenticated => "unauthenticated",
            Self::TooMany { .. } => "too-many-requests",
        }
    }
}

impl Reason {
    /// The stable code of this reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotYourself => "not-yourself",
            Self::NotAccepted => "not-accepted",
            Self::BlockedByYou => "blocked-by-you",
            Self::NeedsAdmin => "needs-admin",
            Self::NeedsOwner => "needs-owner",
            Self::NeedsSender => "needs-sender",
            Self::NeedsOperator => "needs-operator",
            Self::NotAGroup => "not-a-group",
            Self::AlreadyMember => "already-member",
            Self::GroupFull => "group-full",
            Self::LastOwner => "last-owner",
            Self::Deleted => "deleted",
            Self::MessageLimit => "message-limit",
            Self::NotAMessage => "not-a-message",
            Self::Taken => "taken",
            Self::StaleVersion => "stale-version",
            Self::BlockLimit => "block-limit",
            Self::Disabled => "disabled",
        }
    }
}

impl Fault {
    /// The stable code of this fault.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::TooLong => "too-long",
            Self::TooShort => "too-short",
            Self::Malformed => "malformed",
            Self::TooCommon => "too-common",
            Self::Unknown => "unknown",
            Self::TooMany => "too-many",
        }
    }
}
