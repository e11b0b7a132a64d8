//! Sockets that send and take as fast as they are served.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use anyhow::Context as _;
use app::App;
use app::group::{self, NewGroup};
use app::live::outbox::End;
use app::live::{Item, Joined};
use app::message::{Destination, NewMessage, send_from_socket};
use app::session::Actor;
use bytes::Bytes;
use domain::conversation::Settings;
use domain::member::HistoryPolicy;
use domain::text::{Name, Text};
use domain::{ClientMessageId, uuid};
use tokio::task::JoinSet;

use crate::{Cost, Counters, World};

/// The length of every text, in bytes.
const TEXT_BYTES: usize = 100;

/// Pairs of people: one of each pair writes, the other reads.
#[derive(Clone, Copy, Debug)]
pub struct Pairs {
    /// How many pairs.
    pub pairs: usize,
    /// Sends that each writer has in flight.
    pub outstanding: u64,
    /// Messages of each pair.
    pub messages: u64,
}

/// Sockets that say nothing.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// How many sockets, each of another person.
    pub sockets: usize,
}

/// Groups whose members all read, and some of whom write.
#[derive(Clone, Copy, Debug)]
pub struct Groups {
    /// Members of the one group.
    pub members: usize,
    /// How many of them write.
    pub writers: usize,
    /// Sends that each writer has in flight.
    pub outstanding: u64,
    /// Messages of each writer.
    pub messages: u64,
}

impl Pairs {
    /// Runs until every message is acknowledged and delivered, and every job is done.
    ///
    /// # Errors
    /// If people cannot be made or a send is refused.
    pub async fn run(self, world: &mut World) -> anyhow::Result<Cost> {
        let mut tasks = JoinSet::new();
        let mut sockets = Vec::with_capacity(self.pairs);
        for _ in 0..self.pairs {
            let (writer, reader) = (world.person().await?, world.person().await?);
            sockets.push((world.connect(&writer), world.connect(&reader), reader));
        }
        let before = Counters::read(world.app.store());
        for (writer, reader, actor) in sockets {
            let to = Destination::User(actor.user);
            let mut writer = Writer::new(&world.app, writer, to, (self.outstanding, self.messages));
            start(&mut tasks, async move { writer.run().await });
            start(&mut tasks, read(reader, self.messages));
        }
        let deliveries = finish(tasks).await?;
        after(world, &before, (self.messages * self.pairs as u64, deliveries)).await
    }
}

impl Idle {
    /// Registers the sockets and counts what they hold: their queues and their places in the hub. What the server's
    /// own task and buffers of a socket take is not in it.
    ///
    /// # Errors
    /// If people cannot be made.
    pub async fn run(self, world: &mut World) -> anyhow::Result<Cost> {
        let people = world.people(self.sockets).await?;
        let before = Counters::read(world.app.store());
        let sockets: Vec<Joined> = people.iter().map(|actor| world.connect(actor)).collect();
        let cost = Counters::read(world.app.store()).since(&before, (0, 0));
        drop(sockets);
        Ok(cost)
    }
}

impl Groups {
    /// Runs until every message is acknowledged and delivered, and every job is done.
    ///
    /// # Errors
    /// If people cannot be made or a send is refused.
    pub async fn run(self, world: &mut World) -> anyhow::Result<Cost> {
        let people = world.people(self.members).await?;
        let owner = people.first().context("a group has members")?;
        let id = group::create(&world.app, owner, new_group(&people)?).await;
        let id = id.map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
        world.app.settle(60_000).await;
        let mut tasks = JoinSet::new();
        let sockets: Vec<_> = people.iter().map(|actor| world.connect(actor)).collect();
        let before = Counters::read(world.app.store());
        let all = self.messages * self.writers as u64;
        for (index, socket) in sockets.into_iter().enumerate() {
            if index < self.writers {
                let to = Destination::Conversation(id);
                let mut writer =
                    Writer::new(&world.app, socket, to, (self.outstanding, self.messages));
                writer.to_read = all - self.messages;
                start(&mut tasks, async move { writer.run().await });
            } else {
                start(&mut tasks, read(socket, all));
            }
        }
        let deliveries = finish(tasks).await?;
        after(world, &before, (all, deliveries)).await
    }
}

fn new_group(people: &[Actor]) -> anyhow::Result<NewGroup> {
    Ok(NewGroup {
        settings: Settings {
            name: Name::parse("Everybody").map_err(|_| anyhow::anyhow!("not a name"))?,
            picture: None,
            history: HistoryPolicy::All,
        },
        participants: people.iter().map(|person| person.user).collect(),
        idempotency_key: None,
    })
}

