//! Who belongs to a conversation, and with which rights.

use crate::{Seq, Timestamp};

/// The rights of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads and writes.
    Member,
    /// Also adds and removes members, deletes messages, changes settings.
    Admin,
    /// Also makes admins and owners. A group has at least one.
    Owner,
}

impl Role {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|role| role.as_str() == text)
    }
}

/// One member of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// What the member may do.
    pub role: Role,
    /// The first event that the member may see.
    pub visible_from: Seq,
    /// When the member came.
    pub joined_at: Timestamp,
}

/// What somebody who joins a group may read of the time before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistoryPolicy {
    /// Everything.
    #[default]
    All,
    /// Only what comes after joining.
    FromJoin,
}

impl HistoryPolicy {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::FromJoin => "from_join",
        }
    }

    /// The policy with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::All, Self::FromJoin].into_iter().find(|policy| policy.as_str() == text)
    }
}
