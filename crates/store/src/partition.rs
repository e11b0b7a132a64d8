//! Where a row belongs: the unit that one batch may touch.

use domain::time::Day;
use domain::{ConversationId, UserId};

/// A partition. Everything that must change together lies in one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// A conversation: head, members, events, dedupe rows, read positions.
    Conversation(ConversationId),
    /// A user: account, sessions, preferences, blocks, inbox.
    User(UserId),
    /// A name that only one may have: a normalised e-mail address, a username, the first operator.
    Claim(String),
    /// A day of statistics.
    Day(Day),
    /// The search index of people whose search words start with this character.
    Directory(char),
    /// Facts of this deployment: the signing key, the format.
    Deployment,
    /// Work to do, written by batches of other partitions.
    Jobs,
}

impl Partition {
    /// The bytes that stand before every key of this partition. No partition's prefix is the prefix of another's.
    pub fn prefix(&self) -> Vec<u8> {
        let mut prefix = Vec::with_capacity(17);
        match self {
            Self::Conversation(id) => {
                prefix.push(b'c');
                prefix.extend_from_slice(&id.to_bytes());
            }
            Self::User(id) => {
                prefix.push(b'u');
                prefix.extend_from_slice(&id.to_bytes());
            }
            Self::Claim(name) => {
                prefix.push(b'n');
                prefix.extend_from_slice(name.as_bytes());
                prefix.push(0);
            }
            Self::Day(day) => {
                prefix.push(b's');
                prefix.extend_from_slice(&day.number().to_be_bytes());
            }
            Self::Directory(first) => {
                prefix.push(b'i');
                prefix.extend_from_slice(&u32::from(*first).to_be_bytes());
            }
            Self::Deployment => prefix.push(b'd'),
            Self::Jobs => prefix.push(b'j'),
        }
        prefix
    }
}
