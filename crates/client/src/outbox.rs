//! What is to be sent, until it is answered: a timeout or a lost connection never turns into a refusal.

use std::collections::VecDeque;

use domain::{ClientMessageId, ConversationId, UserId};
use tokio::time::Instant;
use wire::frame::SendFrame;

/// Messages that may wait; whoever wants to send more waits first.
pub const OUTBOX_MAX: usize = 1024;

/// As many messages wait as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{OUTBOX_MAX} messages wait to be sent")]
pub struct OutboxFull;

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// To a person.
    User(UserId),
    /// To a conversation.
    Conversation(ConversationId),
}

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The sender's own id of it: the same on every try.
    pub client_message_id: ClientMessageId,
    /// Where to.
    pub receiver: Receiver,
    /// The text.
    pub text: String,
    /// The message this one answers.
    pub reply_to: Option<String>,
}

impl Outgoing {
    fn frame(&self) -> SendFrame {
        let (conversation_id, receiver_id) = match self.receiver {
            Receiver::Conversation(conversation) => (Some(conversation.to_string()), None),
            Receiver::User(user) => (None, Some(user.to_string())),
        };
        SendFrame {
            conversation_id,
            receiver_id,
            client_message_id: self.client_message_id.to_string(),
            text: self.text.clone(),
            reply_to: self.reply_to.clone(),
        }
    }
}

/// All messages without an answer, in the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<Waiting>,
    in_flight: usize,
    paused_until: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    message: Outgoing,
    attempts: u32,
    sent_at: Option<Instant>,
}

impl Outbox {
    pub(crate) fn push(&mut self, message: Outgoing) -> Result<(), OutboxFull> {
        if self.waiting.len() >= OUTBOX_MAX {
            return Err(OutboxFull);
        }
        self.waiting.push_back(Waiting { message, attempts: 0, sent_at: None });
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What to write now: in order, and never more without an answer than `in_flight_max`.
    pub(crate) fn due(&mut self, now: Instant, in_flight_max: usize) -> Vec<SendFrame> {
        if self.paused_until.is_some_and(|until| now < until) {
            return Vec::new();
        }
        self.paused_until = None;
        let free = in_flight_max.saturating_sub(self.in_flight);
        let queued = self.waiting.iter_mut().filter(|waiting| waiting.sent_at.is_none());
        let due: Vec<_> = queued.take(free).map(|waiting| waiting.try_now(now)).collect();
        self.in_flight += due.len();
        due
    }

    /// When there may be something to write although nothing has arrived.
    pub(crate) const fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    /// When the message that waits longest for its answer was written.
    pub(crate) fn oldest_in_flight(&self) -> Option<Instant> {
        self.waiting.iter().filter_map(|waiting| waiting.sent_at).min()
    }

    /// A message has its final answer. Returns it with the number of tries, unless it had one before.
    pub(crate) fn done(&mut self, client_message_id: &str) -> Option<(Outgoing, u32)> {
        let position = self.position(client_message_id)?;
        let waiting = self.waiting.remove(position)?;
        self.in_flight = self.in_flight.saturating_sub(usize::from(waiting.sent_at.is_some()));
        Some((waiting.message, waiting.attempts))
    }

    /// A message was not taken now. Nothing is sent until then, so that what stands behind it stays behind.
    pub(crate) fn refused_for_now(&mut self, client_message_id: &str, until: Instant) {
        let position = self.position(client_message_id);
        let Some(waiting) = position.and_then(|position| self.waiting.get_mut(position)) else {
            return;
        };
        if waiting.sent_at.take().is_some() {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        self.paused_until = self.paused_until.max(Some(until));
    }

    /// The connection is gone: what had no answer has an unknown fate and is sent again.
    pub(crate) fn lost(&mut self) {
        for waiting in &mut self.waiting {
            waiting.sent_at = None;
        }
        self.in_flight = 0;
    }

    fn position(&self, client_message_id: &str) -> Option<usize> {
        let id = client_message_id.parse().ok()?;
        self.waiting.iter().position(|waiting| waiting.message.client_message_id == id)
    }
}

impl Waiting {
    fn try_now(&mut self, now: Instant) -> SendFrame {
        self.sent_at = Some(now);
        self.attempts += 1;
        self.message.frame()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn outbox(ids: &[&str]) -> Outbox {
        let mut outbox = Outbox::default();
        for id in ids {
            let message = Outgoing {
                client_message_id: id.parse().unwrap(),
                receiver: Receiver::Conversation(ConversationId::group([1; 16])),
                text: "Hello".to_owned(),
                reply_to: None,
            };
            outbox.push(message).unwrap();
        }
        outbox
    }

    fn ids(frames: &[SendFrame]) -> Vec<&str> {
        frames.iter().map(|frame| frame.client_message_id.as_str()).collect()
    }

    #[test]
    fn only_so_many_are_without_an_answer_at_a_time() {
        let (mut outbox, now) = (outbox(&["a", "b", "c"]), Instant::now());
        assert_eq!(ids(&outbox.due(now, 2)), ["a", "b"]);
        assert!(outbox.due(now, 2).is_empty());
        assert_eq!(outbox.done("a").map(|(_, attempts)| attempts), Some(1));
        assert_eq!(ids(&outbox.due(now, 2)), ["c"]);
    }

    #[test]
    fn after_a_lost_connection_all_without_an_answer_go_again_in_order() {
        let (mut outbox, now) = (outbox(&["a", "b", "c"]), Instant::now());
        outbox.due(now, 3);
        outbox.done("b");
        outbox.lost();
        assert_eq!(ids(&outbox.due(now, 3)), ["a", "c"]);
        assert_eq!(outbox.done("c").map(|(_, attempts)| attempts), Some(2));
        assert_eq!(outbox.done("c"), None);
    }

    #[test]
    fn a_refusal_for_now_holds_back_all_that_stand_behind() {
        let (mut outbox, now) = (outbox(&["a", "b"]), Instant::now());
        let later = now + Duration::from_millis(100);
        outbox.due(now, 1);
        outbox.refused_for_now("a", later);
        assert!(outbox.due(now, 1).is_empty());
        assert_eq!(ids(&outbox.due(later, 2)), ["a", "b"]);
    }

    #[test]
    fn a_full_outbox_says_so() {
        let mut outbox = outbox(&["a"; OUTBOX_MAX]);
        let message = outbox.done("a").unwrap().0;
        assert_eq!(outbox.push(message.clone()), Ok(()));
        assert_eq!(outbox.push(message), Err(OutboxFull));
    }
}
