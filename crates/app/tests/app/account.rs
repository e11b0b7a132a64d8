//! Registering.

use app::account;
use domain::refusal::Reason;
use domain::text::Password;
use domain::{ClientMessageId, Refusal};

use crate::world::{World, new_account};

#[tokio::test]
async fn the_first_account_runs_the_server_and_nobody_else_does() {
    let world = World::new().await;
    assert!(world.person("anna").await.operator);
    assert!(!world.person("ben").await.operator);
}

#[tokio::test]
async fn a_taken_name_is_refused_without_saying_which() {
    let world = World::new().await;
    world.register("anna").await.unwrap();
    let taken = Err(Refusal::Conflict(Reason::Taken).into());
    assert_eq!(world.register("anna").await, taken);
    let other_mail = account::NewAccount { email: new_account("ben").email, ..new_account("anna") };
    assert_eq!(account::register(&world.app, other_mail, None).await, taken);
    world.register("ben").await.expect("the address was given back");
}

#[tokio::test]
async fn many_who_register_one_address_at_once_make_one_account() {
    let world = World::new().await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let app = world.app.clone();
        racing
            .spawn(async move { account::register(&app, new_account("anna"), None).await.is_ok() });
    }
    let made = racing.join_all().await.into_iter().filter(|made| *made).count();
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_retry_with_the_same_key_finds_the_account_it_made() {
    let world = World::new().await;
    let key: ClientMessageId = "retry-1".parse().unwrap();
    let first = account::register(&world.app, new_account("anna"), Some(&key)).await.unwrap();
    assert_eq!(account::register(&world.app, new_account("anna"), Some(&key)).await, Ok(first));
    let other = account::NewAccount {
        password: Password::parse_new("another good one").unwrap(),
        ..new_account("anna")
    };
    let conflict = Err(Refusal::IdempotencyConflict.into());
    assert_eq!(account::register(&world.app, other, Some(&key)).await, conflict);
}
