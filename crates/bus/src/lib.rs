//! Hints and whispers between the nodes of a deployment.
//!
//! Everything here may be lost, doubled or late: a hint says where to look in the store, a whisper says something
//! that is not worth storing. What is deliberately not here: anything that somebody relies on.

use domain::{ConversationId, Receipt, Seq, SessionId, UserId};
use tokio::sync::broadcast;

/// Notices that a slow node may fall behind before it misses some and checks everything again.
const NOTICES_MAX: usize = 4096;

/// Names a node of the deployment, so that it can skip its own notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub u64);

/// Something that other nodes may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Hint: a conversation has new events.
    Advanced {
        /// Which conversation.
        conversation: ConversationId,
        /// The first new one.
        first: Seq,
        /// The last: the head.
        head: Seq,
    },
    /// Hint: a session is over.
    SessionEnded {
        /// Whose.
        user: UserId,
        /// Which; all of them if none is named.
        session: Option<SessionId>,
    },
    /// Hint: what is remembered about a user (account, blocks, preferences) is out of date.
    UserChanged(UserId),
    /// Hint: the preferences of a user have this version now.
    PreferencesChanged {
        /// Whose.
        user: UserId,
        /// The new version.
        version: u64,
    },
    /// Whisper: somebody is writing.
    Typing {
        /// In which conversation.
        conversation: ConversationId,
        /// Who.
        user: UserId,
    },
    /// Whisper: somebody has got, or has read, everything up to here.
    Receipt {
        /// In which conversation.
        conversation: ConversationId,
        /// Who.
        user: UserId,
        /// Which of the two.
        receipt: Receipt,
        /// How far.
        seq: Seq,
    },
    /// Whisper: somebody came or went.
    Presence {
        /// Who.
        user: UserId,
        /// Which of the two.
        online: Online,
    },
}

/// Whether somebody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Online {
    /// At least one socket is open.
    Yes,
    /// None is.
    No,
}

/// A notice and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The node that published it.
    pub from: NodeId,
    /// What it says.
    pub notice: Notice,
}

/// How nodes reach each other.
#[derive(Clone, Debug)]
pub enum Bus {
    /// All nodes are in this process: one in production, several in the simulator.
    Local(broadcast::Sender<Envelope>),
}

/// What comes in from other nodes.
#[derive(Debug)]
pub enum Incoming {
    /// A notice.
    Notice(Envelope),
    /// Some were missed: whatever was remembered may be out of date.
    Missed,
    /// The bus is gone.
    Closed,
}

/// A node's end of the bus.
#[derive(Debug)]
pub enum Subscription {
    /// See [`Bus::Local`].
    Local(broadcast::Receiver<Envelope>),
}

impl Bus {
    /// A bus for the nodes of this process.
    pub fn local() -> Self {
        Self::Local(broadcast::channel(NOTICES_MAX).0)
    }

    /// Tells the other nodes. Never waits and never fails: whoever misses it finds the truth in the store.
    pub fn publish(&self, from: NodeId, notice: Notice) {
        match self {
            Self::Local(sender) => {
                let heard_by_nobody = sender.send(Envelope { from, notice }).is_err();
                debug_assert!(!heard_by_nobody || sender.receiver_count() == 0);
            }
        }
    }

    /// Everything published from now on.
    pub fn subscribe(&self) -> Subscription {
        match self {
            Self::Local(sender) => Subscription::Local(sender.subscribe()),
        }
    }
}

impl Subscription {
    /// The next notice of any node.
    pub async fn next(&mut self) -> Incoming {
        match self {
            Self::Local(receiver) => match receiver.recv().await {
                Ok(envelope) => Incoming::Notice(envelope),
                Err(broadcast::error::RecvError::Lagged(_)) => Incoming::Missed,
                Err(broadcast::error::RecvError::Closed) => Incoming::Closed,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(number: u8) -> Notice {
        Notice::UserChanged(UserId::from_bytes([number; 16]))
    }

    #[tokio::test]
    async fn every_node_hears_in_order_what_is_published_after_it_subscribed() {
        let bus = Bus::local();
        bus.publish(NodeId(1), notice(0));
        let (mut one, mut two) = (bus.subscribe(), bus.subscribe());
        bus.publish(NodeId(1), notice(1));
        bus.publish(NodeId(2), notice(2));
        for node in [&mut one, &mut two] {
            for (from, number) in [(1, 1), (2, 2)] {
                let Incoming::Notice(envelope) = node.next().await else { panic!("a notice") };
                assert_eq!(envelope, Envelope { from: NodeId(from), notice: notice(number) });
            }
        }
    }

    #[tokio::test]
    async fn a_node_that_falls_behind_is_told_so() {
        let bus = Bus::local();
        let mut slow = bus.subscribe();
        for _ in 0..=NOTICES_MAX {
            bus.publish(NodeId(1), notice(1));
        }
        assert!(matches!(slow.next().await, Incoming::Missed));
        assert!(matches!(slow.next().await, Incoming::Notice(_)));
    }
}
