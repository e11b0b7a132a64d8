//! Statistics equal a recount of the logs.

use std::collections::BTreeSet;

use app::message::{self, Position};
use app::statistics::{self, Figures};
use domain::refusal::Reason;
use domain::{MessageId, Refusal};

use crate::world::{World, into, to};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn any_range_of_days_equals_a_recount() {
    let world = World::new().await;
    let people = [world.person("anna").await, world.person("ben").await, world.person("eve").await];
    let first_day = world.app.now().day();
    let mut conversations = BTreeSet::new();
    for day in 0..4_usize {
        for number in 0..=day {
            let (from, other) = (&people[number % 3], &people[(number + 1) % 3]);
            let sent = world.say(from, to(other), "hello").await.unwrap();
            conversations.insert(sent.conversation);
            if number == 0 {
                let id = MessageId { conversation: sent.conversation, seq: sent.seq };
                message::delete(&world.app, from, id).await.unwrap();
            }
        }
        world.pass_ms(DAY_MS);
    }
    let mut log = Vec::new();
    for id in conversations {
        let reader = people.iter().find(|_| true).unwrap();
        for person in &people {
            if let Ok(events) =
                message::history(&world.app, person, into(id), (Position::Newest, 200)).await
            {
                log.extend(events);
                break;
            }
        }
        assert!(reader.operator);
    }
    let day = |offset: u64| domain::time::Day::from_number(first_day.number() + offset);
    for (start, end) in [(0, 0), (0, 3), (1, 2), (3, 3), (4, 9)] {
        let within: Vec<_> =
            log.iter().filter(|event| (day(start)..=day(end)).contains(&event.at.day())).collect();
        let recount = Figures {
            messages_sent: within.len() as u64,
            active_users: within.iter().map(|event| event.sender).collect::<BTreeSet<_>>().len()
                as u64,
        };
        let figures = statistics::messages(&world.app, &people[0], (day(start), day(end))).await;
        assert_eq!(figures, Ok(recount), "days {start} to {end}");
    }
    let refused = statistics::messages(&world.app, &people[1], (day(0), day(0))).await;
    assert_eq!(refused, Err(Refusal::Forbidden(Reason::NeedsOperator).into()));
}
