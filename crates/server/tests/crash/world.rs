//! Who takes part: eight people, four direct conversations, two groups, and what all workers share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use client::{Receiver, Rest};
use domain::{ConversationId, ConversationKind, Seq, UserId};
use tokio::sync::watch;
use wire::account::{Login, Register};
use wire::group::CreateGroup;

use crate::kith::Kith;

/// How many people take part.
const PEOPLE: usize = 8;
/// The first group's members, and the second's; the first of each owns it.
const GROUPS: [std::ops::Range<usize>; 2] = [0..6, 2..8];
/// A client waits at most so long before it tries again: the test wants many tries.
pub(crate) const RETRY_WITHIN: Duration = Duration::from_millis(40);

/// How far every conversation reaches.
pub(crate) type Heads = BTreeMap<ConversationId, Seq>;

/// What the workers do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Write and read.
    Load,
    /// Write nothing new, and get an answer to everything.
    Finish,
    /// Nothing is written any more: get everything up to here, and end.
    CatchUp(Heads),
}

/// Somebody who takes part.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) token: String,
    pub(crate) conversations: Vec<ConversationId>,
}

/// What all workers share.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) people: Arc<[Person]>,
    base: watch::Sender<Option<String>>,
    phase: watch::Sender<Phase>,
    acks: watch::Sender<u64>,
    writers: watch::Sender<usize>,
}

impl World {
    /// Makes the accounts and the conversations.
    pub(crate) async fn build(kith: &Kith, salt: u64) -> Self {
        let rest = Rest::new(kith.base()).expect("the address is one");
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(sign_up(&rest, number, salt).await);
        }
        for pair in people.chunks_exact_mut(2) {
            let [one, other] = pair else { unreachable!("chunks of two have two") };
            let direct = ConversationId::direct(one.user, other.user);
            one.conversations.push(direct);
            other.conversations.push(direct);
        }
        for members in GROUPS {
            let members = people.get_mut(members).expect("the members are some of the people");
            let group = create_group(&rest, members).await;
            members.iter_mut().for_each(|person| person.conversations.push(group));
        }
        Self {
            people: people.into(),
            base: watch::Sender::new(Some(kith.base().to_owned())),
            phase: watch::Sender::new(Phase::Load),
            acks: watch::Sender::new(0),
            writers: watch::Sender::new(0),
        }
    }

    /// Where the server is, or that it is not.
    pub(crate) fn base(&self) -> watch::Receiver<Option<String>> {
        self.base.subscribe()
    }

    /// The address of the server, as soon as it has one.
    pub(crate) async fn reachable(&self) -> String {
        let mut base = self.base.subscribe();
        let base = base.wait_for(Option::is_some).await.expect("the world lasts until the end");
        base.clone().expect("it was waited for")
    }

    pub(crate) fn down(&self) {
        self.base.send_replace(None);
    }

    pub(crate) fn up(&self, base: &str) {
        self.base.send_replace(Some(base.to_owned()));
    }

    pub(crate) fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// Somebody begins to write.
    pub(crate) fn writes(&self) {
        self.writers.send_modify(|writers| *writers += 1);
    }

    /// Somebody writes no more, and has an answer to everything.
    pub(crate) fn finished(&self) {
        self.writers.send_modify(|writers| *writers -= 1);
    }

    pub(crate) async fn all_have_finished(&self) {
        let mut writers = self.writers.subscribe();
        let none = writers.wait_for(|writers| *writers == 0).await;
        drop(none.expect("the world lasts until the end"));
    }

    /// A message was acked.
    pub(crate) fn count_ack(&self) {
        self.acks.send_modify(|acks| *acks += 1);
    }

    pub(crate) fn acks(&self) -> u64 {
        *self.acks.borrow()
    }

    /// Waits until so many messages have been acked.
    pub(crate) async fn acked(&self, enough: u64) {
        let mut acks = self.acks.subscribe();
        let reached = acks.wait_for(|acks| *acks >= enough).await;
        drop(reached.expect("the world lasts until the end"));
    }

    /// How a member addresses a conversation: a direct one begins with the first message to the other person.
    pub(crate) fn receiver(&self, from: UserId, conversation: ConversationId) -> Receiver {
        let mut others = self.members(conversation).filter(|person| person.user != from);
        match conversation.kind() {
            ConversationKind::Group => Receiver::Conversation(conversation),
            ConversationKind::Direct => {
                Receiver::User(others.next().expect("it has two members").user)
            }
        }
    }

    /// Everybody in a conversation.
    pub(crate) fn members(&self, conversation: ConversationId) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.conversations.contains(&conversation))
    }

    /// All conversations.
    pub(crate) fn conversations(&self) -> Vec<ConversationId> {
        let mut all: Vec<_> =
            self.people.iter().flat_map(|person| person.conversations.clone()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

async fn create_group(rest: &Rest, members: &[Person]) -> ConversationId {
    let (owner, others) = members.split_first().expect("a group has an owner");
    let group = CreateGroup {
        group_name: "Hiking".to_owned(),
        participants: others.iter().map(|person| person.user.to_string()).collect(),
        picture: None,
        history_for_new_members: None,
    };
    let created = rest.with_token(&owner.token).create_group(&group, None).await;
    let created = created.expect("a group can be created");
    created.group_id.parse().expect("a group id is one")
}

async fn sign_up(rest: &Rest, number: usize, salt: u64) -> Person {
    let email = format!("person{number}@example.org");
    let password = format!("a long sentence {salt:x}");
    let account = Register {
        email: email.clone(),
        password: password.clone(),
        name: format!("Person {number}"),
        username: None,
    };
    rest.register(&account).await.expect("an account can be made");
    let login = Login { username: email, password, device: None, cookie: None };
    let tokens = rest.login(&login).await.expect("an account can sign in");
    let user = tokens.user_id.parse().expect("a user id is one");
    Person { user, token: tokens.token, conversations: Vec::new() }
}
