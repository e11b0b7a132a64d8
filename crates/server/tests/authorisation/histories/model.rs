//! Who may see what of a group, from its log.

use std::collections::{BTreeMap, BTreeSet};

use app::App;
use domain::event::{Event, EventBody, MemberChange};
use domain::member::HistoryPolicy;
use domain::{ConversationId, Seq, UserId};
use store::Direction;
use store::tables::event;

/// Events that are read at once: more than one step can write.
const EVENTS_MAX: usize = 64;

/// The part of a log that somebody may see; it ends with the event that tells of the person's going.
#[derive(Clone, Copy, Debug)]
struct Sight {
    from: Seq,
    until: Option<Seq>,
}

/// What the log of a group says so far.
pub(crate) struct Model {
    group: ConversationId,
    founded: Seq,
    head: Seq,
    policy: HistoryPolicy,
    sights: BTreeMap<UserId, Sight>,
    pub(crate) messages: Vec<Seq>,
    deleted: BTreeSet<Seq>,
}

impl Model {
    /// A group whose founding is told by the events up to `founded`; the first members see them all.
    pub(crate) const fn new(group: ConversationId, founded: Seq) -> Self {
        Self {
            group,
            founded,
            head: Seq::ZERO,
            policy: HistoryPolicy::All,
            sights: BTreeMap::new(),
            messages: Vec::new(),
            deleted: BTreeSet::new(),
        }
    }

    /// Reads what is new in the log.
    pub(crate) async fn follow(&mut self, app: &App) {
        let rest = (self.head.next(), Seq::new(u64::MAX));
        let step = (Direction::Forward, EVENTS_MAX);
        let events = event::scan(app.store(), self.group, rest, step).await;
        for event in events.expect("the store can be read") {
            self.take(&event);
            self.head = event.seq;
        }
    }

    fn take(&mut self, event: &Event) {
        match &event.body {
            EventBody::Message(_) => self.messages.push(event.seq),
            EventBody::Delete { target } => drop(self.deleted.insert(*target)),
            EventBody::Settings(change) => self.policy = change.history.unwrap_or(self.policy),
            EventBody::Member { user, change: MemberChange::Added(_) } => {
                let from = match self.policy {
                    HistoryPolicy::All => Seq::new(1),
                    HistoryPolicy::FromJoin if event.seq <= self.founded => Seq::new(1),
                    HistoryPolicy::FromJoin => event.seq,
                };
                self.sights.insert(*user, Sight { from, until: None });
            }
            EventBody::Member { user, change: MemberChange::Removed | MemberChange::Left } => {
                if let Some(sight) = self.sights.get_mut(user) {
                    sight.until = Some(event.seq);
                }
            }
            EventBody::Member { change: MemberChange::Role(_), .. }
            | EventBody::Edit { .. }
            | EventBody::Reaction { .. } => {}
        }
    }

    pub(crate) fn is_member(&self, user: UserId) -> bool {
        self.sights.get(&user).is_some_and(|sight| sight.until.is_none())
    }

    /// Whether somebody ever was one.
    pub(crate) fn was_member(&self, user: UserId) -> bool {
        self.sights.contains_key(&user)
    }

    pub(crate) fn may_see(&self, user: UserId, seq: Seq) -> bool {
        self.sights
            .get(&user)
            .is_some_and(|sight| sight.from <= seq && sight.until.is_none_or(|until| seq <= until))
    }

    /// Whether the text of a message may still be told to somebody.
    pub(crate) fn may_read(&self, user: UserId, message: Seq) -> bool {
        self.may_see(user, message) && !self.deleted.contains(&message)
    }
}
