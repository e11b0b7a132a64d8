//! What a stretch of a log means for the lists of its members and for statistics.

use std::borrow::Borrow;

use domain::event::{Event, EventBody, MemberChange};
use domain::time::Day;
use domain::{ConversationId, Seq, Timestamp, UserId};
use store::tables::event;
use store::{Direction, ReadError, Store};

use super::STEP_EVENTS;

/// What a stretch of a log without holes holds for those who follow it.
#[derive(Clone, Debug)]
pub(crate) struct News {
    pub(super) first: Seq,
    pub(super) last: Mark,
    /// How far people have read by what they did: who writes or comes has read so far.
    pub(super) read: Vec<(UserId, Mark)>,
    /// Who went, and with which event.
    pub(super) gone: Vec<(UserId, Mark)>,
    pub(super) days: Vec<DayNews>,
}

/// A place in a log, and what is known there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) seq: Seq,
    pub(super) messages: u64,
    pub(super) at: Timestamp,
}

/// The messages of one day.
#[derive(Clone, Debug)]
pub(super) struct DayNews {
    pub(super) day: Day,
    /// The first message.
    pub(super) first: Seq,
    /// The last one.
    pub(super) through: Seq,
    pub(super) messages: u64,
    pub(super) writers: Vec<UserId>,
}

impl News {
    /// The news of these events, which follow each other.
    pub(crate) fn of<E: Borrow<Event>>(events: impl IntoIterator<Item = E>) -> Option<Self> {
        let mut events = events.into_iter();
        let first = events.next()?;
        let first = first.borrow();
        let mut news = Self {
            first: first.seq,
            last: Mark::of(first),
            read: Vec::new(),
            gone: Vec::new(),
            days: Vec::new(),
        };
        news.take(first);
        events.for_each(|event| news.take(event.borrow()));
        Some(news)
    }

    /// The news of a log from `from` on.
    pub(super) async fn read(
        store: &Store,
        id: ConversationId,
        from: Seq,
    ) -> Result<Option<Self>, ReadError> {
        let mut news: Option<Self> = None;
        loop {
            let from = news.as_ref().map_or(from, |news| news.last.seq.next());
            let range = (from, Seq::new(u64::MAX));
            let events = event::scan(store, id, range, (Direction::Forward, STEP_EVENTS)).await?;
            match (&mut news, Self::of(&events)) {
                (_, None) => return Ok(news),
                (Some(news), Some(later)) => news.append(later),
                (None, found) => news = found,
            }
        }
    }

    /// Adds what follows.
    pub(super) fn append(&mut self, later: Self) {
        self.last = later.last;
        later.read.into_iter().for_each(|(user, mark)| self.has_read(user, mark));
        later.gone.into_iter().for_each(|gone| self.gone.push(gone));
        for later in later.days {
            match self.days.iter_mut().find(|day| day.day == later.day) {
                Some(day) => day.append(later),
                None => self.days.push(later),
            }
        }
    }

    fn take(&mut self, event: &Event) {
        let mark = Mark::of(event);
        self.last = mark;
        match event.body {
            EventBody::Message(_) => {
                self.has_read(event.sender, mark);
                self.count(event);
            }
            EventBody::Member { user, change: MemberChange::Added(_) } => {
                self.has_read(user, mark);
            }
            EventBody::Member { user, change: MemberChange::Removed | MemberChange::Left } => {
                self.gone.push((user, mark));
            }
            EventBody::Member { change: MemberChange::Role(_), .. }
            | EventBody::Edit { .. }
            | EventBody::Delete { .. }
            | EventBody::Reaction { .. }
            | EventBody::Settings(_) => {}
        }
    }

    fn has_read(&mut self, user: UserId, mark: Mark) {
        match self.read.iter_mut().find(|(reader, _)| *reader == user) {
            Some((_, read)) => *read = mark,
            None => self.read.push((user, mark)),
        }
    }

    fn count(&mut self, event: &Event) {
        let day = event.at.day();
        let one = DayNews {
            day,
            first: event.seq,
            through: event.seq,
            messages: 1,
            writers: vec![event.sender],
        };
        match self.days.iter_mut().find(|known| known.day == day) {
            Some(known) => known.append(one),
            None => self.days.push(one),
        }
    }
}

impl Mark {
    const fn of(event: &Event) -> Self {
        Self { seq: event.seq, messages: event.messages, at: event.at }
    }
}

impl DayNews {
    fn append(&mut self, later: Self) {
        self.through = later.through;
        self.messages += later.messages;
        for writer in later.writers {
            if !self.writers.contains(&writer) {
                self.writers.push(writer);
            }
        }
    }
}
