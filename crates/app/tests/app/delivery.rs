//! What sockets are told, in which order, and what they are not told any more.

use std::task::Waker;

use app::live::outbox::End;
use app::message::{self};
use app::{group, session};
use domain::limits::WINDOW_FRAMES_MAX;
use domain::text::Text;
use domain::{ClientMessageId, MessageId};
use tokio::task::JoinSet;

use crate::group::club;
use crate::world::{World, into, to, with_id, words_of, written, written_next};

#[tokio::test]
async fn every_device_of_everybody_is_told_in_the_order_of_the_log() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let sockets =
        [world.connect(&anna), world.connect(&ben), world.connect(&world.sign_in("ben").await)];
    for number in 1..=3 {
        world.say(&anna, to(&ben), &format!("message {number}")).await.unwrap();
    }
    for socket in &sockets {
        assert_eq!(written(socket), ["1:message 1", "2:message 2", "3:message 3"]);
    }
}

#[tokio::test]
async fn the_sending_socket_gets_the_ack_in_the_place_of_the_event() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let socket = world.connect(&anna);
    let send = |id: &str| {
        let id: ClientMessageId = id.parse().unwrap();
        message::send_from_socket(&world.app, &socket.outbox, to(&ben), (words_of("hello"), id))
            .unwrap();
    };
    send("a");
    assert_eq!(written_next(&socket).await, ["ack:a:1"]);
    world.say(&ben, to(&anna), "hi").await.unwrap();
    send("b");
    send("a");
    let mut words = written_next(&socket).await;
    while words.len() < 3 {
        words.extend(written_next(&socket).await);
    }
    assert_eq!(words, ["1:hi", "ack:b:3", "dup:a:1"]);
}

#[tokio::test]
async fn a_delete_empties_what_still_waits() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let socket = world.connect(&ben);
    let sent = world.say(&anna, to(&ben), "a secret").await.unwrap();
    let id = MessageId { conversation: sent.conversation, seq: sent.seq };
    message::edit(&world.app, &anna, id, Text::parse("another secret").unwrap()).await.unwrap();
    message::delete(&world.app, &anna, id).await.unwrap();
    assert_eq!(written(&socket), ["1:-", "2:[edit -]", "3:[delete]"]);
}

#[tokio::test]
async fn whoever_is_removed_is_told_so_and_nothing_more() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = club(&world, &anna, &[&ben]).await;
    world.settle().await;
    let socket = world.connect(&ben);
    world.say(&anna, into(id), "before").await.unwrap();
    group::remove(&world.app, &anna, id, ben.user).await.unwrap();
    world.say(&anna, into(id), "after").await.unwrap();
    assert_eq!(written(&socket), ["1:before", "2:[member]"]);
}

#[tokio::test]
async fn a_slow_client_costs_only_the_names_of_conversations() {
    let world = World::new().await;
    let (anna, ben, eve) =
        (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let socket = world.connect(&ben);
    for number in 0..=WINDOW_FRAMES_MAX {
        world.say(&anna, to(&ben), &number.to_string()).await.unwrap();
    }
    world.say(&eve, to(&ben), "hello").await.unwrap();
    let heads = written(&socket);
    assert_eq!(heads.len(), 1, "{heads:?}");
    let mut named: Vec<_> = heads[0].trim_start_matches("dirty:").split(',').collect();
    named.sort_unstable();
    assert_eq!(named, ["1", &(WINDOW_FRAMES_MAX + 1).to_string()]);
    world.say(&anna, to(&ben), "live again").await.unwrap();
    assert_eq!(written(&socket), ["1:live again"]);
}

#[tokio::test]
async fn a_client_that_acks_is_slow_when_it_stops_acking() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let socket = world.connect(&ben);
    socket.outbox.acked(0);
    let mut told = 0;
    for number in 0..WINDOW_FRAMES_MAX + 10 {
        world.say(&anna, to(&ben), &number.to_string()).await.unwrap();
        told += written(&socket).len();
    }
    assert_eq!(told, WINDOW_FRAMES_MAX);
    socket.outbox.acked(u64::try_from(WINDOW_FRAMES_MAX).unwrap());
    assert_eq!(written(&socket), [format!("dirty:{}", WINDOW_FRAMES_MAX + 10)]);
}

