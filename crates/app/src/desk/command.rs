//! What can be asked of a desk.

use std::sync::Arc;

use domain::event::{ReactionChange, SettingsChange};
use domain::member::Role;
use domain::text::{Emoji, Fingerprint, Text};
use domain::{ClientMessageId, ConversationId, Seq, Timestamp, UserId};
use tokio::sync::oneshot;

use crate::Failure;
use crate::live::{Outbox, Sending, Sent};

/// A request that waits at a desk.
pub(crate) struct Command {
    pub(crate) actor: UserId,
    pub(crate) action: Action,
    pub(crate) idempotency: Option<Idempotency>,
    pub(crate) reply: Reply,
}

/// The sender's own id of a send, and what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Idempotency {
    pub(crate) id: ClientMessageId,
    pub(crate) fingerprint: Fingerprint,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Write. `peer` is the receiver of a direct conversation that may not exist yet.
    Send {
        text: Text,
        reply_to: Option<Seq>,
        peer: Option<UserId>,
    },
    Edit {
        target: Seq,
        text: Text,
    },
    Delete {
        target: Seq,
    },
    React {
        target: Seq,
        emoji: Emoji,
        change: ReactionChange,
    },
    Add {
        user: UserId,
    },
    Remove {
        user: UserId,
    },
    SetRole {
        user: UserId,
        role: Role,
    },
    TransferOwnership {
        user: UserId,
    },
    Configure(SettingsChange),
}

impl Action {
    /// Whether a nearly full disk must still take it.
    pub(crate) const fn frees_space(&self) -> bool {
        match self {
            Self::Delete { .. } => true,
            Self::Send { .. }
            | Self::Edit { .. }
            | Self::React { .. }
            | Self::Add { .. }
            | Self::Remove { .. }
            | Self::SetRole { .. }
            | Self::TransferOwnership { .. }
            | Self::Configure(_) => false,
        }
    }

    /// The message that it changes.
    pub(crate) const fn target(&self) -> Option<Seq> {
        match self {
            Self::Edit { target, .. } | Self::Delete { target } | Self::React { target, .. } => {
                Some(*target)
            }
            Self::Send { .. }
            | Self::Add { .. }
            | Self::Remove { .. }
            | Self::SetRole { .. }
            | Self::TransferOwnership { .. }
            | Self::Configure(_) => None,
        }
    }
}

/// What a desk did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) conversation: ConversationId,
    /// The event's place, or the head if nothing had to change.
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
    pub(crate) duplicate: bool,
}

/// Who waits for the answer.
pub(crate) enum Reply {
    /// A request over HTTP.
    Waiter(oneshot::Sender<Result<Done, Failure>>),
    /// A socket that goes on sending meanwhile.
    Socket(Arc<Outbox>, Sending),
}

impl Reply {
    /// Whether this request came behind one that was not taken for now.
    pub(crate) fn waits_for_another(&self) -> bool {
        match self {
            Self::Socket(outbox, sending) => outbox.waits_for_another(sending),
            Self::Waiter(_) => false,
        }
    }

    /// There was no room for this request. What its socket sent before goes on.
    pub(crate) fn turn_away(self, failure: Failure) {
        if let Self::Socket(outbox, sending) = &self {
            outbox.turned_away(sending);
        }
        self.answer(Err(failure));
    }

    /// Gives the answer to a request that was taken.
    pub(crate) fn give(self, outcome: Result<Done, Failure>) {
        let has_failed =
            outcome.as_ref().is_err_and(|failure| !matches!(failure, Failure::Refused(_)));
        if let (Self::Socket(outbox, sending), true) = (&self, has_failed) {
            outbox.failed(sending);
        }
        self.answer(outcome);
    }

    /// Whoever stopped waiting will ask again with the same id.
    fn answer(self, outcome: Result<Done, Failure>) {
        match self {
            Self::Waiter(waiter) => drop(waiter.send(outcome)),
            Self::Socket(outbox, sending) => {
                let sent = outcome.map(|done| Sent {
                    conversation: done.conversation,
                    seq: done.seq,
                    at: done.at,
                    duplicate: done.duplicate,
                });
                outbox.answer(sending, sent);
            }
        }
    }
}
