//! What cannot be promised: the order of a message of which a refusal got lost.
//!
//! No refusal is remembered. A message may be refused, the answer be lost, and the message be accepted when it comes
//! again: then it stands behind what its device sent after it. This excuses only a message that was without an answer,
//! and whose sender could be refused between its first try and the commit of the one that overtook it.

use checker::{Device, History, SendAttempt, SendOutcome, Violation};
use domain::{ClientMessageId, ConversationId, ConversationKind, Seq, UserId};

use super::{Logs, stays};
use crate::record::Blocks;

/// What is known about who could be refused when.
pub(super) struct Told<'a> {
    pub(super) history: &'a History,
    pub(super) blocks: &'a Blocks,
    pub(super) logs: &'a Logs,
    pub(super) people: &'a [UserId],
}

impl Told<'_> {
    /// Whether this may be the trace of a refusal that got lost.
    pub(super) fn may_be_a_lost_refusal(&self, violation: &Violation) -> bool {
        let Violation::OutOfSenderOrder { device, conversation, earlier, later } = violation else {
            return false;
        };
        let tries = || self.tries(*device, *conversation, &earlier.0);
        let lacked_an_answer = tries().any(|attempt| attempt.outcome == SendOutcome::Unknown);
        let since_ns = tries().map(|attempt| attempt.invoked_ns).min().unwrap_or_default();
        lacked_an_answer && self.could_be_refused(device.user, *conversation, (since_ns, later.1))
    }

    fn tries(
        &self,
        device: Device,
        conversation: ConversationId,
        id: &ClientMessageId,
    ) -> impl Iterator<Item = &SendAttempt> {
        self.history.sends.iter().filter(move |attempt| {
            (attempt.device, attempt.conversation) == (device, conversation)
                && attempt.client_message_id == *id
        })
    }

    /// Whether somebody could be refused at any moment from `since_ns` on, until the event at `before` was written.
    fn could_be_refused(
        &self,
        user: UserId,
        id: ConversationId,
        (since_ns, before): (u64, Seq),
    ) -> bool {
        match id.kind() {
            ConversationKind::Direct => self.people.iter().any(|peer| {
                ConversationId::direct(user, *peer) == id
                    && self.blocks.perhaps((user, *peer), (since_ns, self.known_ns(id, before)))
            }),
            ConversationKind::Group => {
                let log = self.logs.get(&id).map(Vec::as_slice).unwrap_or_default();
                let stays = stays(id, log, self.people).remove(&user).unwrap_or_default();
                stays.iter().any(|stay| {
                    stay.joined > Seq::new(1)
                        && stay.joined < before
                        && since_ns < self.known_ns(id, stay.joined)
                })
            }
        }
    }

    /// When it was first known that a log reaches a place: it was written before.
    fn known_ns(&self, id: ConversationId, seq: Seq) -> u64 {
        let live = self.history.live.iter();
        let live = live.filter(|live| live.conversation == id && live.entry.seq >= seq);
        let pages = self.history.pages.iter();
        let pages = pages.filter(|page| page.conversation == id && page.head >= seq);
        let acks = self.history.sends.iter().filter(|sent| sent.conversation == id);
        let acks = acks.filter_map(|sent| match sent.outcome {
            SendOutcome::Acked { seq: at, completed_ns, .. } if at >= seq => Some(completed_ns),
            SendOutcome::Acked { .. } | SendOutcome::Refused | SendOutcome::Unknown => None,
        });
        let seen = live.map(|live| live.observed_ns).chain(pages.map(|page| page.completed_ns));
        seen.chain(acks).min().unwrap_or(u64::MAX)
    }
}
