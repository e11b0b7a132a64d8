//! Sessions and tokens.

use app::session;
use domain::Refusal;
use domain::text::{DeviceName, Password, Username};
use store::backend::Memory;

use crate::world::{HOUR_MS, World};

fn dead<T>() -> Result<T, app::Failure> {
    Err(Refusal::Unauthenticated.into())
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_one_answer() {
    let world = World::new().await;
    world.register("anna").await.unwrap();
    for (name, password) in [("anna", "not the password"), ("nobody", "not the password")] {
        let login = session::Login::Username(Username::parse(name).unwrap());
        let password = Password::parse_attempt(password);
        let outcome = session::login(&world.app, &login, password, DeviceName::unnamed()).await;
        assert_eq!(outcome.map(|_| ()), dead());
    }
}

#[tokio::test]
async fn a_token_dies_with_its_session_and_with_time() {
    let world = World::new().await;
    world.register("anna").await.unwrap();
    let (one, two) = (world.tokens("anna").await.unwrap(), world.tokens("anna").await.unwrap());
    let actor = session::authenticate(&world.app, &one.access).await.unwrap();
    session::revoke(&world.app, &actor, two.session).await.unwrap();
    assert_eq!(session::authenticate(&world.app, &two.access).await, dead());
    session::authenticate(&world.app, &one.access).await.expect("the other one lives");
    world.pass_ms(world.app.settings().access_token_ms);
    assert_eq!(session::authenticate(&world.app, &one.access).await, dead());
    assert_eq!(session::authenticate(&world.app, "rubbish").await, dead());
}

#[tokio::test]
async fn refreshing_rotates_and_a_lost_answer_logs_nobody_out() {
    let world = World::new().await;
    world.register("anna").await.unwrap();
    let first = world.tokens("anna").await.unwrap();
    let second = session::refresh(&world.app, &first.refresh).await.unwrap();
    let repeated = session::refresh(&world.app, &first.refresh).await.expect("the answer was lost");
    assert_eq!(repeated.refresh, second.refresh);
    let third = session::refresh(&world.app, &second.refresh).await.unwrap();
    assert_eq!(session::refresh(&world.app, &first.refresh).await.map(|_| ()), dead());
    assert_eq!(
        session::refresh(&world.app, &third.refresh).await.map(|_| ()),
        dead(),
        "the family is dead"
    );
    assert_eq!(session::authenticate(&world.app, &third.access).await, dead());
}

#[tokio::test]
async fn fifty_who_refresh_at_once_make_one_lineage() {
    let world = World::new().await;
    world.register("anna").await.unwrap();
    let first = world.tokens("anna").await.unwrap();
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (app, token) = (world.app.clone(), first.refresh.clone());
        racing.spawn(
            async move { session::refresh(&app, &token).await.map(|tokens| tokens.refresh) },
        );
    }
    let mut successors: Vec<_> = racing.join_all().await.into_iter().flatten().collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    session::refresh(&world.app, &successors[0]).await.expect("nobody was logged out");
}

#[tokio::test]
async fn the_oldest_of_too_many_devices_makes_room() {
    let world = World::new().await;
    world.register("anna").await.unwrap();
    let oldest = world.tokens("anna").await.unwrap();
    for _ in 0..domain::limits::SESSIONS_PER_USER_MAX {
        world.pass_ms(1);
        world.tokens("anna").await.unwrap();
    }
    assert_eq!(session::authenticate(&world.app, &oldest.access).await, dead());
}

/// Found by the simulator: after a clock had been ahead, two devices ended each other's session again and again, since all
/// sessions from before seemed to be used later.
#[tokio::test]
async fn of_too_many_devices_the_oldest_makes_room_also_after_a_clock_was_ahead() {
    let ahead = World::over(Memory::new(), 2 * HOUR_MS).await;
    ahead.register("anna").await.unwrap();
    for _ in 0..domain::limits::SESSIONS_PER_USER_MAX {
        ahead.tokens("anna").await.unwrap();
    }
    let world = World::over(ahead.memory.connect(), HOUR_MS).await;
    let first = world.tokens("anna").await.unwrap();
    world.tokens("anna").await.unwrap();
    session::authenticate(&world.app, &first.access).await.expect("nineteen are older");
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let world = World::new().await;
    world.person("anna").await;
    world.register("ben").await.unwrap();
    let tokens = world.tokens("ben").await.unwrap();
    app::operator::set_access(&world.app, tokens.user, app::operator::Access::Disabled)
        .await
        .unwrap();
    assert_eq!(session::authenticate(&world.app, &tokens.access).await, dead());
    assert_eq!(session::refresh(&world.app, &tokens.refresh).await.map(|_| ()), dead());
    assert_eq!(world.tokens("ben").await.map(|_| ()), dead());
}
