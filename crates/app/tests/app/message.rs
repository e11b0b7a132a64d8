//! Sending, and what becomes of messages.

use app::message::{self, Position};
use app::reaction;
use domain::event::{EventBody, ReactionChange};
use domain::refusal::{Fault, Reason};
use domain::text::{Emoji, Text};
use domain::{MessageId, Refusal, Seq, uuid};

use crate::world::{World, into, text_of, to, with_id};

#[tokio::test]
async fn two_people_share_one_log_whoever_writes_first() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let first = world.say(&anna, to(&ben), "hello").await.unwrap();
    let second = world.say(&ben, to(&anna), "hi").await.unwrap();
    assert_eq!(first.conversation, second.conversation);
    assert_eq!((first.seq, second.seq), (Seq::new(1), Seq::new(2)));
    for reader in [anna, ben] {
        assert_eq!(world.texts(&reader, into(first.conversation)).await.unwrap(), ["hello", "hi"]);
    }
}

#[tokio::test]
async fn concurrent_sends_get_dense_places_and_share_commits() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.say(&anna, to(&ben), "first").await.unwrap();
    let before = world.app.store().status().committed_batches;
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..200 {
        let app = world.app.clone();
        let new = with_id(&format!("message {number}"), &format!("id-{number}"));
        sending.spawn(async move {
            message::send(&app, &anna, to(&ben), new).await.unwrap().seq.number()
        });
    }
    let mut places = sending.join_all().await;
    places.sort_unstable();
    assert_eq!(places, (2..=201).collect::<Vec<_>>());
    let batches = world.app.store().status().committed_batches - before;
    assert!(batches < 100, "{batches} commits for 200 sends");
}

#[tokio::test]
async fn a_retry_gives_the_first_result_and_other_words_are_refused() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let first = message::send(&world.app, &anna, to(&ben), with_id("hello", "a")).await.unwrap();
    let again = World::over(world.memory.clone(), 1_767_300_000_000).await;
    let retry = message::send(&again.app, &anna, to(&ben), with_id("hello", "a")).await.unwrap();
    assert_eq!((retry.seq, retry.at, retry.duplicate), (first.seq, first.at, true));
    let other = message::send(&again.app, &anna, to(&ben), with_id("bye", "a")).await;
    assert_eq!(other, Err(Refusal::IdempotencyConflict.into()));
    message::send(&again.app, &ben, to(&anna), with_id("bye", "a"))
        .await
        .expect("ids belong to their sender");
    assert_eq!(again.texts(&anna, to(&ben)).await.unwrap(), ["hello", "bye"]);
}

#[tokio::test]
async fn ids_are_taken_once_whether_they_grow_or_not() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let ids = [6, 9, 7, 8].map(|at_ms| uuid::text(uuid::version_7(at_ms, [0; 10])));
    for (id, place) in ids.iter().zip(1..) {
        for duplicate in [false, true] {
            let sent = message::send(&world.app, &anna, to(&ben), with_id(id, id)).await.unwrap();
            assert_eq!((sent.seq, sent.duplicate), (Seq::new(place), duplicate), "{id}");
        }
    }
    let again = World::over(world.memory.clone(), 1_767_300_000_000).await;
    for (id, place) in ids.iter().zip(1..) {
        let retry = message::send(&again.app, &anna, to(&ben), with_id(id, id)).await.unwrap();
        assert_eq!((retry.seq, retry.duplicate), (Seq::new(place), true), "{id}");
    }
    let bens = message::send(&again.app, &ben, to(&anna), with_id("hi", &ids[0])).await.unwrap();
    assert!(!bens.duplicate, "ids belong to their sender");
    assert_eq!(again.texts(&anna, to(&ben)).await.unwrap().len(), ids.len() + 1);
}

#[tokio::test]
async fn two_tries_of_one_id_in_one_commit_are_one_message() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = uuid::text(uuid::version_7(6, [0; 10]));
    let send = || message::send(&world.app, &anna, to(&ben), with_id("hello", &id));
    let (first, second) = tokio::join!(send(), send());
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.seq, second.seq), (Seq::new(1), Seq::new(1)));
    assert_ne!(first.duplicate, second.duplicate);
}

#[tokio::test]
async fn strangers_and_unknown_receivers_are_one_and_the_same_answer() {
    let world = World::new().await;
    let (anna, ben, eve) =
        (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let sent = world.say(&anna, to(&ben), "secret").await.unwrap();
    let unknown = Err(Refusal::NotFound.into());
    assert_eq!(world.say(&eve, into(sent.conversation), "me too").await, unknown);
    assert_eq!(world.texts(&eve, into(sent.conversation)).await, Err(Refusal::NotFound.into()));
    let id = MessageId { conversation: sent.conversation, seq: sent.seq };
    assert_eq!(message::get(&world.app, &eve, id).await, Err(Refusal::NotFound.into()));
    assert_eq!(message::delete(&world.app, &eve, id).await, Err(Refusal::NotFound.into()));
    let nobody = message::Destination::User(domain::UserId::from_bytes([9; 16]));
    assert_eq!(world.say(&anna, nobody, "anybody?").await, Err(Refusal::NotFound.into()));
    assert_eq!(world.texts(&anna, to(&eve)).await, Ok(vec![]));
}

#[tokio::test]
async fn a_stranger_who_is_refused_makes_nothing_be_written() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let carla = world.person("carla").await;
    let sent = world.say(&anna, to(&ben), "hello").await.unwrap();
    world.settle().await;
    let before = world.app.store().status().committed_batches;
    let theirs = into(sent.conversation);
    let refused = message::send(&world.app, &carla, theirs, with_id("hi", "a")).await;
    assert_eq!(refused, Err(Refusal::NotFound.into()));
    assert_eq!(world.app.store().status().committed_batches, before);
}

