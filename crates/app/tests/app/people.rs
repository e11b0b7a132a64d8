//! Finding and blocking people, and preferences.

use app::{Failure, people, preference, presence};
use domain::Refusal;
use domain::preference::{Preferences, Privacy};
use domain::refusal::Reason;
use domain::text::Name;

use crate::world::{World, new_account, to, written};

#[tokio::test]
async fn people_are_found_by_words_unless_they_do_not_want_to() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("benjamin").await);
    world.settle().await;
    let names = async |words| {
        let found = people::search(&world.app, &anna, words).await?;
        Ok::<_, Failure>(
            found.iter().map(|account| account.name.as_str().to_owned()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(names("BEN").await.unwrap(), ["benjamin"]);
    assert!(names("b").await.is_err());
    let hidden = Privacy { discoverable: false, ..Privacy::default() };
    let version = preference::put(
        &world.app,
        &ben,
        Preferences { privacy: hidden, ..Preferences::default() },
    )
    .await;
    assert_eq!(version, Ok(1));
    world.settle().await;
    assert_eq!(names("ben").await.unwrap(), Vec::<String>::new());
    let stale = preference::put(&world.app, &ben, Preferences::default()).await;
    assert_eq!(stale, Err(Refusal::Conflict(Reason::StaleVersion).into()));
    let everybody = app::operator::list_users(&world.app, None, 10).await.unwrap();
    assert_eq!(everybody.len(), 2);
}

#[tokio::test]
async fn a_blocked_person_cannot_write_until_unblocked() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.say(&anna, to(&ben), "hello").await.unwrap();
    people::block(&world.app, &ben, anna.user).await.unwrap();
    let refused = Err(Refusal::Forbidden(Reason::NotAccepted).into());
    assert_eq!(world.say(&anna, to(&ben), "why?").await, refused);
    let own_block = Err(Refusal::Forbidden(Reason::BlockedByYou).into());
    assert_eq!(world.say(&ben, to(&anna), "because").await, own_block);
    people::unblock(&world.app, &ben, anna.user).await.unwrap();
    world.say(&anna, to(&ben), "thanks").await.unwrap();
}

#[tokio::test]
async fn contacts_see_who_comes_and_goes_unless_hidden() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.say(&anna, to(&ben), "hello").await.unwrap();
    world.settle().await;
    let watching = world.connect(&anna);
    let joined = world.connect(&ben);
    presence::arrived(&world.app, &joined).await.unwrap();
    assert_eq!(written(&watching), ["online"]);
    assert_eq!(written(&joined), ["online"]);
    world.app.hub().leave(&joined, world.app.now());
    presence::left(&world.app, ben.user).await.unwrap();
    assert_eq!(written(&watching), ["offline"]);
    let hidden = Privacy { show_presence: false, ..Privacy::default() };
    preference::put(&world.app, &ben, Preferences { privacy: hidden, ..Preferences::default() })
        .await
        .unwrap();
    presence::arrived(&world.app, &world.connect(&ben)).await.unwrap();
    assert_eq!(written(&watching), Vec::<String>::new());
    let (_, seen) = people::view(&world.app, &anna, ben.user).await.unwrap();
    assert_eq!(seen, presence::Presence::Hidden);
}

#[tokio::test]
async fn no_words_lead_to_everybody_or_break_the_search() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let hidden = Privacy { discoverable: false, ..Privacy::default() };
    let hide = Preferences { privacy: hidden, ..Preferences::default() };
    preference::put(&world.app, &ben, hide).await.unwrap();
    world.settle().await;
    for number in 0..=u8::MAX {
        let words = format!("\0{}", char::from(number));
        let found = people::search(&world.app, &anna, &words).await.unwrap_or_default();
        assert!(found.is_empty(), "{number}");
    }
    for words in ["a".repeat(70_000), "\u{fdfa}".repeat(80), "\u{fdfa}".repeat(81)] {
        let found = people::search(&world.app, &anna, &words).await;
        assert!(!matches!(found, Err(Failure::Damaged)), "{} bytes", words.len());
    }
}

#[tokio::test]
async fn a_name_that_folds_into_a_sentence_costs_nobody_anything() {
    let world = World::new().await;
    let name = Name::parse(&"\u{fdfa}".repeat(80)).unwrap();
    let long = app::account::NewAccount { name, ..new_account("anna") };
    app::account::register(&world.app, long, None).await.unwrap();
    world.settle().await;
    let anna = world.sign_in("anna").await;
    assert_eq!(people::search(&world.app, &anna, "ann").await.unwrap().len(), 0, "not oneself");
    let ben = world.person("ben").await;
    assert_eq!(people::search(&world.app, &ben, "ann").await.unwrap().len(), 1);
}

#[tokio::test]
async fn strangers_see_no_presence() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let _joined = world.connect(&ben);
    let (_, seen) = people::view(&world.app, &anna, ben.user).await.unwrap();
    assert_eq!(seen, presence::Presence::Hidden);
    world.say(&anna, to(&ben), "hello").await.unwrap();
    world.settle().await;
    let (_, seen) = people::view(&world.app, &anna, ben.user).await.unwrap();
    assert_eq!(seen, presence::Presence::Online);
}
