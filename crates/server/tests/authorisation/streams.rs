//! Which events of a conversation somebody may have been told live: worked out from its log alone, for people who
//! were connected all the time.

use std::collections::BTreeMap;

use app::App;
use domain::event::{Event, EventBody, MemberChange};
use domain::{ConversationId, ConversationKind, Seq, UserId};
use store::Direction;
use store::tables::{conversation, event};

use crate::world::World;

/// Events of a log that is read here.
const EVENTS_MAX: usize = 500;

impl World {
    /// Every event that a socket was told must lie in the time when its reader belonged to the conversation.
    pub(crate) async fn check_events(&mut self) {
        let told = std::mem::take(&mut self.judge.events);
        let mut logs: BTreeMap<ConversationId, Vec<Event>> = BTreeMap::new();
        for (reader, id, seq) in &told {
            if !logs.contains_key(id) {
                logs.insert(*id, log(&self.app, *id).await);
            }
            let belonged = match id.kind() {
                ConversationKind::Group => {
                    logs.get(id).is_some_and(|log| belonged(log, *reader, *seq))
                }
                ConversationKind::Direct => {
                    let members = conversation::members(self.app.store(), *id).await;
                    members
                        .expect("the store can be read")
                        .iter()
                        .any(|(member, _)| member == reader)
                }
            };
            if !belonged {
                self.judge.violation(&format!("{reader} was told the event {seq:?} of {id}"));
            }
        }
        assert!(told.len() > 100, "the sockets were told only {} events", told.len());
    }
}

async fn log(app: &App, id: ConversationId) -> Vec<Event> {
    let all = (Seq::new(1), Seq::new(u64::MAX));
    let log = event::scan(app.store(), id, all, (Direction::Forward, EVENTS_MAX)).await;
    log.expect("the store can be read")
}

/// Whether `user` belonged to the group when `seq` happened: coming and going are told as well.
fn belonged(log: &[Event], user: UserId, seq: Seq) -> bool {
    // The founder's own coming is the second event.
    let mut belongs = log.first().is_some_and(|first| first.sender == user);
    for event in log.iter().take_while(|event| event.seq <= seq) {
        let EventBody::Member { user: other, change } = &event.body else { continue };
        match change {
            _ if *other != user => {}
            MemberChange::Added(_) => belongs = true,
            MemberChange::Removed | MemberChange::Left => belongs = event.seq == seq,
            MemberChange::Role(_) => {}
        }
    }
    belongs
}