async fn after(world: &World, before: &Counters, reached: (u64, u64)) -> anyhow::Result<Cost> {
    anyhow::ensure!(world.app.settle(60_000).await == app::Settled::Yes, "jobs do not catch up");
    Ok(Counters::read(world.app.store()).since(before, reached))
}

fn start(
    tasks: &mut JoinSet<anyhow::Result<u64>>,
    task: impl Future<Output = anyhow::Result<u64>> + Send + 'static,
) {
    tasks.spawn(task);
}

async fn finish(mut tasks: JoinSet<anyhow::Result<u64>>) -> anyhow::Result<u64> {
    let mut delivered = 0;
    while let Some(ended) = tasks.join_next().await {
        delivered += ended??;
    }
    Ok(delivered)
}

/// Takes events, as a socket's task does, until it has as many as it waits for.
async fn read(joined: Joined, wanted: u64) -> anyhow::Result<u64> {
    let mut taken = 0;
    while taken < wanted {
        taken += wait(&joined).await?.events;
    }
    Ok(taken)
}

/// What a socket found in its queue.
#[derive(Default)]
struct Found {
    events: u64,
    acks: u64,
}

/// Waits until the queue holds events or answers, and takes them.
async fn wait(joined: &Joined) -> anyhow::Result<Found> {
    poll_fn(|context| {
        let stands = joined.outbox.wake_by(joined.attachment, context.waker());
        match stands.map_err(ended).and_then(|()| drain(joined)) {
            Ok(Found { events: 0, acks: 0 }) => Poll::Pending,
            found => Poll::Ready(found),
        }
    })
    .await
}

fn ended(end: End) -> anyhow::Error {
    anyhow::anyhow!("the socket ends: {end:?}")
}

fn drain(joined: &Joined) -> anyhow::Result<Found> {
    let mut found = Found::default();
    let mut last = 0;
    loop {
        let items = joined.outbox.take(joined.attachment).map_err(ended)?;
        if items.is_empty() {
            break;
        }
        for item in items {
            match item {
                Item::Event(n, live) => {
                    let text = live.encoded_for(joined.outbox.user, |id, event, _target| {
                        Bytes::from(format!("{id}{}{}", event.seq.number(), event.sender))
                    });
                    anyhow::ensure!(!text.is_empty(), "an event without content");
                    found.events += 1;
                    last = n;
                }
                Item::Answer(_, Ok(_)) => found.acks += 1,
                Item::Answer(_, Err(failure)) => anyhow::bail!("a send failed: {failure:?}"),
                Item::Dirty(_) => anyhow::bail!("a socket was too slow"),
                Item::Receipt { .. }
                | Item::Typing { .. }
                | Item::Presence { .. }
                | Item::Preferences(_)
                | Item::Drain(_) => {}
            }
        }
    }
    if last > 0 {
        joined.outbox.acked(last);
    }
    Ok(found)
}

/// A socket that keeps a number of sends in flight.
struct Writer {
    app: App,
    joined: Joined,
    to: Destination,
    text: Text,
    left: u64,
    outstanding: u64,
    to_read: u64,
}

/// Makes every send of the process different.
static SENDS: AtomicU64 = AtomicU64::new(0);

impl Writer {
    fn new(app: &App, joined: Joined, to: Destination, (outstanding, left): (u64, u64)) -> Self {
        let text = Text::parse(&"x".repeat(TEXT_BYTES)).expect("a short text is one");
        Self { app: app.clone(), joined, to, text, left, outstanding, to_read: 0 }
    }

    async fn run(&mut self) -> anyhow::Result<u64> {
        let mut in_flight = 0;
        let mut read = 0;
        let mut wanted = self.left;
        while wanted > 0 || read < self.to_read {
            while in_flight < self.outstanding && self.left > 0 {
                self.send()?;
                in_flight += 1;
                self.left -= 1;
            }
            let found = wait(&self.joined).await?;
            in_flight -= found.acks;
            wanted -= found.acks;
            read += found.events;
        }
        Ok(read)
    }

    fn send(&self) -> anyhow::Result<()> {
        let number = SENDS.fetch_add(1, Ordering::Relaxed);
        let id = ClientMessageId::from_uuid(uuid::version_7(number, [0; 10]));
        let message =
            NewMessage { text: self.text.clone(), reply_to: None, client_message_id: None };
        let outbox: &Arc<_> = &self.joined.outbox;
        send_from_socket(&self.app, outbox, self.to, (message, id))
            .map_err(|failure| anyhow::anyhow!("a send was refused: {failure:?}"))
    }
}
