//! Writes histories down as a correct server and careful clients would have made them.

use domain::{ConversationId, Seq, UserId};

use crate::{
    CaughtUp, ContentHash, Delete, DeleteOutcome, Device, Entry, Event, FinalRead, History, Live,
    Membership, Message, Page, SendAttempt, SendOutcome,
};

pub(super) fn group() -> ConversationId {
    ConversationId::group([7; 16])
}

pub(super) const fn anna(number: u32) -> Device {
    Device { user: UserId::from_bytes([1; 16]), number }
}

pub(super) const fn ben(number: u32) -> Device {
    Device { user: UserId::from_bytes([2; 16]), number }
}

pub(super) const fn cleo(number: u32) -> Device {
    Device { user: UserId::from_bytes([3; 16]), number }
}

pub(super) fn message(sender: Device, name: &str) -> Event {
    Event::Message(Message {
        sender: sender.user,
        client_message_id: name.parse().expect("names in tests are valid ids"),
        content: ContentHash::of(name),
    })
}

/// A server and its clients, reduced to what they write down.
pub(super) struct Script {
    pub(super) history: History,
    log: Vec<Event>,
    now_ns: u64,
}

impl Script {
    pub(super) fn new() -> Self {
        Self { history: History::default(), log: Vec::new(), now_ns: 100 }
    }

    /// Five messages: the second is deleted, the third was retried, the fifth never acked; all devices caught up.
    pub(super) fn conversation_of_two() -> Self {
        let mut script = Self::new();
        script.post(anna(1), "m1");
        script.post(ben(1), "m2");
        script.page(anna(2), 0);
        script.send_unanswered(anna(1), "m3");
        script.commit(&message(anna(1), "m3"));
        script.ack(
            anna(1),
            "m3",
            SendOutcome::Acked { seq: Seq::new(3), duplicate: true, completed_ns: 0 },
        );
        script.post(ben(1), "m4");
        script.send_unanswered(anna(1), "m5");
        script.commit(&message(anna(1), "m5"));
        script.page(ben(2), 0);
        script.page(anna(2), 2);
        script.delete(ben(1), 2);
        script.page(anna(2), 0);
        script.finish();
        for device in [anna(1), anna(2), ben(1), ben(2)] {
            script.history.caught_up.push(CaughtUp {
                device,
                conversation: group(),
                from: Seq::new(1),
            });
        }
        script
    }

    pub(super) fn tick(&mut self) -> u64 {
        self.now_ns += 10;
        self.now_ns
    }

    pub(super) fn head(&self) -> Seq {
        Seq::new(self.log.len() as u64)
    }

    /// Puts an event into the log and shows it to the first devices of both.
    pub(super) fn commit(&mut self, event: &Event) {
        self.log.push(event.clone());
        for device in [anna(1), ben(1)] {
            let entry = Entry { seq: self.head(), event: event.clone() };
            let observed_ns = self.tick();
            self.history.live.push(Live { device, conversation: group(), entry, observed_ns });
        }
    }

    /// One try, with its outcome; the time of an ack is now.
    pub(super) fn ack(&mut self, device: Device, name: &str, outcome: SendOutcome) {
        let invoked_ns = self.tick();
        self.record(device, name, invoked_ns, outcome);
    }

    fn record(&mut self, device: Device, name: &str, invoked_ns: u64, outcome: SendOutcome) {
        let now_ns = self.tick();
        let outcome = match outcome {
            SendOutcome::Acked { seq, duplicate, .. } => {
                SendOutcome::Acked { seq, duplicate, completed_ns: now_ns }
            }
            SendOutcome::Refused => SendOutcome::Refused,
            SendOutcome::Unknown => SendOutcome::Unknown,
        };
        self.history.sends.push(SendAttempt {
            device,
            conversation: group(),
            client_message_id: name.parse().expect("names in tests are valid ids"),
            content: ContentHash::of(name),
            invoked_ns,
            outcome,
        });
    }

    /// Sends, commits, acks.
    pub(super) fn post(&mut self, device: Device, name: &str) {
        let invoked_ns = self.tick();
        self.commit(&message(device, name));
        let outcome = SendOutcome::Acked { seq: self.head(), duplicate: false, completed_ns: 0 };
        self.record(device, name, invoked_ns, outcome);
    }

    /// Two devices send at the same time, and the later sender comes first.
    pub(super) fn post_out_of_order(&mut self, one: Device, other: Device) {
        let first_ns = self.tick();
        let second_ns = self.tick();
        self.commit(&message(other, "second"));
        self.commit(&message(one, "first"));
        let acked =
            |seq| SendOutcome::Acked { seq: Seq::new(seq), duplicate: false, completed_ns: 0 };
        self.record(one, "first", first_ns, acked(2));
        self.record(other, "second", second_ns, acked(1));
    }

    pub(super) fn send_unanswered(&mut self, device: Device, name: &str) {
        self.ack(device, name, SendOutcome::Unknown);
    }

    pub(super) fn refuse(&mut self, device: Device, name: &str, text: &str) {
        self.ack(device, name, SendOutcome::Refused);
        let attempt = self.history.sends.last_mut().expect("it was just recorded");
        attempt.content = ContentHash::of(text);
    }

    pub(super) fn entries(&self, after: usize) -> Vec<Entry> {
        let places = (1..).map(Seq::new);
        places
            .zip(&self.log)
            .skip(after)
            .map(|(seq, event)| Entry { seq, event: event.clone() })
            .collect()
    }

    pub(super) fn page(&mut self, device: Device, after: u64) {
        let invoked_ns = self.tick();
        let entries = self.entries(usize::try_from(after).expect("scripts are short"));
        let (head, completed_ns) = (self.head(), self.tick());
        let after = Seq::new(after);
        self.history.pages.push(Page {
            device,
            conversation: group(),
            after,
            entries,
            head,
            invoked_ns,
            completed_ns,
        });
    }

    pub(super) fn delete(&mut self, device: Device, seq: u64) {
        let invoked_ns = self.tick();
        let place = usize::try_from(seq - 1).expect("scripts are short");
        self.log[place] = Event::Deleted;
        let outcome = DeleteOutcome::Acked { completed_ns: self.tick() };
        self.history.deletes.push(Delete {
            device,
            conversation: group(),
            seq: Seq::new(seq),
            invoked_ns,
            outcome,
        });
    }

    pub(super) fn delete_unanswered(&mut self, device: Device, seq: u64, invoked_ns: u64) {
        let outcome = DeleteOutcome::Unknown;
        self.history.deletes.push(Delete {
            device,
            conversation: group(),
            seq: Seq::new(seq),
            invoked_ns,
            outcome,
        });
    }

    /// A member who sees the log from `from` on, has read that, and says so.
    pub(super) fn join(&mut self, device: Device, from: u64) {
        self.page(device, from - 1);
        let (user, from) = (device.user, Seq::new(from));
        self.history.memberships.push(Membership {
            user,
            conversation: group(),
            from,
            until: None,
        });
        self.history.caught_up.push(CaughtUp { device, conversation: group(), from });
    }

    pub(super) fn finish(&mut self) {
        let invoked_ns = self.tick();
        let read = FinalRead {
            conversation: group(),
            entries: self.entries(0),
            head: self.head(),
            invoked_ns,
        };
        self.history.finals.push(read);
    }
}
