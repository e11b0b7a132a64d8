//! Groups.

use app::group::{self, NewGroup};
use app::message;
use app::session::Actor;
use domain::conversation::Settings;
use domain::member::HistoryPolicy;
use domain::refusal::{Fault, Reason};
use domain::text::Name;
use domain::{ConversationId, Refusal, Seq, UserId};
use store::backend::Faults;

use crate::world::{World, into, with_id};

pub(crate) fn new_group(name: &str, participants: &[&Actor]) -> NewGroup {
    NewGroup {
        settings: Settings {
            name: Name::parse(name).unwrap(),
            picture: None,
            history: HistoryPolicy::FromJoin,
        },
        participants: participants.iter().map(|actor| actor.user).collect(),
        idempotency_key: None,
    }
}

pub(crate) async fn club(world: &World, owner: &Actor, participants: &[&Actor]) -> ConversationId {
    group::create(&world.app, owner, new_group("Club", participants)).await.expect("a group")
}

#[tokio::test]
async fn members_write_and_strangers_see_nothing() {
    let world = World::new().await;
    let (anna, ben, eve) =
        (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = club(&world, &anna, &[&ben]).await;
    world.say(&ben, into(id), "hello").await.unwrap();
    assert_eq!(world.texts(&anna, into(id)).await.unwrap(), ["hello"]);
    assert_eq!(world.texts(&eve, into(id)).await, Err(Refusal::NotFound.into()));
    group::add(&world.app, &anna, id, eve.user).await.unwrap();
    world.say(&ben, into(id), "welcome").await.unwrap();
    assert_eq!(world.texts(&eve, into(id)).await.unwrap(), ["welcome"]);
    group::remove(&world.app, &eve, id, eve.user).await.unwrap();
    assert_eq!(world.say(&eve, into(id), "still here?").await, Err(Refusal::NotFound.into()));
}

/// Found by the simulator.
#[tokio::test(start_paused = true)]
async fn whoever_leaves_while_a_page_is_read_gets_nothing_that_was_written_after() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    for seed in 0..50 {
        let id = club(&world, &anna, &[&ben]).await;
        world.memory.set_faults(Faults { seed, read_ms_max: 100, ..Faults::default() });
        let go_on = async {
            group::remove(&world.app, &ben, id, ben.user).await.unwrap();
            world.say(&anna, into(id), "without ben").await.unwrap().seq
        };
        let (page, texts, written) = tokio::join!(
            message::page(&world.app, ben.user, id, (Seq::ZERO, 200)),
            world.texts(&ben, into(id)),
            go_on
        );
        world.memory.set_faults(Faults::default());
        let newest = page.map(|page| page.events.last().map(|(event, _)| event.seq));
        assert_ne!(newest, Ok(Some(written)), "seed {seed}");
        assert_ne!(texts, Ok(vec!["without ben".to_owned()]), "seed {seed}");
    }
}

#[tokio::test]
async fn founding_twice_with_one_key_is_once() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let keyed =
        |name| NewGroup { idempotency_key: Some("k".parse().unwrap()), ..new_group(name, &[&ben]) };
    let first = group::create(&world.app, &anna, keyed("Club")).await.unwrap();
    assert_eq!(group::create(&world.app, &anna, keyed("Club")).await, Ok(first));
    let other = group::create(&world.app, &anna, keyed("Choir")).await;
    assert_eq!(other, Err(Refusal::IdempotencyConflict.into()));
    assert_ne!(group::create(&world.app, &ben, keyed("Club")).await, Ok(first));
}

#[tokio::test]
async fn nobody_is_added_who_does_not_exist_or_does_not_want_to() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    app::people::block(&world.app, &ben, anna.user).await.unwrap();
    let blocked = Err(Refusal::Forbidden(Reason::NotAccepted).into());
    assert_eq!(group::create(&world.app, &anna, new_group("Club", &[&ben])).await, blocked);
    let mut unknown = new_group("Club", &[]);
    unknown.participants.push(UserId::from_bytes([9; 16]));
    let refused = Err(Refusal::field("participants", Fault::Unknown).into());
    assert_eq!(group::create(&world.app, &anna, unknown).await, refused);
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    let world = World::new().await;
    let (anna, ben, eve) =
        (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = club(&world, &anna, &[&ben, &eve]).await;
    group::set_role(&world.app, &anna, id, (ben.user, domain::member::Role::Owner)).await.unwrap();
    let leaving = tokio::join!(
        group::remove(&world.app, &anna, id, anna.user),
        group::remove(&world.app, &ben, id, ben.user)
    );
    let refused = Err(Refusal::Conflict(Reason::LastOwner).into());
    assert!(
        matches!(leaving, (Ok(()), ref second) if *second == refused)
            || leaving == (refused, Ok(()))
    );
}

#[tokio::test]
async fn whoever_was_removed_still_learns_what_became_of_a_send() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = club(&world, &anna, &[&ben]).await;
    let sent = message::send(&world.app, &ben, into(id), with_id("hello", "a")).await.unwrap();
    group::remove(&world.app, &anna, id, ben.user).await.unwrap();
    let again = message::send(&world.app, &ben, into(id), with_id("hello", "a")).await.unwrap();
    assert_eq!((again.seq, again.duplicate), (sent.seq, true));
}