#[tokio::test]
async fn a_lost_socket_is_resumed_where_it_stopped() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let socket = world.connect(&ben);
    for number in 1..=3 {
        world.say(&anna, to(&ben), &number.to_string()).await.unwrap();
    }
    written(&socket);
    world.app.hub().leave(&socket, world.app.now());
    world.say(&anna, to(&ben), "4").await.unwrap();
    let place = (ben.user, ben.session);
    let ticket = socket.outbox.ticket();
    let resumed = world.app.hub().resume(place, (ticket, 2)).expect("the place is kept");
    assert_eq!(written(&resumed), ["3:3", "4:4"]);
    assert_eq!(socket.outbox.take(socket.attachment).map(|_| ()), Err(End::Replaced));
    let stolen = world.app.hub().resume((anna.user, anna.session), (ticket, 2));
    assert!(stolen.is_none());
}

/// Found by the simulator: a socket that waited for a slow disk when its client came back over another one was then woken
/// in place of that one.
#[tokio::test]
async fn a_socket_that_was_replaced_is_not_woken_in_place_of_its_successor() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let former = world.connect(&ben);
    world.app.hub().leave(&former, world.app.now());
    let (place, ticket) = ((ben.user, ben.session), former.outbox.ticket());
    let present = world.app.hub().resume(place, (ticket, 0)).expect("the place is kept");
    written(&present);
    let mut waiting = JoinSet::new();
    waiting.spawn(async move { written_next(&present).await });
    tokio::task::yield_now().await;
    let refused = former.outbox.wake_by(former.attachment, Waker::noop());
    assert_eq!(refused, Err(End::Replaced));
    world.say(&anna, to(&ben), "hello").await.unwrap();
    assert_eq!(waiting.join_all().await, [["1:hello"]]);
}

#[tokio::test]
async fn a_revoked_session_gets_nothing_more() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let socket = world.connect(&ben);
    message::send(&world.app, &anna, to(&ben), with_id("hello", "a")).await.unwrap();
    session::logout(&world.app, &ben).await.unwrap();
    assert_eq!(socket.outbox.take(socket.attachment).map(|_| ()), Err(End::Revoked));
}

#[tokio::test]
async fn two_nodes_over_one_store_tell_each_others_sockets() {
    let memory = store::backend::Memory::new();
    let bus = bus::Bus::local();
    let node = async |seed| {
        let (env, _) = app::Env::manual(seed, domain::Timestamp::from_ms(1_767_268_800_000));
        let store = store::Store::Memory(memory.clone());
        app::App::start(store, bus.clone(), env, app::Settings::default()).await.unwrap()
    };
    let (one, two) = (node(1).await, node(2).await);
    tokio::task::yield_now().await;
    let world = World::over(memory.clone(), 1_767_268_800_000).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let socket = two.hub().join((ben.user, ben.session), two.env());
    for words in ["hello", "there"] {
        message::send(&one, &anna, to(&ben), words_of(words)).await.unwrap();
    }
    let mut words = Vec::new();
    while words.len() < 2 {
        words.extend(written_next(&socket).await);
    }
    assert_eq!(words, ["1:hello", "2:there"]);
}

