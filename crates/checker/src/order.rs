//! Order in time: what came later stands later, and what was known stays known.
//!
//! Two of the rules are one sweep: go through the moments of asking in order of time, and keep the furthest place that
//! was known before each of them.

use std::collections::BTreeMap;

use domain::{ClientMessageId, ConversationId, Seq, UserId};

use crate::history::{Device, History, Page};
use crate::index::Index;
use crate::violation::{Report, Source, Violation};

/// A message, and where it stands.
type Sent<'h> = (&'h ClientMessageId, Seq);

/// From this moment on, somebody knew that the log reaches this place.
#[derive(Clone, Copy, Debug)]
struct Known {
    since_ns: u64,
    seq: Seq,
    source: Source,
}

pub(crate) fn check(history: &History, index: &Index<'_>, report: &mut Report) {
    check_real_time(history, index, report);
    check_sessions(history, index, report);
    check_sender_order(index, report);
}

/// Calls `judge` for each question with the furthest place known strictly before it was asked.
fn sweep<Q>(mut known: Vec<Known>, mut questions: Vec<(u64, Q)>, mut judge: impl FnMut(Known, &Q)) {
    known.sort_by_key(|known| known.since_ns);
    questions.sort_by_key(|(asked_ns, _)| *asked_ns);
    let mut known = known.into_iter().peekable();
    let mut furthest: Option<Known> = None;
    for (asked_ns, question) in &questions {
        while let Some(next) = known.next_if(|next| next.since_ns < *asked_ns) {
            if furthest.is_none_or(|furthest| next.seq > furthest.seq) {
                furthest = Some(next);
            }
        }
        if let Some(furthest) = furthest {
            judge(furthest, question);
        }
    }
}

/// What everybody together knew of a conversation, and when.
fn knowledge(
    history: &History,
    index: &Index<'_>,
) -> BTreeMap<ConversationId, Vec<(UserId, Known)>> {
    let mut knowledge: BTreeMap<ConversationId, Vec<(UserId, Known)>> = BTreeMap::new();
    let acks = index.operations.iter().filter_map(|operation| {
        let (since_ns, seq) = operation.acked()?;
        Some((
            operation.key.conversation,
            operation.key.sender,
            Known { since_ns, seq, source: Source::Ack },
        ))
    });
    let pages = history.pages.iter().map(|page| {
        let known = Known { since_ns: page.completed_ns, seq: page.head, source: Source::Page };
        (page.conversation, page.device.user, known)
    });
    let live = history.live.iter().map(|live| {
        let known = Known { since_ns: live.observed_ns, seq: live.entry.seq, source: Source::Live };
        (live.conversation, live.device.user, known)
    });
    for (conversation, user, known) in acks.chain(pages).chain(live) {
        knowledge.entry(conversation).or_default().push((user, known));
    }
    knowledge
}

/// I3: a message stands behind everything that anybody knew before it was first sent.
fn check_real_time(history: &History, index: &Index<'_>, report: &mut Report) {
    let mut sent: BTreeMap<ConversationId, Vec<(u64, Sent<'_>)>> = BTreeMap::new();
    for operation in &index.operations {
        let Some(seq) = operation.place else { continue };
        let question = (operation.invoked_ns(), (operation.key.client_message_id, seq));
        sent.entry(operation.key.conversation).or_default().push(question);
    }
    for (conversation, known) in knowledge(history, index) {
        let known = known.into_iter().map(|(_, known)| known).collect();
        sweep(
            known,
            sent.remove(&conversation).unwrap_or_default(),
            |known, (client_message_id, seq)| {
                report.step();
                if *seq <= known.seq {
                    let (client_message_id, seq) = ((*client_message_id).clone(), *seq);
                    let (known, known_by) = (known.seq, known.source);
                    report.add(Violation::OutOfRealTimeOrder {
                        conversation,
                        client_message_id,
                        seq,
                        known,
                        known_by,
                    });
                }
            },
        );
    }
}

/// I10: a page reaches everything that the same user, on any device, knew before asking for it.
fn check_sessions(history: &History, index: &Index<'_>, report: &mut Report) {
    let mut asked: BTreeMap<(ConversationId, UserId), Vec<(u64, &Page)>> = BTreeMap::new();
    for page in &history.pages {
        asked
            .entry((page.conversation, page.device.user))
            .or_default()
            .push((page.invoked_ns, page));
    }
    let mut known: BTreeMap<(ConversationId, UserId), Vec<Known>> = BTreeMap::new();
    for (conversation, all) in knowledge(history, index) {
        for (user, one) in all {
            known.entry((conversation, user)).or_default().push(one);
        }
    }
    for (key, questions) in asked {
        sweep(known.remove(&key).unwrap_or_default(), questions, |known, page| {
            report.step();
            if page.head < known.seq {
                report.add(went_back(page, known));
            }
        });
    }
}

fn went_back(page: &Page, known: Known) -> Violation {
    let (device, conversation, head) = (page.device, page.conversation, page.head);
    match known.source {
        Source::Ack => {
            Violation::OwnWriteNotRead { device, conversation, head, written: known.seq }
        }
        Source::Page | Source::Live => {
            Violation::ReadWentBack { device, conversation, head, seen: known.seq }
        }
    }
}

/// I5: what one device sent stands in the order in which it first sent it.
fn check_sender_order(index: &Index<'_>, report: &mut Report) {
    let mut lanes: BTreeMap<(ConversationId, Device), Vec<(u64, Sent<'_>)>> = BTreeMap::new();
    for operation in &index.operations {
        if let (Some(device), Some(seq)) = (operation.only_device(), operation.place) {
            let sent = (operation.key.client_message_id, seq);
            let lane = lanes.entry((operation.key.conversation, device)).or_default();
            lane.push((operation.invoked_ns(), sent));
        }
    }
    for ((conversation, device), mut lane) in lanes {
        lane.sort_by_key(|(invoked_ns, _)| *invoked_ns);
        for ((_, earlier), (_, later)) in lane.iter().zip(lane.iter().skip(1)) {
            report.step();
            if earlier.1 >= later.1 {
                let earlier = (earlier.0.clone(), earlier.1);
                let later = (later.0.clone(), later.1);
                report.add(Violation::OutOfSenderOrder { device, conversation, earlier, later });
            }
        }
    }
}
