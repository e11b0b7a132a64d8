//! One history: what is done at random, and what is checked whenever somebody reads.

use std::collections::BTreeMap;

use app::group::{self, NewGroup};
use app::live::outbox::End;
use app::live::{Item, Joined, LiveEvent};
use app::message::{self, Destination, NewMessage, Position};
use app::session::{self, Actor};
use app::{conversation, reaction};
use bytes::Bytes;
use domain::conversation::Settings;
use domain::event::{ReactionChange, SettingsChange};
use domain::member::{HistoryPolicy, Role};
use domain::text::{Emoji, Name, Text};
use domain::{ConversationId, MessageId, Seq, SessionId, UserId};
use server::render;

use crate::histories::Dice;
use crate::histories::cast::{Cast, PEOPLE};
use crate::histories::model::Model;

/// What every text begins with.
const MARK: &str = "text";

/// A device that is connected, or was.
struct Device {
    user: UserId,
    session: SessionId,
    joined: Joined,
    connected: bool,
    /// The last event that was read.
    n: u64,
}

/// One group, its people and their devices.
pub(crate) struct Stage<'a> {
    cast: &'a mut Cast,
    seed: u64,
    dice: Dice,
    group: ConversationId,
    model: Model,
    devices: Vec<Device>,
    /// Which message a text belongs to.
    texts: BTreeMap<String, Seq>,
    words: u64,
    events: u64,
    done: Vec<String>,
}

impl<'a> Stage<'a> {
    /// A new group of some of the people, with whatever policy.
    pub(crate) async fn open(cast: &'a mut Cast, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let participants: Vec<UserId> =
            (1..PEOPLE).filter(|_| dice.below(2) == 0).map(|number| cast.user(number)).collect();
        let history = policy(&mut dice);
        let founded = Seq::new(participants.len() as u64 + 2);
        let settings =
            Settings { name: Name::parse("Group").expect("a name"), picture: None, history };
        let new = NewGroup { settings, participants, idempotency_key: None };
        let group = group::create(&cast.app, &cast.player(0).actor, new).await;
        let group = group.expect("nobody has blocked anybody");
        let model = Model::new(group, founded);
        let mut stage = Self {
            cast,
            seed,
            dice,
            group,
            model,
            devices: Vec::new(),
            texts: BTreeMap::new(),
            words: 0,
            events: 0,
            done: Vec::new(),
        };
        stage.model.follow(&stage.cast.app).await;
        for number in 0..PEOPLE {
            stage.connect(stage.cast.player(number).actor);
        }
        stage
    }

    /// Everybody reads what is left, and everything is as in the beginning for the next history. Gives the number of
    /// events that were read.
    pub(crate) async fn close(mut self) -> u64 {
        self.read_all();
        for device in std::mem::take(&mut self.devices) {
            self.cast.app.hub().leave(&device.joined, self.cast.app.now());
        }
        self.cast.rest().await;
        self.events
    }

    /// Something happens.
    pub(crate) async fn step(&mut self) {
        let (one, other) = (self.dice.below(PEOPLE), self.dice.below(PEOPLE));
        let what = self.dice.below(100);
        self.done.push(format!("{what} {one} {other}"));
        self.cast.pass_ms(1);
        let actor = self.cast.player(one).actor;
        match what {
            0..12 if !self.cast.player(one).disabled => self.connect(actor),
            12..17 => self.disconnect(),
            17..24 => self.resume(),
            24..40 => self.read_one(),
            40..43 if !self.cast.player(one).disabled => self.cast.revoke(one).await,
            43..45 if one != 0 => self.cast.toggle_access(one).await,
            45..49 if one != other => self.cast.toggle_block(one, other).await,
            49..55 => self.whisper(actor).await,
            55..60 => self.ask(actor).await,
            _ if !self.cast.player(one).disabled => self.act(actor, self.cast.user(other)).await,
            _ => {}
        }
        self.model.follow(&self.cast.app).await;
    }

    fn connect(&mut self, actor: Actor) {
        let (user, session) = (actor.user, actor.session);
        let joined = self.cast.app.hub().join((user, session), self.cast.app.env());
        self.devices.push(Device { user, session, joined, connected: true, n: 0 });
    }

    fn disconnect(&mut self) {
        let now = self.cast.app.now();
        if let Some(index) = self.any_device(Device::is_connected)
            && let Some(device) = self.devices.get_mut(index)
        {
            self.cast.app.hub().leave(&device.joined, now);
            device.connected = false;
        }
    }

    /// A device takes up its place again, which a dead session must not be able to.
    fn resume(&mut self) {
        let Some(index) = self.any_device(|device| !device.connected) else { return };
        let alive = self.alive(index);
        let Some(device) = self.devices.get_mut(index) else { return };
        let place = (device.joined.outbox.ticket(), device.n);
        let resumed = self.cast.app.hub().resume((device.user, device.session), place);
        if let Some(joined) = resumed {
            (device.joined, device.connected) = (joined, true);
            let user = device.user;
            self.must(alive, || format!("{user} resumed a session that is over"));
        }
    }

