//! Who takes part: six who write, in three direct conversations and two groups, and a guest.

use client::Rest;
use domain::{ConversationId, UserId};
use tokio::sync::watch;
use wire::account::{Login, Register};
use wire::group::CreateGroup;

use super::{Load, World};
use crate::recording::{Person, Recorder};

const WRITERS: usize = 6;
/// The members of the groups; the first of each owns it.
const GROUPS: [std::ops::Range<usize>; 2] = [0..4, 2..6];

/// A group and who may change it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) id: ConversationId,
    pub(super) owner: UserId,
}

pub(super) async fn gather(base: &str, recorder: Recorder, load: Load) -> anyhow::Result<World> {
    let rest = Rest::new(base)?;
    let mut people = Vec::new();
    for number in 0..WRITERS {
        people.push(sign_up(&rest, number).await?);
    }
    let guest = sign_up(&rest, WRITERS).await?;
    for pair in people.chunks_exact_mut(2) {
        let [one, other] = pair else { unreachable!("chunks of two have two") };
        let direct = ConversationId::direct(one.id(), other.id()).to_string();
        one.conversations.push(direct.clone());
        other.conversations.push(direct);
    }
    let mut groups = Vec::new();
    for members in GROUPS {
        let members = people.get_mut(members).expect("the members are some of the people");
        let ids: Vec<String> = members.iter().skip(1).map(|person| person.user.clone()).collect();
        let owner = members.first().expect("a group has an owner");
        let group = group("Hiking", ids);
        let created = rest.with_token(&owner.token).create_group(&group, None).await?;
        groups.push(Group { id: created.group_id.parse()?, owner: owner.id() });
        members.iter_mut().for_each(|person| person.conversations.push(created.group_id.clone()));
    }
    let acks = watch::Sender::new(0);
    Ok(World { base: base.to_owned(), people, guest, groups, recorder, acks, load })
}

pub(super) fn group(name: &str, participants: Vec<String>) -> CreateGroup {
    let group_name = name.to_owned();
    CreateGroup { group_name, participants, picture: None, history_for_new_members: None }
}

async fn sign_up(rest: &Rest, number: usize) -> anyhow::Result<Person> {
    let email = format!("person{number}@example.org");
    let password = format!("a long sentence of number {number}");
    let account = Register {
        email: email.clone(),
        password: password.clone(),
        name: format!("Person {number}"),
        username: None,
    };
    rest.register(&account).await?;
    let login = Login { username: email, password, device: None, cookie: None };
    let tokens = rest.login(&login).await?;
    Ok(Person { user: tokens.user_id, token: tokens.token, conversations: Vec::new() })
}
