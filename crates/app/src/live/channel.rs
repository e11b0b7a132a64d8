//! What all receivers of a conversation's events share: the events themselves, and who may see them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use domain::conversation::Conversation;
use domain::event::{Event, EventBody, MemberChange, Message};
use domain::limits::WINDOW_FRAMES_MAX;
use domain::{ConversationId, Seq, UserId};
use parking_lot::RwLock;

/// A conversation with events on their way. It lives as long as its desk or any of its events in any queue, so that
/// a removed member and a deleted text are known wherever an event still waits.
#[derive(Debug)]
pub struct Channel {
    id: ConversationId,
    access: RwLock<BTreeMap<UserId, Access>>,
    recent: RwLock<Recent>,
    told: AtomicU64,
    followed_up: AtomicU64,
    admissions: AtomicU64,
}

/// Every event that still waits in some queue. What no queue holds any more is cleared away now and then, so that a
/// delete finds all and nothing grows.
#[derive(Debug, Default)]
struct Recent {
    events: Vec<Weak<LiveEvent>>,
    clear_at: usize,
}

impl Recent {
    fn push(&mut self, live: &Arc<LiveEvent>) {
        self.events.push(Arc::downgrade(live));
        if self.events.len() >= self.clear_at {
            self.events.retain(|event| event.strong_count() > 0);
            self.clear_at = WINDOW_FRAMES_MAX.max(self.events.len() * 2);
        }
    }
}

/// Which events a person may see.
#[derive(Clone, Copy, Debug)]
struct Access {
    from: Seq,
    until: Option<Seq>,
}

/// An event on its way, shared by all who receive it and encoded once.
#[derive(Debug)]
pub struct LiveEvent {
    channel: Arc<Channel>,
    seq: Seq,
    size: usize,
    content: RwLock<Content>,
}

/// What an event says now.
#[derive(Clone, Debug)]
pub struct Content {
    /// The event.
    pub event: Event,
    /// The message that it changes, as it stands now.
    pub target: Option<Event>,
    encoded: OnceLock<Bytes>,
}

impl Channel {
    pub(crate) fn new(id: ConversationId) -> Self {
        Self {
            id,
            access: RwLock::default(),
            recent: RwLock::default(),
            told: AtomicU64::new(0),
            followed_up: AtomicU64::new(0),
            admissions: AtomicU64::new(0),
        }
    }

