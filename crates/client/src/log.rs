//! What a client has of one conversation: everything up to a place, and a few events behind a gap.

use std::collections::BTreeMap;

use domain::Seq;
use tokio::time::Instant;
use wire::frame::{EventBody, PageFrame};

/// Events behind a gap that are kept until it is closed; more are pulled again.
const HELD_MAX: usize = 64;

/// One conversation.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The last place up to which everything is here.
    have: Seq,
    /// The furthest place that anybody spoke of.
    known: Seq,
    held: BTreeMap<Seq, EventBody>,
    pull: Pull,
}

/// Whether the server has been asked for what is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pull {
    /// It was not.
    #[default]
    Idle,
    /// It was, and has not answered.
    Asked,
    /// It asked to wait.
    Wait(Instant),
}

/// What became of an event or a page: what can be shown now, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// The places that this reader does not get, first and last.
    pub(crate) gap: Option<(Seq, Seq)>,
    /// The events that follow each other now.
    pub(crate) ready: Vec<(Seq, EventBody)>,
}

impl Log {
    pub(crate) fn after(have: Seq) -> Self {
        Self { have, known: have, ..Self::default() }
    }

    pub(crate) const fn have(&self) -> Seq {
        self.have
    }

    /// Whether something is missing.
    pub(crate) fn lags(&self) -> bool {
        self.have < self.known
    }

    /// Whether to ask for what is missing now.
    pub(crate) fn wants_pull(&self, now: Instant) -> bool {
        let may_ask = match self.pull {
            Pull::Idle => true,
            Pull::Asked => false,
            Pull::Wait(until) => until <= now,
        };
        self.lags() && may_ask
    }

    pub(crate) const fn pull(&self) -> Pull {
        self.pull
    }

    pub(crate) const fn set_pull(&mut self, pull: Pull) {
        self.pull = pull;
    }

    /// The conversation is known to reach this place.
    pub(crate) fn reaches(&mut self, seq: Seq) {
        self.known = self.known.max(seq);
    }

    /// The reader gets nothing more from it.
    pub(crate) fn close(&mut self) {
        self.known = self.have;
        self.held.clear();
        self.pull = Pull::Idle;
    }

    /// Takes an event as it arrives.
    pub(crate) fn event(&mut self, seq: Seq, event: EventBody) -> Step {
        self.reaches(seq);
        let mut step = Step::default();
        if seq == self.have.next() {
            self.show(seq, event, &mut step);
            self.show_held(&mut step);
        } else if seq > self.have && self.held.len() < HELD_MAX {
            self.held.insert(seq, event);
        }
        step
    }

    /// Takes the answer to a pull.
    pub(crate) fn page(&mut self, page: PageFrame) -> Step {
        self.pull = Pull::Idle;
        self.reaches(Seq::new(page.head));
        let mut step = Step::default();
        let first = page.events.first().map(|first| Seq::new(first.seq));
        let visible = page.truncated_before.map(Seq::new).or(first);
        if let Some(visible) = visible.filter(|visible| *visible > self.have.next()) {
            step.gap = Some((self.have.next(), visible.previous()));
            self.have = visible.previous();
            self.reaches(self.have);
        }
        for logged in page.events {
            let seq = Seq::new(logged.seq);
            if seq == self.have.next() {
                self.show(seq, logged.event, &mut step);
            }
        }
        if !page.more && self.have < Seq::new(page.head) && step.ready.is_empty() {
            // The server has no more for this reader; asking again would give the same.
            self.known = self.have;
        }
        self.held.retain(|seq, _| *seq > self.have);
        self.show_held(&mut step);
        step
    }

    fn show(&mut self, seq: Seq, event: EventBody, step: &mut Step) {
        self.have = seq;
        step.ready.push((seq, event));
    }

    fn show_held(&mut self, step: &mut Step) {
        while let Some(event) = self.held.remove(&self.have.next()) {
            self.show(self.have.next(), event, step);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::frame::LoggedEvent;

    use super::*;

    fn page(seqs: std::ops::RangeInclusive<u64>, head: u64) -> PageFrame {
        PageFrame {
            conversation_id: "g1".to_owned(),
            more: *seqs.end() < head,
            events: seqs.map(|seq| LoggedEvent { seq, event: EventBody::Unknown }).collect(),
            head,
            truncated_before: None,
        }
    }

    fn shown(step: &Step) -> Vec<u64> {
        step.ready.iter().map(|(seq, _)| seq.number()).collect()
    }

    #[test]
    fn events_in_order_are_shown_as_they_come_and_repeats_are_not() {
        let mut log = Log::default();
        assert_eq!(shown(&log.event(Seq::new(1), EventBody::Unknown)), [1]);
        assert_eq!(shown(&log.event(Seq::new(1), EventBody::Unknown)), [0; 0]);
        assert_eq!(shown(&log.event(Seq::new(2), EventBody::Unknown)), [2]);
        assert!(!log.lags());
    }

    #[test]
    fn what_stands_behind_a_gap_waits_for_the_page_that_closes_it() {
        let mut log = Log::default();
        for seq in [4, 3] {
            assert_eq!(shown(&log.event(Seq::new(seq), EventBody::Unknown)), [0; 0]);
        }
        assert!(log.lags());
        assert_eq!(shown(&log.page(page(1..=2, 4))), [1, 2, 3, 4]);
        assert!(!log.lags());
    }

    #[test]
    fn what_a_reader_may_not_see_is_a_gap_and_said_so() {
        let mut log = Log::default();
        log.reaches(Seq::new(9));
        let step = log.page(PageFrame { truncated_before: Some(8), ..page(8..=9, 9) });
        assert_eq!((step.gap, shown(&step)), (Some((Seq::new(1), Seq::new(7))), vec![8, 9]));
    }

    #[test]
    fn a_page_that_ends_before_the_head_is_not_asked_for_again() {
        let mut log = Log::default();
        log.reaches(Seq::new(3));
        let step = log.page(PageFrame { events: Vec::new(), ..page(1..=3, 3) });
        assert_eq!((shown(&step).is_empty(), log.lags()), (true, false));
    }

    proptest! {
        #[test]
        fn whatever_arrives_live_pages_make_it_complete_and_in_order(arrivals in proptest::collection::vec(1..300_u64, 0..400)) {
            let mut log = Log::default();
            let mut all = Vec::new();
            for seq in &arrivals {
                all.extend(shown(&log.event(Seq::new(*seq), EventBody::Unknown)));
            }
            let head = arrivals.iter().max().copied().unwrap_or_default();
            while log.lags() {
                let after = log.have().number();
                all.extend(shown(&log.page(page(after + 1..=head.min(after + 20), head))));
            }
            prop_assert_eq!(all, (1..=head).collect::<Vec<_>>());
        }
    }
}
