//! What problems say, in English. A client that speaks another language goes by the code.

use domain::refusal::{Fault, Reason};

pub(super) const UNACCEPTABLE: &str =
    "Some fields are not acceptable. Look at `errors` and correct them.";
pub(super) const NOT_FOUND: &str =
    "There is nothing here that you can see. Check the address and the ids in it.";
pub(super) const IDEMPOTENCY_CONFLICT: &str = "This `client_message_id` or `Idempotency-Key` was used for something else. Use a new one for a new request.";
pub(super) const UNAUTHENTICATED: &str =
    "The name and password, or the token, are not valid or no longer valid. Sign in and try again.";
pub(super) const TOO_MANY: &str =
    "You ask for too much at once. Try again after the time in `retry_after_ms`.";

/// A reason in a few words.
pub(super) const fn title_of(reason: Reason) -> &'static str {
    match reason {
        Reason::NotYourself => "Not yourself",
        Reason::NotAccepted => "Message not accepted",
        Reason::BlockedByYou => "Blocked by you",
        Reason::NeedsAdmin => "Only for admins",
        Reason::NeedsOwner => "Only for owners",
        Reason::NeedsSender => "Only for the sender",
        Reason::NeedsOperator => "Only for operators",
        Reason::NotAGroup => "Not a group",
        Reason::AlreadyMember => "Already a member",
        Reason::GroupFull => "Group is full",
        Reason::LastOwner => "Last owner",
        Reason::Deleted => "Message was deleted",
        Reason::MessageLimit => "Message changed too often",
        Reason::NotAMessage => "Not a message",
        Reason::Taken => "Already in use",
        Reason::StaleVersion => "Changed meanwhile",
        Reason::BlockLimit => "Too many blocked",
        Reason::Disabled => "Account disabled",
    }
}

/// What to do about a reason.
pub(super) const fn detail_of(reason: Reason) -> &'static str {
    match reason {
        Reason::NotYourself => {
            "You can do this only for yourself. Leave the field out, or name yourself."
        }
        Reason::NotAccepted => "This person does not accept messages from you.",
        Reason::BlockedByYou => "You have blocked this person. Unblock them first.",
        Reason::NeedsAdmin => "Only admins and owners of the group may do this. Ask one of them.",
        Reason::NeedsOwner => "Only owners of the group may do this. Ask one of them.",
        Reason::NeedsSender => "Only the sender of the message may do this.",
        Reason::NeedsOperator => "Only an operator of this server may do this. Ask one of them.",
        Reason::NotAGroup => {
            "A direct conversation has no members to change and no settings. Create a group."
        }
        Reason::AlreadyMember => {
            "This person is a member of the group already. Nothing is left to do."
        }
        Reason::GroupFull => {
            "The group has as many members as allowed. Remove somebody, or create another group."
        }
        Reason::LastOwner => "A group needs an owner. Make somebody else owner first.",
        Reason::Deleted => "The message has been deleted and cannot be changed any more.",
        Reason::MessageLimit => "The message has been changed, or reacted to, as often as allowed.",
        Reason::NotAMessage => "What stands at this place is not a message. Name a message.",
        Reason::Taken => "This name or address is in use or reserved. Choose another one.",
        Reason::StaleVersion => {
            "Another device was faster. Read it again, apply your change, and send that."
        }
        Reason::BlockLimit => "You have blocked as many people as allowed. Unblock somebody first.",
        Reason::Disabled => "The account is disabled. Ask an operator of this server.",
    }
}

/// What to do about a fault of a field.
pub(super) const fn of_fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Missing => "It is needed.",
        Fault::Empty => "It is empty. Fill it in.",
        Fault::TooLong => "It is too long. Shorten it.",
        Fault::TooShort => "It is too short. Make it longer.",
        Fault::Malformed => "It is not of the right form.",
        Fault::TooCommon => "It is one of the first that attackers try. Choose another one.",
        Fault::Unknown => "It names nothing that can be used here.",
        Fault::TooMany => "It has too many entries. Leave some out.",
    }
}