    fn any_device(&mut self, which: impl Fn(&Device) -> bool) -> Option<usize> {
        let fitting: Vec<usize> = self
            .devices
            .iter()
            .enumerate()
            .filter(|(_, device)| which(device))
            .map(|(index, _)| index)
            .collect();
        let index = if fitting.is_empty() { 0 } else { self.dice.below(fitting.len()) };
        fitting.get(index).copied()
    }

    /// Whether the session of a device is the one that its user has now.
    fn alive(&self, index: usize) -> bool {
        self.devices.get(index).is_some_and(|device| {
            self.cast.players.iter().any(|player| {
                player.actor.user == device.user
                    && player.actor.session == device.session
                    && !player.disabled
            })
        })
    }

    fn read_one(&mut self) {
        if let Some(index) = self.any_device(Device::is_connected) {
            self.read(index);
        }
    }

    fn read_all(&mut self) {
        for index in 0..self.devices.len() {
            if self.devices.get(index).is_some_and(Device::is_connected) {
                self.read(index);
            }
        }
    }

    /// A device takes what waits for it.
    fn read(&mut self, index: usize) {
        let alive = self.alive(index);
        let Some(device) = self.devices.get(index) else { return };
        let (user, outbox) = (device.user, device.joined.outbox.clone());
        let items = match outbox.take(device.joined.attachment) {
            Ok(items) => items,
            Err(End::Revoked | End::Replaced) => {
                if let Some(device) = self.devices.get_mut(index) {
                    device.connected = false;
                }
                return;
            }
            Err(end @ (End::Drained | End::Slow)) => panic!("{end:?}"),
        };
        self.must(alive, || format!("{user} was read to in a session that is over: {items:?}"));
        for item in items {
            self.check(user, &item);
            if let (Item::Event(n, _), Some(device)) = (&item, self.devices.get_mut(index)) {
                device.n = *n;
                self.events += 1;
            }
        }
    }

    fn check(&self, user: UserId, item: &Item) {
        match item {
            Item::Event(_, event) => self.check_event(user, event),
            Item::Dirty(conversations) => {
                for (conversation, _) in conversations {
                    let knows = *conversation != self.group || self.model.was_member(user);
                    self.must(knows, || format!("{user} was told of a group that is hidden"));
                }
            }
            Item::Receipt { conversation, .. } | Item::Typing { conversation, .. } => {
                let knows = *conversation != self.group || self.model.was_member(user);
                self.must(knows, || format!("{user} was told {item:?} of a group that is hidden"));
            }
            Item::Answer(..) | Item::Presence { .. } | Item::Preferences(_) | Item::Drain(_) => {}
        }
    }

