//! A deployment in one process, and the words in which the tests speak about it.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use app::account::NewAccount;
use app::live::{Item, Joined, Sent};
use app::message::{Destination, NewMessage, Position};
use app::session::{Actor, Login};
use app::{App, Env, Failure, Settings, account, message, session};
use bus::Bus;
use domain::event::{Event, EventBody};
use domain::text::{DeviceName, Email, Name, Password, Text, Username};
use domain::{ConversationId, Receipt, Timestamp, UserId};
use store::Store;
use store::backend::Memory;

/// 2026-01-01 12:00 UTC.
const START_MS: u64 = 1_767_268_800_000;

pub(crate) const HOUR_MS: u64 = 3_600_000;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) memory: Memory,
    clock: Arc<AtomicU64>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::over(Memory::new(), START_MS).await
    }

    /// A node that is set up in its own way.
    pub(crate) async fn with(settings: Settings) -> Self {
        Self::start(Memory::new(), START_MS, settings).await
    }

    /// A node over a store that may hold what an earlier node left.
    pub(crate) async fn over(memory: Memory, start_ms: u64) -> Self {
        Self::start(memory, start_ms, Settings::default()).await
    }

    async fn start(memory: Memory, start_ms: u64, settings: Settings) -> Self {
        let (env, clock) = Env::manual(start_ms, Timestamp::from_ms(start_ms));
        let store = Store::Memory(memory.clone());
        let app = App::start(store, Bus::local(), env, settings).await.expect("a node starts");
        Self { app, memory, clock }
    }

    /// Waits until all jobs have run.
    pub(crate) async fn settle(&self) {
        assert_eq!(self.app.settle(10_000).await, app::Settled::Yes);
    }

    pub(crate) fn pass_ms(&self, ms: u64) {
        self.clock.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) async fn register(&self, name: &str) -> Result<UserId, Failure> {
        account::register(&self.app, new_account(name), None).await
    }

    /// Registers and signs in.
    pub(crate) async fn person(&self, name: &str) -> Actor {
        self.register(name).await.expect("a new name");
        self.sign_in(name).await
    }

    pub(crate) async fn sign_in(&self, name: &str) -> Actor {
        let tokens = self.tokens(name).await.expect("the right password");
        session::authenticate(&self.app, &tokens.access).await.expect("a fresh token")
    }

    pub(crate) async fn tokens(&self, name: &str) -> Result<session::Tokens, Failure> {
        let login = Login::Username(Username::parse(name).unwrap());
        session::login(&self.app, &login, Password::parse_attempt(PASSWORD), DeviceName::unnamed())
            .await
    }

    pub(crate) async fn say(
        &self,
        from: &Actor,
        to: Destination,
        words: &str,
    ) -> Result<Sent, Failure> {
        message::send(&self.app, from, to, words_of(words)).await
    }

    /// The texts of a conversation, newest page.
    pub(crate) async fn texts(
        &self,
        reader: &Actor,
        at: Destination,
    ) -> Result<Vec<String>, Failure> {
        let page = message::history(&self.app, reader, at, (Position::Newest, 200)).await?;
        Ok(page.iter().map(text_of).collect())
    }

    pub(crate) fn connect(&self, actor: &Actor) -> Joined {
        self.app.hub().join((actor.user, actor.session), self.app.env())
    }
}

pub(crate) fn new_account(name: &str) -> NewAccount {
    NewAccount {
        email: Email::parse(&format!("{name}@example.org")).unwrap(),
        username: Some(Username::parse(name).unwrap()),
        name: Name::parse(name).unwrap(),
        password: Password::parse_new(PASSWORD).unwrap(),
    }
}

pub(crate) fn words_of(words: &str) -> NewMessage {
    NewMessage { text: Text::parse(words).unwrap(), reply_to: None, client_message_id: None }
}

pub(crate) fn with_id(words: &str, id: &str) -> NewMessage {
    NewMessage { client_message_id: Some(id.parse().unwrap()), ..words_of(words) }
}

pub(crate) const fn to(actor: &Actor) -> Destination {
    Destination::User(actor.user)
}

pub(crate) const fn into(id: ConversationId) -> Destination {
    Destination::Conversation(id)
}

/// The text of a message, `-` once it is deleted, the kind of anything else in brackets.
pub(crate) fn text_of(event: &Event) -> String {
    match &event.body {
        EventBody::Message(message) => {
            message.text.as_ref().map_or("-", |text| text.as_str()).to_owned()
        }
        EventBody::Edit { .. } => "[edit]".to_owned(),
        EventBody::Delete { .. } => "[delete]".to_owned(),
        EventBody::Reaction { .. } => "[reaction]".to_owned(),
        EventBody::Member { .. } => "[member]".to_owned(),
        EventBody::Settings(_) => "[settings]".to_owned(),
    }
}

/// What a socket writes next, as short words: events as `n:text`, answers as `ack:seq`, and so on.
pub(crate) fn written(joined: &Joined) -> Vec<String> {
    joined
        .outbox
        .take(joined.attachment)
        .expect("the socket goes on")
        .iter()
        .map(|item| word(joined.outbox.user, item))
        .collect()
}

fn word(viewer: UserId, item: &Item) -> String {
    match item {
        Item::Event(n, live) => {
            let mut text = String::new();
            live.encoded_for(viewer, |_, event, target| {
                text = target
                    .filter(|_| matches!(event.body, EventBody::Edit { .. }))
                    .map_or_else(|| text_of(event), |t| format!("[edit {}]", text_of(t)));
                bytes::Bytes::from(text.clone())
            });
            let shared = live.encoded_for(viewer, |_, _, _| bytes::Bytes::from(text));
            format!("{n}:{}", String::from_utf8_lossy(&shared))
        }
        Item::Answer(id, Ok(sent)) => {
            let kind = if sent.duplicate { "dup" } else { "ack" };
            format!("{kind}:{id}:{}", sent.seq)
        }
        Item::Answer(id, Err(_)) => format!("nack:{id}"),
        Item::Receipt { receipt: Receipt::Read, seq, .. } => format!("read:{seq}"),
        Item::Receipt { receipt: Receipt::Delivered, seq, .. } => format!("delivered:{seq}"),
        Item::Typing { .. } => "typing".to_owned(),
        Item::Presence { last_seen_at: None, .. } => "online".to_owned(),
        Item::Presence { last_seen_at: Some(_), .. } => "offline".to_owned(),
        Item::Dirty(heads) => format!(
            "dirty:{}",
            heads.iter().map(|(_, head)| head.to_string()).collect::<Vec<_>>().join(",")
        ),
        Item::Preferences(version) => format!("preferences:{version}"),
        Item::Drain(_) => "drain".to_owned(),
    }
}

/// Waits until the socket has something to write.
pub(crate) async fn written_next(joined: &Joined) -> Vec<String> {
    poll_fn(|context| {
        joined.outbox.wake_by(joined.attachment, context.waker()).expect("the socket stands");
        let words = written(joined);
        if words.is_empty() { Poll::Pending } else { Poll::Ready(words) }
    })
    .await
}
