//! Access and refresh tokens.

use std::cell::RefCell;

use app::session;

use crate::world::World;

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Only what the server gave out is accepted, and only as it was given out.
pub fn judge(bytes: &[u8]) {
    let Ok(token) = str::from_utf8(bytes) else { return };
    WORLD.with_borrow_mut(|world| {
        let world = world.get_or_insert_with(World::new);
        access(world, token);
        refresh(world, token);
        // The right session with a wrong secret ends that session, as it should.
        world.restore_sessions();
    });
}

fn access(world: &World, token: &str) {
    if let Ok(actor) = world.wait(session::authenticate(&world.app, token)) {
        let issued = world.people.iter().find(|person| person.tokens.access == token);
        assert_eq!(issued.map(|person| person.user), Some(actor.user), "a token nobody was given");
    }
}

fn refresh(world: &World, token: &str) {
    if let Ok(tokens) = world.wait(session::refresh(&world.app, token)) {
        let mut issued = world.people.iter().map(|person| &person.tokens);
        let own = issued.find(|issued| issued.refresh.eq_ignore_ascii_case(token));
        assert_eq!(own.map(|own| own.session), Some(tokens.session), "a token nobody was given");
    }
}
