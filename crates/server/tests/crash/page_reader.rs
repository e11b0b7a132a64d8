//! A device that asks for a page here and there, and loses its connection with every kill.

use std::collections::HashMap;

use checker::{Device, Page};
use domain::{ConversationId, Seq};

use crate::puller::Puller;
use crate::record::{self, Dice, Recorded};
use crate::world::{Person, Phase, World};

/// The number of this device among those of its user.
const NUMBER: u32 = 2;
/// Messages that are acked, by anybody, between two pages.
const ACKS_BETWEEN_PAGES: u64 = 4;
/// How far it goes back at most to read again.
const BACK_MAX: u64 = 100;

pub(crate) struct PageReader {
    world: World,
    person: Person,
    dice: Dice,
    seen: HashMap<ConversationId, Seq>,
    recorded: Recorded,
}

impl PageReader {
    pub(crate) fn new(world: &World, person: &Person, seed: u64) -> Self {
        let (world, person, dice) = (world.clone(), person.clone(), Dice::new(seed));
        Self { world, person, dice, seen: HashMap::new(), recorded: Recorded::default() }
    }

    pub(crate) async fn run(mut self) -> Recorded {
        let mut phase = self.world.phase();
        while *phase.borrow_and_update() == Phase::Load {
            let world = self.world.clone();
            tokio::select! {
                base = world.reachable() => self.visit(&base).await,
                _ = phase.changed() => {}
            }
        }
        self.recorded
    }

    /// Reads until the connection breaks or the load ends.
    async fn visit(&mut self, base: &str) {
        let mut phase = self.world.phase();
        let Ok(mut puller) = Puller::open(base, &self.person.token).await else {
            return tokio::task::yield_now().await;
        };
        while *phase.borrow_and_update() == Phase::Load {
            let enough = self.world.acks() + ACKS_BETWEEN_PAGES;
            tokio::select! {
                () = self.world.acked(enough) => {}
                _ = phase.changed() => return,
            }
            let conversation = *self.dice.choose(&self.person.conversations);
            let seen = self.seen.get(&conversation).copied().unwrap_or_default();
            let after = Seq::new(seen.number().saturating_sub(self.dice.below(BACK_MAX)));
            let invoked_ns = record::now_ns();
            match puller.pull(conversation, after).await {
                Ok(page) => {
                    let last = page.events.last().map_or(after, |last| Seq::new(last.seq));
                    self.seen.insert(conversation, last.max(seen));
                    let entries =
                        page.events.iter().map(|event| record::entry(event.seq, &event.event));
                    self.recorded.history.pages.push(Page {
                        device: Device { user: self.person.user, number: NUMBER },
                        conversation,
                        after,
                        entries: entries.collect(),
                        head: Seq::new(page.head),
                        invoked_ns,
                        completed_ns: record::now_ns(),
                    });
                }
                // A direct conversation is not there before its first message.
                Err(client::Error::Frame(_)) if seen == Seq::ZERO => {}
                Err(_) => return,
            }
        }
    }
}
