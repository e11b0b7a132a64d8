//! A store that refuses, forgets to answer, and answers late: every send ends exactly once.

use std::collections::BTreeMap;

use app::message;
use app::{Failure, session::Actor};
use domain::Seq;
use store::backend::Faults;

use crate::world::{World, text_of, to, with_id};

/// Sends until the answer is final, as a client does.
async fn persist(world: &World, from: &Actor, other: &Actor, id: &str) -> Seq {
    for _ in 0..1000 {
        match message::send(&world.app, from, to(other), with_id(id, id)).await {
            Ok(sent) => return sent.seq,
            Err(Failure::Busy { .. } | Failure::Damaged) => {}
            Err(failure @ (Failure::Refused(_) | Failure::StorageFull)) => panic!("{failure:?}"),
        }
    }
    panic!("no final answer after 1000 tries");
}

#[tokio::test(start_paused = true)]
async fn every_send_ends_exactly_once_and_in_the_order_of_its_sender() {
    for seed in 0..30 {
        let world = World::new().await;
        let (anna, ben) = (world.person("anna").await, world.person("ben").await);
        world.memory.set_faults(Faults {
            seed,
            conflict_per_1000: 100,
            unknown_per_1000: 200,
            busy_per_1000: 50,
            unavailable_per_1000: 10,
            ..Faults::default()
        });
        let mut acked = BTreeMap::new();
        for number in 0..40 {
            let (from, other) = if number % 3 == 0 { (&anna, &ben) } else { (&ben, &anna) };
            let id = format!("message-{number}");
            acked.insert(persist(&world, from, other, &id).await, id);
        }
        world.memory.set_faults(Faults::default());
        let id = to(&ben).conversation(anna.user);
        let page = message::page(&world.app, anna.user, id, (Seq::ZERO, 200)).await.unwrap();
        let log: BTreeMap<_, _> =
            page.events.iter().map(|(event, _)| (event.seq, text_of(event))).collect();
        assert_eq!(log, acked, "seed {seed}");
        let order: Vec<_> = log.into_values().collect();
        assert_eq!(
            order,
            (0..40).map(|number| format!("message-{number}")).collect::<Vec<_>>(),
            "seed {seed}"
        );
    }
}
