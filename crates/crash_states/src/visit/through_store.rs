//! Opens the store of a state in this process, as the server does when it starts.

use std::path::Path;

use anyhow::{Context as _, ensure};
use domain::event::{Event, EventBody, MemberChange};
use domain::{ConversationId, Seq};
use store::backend::{Embedded, EmbeddedOptions};
use store::{Direction, Store, tables};

use crate::recording::{self, Body, Found, Logs, Recording};

/// Events read at a time.
const PAGE_EVENTS: usize = 500;
/// At the end of each log, so many messages are looked up by their own ids.
const LOOKED_UP: usize = 8;

pub(super) async fn read(data: &Path, recording: &Recording) -> anyhow::Result<Logs> {
    let embedded = Embedded::open(data, &EmbeddedOptions::default()).context("the store")?;
    let store = Store::Embedded(embedded);
    let decode = |key: &[u8], value: &[u8]| {
        tables::check_row(key, value).map_err(|_| "does not decode".to_owned())
    };
    let report = store.check(decode, |_| ())?;
    ensure!(report.damaged == 0, "damaged records: {:?}", report.findings);
    let mut logs = Logs::new();
    for conversation in recording.conversations().into_keys() {
        let events = events(&store, conversation).await?;
        look_up(&store, conversation, &events).await?;
        logs.insert(conversation, events.iter().map(found).collect());
    }
    Ok(logs)
}

async fn events(store: &Store, conversation: ConversationId) -> anyhow::Result<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let from = events.last().map_or(Seq::ZERO, |last| last.seq.next());
        let range = (from, Seq::new(u64::MAX));
        let page = (Direction::Forward, PAGE_EVENTS);
        let mut page = tables::event::scan(store, conversation, range, page).await?;
        if page.is_empty() {
            break;
        }
        events.append(&mut page);
    }
    let head = tables::conversation::head(store, conversation).await?;
    let head = head.map_or(Seq::ZERO, |(head, ..)| head);
    let end = events.last().map_or(Seq::ZERO, |last| last.seq);
    ensure!(head == end, "{conversation} has the head {head}, and ends at {end}");
    Ok(events)
}

/// Once: whoever tries again is told the place of the first try, since the row that knows it is in the same commit.
async fn look_up(
    store: &Store,
    conversation: ConversationId,
    events: &[Event],
) -> anyhow::Result<()> {
    for event in events.iter().rev().take(LOOKED_UP) {
        let (EventBody::Message(_), Some(id)) = (&event.body, &event.client_message_id) else {
            continue;
        };
        let sent = tables::conversation::sent(store, conversation, event.sender, id).await?;
        let (found, seq) = (sent.map(|sent| sent.seq), event.seq);
        ensure!(found == Some(seq), "{conversation} has {id} at {seq}, and {found:?} for a retry");
    }
    Ok(())
}

fn found(event: &Event) -> Found {
    let body = match &event.body {
        EventBody::Message(message) => {
            Body::Message(message.text.as_ref().map(|text| text.as_str().to_owned()))
        }
        EventBody::Edit { target } => Body::Other(recording::edited_event(*target)),
        EventBody::Delete { target } => Body::Other(recording::deleted(*target)),
        EventBody::Reaction { target, .. } => Body::Other(format!("reaction to {target}")),
        EventBody::Member { user, change } => Body::Other(match change {
            MemberChange::Added(_) => recording::added(*user),
            MemberChange::Removed | MemberChange::Left => recording::removed(*user),
            MemberChange::Role(_) => format!("{user} role"),
        }),
        EventBody::Settings(_) => Body::Other("settings".to_owned()),
    };
    Found { seq: event.seq, sender: event.sender, body }
}
