//! A device: the shipped client over the simulated network, and somebody who uses it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use checker::{ContentHash, Device as Name, Live, SendAttempt, SendOutcome};
use client::{Backoff, Dial, Outgoing, Place, Receiver, Session, SessionOptions, Update};
use domain::{ConversationId, Seq, SessionId, UserId, uuid};
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use wire::frame::{EventBody, ServerFrame};

use crate::deed::{self, BASE, Known, Letter, Signed};
use crate::dice::Dice;
use crate::record;
use crate::world::{Person, Phase, World};

mod choose;

/// Messages that a device remembers, to change them later.
const KNOWN_MAX: usize = 60;
/// Requests that a device has under way at most.
const ERRANDS_MAX: usize = 8;
/// Between two tries to sign in.
const SIGN_IN_AGAIN: Duration = Duration::from_millis(300);

/// How a device stands, for whoever waits for the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// What it has.
    pub(crate) place: Place,
    /// Messages without an answer, and requests under way.
    pub(crate) unanswered: usize,
    /// Whether it is connected and misses nothing that it knows of.
    pub(crate) current: bool,
}

/// A device and its user.
pub(crate) struct Device {
    world: Arc<World>,
    person: Person,
    number: u32,
    dice: Dice,
    node: usize,
    signed: Option<Signed>,
    /// The session that its connections are for, as the network knows it.
    label: Arc<Mutex<Option<SessionId>>>,
    session: Option<Session>,
    place: Place,
    asked: BTreeMap<String, Asked>,
    known: Vec<Known>,
    sent: Vec<Letter>,
    heads: BTreeMap<ConversationId, Seq>,
    cursors: BTreeMap<(String, String), u64>,
    numbered: u64,
    errands: JoinSet<()>,
    act_at: Instant,
    away_until: Option<Instant>,
    standing: Arc<Mutex<Standing>>,
}

/// A message that was given to the session.
#[derive(Clone, Debug)]
struct Asked {
    letter: Letter,
    invoked_ns: u64,
}

/// What woke a device.
enum Woken {
    Update(Option<Box<Update>>),
    Errand,
    Time,
    Phase,
}

impl Device {
    /// A device that is not signed in yet.
    pub(crate) fn new(world: &Arc<World>, person: &Person, number: u32) -> Self {
        let mut dice = world.dice();
        Self {
            world: world.clone(),
            person: person.clone(),
            number,
            node: usize::try_from(dice.below(world.plan.nodes as u64)).unwrap_or_default(),
            dice,
            signed: None,
            label: Arc::default(),
            session: None,
            place: Place::default(),
            asked: BTreeMap::new(),
            known: Vec::new(),
            sent: Vec::new(),
            heads: BTreeMap::new(),
            cursors: BTreeMap::new(),
            numbered: 0,
            errands: JoinSet::new(),
            act_at: Instant::now(),
            away_until: None,
            standing: Arc::default(),
        }
    }

    /// Who and which.
    pub(crate) const fn name(&self) -> Name {
        Name { user: self.person.user, number: self.number }
    }

    /// How it stands, now and later.
    pub(crate) fn standing(&self) -> Arc<Mutex<Standing>> {
        self.standing.clone()
    }

