//! Desks: one in-memory sequencer per active conversation.
//!
//! A desk knows the head and the members, gives out `seq`, and merges all requests that wait into one commit. It is
//! an optimisation: what makes it safe is the check of the head row in every commit. Desks of idle conversations
//! vanish.

mod batch;
mod command;

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{ConversationId, Timestamp, UserId};
use futures_util::FutureExt as _;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{App, Failure};
use batch::State;
pub(crate) use batch::{look_for_lost, standing};
pub(crate) use command::{Action, Command, Done, Idempotency, Reply};

/// Requests that one commit may carry.
const BATCH_REQUESTS_MAX: usize = 512;
/// When to try again while a desk is full, in milliseconds.
const BUSY_RETRY_MS: u64 = 250;
/// A desk that nobody used for this long vanishes.
const IDLE_MS: u64 = 60_000;

/// The desks of this node.
pub(crate) struct Desks {
    desks: Mutex<HashMap<ConversationId, Arc<Desk>>>,
}

struct Desk {
    id: ConversationId,
    queue: Mutex<Queue>,
    stale: AtomicBool,
    state: tokio::sync::Mutex<Option<State>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Command>,
    is_running: bool,
    used_at: Timestamp,
}

/// A request that found the desk full.
struct Refused {
    reply: Reply,
    failure: Failure,
}

impl Desks {
    pub(crate) fn new() -> Self {
        Self { desks: Mutex::default() }
    }

    /// Lets desks vanish that nobody used lately.
    pub(crate) fn sweep(&self, now: Timestamp) {
        self.desks.lock().retain(|_, desk| {
            let queue = desk.queue.lock();
            queue.is_running || now.since_ms(queue.used_at) < IDLE_MS
        });
    }

    /// What a desk remembers about this user is out of date: who blocked whom, or whether the account is enabled.
    pub(crate) fn forget(&self, id: ConversationId) {
        if domain::planted!(BlockNotHeard) {
            return;
        }
        if let Some(desk) = self.desks.lock().get(&id) {
            desk.stale.store(true, Ordering::Release);
        }
    }

    /// As [`Desks::forget`], for every desk.
    pub(crate) fn forget_all(&self) {
        for desk in self.desks.lock().values() {
            desk.stale.store(true, Ordering::Release);
        }
    }

    fn put(&self, app: &App, id: ConversationId, command: Command) -> Result<(), Refused> {
        let desk = {
            let mut desks = self.desks.lock();
            desks.entry(id).or_insert_with(|| Arc::new(Desk::new(id))).clone()
        };
        let mut queue = desk.queue.lock();
        if queue.waiting.len() >= app.settings().desk_queue {
            return Err(Refused {
                reply: command.reply,
                failure: Failure::Busy { retry_after_ms: BUSY_RETRY_MS },
            });
        }
        queue.waiting.push_back(command);
        queue.used_at = app.now();
        let starts = !std::mem::replace(&mut queue.is_running, true);
        drop(queue);
        if starts {
            app.env().spawn("desk", run(app.clone(), desk));
        }
        Ok(())
    }
}

impl Desk {
    fn new(id: ConversationId) -> Self {
        Self {
            id,
            queue: Mutex::default(),
            stale: AtomicBool::new(false),
            state: tokio::sync::Mutex::new(None),
        }
    }

    /// The requests of the next commit. Deletes go into commits of their own, which a nearly full disk still takes.
    fn next_batch(&self) -> Vec<Command> {
        let mut queue = self.queue.lock();
        let deletes = queue.waiting.front().is_some_and(|first| first.action.frees_space());
        let alike =
            queue.waiting.iter().take_while(|command| command.action.frees_space() == deletes);
        let count = alike.take(BATCH_REQUESTS_MAX).count();
        if count == 0 {
            queue.is_running = false;
            queue.waiting = VecDeque::new();
        }
        queue.waiting.drain(..count).collect()
    }
}

async fn run(app: App, desk: Arc<Desk>) {
    let mut state = desk.state.lock().await;
    loop {
        // Whatever can be read from sockets is read first, and shares the commit.
        tokio::task::yield_now().await;
        let commands = desk.next_batch();
        if commands.is_empty() {
            return;
        }
        let commands = without_late(commands);
        if commands.is_empty() {
            continue;
        }
        if desk.stale.swap(false, Ordering::AcqRel) {
            *state = None;
        }
        // A panic costs this batch, whose senders will ask again, and not the desk.
        let batch = batch::process(&app, desk.id, &mut state, commands);
        if AssertUnwindSafe(batch).catch_unwind().await.is_err() {
            tracing::error!("a batch panicked");
            *state = None;
        }
    }
}

/// Puts off what came behind a request that was not taken for now. One after the other: what is put off here holds up
/// what came behind it in turn.
fn without_late(commands: Vec<Command>) -> Vec<Command> {
    let mut timely = Vec::with_capacity(commands.len());
    for command in commands {
        if command.reply.waits_for_another() {
            command.reply.give(Err(Failure::busy()));
        } else {
            timely.push(command);
        }
    }
    timely
}

/// Asks a conversation's desk and waits for the answer.
pub(crate) async fn ask(
    app: &App,
    id: ConversationId,
    actor: UserId,
    (action, idempotency): (Action, Option<Idempotency>),
) -> Result<Done, Failure> {
    let (reply, answer) = oneshot::channel();
    let command = Command { actor, action, idempotency, reply: Reply::Waiter(reply) };
    app.inner.desks.put(app, id, command).map_err(|refused| refused.failure)?;
    answer.await.unwrap_or_else(|_| Err(Failure::busy()))
}

/// Hands a send to a conversation's desk; the answer goes into the queue of the socket.
pub(crate) fn hand(app: &App, id: ConversationId, command: Command) {
    if let Err(refused) = app.inner.desks.put(app, id, command) {
        refused.reply.turn_away(refused.failure);
    }
}
