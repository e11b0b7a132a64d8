//! The authorisation matrix: every operation and every frame, asked by every kind of caller, for every state of its
//! object, against the one table in `domain::access`.
//!
//! Beside the answers themselves it is checked that refusals of one kind are the same bytes, that no answer holds
//! what its reader may not know, and that nobody's socket is told what its owner may not see.

mod histories;
mod judge;
mod operation;
mod rest;
mod scene;
mod socket;
mod streams;
mod world;

use std::collections::BTreeSet;

use domain::access::{self, Answer, Object, Row};

use crate::operation::Operation;
use crate::world::World;

#[test]
fn every_operation_has_rows_and_every_row_an_operation() {
    let frames = socket::frames().into_iter().map(|frame| format!("frame_{frame}"));
    let operations: BTreeSet<String> =
        operation::operations().into_iter().map(|operation| operation.id).chain(frames).collect();
    let rows: BTreeSet<String> = access::rows().map(|row| row.operation.to_owned()).collect();
    let missing: Vec<_> = operations.difference(&rows).collect();
    let unknown: Vec<_> = rows.difference(&operations).collect();
    assert!(missing.is_empty(), "operations without a row in domain::access: {missing:?}");
    assert!(unknown.is_empty(), "rows of domain::access without an operation: {unknown:?}");
}

/// The places where routes are made that stand in no document.
const SOURCES: [&str; 4] = [
    include_str!("../../src/control.rs"),
    include_str!("../../src/health.rs"),
    include_str!("../../src/http.rs"),
    include_str!("../../src/web.rs"),
];

#[test]
fn every_route_beside_the_document_has_its_answer() {
    let routes = SOURCES.iter().flat_map(|source| source.split(".route(\"").skip(1));
    let made: BTreeSet<&str> = routes.filter_map(|rest| rest.split('"').next()).collect();
    let listed: BTreeSet<&str> = access::OTHER_ROUTES.iter().map(|(_, path, _)| *path).collect();
    assert!(made.len() > 5, "{made:?}");
    let missing: Vec<_> = made.difference(&listed).collect();
    assert!(missing.is_empty(), "routes that domain::access does not speak of: {missing:?}");
}

#[test]
fn every_operation_is_asked_for_every_state_of_what_it_names() {
    for operation in operation::operations() {
        let rows = access::rows().filter(|row| row.operation == operation.id);
        let asked: BTreeSet<Object> = rows.map(|row| row.object).collect();
        let missing: Vec<_> =
            operation.states().iter().filter(|state| !asked.contains(state)).collect();
        assert!(missing.is_empty(), "{} lacks rows for {missing:?}", operation.id);
    }
}

#[tokio::test]
async fn every_operation_answers_as_the_table_says() {
    let mut world = World::new().await;
    let operations = operation::operations();
    for row in access::rows() {
        if let Some(operation) = operations.iter().find(|operation| operation.id == row.operation) {
            ask(&mut world, operation, row).await;
        }
    }
    for (method, path, answer) in access::OTHER_ROUTES {
        world.ask_other_route((method, path), answer).await;
    }
    world.check_events().await;
    world.judge.report(2_000);
}

#[tokio::test]
async fn every_frame_answers_as_the_table_says() {
    let mut world = World::new().await;
    for row in access::rows().filter(|row| row.operation.starts_with("frame_")) {
        world.ask_frames(row).await;
    }
    world.check_events().await;
    world.judge.report(500);
}

/// Asks for one row on behalf of everybody.
async fn ask(world: &mut World, operation: &Operation, row: &Row) {
    for (principal, expected) in row.cells() {
        let cell = format!("{} of {:?} by {principal:?}", row.operation, row.object);
        let request = world.request(operation, row.object, principal).await;
        let answer = match operation.id.as_str() {
            "open_socket" => world.upgrade(request).await,
            _ => world.send(request).await,
        };
        world.judge.answer(&cell, expected, &answer);
        world.judge.body(&cell, world.user_of(principal), &answer.body);
        if expected == Answer::Done && operation.changes(row.object) {
            world.set_scene().await;
        }
    }
    world.read_sockets(row.operation).await;
}
