//! Tells a story through the use cases, with a clock that stands where the story is.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use app::account::NewAccount;
use app::group::NewGroup;
use app::message::{Destination, NewMessage};
use app::session::{Actor, Login};
use app::{App, Failure, account, conversation, group, message, reaction, session};
use domain::account::ProfileChange;
use domain::conversation::Settings;
use domain::event::ReactionChange;
use domain::member::HistoryPolicy;
use domain::refusal::Fault;
use domain::text::{DeviceName, Email, Emoji, Name, Password, StatusLine, Text, Username};
use domain::{ConversationId, MessageId, Seq};

use crate::story::{Deed, Person, Step, Story};

/// What the story has brought about so far.
pub(crate) struct Told {
    app: App,
    clock: Arc<AtomicU64>,
    people: HashMap<String, Actor>,
    groups: HashMap<String, ConversationId>,
    messages: HashMap<String, MessageId>,
}

/// An outcome in the words of this program.
fn done<T>(outcome: Result<T, Failure>) -> anyhow::Result<T> {
    outcome.map_err(|failure| anyhow::anyhow!("{failure:?}"))
}

fn parsed<T>(parsed: Result<T, Fault>) -> anyhow::Result<T> {
    parsed.map_err(|fault| anyhow::anyhow!("{fault:?}"))
}

impl Told {
    pub(crate) fn new(app: App, clock: Arc<AtomicU64>) -> Self {
        let (people, groups, messages) = Default::default();
        Self { app, clock, people, groups, messages }
    }

    pub(crate) async fn tell(mut self, story: Story) -> anyhow::Result<()> {
        for person in &story.people {
            let who = format!("{} registers", person.username);
            let actor = self.register(person, &story.password).await.context(who)?;
            self.people.insert(person.username.clone(), actor);
        }
        for (number, step) in (1..).zip(story.steps) {
            self.clock.store(step.at_ms, Ordering::Relaxed);
            let what = format!("step {number}, by {}", step.by);
            self.step(step).await.context(what)?;
        }
        Ok(())
    }

    async fn register(&self, person: &Person, password: &str) -> anyhow::Result<Actor> {
        let username = parsed(Username::parse(&person.username))?;
        let new = NewAccount {
            email: parsed(Email::parse(&format!("{}@example.org", person.username)))?,
            username: Some(username.clone()),
            name: parsed(Name::parse(&person.name))?,
            password: parsed(Password::parse_new(password))?,
        };
        let user = done(account::register(&self.app, new, None).await)?;
        let login = Login::Username(username);
        let password = Password::parse_attempt(password);
        let device = parsed(DeviceName::parse("story"))?;
        let tokens = done(session::login(&self.app, &login, password, device).await)?;
        let actor = done(session::authenticate(&self.app, &tokens.access).await)?;
        if let Some(status) = &person.status {
            let status = Some(parsed(StatusLine::parse(status))?);
            let change = ProfileChange { status, ..ProfileChange::default() };
            done(account::update_profile(&self.app, &actor, user, change).await)?;
        }
        Ok(actor)
    }

    async fn step(&mut self, step: Step) -> anyhow::Result<()> {
        let actor = self.person(&step.by)?;
        match step.deed {
            Deed::Found { group, name, members } => {
                self.found(actor, (group, &name), &members).await
            }
            Deed::Say { to, text, called, reply_to } => {
                let reply_to = reply_to.map(|named| self.message(&named)).transpose()?;
                let text = parsed(Text::parse(&text))?;
                let new = NewMessage { text, reply_to, client_message_id: None };
                let sent = done(message::send(&self.app, &actor, self.place(&to)?, new).await)?;
                let id = MessageId { conversation: sent.conversation, seq: sent.seq };
                self.messages.extend(called.map(|name| (name, id)));
                Ok(())
            }
            Deed::React { message, emoji } => {
                let emoji = parsed(Emoji::parse(&emoji))?;
                let change = (emoji, ReactionChange::Added);
                done(reaction::change(&self.app, &actor, self.message(&message)?, change).await)
            }
            Deed::Edit { message, text } => {
                let text = parsed(Text::parse(&text))?;
                done(message::edit(&self.app, &actor, self.message(&message)?, text).await)
            }
            Deed::Delete { message } => {
                done(message::delete(&self.app, &actor, self.message(&message)?).await)
            }
            Deed::Read { of } => {
                let id = self.place(&of)?.conversation(actor.user);
                let all = Seq::new(u64::MAX);
                done(conversation::read(&self.app, actor.user, id, all).await).map(drop)
            }
        }
    }

    async fn found(
        &mut self,
        actor: Actor,
        (group, name): (String, &str),
        members: &[String],
    ) -> anyhow::Result<()> {
        let participants: anyhow::Result<Vec<_>> =
            members.iter().map(|name| self.person(name).map(|actor| actor.user)).collect();
        let name = parsed(Name::parse(name))?;
        let settings = Settings { name, picture: None, history: HistoryPolicy::All };
        let new = NewGroup { settings, participants: participants?, idempotency_key: None };
        let id = done(group::create(&self.app, &actor, new).await)?;
        self.groups.insert(group, id);
        Ok(())
    }

    fn person(&self, name: &str) -> anyhow::Result<Actor> {
        self.people.get(name).copied().with_context(|| format!("nobody is called {name}"))
    }

    fn message(&self, name: &str) -> anyhow::Result<MessageId> {
        self.messages.get(name).copied().with_context(|| format!("no message is called {name}"))
    }

    fn place(&self, name: &str) -> anyhow::Result<Destination> {
        match self.groups.get(name) {
            Some(id) => Ok(Destination::Conversation(*id)),
            None => Ok(Destination::User(self.person(name)?.user)),
        }
    }
}
