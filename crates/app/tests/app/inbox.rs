//! The list of conversations.

use app::session::Actor;
use app::{conversation, group, statistics};
use domain::{ConversationId, Seq};
use store::tables::inbox::head_hash;
use store::tables::job;
use store::{Batch, Partition};

use crate::group::club;
use crate::world::{World, into, to, written_next};

/// The caller's list as `head/unread` per conversation, latest activity first.
async fn list(world: &World, actor: &Actor) -> Vec<String> {
    let (entries, _) = conversation::list(&world.app, actor, (None, 100)).await.unwrap();
    entries.iter().map(|entry| format!("{}/{}", entry.row.head, entry.row.unread())).collect()
}

#[tokio::test]
async fn the_latest_conversation_stands_first_with_what_is_unread() {
    let world = World::new().await;
    let (anna, ben, eve) =
        (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    for words in ["one", "two"] {
        world.pass_ms(1);
        world.say(&anna, to(&ben), words).await.unwrap();
    }
    world.pass_ms(1);
    let third = world.say(&eve, to(&ben), "three").await.unwrap();
    assert_eq!(list(&world, &ben).await, ["1/1", "2/2"]);
    assert_eq!(list(&world, &anna).await, ["2/0"]);
    conversation::read(&world.app, ben.user, third.conversation, Seq::new(99)).await.unwrap();
    assert_eq!(list(&world, &ben).await, ["1/0", "2/2"]);
    conversation::read(&world.app, ben.user, third.conversation, Seq::new(0)).await.unwrap();
    let detail = conversation::get(&world.app, &eve, third.conversation).await.unwrap();
    assert_eq!(detail.positions[&ben.user].read, Some(Seq::new(1)));
}

#[tokio::test]
async fn the_list_is_paged_by_where_it_stopped() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    for number in 0..5 {
        world.pass_ms(1);
        let other = world.person(&format!("friend{number}")).await;
        world.say(&other, to(&anna), "hello").await.unwrap();
    }
    let mut seen: Vec<ConversationId> = Vec::new();
    let mut cursor = None;
    loop {
        let (entries, next) = conversation::list(&world.app, &anna, (cursor, 2)).await.unwrap();
        seen.extend(entries.iter().map(|entry| entry.row.conversation));
        cursor = next;
        if next.is_none() {
            break;
        }
    }
    let (all, _) = conversation::list(&world.app, &anna, (None, 100)).await.unwrap();
    assert_eq!(seen, all.iter().map(|entry| entry.row.conversation).collect::<Vec<_>>());
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn changes_since_a_position_and_the_digest_find_what_was_missed() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let first = world.say(&anna, to(&ben), "hello").await.unwrap();
    world.settle().await;
    let before = conversation::changes(&world.app, ben.user, 0).await.unwrap();
    assert_eq!(before.heads, [(first.conversation, Seq::new(1))]);
    let club = club(&world, &anna, &[&ben]).await;
    world.settle().await;
    let after = conversation::changes(&world.app, ben.user, before.summary.upos).await.unwrap();
    assert_eq!(after.heads, [(club, Seq::new(3))]);
    let expected = head_hash(first.conversation, Seq::new(1)) ^ head_hash(club, Seq::new(3));
    assert_eq!(after.summary.digest, expected);
}

#[tokio::test]
async fn whoever_leaves_loses_the_conversation_on_all_devices() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = club(&world, &anna, &[&ben]).await;
    world.settle().await;
    let before = conversation::changes(&world.app, ben.user, 0).await.unwrap();
    group::remove(&world.app, &ben, id, ben.user).await.unwrap();
    world.say(&anna, into(id), "gone").await.unwrap();
    assert_eq!(list(&world, &ben).await, Vec::<String>::new());
    let after = conversation::changes(&world.app, ben.user, before.summary.upos).await.unwrap();
    assert_eq!(after.heads, [(id, Seq::new(4))]);
    assert_eq!(after.summary.digest, 0);
}

/// What a node leaves that died between a commit and its job.
async fn leave_job(world: &World, id: ConversationId) {
    let batch = Batch {
        jobs: vec![job::job(job::Work::Advanced(id), Seq::new(1))],
        ..Batch::new(Partition::Conversation(id))
    };
    world.app.store().commit(batch).await.unwrap();
}

#[tokio::test]
async fn jobs_of_a_dead_node_are_taken_up_and_doing_them_twice_is_once() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let sent = world.say(&anna, to(&ben), "hello").await.unwrap();
    world.settle().await;
    leave_job(&world, sent.conversation).await;
    let next = World::over(world.memory.clone(), world.app.now().as_ms()).await;
    assert_eq!(list(&next, &ben).await, ["1/1"]);
    let day = next.app.now().day();
    let figures = statistics::messages(&next.app, &anna, (day, day)).await.unwrap();
    assert_eq!(figures.messages_sent, 1);
    assert_eq!(job::pending(next.app.store(), None, 10).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_socket_that_came_between_event_and_list_is_told_again() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let sent = world.say(&anna, to(&ben), "hello").await.unwrap();
    world.settle().await;
    leave_job(&world, sent.conversation).await;
    let next = World::over(world.memory.clone(), world.app.now().as_ms()).await;
    let socket = next.connect(&ben);
    assert_eq!(written_next(&socket).await, ["dirty:1"]);
}