    /// The event must be visible now, and so must every message whose text it tells.
    fn check_event(&self, user: UserId, event: &LiveEvent) {
        let seq = event.seq();
        if event.conversation() != self.group {
            return;
        }
        self.must(self.model.may_see(user, seq), || format!("{user} was told the event {seq:?}"));
        let written = event.encoded_for(user, |conversation, event, target| {
            let body = render::event_body(conversation, event, target);
            Bytes::from(serde_json::to_vec(&body).expect("plain data"))
        });
        let written = String::from_utf8(written.to_vec()).expect("JSON is UTF-8");
        for word in written.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            if let Some(message) = self.texts.get(word) {
                self.must(self.model.may_read(user, *message), || {
                    format!("{user} was told the text of {message:?} with the event {seq:?}")
                });
            }
        }
    }

    /// Somebody is writing, or has read: only members hear it, unless one has blocked the other.
    async fn whisper(&mut self, actor: Actor) {
        self.read_all();
        let typing = self.dice.below(2) == 0;
        let app = self.cast.app.clone();
        let done = if typing {
            message::typing(&app, actor.user, self.group).await
        } else {
            let seq = Seq::new(self.dice.below(40) as u64);
            conversation::read(&app, actor.user, self.group, seq).await.map(drop)
        };
        let member = self.model.is_member(actor.user);
        self.must(done.is_ok() == member, || format!("{} whispered: {done:?}", actor.user));
        for index in 0..self.devices.len() {
            let Some(device) = self.devices.get(index).filter(|device| device.connected) else {
                continue;
            };
            let user = device.user;
            for item in device.joined.outbox.take(device.joined.attachment).unwrap_or_default() {
                let hears = self.model.is_member(user) && !self.cast.blocked(user, actor.user);
                let (Item::Receipt { .. } | Item::Typing { .. }) = &item else {
                    self.check(user, &item);
                    continue;
                };
                self.must(member && hears, || format!("{user} was told {item:?}"));
            }
        }
    }

    /// Somebody asks for all that there is.
    async fn ask(&mut self, actor: Actor) {
        let (app, group, user) = (self.cast.app.clone(), self.group, actor.user);
        let member = self.model.is_member(user);
        let page = message::page(&app, user, group, (Seq::ZERO, 200)).await;
        self.must(page.is_ok() == member, || format!("{user} asked for a page"));
        for (event, target) in page.into_iter().flat_map(|page| page.events) {
            let visible = self.model.may_see(user, event.seq);
            let target = target.map(|target| target.seq);
            let fits = target.is_none_or(|target| self.model.may_see(user, target));
            self.must(visible && fits, || format!("{user} read the event {:?}", event.seq));
        }
        let place = Destination::Conversation(group);
        let history = message::history(&app, &actor, place, (Position::Newest, 200)).await;
        self.must(history.is_ok() == member, || format!("{user} asked for the history"));
        for event in history.into_iter().flatten() {
            self.must(self.model.may_see(user, event.seq), || {
                format!("{user} read {:?}", event.seq)
            });
        }
        let over = session::still_valid(&app, user, actor.session).await.is_err();
        let disabled =
            self.cast.players.iter().any(|player| player.actor.user == user && player.disabled);
        self.must(over == disabled, || format!("the session of {user}"));
    }

    /// A change that is asked for, whether it is allowed or not.
    async fn act(&mut self, actor: Actor, other: UserId) {
        let (app, group) = (self.cast.app.clone(), self.group);
        let what = self.dice.below(16);
        let refused = match what {
            0..5 => return self.write(actor).await,
            5..9 => return self.rewrite(actor, what).await,
            9..12 => group::add(&app, &actor, group, other).await.err(),
            12 if self.dice.below(2) == 0 => return self.at_once(actor, other).await,
            12 => group::remove(&app, &actor, group, other).await.err(),
            13 => group::remove(&app, &actor, group, actor.user).await.err(),
            14 => {
                let role = if self.dice.below(2) == 0 { Role::Admin } else { Role::Owner };
                group::set_role(&app, &actor, group, (other, role)).await.err()
            }
            _ => {
                let history = Some(policy(&mut self.dice));
                let change = SettingsChange { history, ..SettingsChange::default() };
                group::configure(&app, &actor, group, change).await.err()
            }
        };
        let hidden = refused.is_some() || self.model.is_member(actor.user);
        self.must(hidden, || format!("{} changed a group without being a member", actor.user));
    }

    async fn write(&mut self, actor: Actor) {
        let word = self.word();
        let message = NewMessage { text: text(&word), reply_to: None, client_message_id: None };
        let place = Destination::Conversation(self.group);
        let sent = message::send(&self.cast.app, &actor, place, message).await;
        let member = self.model.is_member(actor.user);
        self.must(sent.is_ok() == member, || format!("{} wrote: {sent:?}", actor.user));
        if let Ok(sent) = sent {
            self.texts.insert(word, sent.seq);
        }
    }

    /// A message is edited, deleted or reacted to.
    async fn rewrite(&mut self, actor: Actor, what: usize) {
        let count = self.model.messages.len();
        if count == 0 {
            return;
        }
        let seq = self.model.messages.get(self.dice.below(count)).copied().unwrap_or_default();
        let id = MessageId { conversation: self.group, seq };
        let app = self.cast.app.clone();
        let done = match what {
            5 | 6 => {
                let word = self.word();
                self.texts.insert(word.clone(), seq);
                message::edit(&app, &actor, id, text(&word)).await
            }
            7 => message::delete(&app, &actor, id).await,
            _ => {
                let emoji = Emoji::parse("👍").expect("an emoji");
                reaction::change(&app, &actor, id, (emoji, ReactionChange::Added)).await
            }
        };
        let may = self.model.is_member(actor.user) && self.model.may_see(actor.user, seq);
        self.must(done.is_err() || may, || format!("{} changed {seq:?}", actor.user));
    }

    /// Two messages and a removal at the same time: one commit, of which the removed may see only the beginning.
    async fn at_once(&mut self, actor: Actor, other: UserId) {
        let (app, group) = (self.cast.app.clone(), self.group);
        let words = [self.word(), self.word()];
        let write = |word: &str| {
            let message = NewMessage { text: text(word), reply_to: None, client_message_id: None };
            message::send(&app, &actor, Destination::Conversation(group), message)
        };
        let [first, last] = &words;
        let (first, _, last) =
            tokio::join!(write(first), group::remove(&app, &actor, group, other), write(last));
        for (word, sent) in words.into_iter().zip([first, last]) {
            self.texts.extend(sent.ok().map(|sent| (word, sent.seq)));
        }
    }

    fn word(&mut self) -> String {
        self.words += 1;
        format!("{MARK}{}", self.words)
    }

    /// Fails with the way here.
    fn must(&self, holds: bool, what: impl FnOnce() -> String) {
        assert!(holds, "seed {}: {}\nsteps: {}", self.seed, what(), self.done.join(", "));
    }
}

impl Device {
    const fn is_connected(&self) -> bool {
        self.connected
    }
}

fn policy(dice: &mut Dice) -> HistoryPolicy {
    if dice.below(2) == 0 { HistoryPolicy::All } else { HistoryPolicy::FromJoin }
}

fn text(word: &str) -> Text {
    Text::parse(word).expect("a text")
}
