//! Pages of history: newest first, from a random place of a random conversation.

use std::path::Path;

use domain::Seq;
use store::backend::{Embedded, EmbeddedOptions};
use store::tables::{conversation, event, job};
use store::{Direction, Store};

use crate::load::TALK_MESSAGES;
use crate::machine::{cpu, now};
use crate::messages::{Dice, Talk};
use crate::{Outcome, say};

const PAGE: u64 = 50;
const PAGES: u64 = 20_000;

pub(crate) async fn run(folder: &Path) -> Outcome {
    let store = Store::Embedded(Embedded::open(folder, &EmbeddedOptions::default())?);
    let mut talks = 0;
    while conversation::head(&store, Talk::id(talks)).await?.is_some() {
        talks += 1;
    }
    say(&format!("{talks} conversations"))?;
    for what in ["cold", "warm"] {
        measure(&store, talks, (what, Direction::Backward)).await?;
    }
    measure(&store, talks, ("oldest first", Direction::Forward)).await?;
    measure_hot(&store).await?;
    measure_gets(&store, talks).await
}

async fn measure(store: &Store, talks: u64, (what, direction): (&str, Direction)) -> Outcome {
    let mut dice = Dice::new(1);
    let ids: Vec<_> = (0..talks.min(10_000)).map(Talk::id).collect();
    let (start, before) = (now(), cpu());
    let mut events = 0;
    for _ in 0..PAGES {
        let id =
            ids.get(usize::try_from(dice.roll() % ids.len() as u64)?).ok_or("no conversation")?;
        let from = 1 + dice.roll() % (TALK_MESSAGES - PAGE);
        let range = (Seq::new(from), Seq::new(from + PAGE));
        events += event::scan(store, *id, range, (direction, 50)).await?.len();
    }
    report(what, PAGES, (start.elapsed(), cpu() - before), events)
}

/// The newest page of one conversation, over and over: what is read right after it was written.
async fn measure_hot(store: &Store) -> Outcome {
    let range = (Seq::new(TALK_MESSAGES - PAGE + 1), Seq::new(TALK_MESSAGES + 1));
    let id = Talk::id(0);
    let (start, before) = (now(), cpu());
    let mut events = 0;
    for _ in 0..PAGES {
        events += event::scan(store, id, range, (Direction::Backward, 50)).await?.len();
    }
    report("the same page", PAGES, (start.elapsed(), cpu() - before), events)
}

async fn measure_gets(store: &Store, talks: u64) -> Outcome {
    const GETS: u64 = 200_000;
    let mut dice = Dice::new(2);
    let ids: Vec<_> = (0..talks.min(10_000)).map(Talk::id).collect();
    for what in ["head rows", "absent jobs"] {
        let (start, before) = (now(), cpu());
        let mut found = 0;
        for _ in 0..GETS {
            let id = *ids.get(usize::try_from(dice.roll() % ids.len() as u64)?).ok_or("none")?;
            let is_there = if what == "head rows" {
                conversation::head(store, id).await?.is_some()
            } else {
                let gone = domain::UserId::from_bytes(id.to_bytes());
                job::get(store, job::Work::Profile(gone)).await?.is_some()
            };
            found += usize::from(is_there);
        }
        report(what, GETS, (start.elapsed(), cpu() - before), found)?;
    }
    Ok(())
}

fn report(
    what: &str,
    count: u64,
    (wall, used): (std::time::Duration, std::time::Duration),
    found: usize,
) -> Outcome {
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / count as f64;
    say(&format!("{what:16} {:8.2} µs each, CPU {:8.2} µs, {found} rows", each(wall), each(used)))
}