#[tokio::test]
async fn a_deleted_text_is_nowhere() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let sent = world.say(&anna, to(&ben), "a secret").await.unwrap();
    let id = MessageId { conversation: sent.conversation, seq: sent.seq };
    message::edit(&world.app, &anna, id, Text::parse("another secret").unwrap()).await.unwrap();
    assert_eq!(
        message::delete(&world.app, &ben, id).await,
        Err(Refusal::Forbidden(Reason::NeedsSender).into())
    );
    message::delete(&world.app, &anna, id).await.unwrap();
    message::delete(&world.app, &anna, id).await.expect("deleting twice is once");
    let page =
        message::page(&world.app, ben.user, sent.conversation, (Seq::ZERO, 200)).await.unwrap();
    assert_eq!(
        page.events.iter().map(|(event, _)| text_of(event)).collect::<Vec<_>>(),
        ["-", "[edit]", "[delete]"]
    );
    let targets: Vec<_> =
        page.events.iter().filter_map(|(_, target)| target.as_ref().map(text_of)).collect();
    assert_eq!(targets, ["-"]);
    assert_eq!(world.texts(&ben, to(&anna)).await.unwrap(), ["-"]);
}

#[tokio::test]
async fn history_is_paged_by_places() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let mut last = None;
    for number in 1..=9 {
        let sent = world.say(&anna, to(&ben), &number.to_string()).await.unwrap();
        let id = MessageId { conversation: sent.conversation, seq: sent.seq };
        let emoji = Emoji::parse("👍").unwrap();
        reaction::change(&world.app, &ben, id, (emoji, ReactionChange::Added)).await.unwrap();
        last = Some(sent.conversation);
    }
    let id = last.unwrap();
    let page = async |position, limit| {
        let events = message::history(&world.app, &ben, into(id), (position, limit)).await.unwrap();
        events.iter().map(text_of).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(page(Position::Newest, 3).await, "7 8 9");
    assert_eq!(page(Position::Before(Seq::new(5)), 5).await, "1 2");
    assert_eq!(page(Position::After(Seq::new(5)), 2).await, "4 5");
    assert_eq!(page(Position::Around(Seq::new(9)), 4).await, "3 4 5 6");
}

#[tokio::test]
async fn reactions_are_folded_into_the_message() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let sent = world.say(&anna, to(&ben), "hello").await.unwrap();
    let id = MessageId { conversation: sent.conversation, seq: sent.seq };
    for change in [
        ReactionChange::Added,
        ReactionChange::Added,
        ReactionChange::Removed,
        ReactionChange::Added,
    ] {
        reaction::change(&world.app, &ben, id, (Emoji::parse("👍").unwrap(), change))
            .await
            .unwrap();
    }
    let event = message::get(&world.app, &anna, id).await.unwrap();
    let EventBody::Message(message) = event.body else { panic!("a message") };
    assert_eq!(message.reactions.len(), 1);
    assert_eq!(message.reactions[0].users, [ben.user]);
    let page =
        message::page(&world.app, anna.user, id.conversation, (Seq::ZERO, 200)).await.unwrap();
    assert_eq!(page.head, Seq::new(4), "a repeated reaction is no event");
}

#[tokio::test]
async fn a_reply_names_a_message_of_the_same_conversation() {
    let world = World::new().await;
    let (anna, ben, eve) =
        (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let sent = world.say(&anna, to(&ben), "hello").await.unwrap();
    let reply_to = Some(MessageId { conversation: sent.conversation, seq: sent.seq });
    let reply = message::NewMessage { reply_to, ..with_id("re: hello", "r") };
    message::send(&world.app, &ben, to(&anna), reply.clone()).await.unwrap();
    let elsewhere = message::send(&world.app, &ben, to(&eve), reply).await;
    assert_eq!(elsewhere, Err(Refusal::field("reply_to", Fault::Unknown).into()));
}

#[tokio::test]
async fn a_nearly_full_disk_still_deletes_and_loses_nothing() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let sent = world.say(&anna, to(&ben), "hello").await.unwrap();
    world.memory.fill_disk();
    assert_eq!(world.say(&anna, to(&ben), "more").await, Err(app::Failure::StorageFull));
    let id = MessageId { conversation: sent.conversation, seq: sent.seq };
    message::delete(&world.app, &anna, id).await.unwrap();
    world.memory.free_disk();
    world.say(&anna, to(&ben), "again").await.unwrap();
    assert_eq!(world.texts(&ben, to(&anna)).await.unwrap(), ["-", "again"]);
}
