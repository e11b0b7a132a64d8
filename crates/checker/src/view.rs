//! What each device saw: pieces of the one log, forwards, complete where it says so, and only what it may see.

use std::collections::{BTreeMap, HashMap};

use domain::{ConversationId, Seq, UserId};

use crate::history::{Device, History, Membership, Page};
use crate::index::Index;
use crate::violation::{Report, Violation};

pub(crate) fn check(history: &History, index: &Index<'_>, report: &mut Report) {
    for page in &history.pages {
        check_page(page, report);
        check_head(page, index, report);
    }
    check_live(history, report);
    check_caught_up(history, index, report);
    check_memberships(history, report);
}

/// I7: one piece of the log, without a jump. Only the first fault of a page is told.
fn check_page(page: &Page, report: &mut Report) {
    let (device, conversation, head) = (page.device, page.conversation, page.head);
    if page.entries.is_empty() && page.head > page.after {
        report.add(Violation::PageEmpty { device, conversation, after: page.after, head });
    }
    let mut expected = page.after.next();
    for entry in &page.entries {
        report.step();
        if entry.seq != expected {
            report.add(Violation::PageHole { device, conversation, expected, found: entry.seq });
            return;
        }
        if entry.seq > head {
            report.add(Violation::PageBehindHead { device, conversation, head, found: entry.seq });
            return;
        }
        expected = expected.next();
    }
}

/// I7: a head that was told is reached at the end.
fn check_head(page: &Page, index: &Index<'_>, report: &mut Report) {
    report.step();
    let Some(log) = index.logs.get(&page.conversation) else { return };
    let last = log.read.head;
    if page.head > last {
        let (device, conversation, head) = (page.device, page.conversation, page.head);
        report.add(Violation::HeadLost { device, conversation, head, last });
    }
}

/// I9: what a device shows live only moves forwards.
fn check_live(history: &History, report: &mut Report) {
    let mut furthest: HashMap<(Device, ConversationId), Seq> = HashMap::new();
    for live in &history.live {
        report.step();
        let (device, conversation, seq) = (live.device, live.conversation, live.entry.seq);
        let before = furthest.entry((device, conversation)).or_insert(Seq::ZERO);
        if seq <= *before {
            report.add(Violation::LiveNotForwards { device, conversation, before: *before, seq });
        }
        *before = seq.max(*before);
    }
}

/// I8: a device that says so has everything, live or from pages.
fn check_caught_up(history: &History, index: &Index<'_>, report: &mut Report) {
    let mut seen: BTreeMap<(Device, ConversationId), Vec<Seq>> = history
        .caught_up
        .iter()
        .map(|claim| ((claim.device, claim.conversation), Vec::new()))
        .collect();
    for sighting in history.sightings() {
        let Some(device) = sighting.device else { continue };
        if let Some(seqs) = seen.get_mut(&(device, sighting.conversation)) {
            seqs.push(sighting.entry.seq);
        }
    }
    for seqs in seen.values_mut() {
        seqs.sort_unstable();
        seqs.dedup();
    }
    for claim in &history.caught_up {
        let (device, conversation) = (claim.device, claim.conversation);
        let Some(log) = index.logs.get(&conversation) else { continue };
        let seqs = seen.get(&(device, conversation)).map(Vec::as_slice).unwrap_or_default();
        if let Some((first, count)) = first_missing(seqs, claim.from, log.read.head, report) {
            report.add(Violation::Missing { device, conversation, first, count });
        }
    }
}

/// The first place from `from` to `head` that is not among the sorted `seqs`, and how many there are.
fn first_missing(seqs: &[Seq], from: Seq, head: Seq, report: &mut Report) -> Option<(Seq, u64)> {
    let mut expected = from.max(Seq::ZERO.next());
    let mut first = None;
    let mut missing: u64 = 0;
    let end = head.next();
    for seq in seqs.iter().copied().filter(|seq| *seq >= from && *seq <= head).chain([end]) {
        report.step();
        if seq > expected {
            first = first.or(Some(expected));
            missing += seq.number() - expected.number();
        }
        expected = seq.next();
    }
    first.map(|first| (first, missing))
}

/// I11: a user with recorded memberships sees only what lies inside one of them.
fn check_memberships(history: &History, report: &mut Report) {
    let mut allowed: HashMap<(UserId, ConversationId), Vec<&Membership>> = HashMap::new();
    for membership in &history.memberships {
        allowed.entry((membership.user, membership.conversation)).or_default().push(membership);
    }
    for sighting in history.sightings() {
        report.step();
        let Some(device) = sighting.device else { continue };
        let Some(memberships) = allowed.get(&(device.user, sighting.conversation)) else {
            continue;
        };
        let seq = sighting.entry.seq;
        let inside =
            |one: &&Membership| one.from <= seq && one.until.is_none_or(|until| seq <= until);
        if !memberships.iter().any(inside) {
            report.add(Violation::NotAMember { device, conversation: sighting.conversation, seq });
        }
    }
}