    /// Takes over who belongs to the conversation. Whoever went keeps sight of what came before, the going included.
    /// Returns the number of this admission.
    pub(crate) fn admit(&self, conversation: &Conversation) -> u64 {
        let mut access = self.access.write();
        for (user, seen) in access.iter_mut() {
            if !conversation.members.contains_key(user)
                && seen.until.is_none()
                && !domain::planted!(RemovedStillReceives)
            {
                seen.until = Some(conversation.head);
            }
        }
        for (user, member) in &conversation.members {
            access.insert(*user, Access { from: member.visible_from, until: None });
        }
        self.admissions.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The number of the last admission.
    pub(crate) fn admissions(&self) -> u64 {
        self.admissions.load(Ordering::Relaxed)
    }

    /// Ends the sight of whoever goes with this event, unless that person has come back since.
    pub(crate) fn dismiss(&self, event: &Event, conversation: &Conversation) {
        if let EventBody::Member { user, change: MemberChange::Removed | MemberChange::Left } =
            &event.body
            && !conversation.members.contains_key(user)
        {
            self.access.write().entry(*user).and_modify(|access| access.until = Some(event.seq));
        }
    }

    /// Everybody who may see at least one event from `seq` on.
    pub(crate) fn receivers(&self, seq: Seq) -> Vec<UserId> {
        let access = self.access.read();
        access
            .iter()
            .filter(|(_, access)| access.until.is_none_or(|until| until >= seq))
            .map(|(user, _)| *user)
            .collect()
    }

    /// Whether `user` may see the event at `seq`, asked at the moment of writing.
    pub fn may_see(&self, user: UserId, seq: Seq) -> bool {
        let access = self.access.read();
        access.get(&user).is_some_and(|access| {
            access.from <= seq && access.until.is_none_or(|until| seq <= until)
        })
    }

    /// The last event that was told on this node; zero if none was since the channel exists.
    pub(crate) fn told(&self) -> Seq {
        Seq::new(self.told.load(Ordering::Relaxed))
    }

    /// The last event that this node's jobs have followed up since the channel exists; zero if they have none.
    pub(crate) fn followed_up(&self) -> Seq {
        Seq::new(self.followed_up.load(Ordering::Acquire))
    }

    /// Lists and statistics know everything up to `seq`.
    pub(super) fn set_followed_up(&self, seq: Seq) {
        self.followed_up.fetch_max(seq.number(), Ordering::AcqRel);
    }

    /// Makes an event ready to be shared. A delete empties the message, and every edit of it, wherever they wait.
    pub(crate) fn share(self: &Arc<Self>, event: Event, target: Option<Event>) -> Arc<LiveEvent> {
        if let (EventBody::Delete { .. }, Some(emptied)) = (&event.body, &target)
            && !domain::planted!(DeleteLeavesText)
        {
            self.empty(emptied);
        }
        let seq = event.seq;
        self.told.fetch_max(seq.number(), Ordering::Relaxed);
        let size = size_hint(&event, target.as_ref());
        let content = RwLock::new(Content { event, target, encoded: OnceLock::new() });
        let live = Arc::new(LiveEvent { channel: self.clone(), seq, size, content });
        self.recent.write().push(&live);
        live
    }

    fn empty(&self, emptied: &Event) {
        for live in self.recent.read().events.iter().filter_map(Weak::upgrade) {
            let mut content = live.content.write();
            if content.event.seq == emptied.seq {
                content.event = emptied.clone();
                content.encoded = OnceLock::new();
            } else if content.target.as_ref().is_some_and(|target| target.seq == emptied.seq) {
                content.target = Some(emptied.clone());
                content.encoded = OnceLock::new();
            }
        }
    }
}

impl LiveEvent {
    /// The conversation that it belongs to.
    pub fn conversation(&self) -> ConversationId {
        self.channel.id
    }

    /// Its place there.
    pub const fn seq(&self) -> Seq {
        self.seq
    }

    /// Whether `user` may see it now.
    pub fn may_be_seen_by(&self, user: UserId) -> bool {
        if domain::planted!(ReplayUnauthorised) {
            return true;
        }
        self.channel.may_see(user, self.seq)
    }

    /// The bytes that all receivers share; the first to write it encodes. Whoever may not see the message that it
    /// changes gets it without.
    pub fn encoded_for(
        &self,
        user: UserId,
        encode: impl FnOnce(ConversationId, &Event, Option<&Event>) -> Bytes,
    ) -> Bytes {
        let content = self.content.read();
        let hidden =
            content.target.as_ref().is_some_and(|target| !self.channel.may_see(user, target.seq));
        if hidden {
            return encode(self.channel.id, &content.event, None);
        }
        let encode = || encode(self.channel.id, &content.event, content.target.as_ref());
        content.encoded.get_or_init(encode).clone()
    }

    /// About how many bytes it takes on the wire, for the window. It stays what it was when the event is emptied.
    pub const fn size_hint(&self) -> usize {
        self.size
    }
}

fn size_hint(event: &Event, target: Option<&Event>) -> usize {
    /// Everything but the text.
    const FRAME_BYTES: usize = 256;

    let text = |event: &Event| match &event.body {
        EventBody::Message(Message { text: Some(text), .. }) => text.as_str().len(),
        EventBody::Message(Message { text: None, .. })
        | EventBody::Edit { .. }
        | EventBody::Delete { .. }
        | EventBody::Reaction { .. }
        | EventBody::Member { .. }
        | EventBody::Settings(_) => 0,
    };
    FRAME_BYTES + text(event) + target.map_or(0, text)
}
