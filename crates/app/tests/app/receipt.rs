//! How far people have got, and who is told.

use app::session::Actor;
use app::{Failure, conversation, group, preference, receipt};
use domain::limits::{DELIVERED_MEMBERS_MAX, DELIVERED_MS};
use domain::preference::{Preferences, Privacy};
use domain::{ConversationId, Refusal, Seq};

use crate::group::new_group;
use crate::world::{World, to, written, written_next};

/// Ben's position as `viewer` sees it.
async fn delivered(world: &World, viewer: &Actor, id: ConversationId, ben: &Actor) -> Option<Seq> {
    let detail = conversation::get(&world.app, viewer, id).await.unwrap();
    detail.positions.get(&ben.user).and_then(|positions| positions.delivered)
}

#[tokio::test(start_paused = true)]
async fn what_reached_a_device_is_told_at_most_once_a_second() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let mut id = None;
    for words in ["one", "two", "three"] {
        id = Some(world.say(&anna, to(&ben), words).await.unwrap().conversation);
    }
    let id = id.unwrap();
    let socket = world.connect(&anna);
    for seq in [1, 2, 99, 1] {
        receipt::delivered(&world.app, ben.user, id, Seq::new(seq)).await.unwrap();
    }
    assert_eq!(written_next(&socket).await, ["delivered:1"]);
    assert_eq!(delivered(&world, &anna, id, &ben).await, Some(Seq::new(1)));
    assert_eq!(written_next(&socket).await, ["delivered:3"]);
    assert_eq!(delivered(&world, &anna, id, &ben).await, Some(Seq::new(3)));
    let eve = world.person("eve").await;
    let refused = receipt::delivered(&world.app, eve.user, id, Seq::new(1)).await;
    assert_eq!(refused, Err(Failure::Refused(Refusal::NotFound)));
}

#[tokio::test(start_paused = true)]
async fn what_was_read_was_delivered_and_need_not_be_said() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.say(&anna, to(&ben), "one").await.unwrap().conversation;
    let socket = world.connect(&anna);
    conversation::read(&world.app, ben.user, id, Seq::new(1)).await.unwrap();
    receipt::delivered(&world.app, ben.user, id, Seq::new(1)).await.unwrap();
    world.app.env().sleep_ms(2 * DELIVERED_MS).await;
    assert_eq!(written(&socket), ["read:1"]);
    assert_eq!(delivered(&world, &anna, id, &ben).await, Some(Seq::new(1)));
}

#[tokio::test(start_paused = true)]
async fn whoever_keeps_back_what_they_read_keeps_this_back_too() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.say(&anna, to(&ben), "one").await.unwrap().conversation;
    let privacy = Privacy { send_read_receipts: false, ..Privacy::default() };
    let preferences = Preferences { privacy, ..Preferences::default() };
    preference::put(&world.app, &ben, preferences).await.unwrap();
    let socket = world.connect(&anna);
    receipt::delivered(&world.app, ben.user, id, Seq::new(1)).await.unwrap();
    world.app.env().sleep_ms(2 * DELIVERED_MS).await;
    assert!(written(&socket).is_empty());
    assert_eq!(delivered(&world, &anna, id, &ben).await, None);
    assert_eq!(delivered(&world, &ben, id, &ben).await, Some(Seq::new(1)));
}

#[tokio::test(start_paused = true)]
async fn in_large_conversations_nobody_keeps_count() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let mut participants = vec![ben.user];
    for number in 1..DELIVERED_MEMBERS_MAX {
        participants.push(world.register(&format!("friend{number}")).await.unwrap());
    }
    let everybody = group::NewGroup { participants, ..new_group("Everybody", &[]) };
    let id = group::create(&world.app, &anna, everybody).await.unwrap();
    let socket = world.connect(&anna);
    receipt::delivered(&world.app, ben.user, id, Seq::new(1)).await.unwrap();
    world.app.env().sleep_ms(2 * DELIVERED_MS).await;
    let told = written(&socket);
    assert!(!told.iter().any(|word| word.starts_with("delivered")), "{told:?}");
    assert_eq!(delivered(&world, &anna, id, &ben).await, None);
}