    /// Lives until the run is over.
    pub(crate) async fn run(mut self) {
        loop {
            let now = self.world.phase();
            if now == Phase::Over {
                return self.end().await;
            }
            if now == Phase::Finish {
                self.away_until = None;
            }
            if self.away_until.is_none() && (self.session.is_none() || self.signed.is_none()) {
                self.come().await;
                continue;
            }
            self.report();
            let wake_at = self.away_until.unwrap_or(self.act_at);
            let woken = {
                let session = self.session.as_mut();
                let update = async {
                    match session {
                        Some(session) => session.next().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    () = self.world.phase_after(now) => Woken::Phase,
                    update = update => Woken::Update(update.map(Box::new)),
                    Some(_) = self.errands.join_next() => Woken::Errand,
                    () = sleep_until(wake_at), if now == Phase::Life => Woken::Time,
                }
            };
            match woken {
                Woken::Update(Some(update)) => self.saw(*update),
                Woken::Update(None) => self.signed = None,
                Woken::Time if self.away_until.take().is_some() => self.note("is back"),
                Woken::Time => self.act(),
                Woken::Errand | Woken::Phase => {}
            }
        }
    }

    fn note(&self, what: &str) {
        self.world.trace.note(&format!("{}#{} {what}", self.person.user, self.number));
    }

    fn report(&self) {
        if let Some(session) = &self.session {
            *self.standing.lock() = Standing {
                place: session.place(),
                unanswered: session.unsent() + self.errands.len(),
                current: session.is_current(),
            };
        }
    }

    /// Signs in if need be, and connects.
    async fn come(&mut self) {
        let signed = match self.signed.clone() {
            Some(signed) => signed,
            None => {
                let node = self.some_node();
                match deed::sign_in(&self.world, &self.person, node).await {
                    Some(signed) => signed,
                    None => return tokio::time::sleep(SIGN_IN_AGAIN).await,
                }
            }
        };
        *self.label.lock() = Some(signed.session);
        self.note(&format!("is signed in with {}", signed.session));
        let token = signed.token.clone();
        self.signed = Some(signed);
        match &mut self.session {
            Some(session) => session.set_token(&token),
            None => self.session = Some(self.open(&token)),
        }
    }

    fn open(&mut self, token: &str) -> Session {
        let (world, label) = (self.world.clone(), self.label.clone());
        let (nodes, home) = (self.world.plan.nodes, self.node);
        let dice = Mutex::new(self.dice.fork());
        let dial = Dial::new(move || {
            let roams = dice.lock().chance(300);
            let node = if roams { dice.lock().below(nodes as u64) } else { home as u64 };
            let node = usize::try_from(node).unwrap_or_default();
            let node = if world.node(node).is_some() { node } else { (node + 1) % nodes };
            let end = world.connect(node, *label.lock());
            async move { end }
        });
        let backoff = Backoff::new(self.dice.roll())
            .between(Duration::from_millis(50), Duration::from_millis(1_500));
        Session::new(SessionOptions {
            place: self.place.clone(),
            backoff,
            dial: Some(dial),
            ..SessionOptions::new(BASE, token)
        })
    }

    fn some_node(&mut self) -> usize {
        let nodes = self.world.plan.nodes as u64;
        usize::try_from(self.dice.below(nodes)).unwrap_or_default()
    }

    /// Drops the connection and everything in memory but its place: everything up to there was shown. What it had not
    /// sent is of unknown fate.
    fn kill(&mut self) -> Vec<Letter> {
        if let Some(session) = self.session.take() {
            self.place = session.place();
        }
        let asked = std::mem::take(&mut self.asked);
        for asked in asked.values() {
            self.attempted(asked, SendOutcome::Unknown, 1);
        }
        asked.into_values().map(|asked| asked.letter).collect()
    }

    fn saw(&mut self, update: Update) {
        match update {
            Update::Event { conversation, seq, event } => self.event(conversation, seq, &event),
            Update::Acked { message, ack, attempts } => {
                let completed_ns = deed::now_ns(&self.world);
                let (seq, duplicate) = (Seq::new(ack.seq), ack.dup);
                let id = message.client_message_id.text();
                self.note(&format!(
                    "acked {id} at {seq} of {} dup {duplicate}",
                    ack.conversation_id
                ));
                let outcome = SendOutcome::Acked { seq, duplicate, completed_ns };
                if let Some(asked) = self.asked.remove(&*id) {
                    self.attempted(&asked, outcome, attempts);
                    self.sent.push(asked.letter);
                }
            }
            Update::Refused { message, problem, attempts } => {
                let id = message.client_message_id.text();
                self.note(&format!("refused {id}: {problem}"));
                if let Some(asked) = self.asked.remove(&*id) {
                    self.attempted(&asked, SendOutcome::Refused, attempts);
                }
            }
            Update::Gap { conversation, first, last } => {
                self.note(&format!("may not see {first} to {last} of {conversation}"));
                self.heads.insert(conversation, last);
            }
            Update::Notice(ServerFrame::Cursor(cursor)) => {
                let read = cursor.read_seq.unwrap_or_default();
                let key = (cursor.conversation_id, cursor.user_id);
                self.cursor(&key, read);
            }
            Update::Connected(resumed) => self.note(&format!("connected {resumed:?}")),
            Update::Disconnected => {
                self.cursors.clear();
                self.note("disconnected");
            }
            Update::Gone(conversation) => self.note(&format!("gone: {conversation}")),
            Update::SignedOut(_) => {
                self.note("signed out");
                self.signed = None;
            }
            Update::Notice(_) | Update::MoreChanged => {}
        }
    }

    /// I13: a read position that is told never goes back.
    fn cursor(&mut self, key: &(String, String), read: u64) {
        let known = self.cursors.entry(key.clone()).or_default();
        if read < *known {
            let told = format!(
                "I13: {} was told that {} has read {} up to {read}, after {known}",
                self.person.user, key.1, key.0
            );
            self.world.record.lock().violation(told);
        }
        *known = read.max(*known);
    }

    fn event(&mut self, conversation: ConversationId, seq: Seq, event: &EventBody) {
        let observed_ns = deed::now_ns(&self.world);
        let kind = match event {
            EventBody::Message(message) => {
                format!("message {:?}", message.text.as_deref().map(short))
            }
            EventBody::Edit(edit) => format!("edit {:?}", edit.text.as_deref().map(short)),
            other @ (EventBody::Delete(_)
            | EventBody::Reaction(_)
            | EventBody::Member(_)
            | EventBody::Settings(_)
            | EventBody::Unknown) => format!("{other:?}"),
        };
        self.note(&format!("saw {seq} of {conversation}: {kind}"));
        self.heads.insert(conversation, seq);
        let mut record = self.world.record.lock();
        record.seen.entry((self.person.user, conversation)).or_default().push((seq, observed_ns));
        record.history.live.push(Live {
            device: Name { user: self.person.user, number: self.number },
            conversation,
            entry: record::entry(seq.number(), event),
            observed_ns,
        });
        drop(record);
        if let EventBody::Message(message) = event
            && let Some(text) = &message.text
        {
            if self.known.len() >= KNOWN_MAX {
                self.known.remove(0);
            }
            self.known.push(Known {
                conversation,
                seq,
                id: message.message_id.clone(),
                text: text.clone(),
                sender: message.sender_id.clone(),
            });
        }
    }

    /// Every try before the last had no answer.
    fn attempted(&self, asked: &Asked, outcome: SendOutcome, attempts: u32) {
        let mut record = self.world.record.lock();
        for attempt in 1..=attempts.max(1) {
            let Ok(client_message_id) = asked.letter.id.parse() else { return };
            record.history.sends.push(SendAttempt {
                device: self.name(),
                conversation: asked.letter.conversation,
                client_message_id,
                content: ContentHash::of(&asked.letter.text),
                invoked_ns: asked.invoked_ns,
                outcome: if attempt == attempts { outcome } else { SendOutcome::Unknown },
            });
        }
    }

    /// A new message to somebody or to a group.
    fn compose(&mut self) -> Option<Letter> {
        let (conversation, receiver) = self.somewhere()?;
        let id = self.next_id();
        let canary = self.world.record.lock().canary();
        let count = 1 + self.dice.below(self.world.plan.words_max);
        let words = "word ".repeat(usize::try_from(count / 5 + 1).unwrap_or(1));
        let text = record::text_of(&id, canary, words.trim_end());
        Some(Letter { device: self.number, conversation, receiver, id, text, only: true })
    }

    /// Half of the devices have ids that grow with the time, as most clients do.
    fn next_id(&mut self) -> String {
        self.numbered += 1;
        let (device, number) = (self.number, self.numbered);
        if device.is_multiple_of(2) {
            return format!("{device}-{number}");
        }
        let at_ms = self.world.trace.now_ns() / 1_000_000;
        let mut rest = [0; 10];
        rest[..4].copy_from_slice(&device.to_be_bytes());
        rest[4..].copy_from_slice(&number.to_be_bytes()[2..]);
        uuid::text(uuid::version_7(at_ms, rest))
    }

    fn somewhere(&mut self) -> Option<(ConversationId, Option<UserId>)> {
        let groups = self.world.groups.lock().clone();
        if self.dice.chance(600) && !groups.is_empty() {
            return self.dice.choose(&groups).map(|group| (*group, None));
        }
        let peer = self.somebody()?;
        Some((ConversationId::direct(self.person.user, peer), Some(peer)))
    }

    fn somebody(&mut self) -> Option<UserId> {
        let world = self.world.clone();
        let others: Vec<UserId> =
            world.people.iter().map(|p| p.user).filter(|user| *user != self.person.user).collect();
        self.dice.choose(&others).copied()
    }

    /// Sends over the socket.
    fn send(&mut self) {
        let Some(letter) = self.compose() else { return };
        let Some(session) = &mut self.session else { return };
        let Ok(client_message_id) = letter.id.parse() else { return };
        let receiver =
            letter.receiver.map_or(Receiver::Conversation(letter.conversation), Receiver::User);
        let text = letter.text.clone();
        let message = Outgoing { client_message_id, receiver, text, reply_to: None };
        let invoked_ns = deed::now_ns(&self.world);
        if session.send(message).is_ok() {
            self.note(&format!("sends {} to {}", letter.id, letter.conversation));
            self.asked.insert(letter.id.clone(), Asked { letter, invoked_ns });
        }
    }

    /// Shows what was taken in and not shown yet.
    async fn end(mut self) {
        loop {
            let next = match &mut self.session {
                Some(session) => timeout(Duration::ZERO, session.next()).await.ok().flatten(),
                None => None,
            };
            match next {
                Some(update) => self.saw(update),
                None => break,
            }
        }
        let lost = self.kill();
        if !lost.is_empty() {
            let told = format!("I8: {:?} never got an answer to {}", self.name(), lost.len());
            self.world.record.lock().violation(told);
        }
    }
}

/// The beginning of a text.
fn short(text: &str) -> String {
    text.chars().take(16).collect()
}