#[tokio::test]
async fn whoever_is_removed_on_another_node_is_told_so_and_nothing_more() {
    let memory = store::backend::Memory::new();
    let bus = bus::Bus::local();
    let node = async |seed| {
        let (env, _) = app::Env::manual(seed, domain::Timestamp::from_ms(1_767_268_800_000));
        let store = store::Store::Memory(memory.clone());
        app::App::start(store, bus.clone(), env, app::Settings::default()).await.unwrap()
    };
    let world = World::over(memory.clone(), 1_767_268_800_000).await;
    let (anna, ben, eve) =
        (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = club(&world, &anna, &[&ben, &eve]).await;
    world.settle().await;
    let (one, two) = (node(1).await, node(2).await);
    tokio::task::yield_now().await;
    let sockets = [&ben, &eve].map(|actor| two.hub().join((actor.user, actor.session), two.env()));
    message::send(&one, &anna, into(id), words_of("before")).await.unwrap();
    let [of_ben, of_eve] = &sockets;
    let events = |words: Vec<String>| -> Vec<String> {
        words.into_iter().filter(|word| !word.starts_with("dirty")).collect()
    };
    let heard = async |socket, last: &str| {
        let mut words = Vec::new();
        while !words.iter().any(|word: &String| word.ends_with(last)) {
            words.extend(events(written_next(socket).await));
        }
        words
    };
    for socket in &sockets {
        assert_eq!(heard(socket, ":before").await, ["1:before"]);
    }
    let removed = group::remove(&one, &anna, id, ben.user);
    let (removed, sent) =
        tokio::join!(removed, message::send(&one, &anna, into(id), words_of("after")));
    removed.unwrap();
    sent.unwrap();
    assert_eq!(heard(of_eve, ":after").await, ["2:[member]", "3:after"]);
    assert_eq!(events(written(of_ben)), ["2:[member]"]);
}

#[tokio::test]
async fn a_delete_finds_what_waits_however_much_came_after() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let socket = world.connect(&ben);
    let sent = world.say(&anna, to(&ben), "a secret").await.unwrap();
    assert_eq!(written(&socket), ["1:a secret"]);
    for number in 0..2 * WINDOW_FRAMES_MAX {
        world.say(&anna, to(&ben), &number.to_string()).await.unwrap();
    }
    let id = MessageId { conversation: sent.conversation, seq: sent.seq };
    message::delete(&world.app, &anna, id).await.unwrap();
    world.app.hub().leave(&socket, world.app.now());
    let place = (ben.user, ben.session);
    let resumed = world.app.hub().resume(place, (socket.outbox.ticket(), 0)).expect("kept");
    assert_eq!(written(&resumed).first().map(String::as_str), Some("1:-"));
}

#[tokio::test]
async fn whoever_may_not_have_heard_of_dirty_starts_cold() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let socket = world.connect(&ben);
    for number in 0..=WINDOW_FRAMES_MAX {
        world.say(&anna, to(&ben), &number.to_string()).await.unwrap();
    }
    assert_eq!(written(&socket).len(), 1, "only dirty");
    let (place, ticket) = ((ben.user, ben.session), socket.outbox.ticket());
    world.app.hub().leave(&socket, world.app.now());
    assert!(world.app.hub().resume(place, (ticket, 0)).is_none());
    world.say(&anna, to(&ben), "after").await.unwrap();
    assert_eq!(written(&socket), ["1:after"]);
    assert!(world.app.hub().resume(place, (ticket, 1)).is_some(), "it has seen what came after");
}

#[tokio::test]
async fn who_joins_later_is_not_shown_old_texts_by_an_edit() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = club(&world, &anna, &[]).await;
    let old = world.say(&anna, into(id), "before you came").await.unwrap();
    group::add(&world.app, &anna, id, ben.user).await.unwrap();
    let socket = world.connect(&ben);
    let target = MessageId { conversation: id, seq: old.seq };
    message::edit(&world.app, &anna, target, Text::parse("not for you").unwrap()).await.unwrap();
    assert_eq!(written(&socket), ["1:[edit]"]);
    let page = message::page(&world.app, ben.user, id, (old.seq, 200)).await.unwrap();
    assert!(page.events.iter().all(|(_, target)| target.is_none()));
}
