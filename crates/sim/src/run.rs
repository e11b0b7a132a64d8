//! One seed from beginning to end: people arrive, live with faults, and everything is looked at afterwards.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use app::account::{self, NewAccount};
use checker::{CaughtUp, Summary};
use domain::text::{Email, Name, Password, Username};
use domain::{ConversationId, Seq, UserId};
use parking_lot::Mutex;
use store::Store;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::deed;
use crate::device::{Device, Standing};
use crate::plan::{Deployment, Plan};
use crate::verdict::{self, Logs};
use crate::world::{PASSWORD, Person, Phase, World};

/// How long after the last fault everything must be answered (I8).
const ANSWERED_WITHIN: Duration = Duration::from_secs(40);
/// How long everybody may take from then on until they have everything (I8).
const CONVERGED_WITHIN: Duration = Duration::from_secs(2);
/// The same between nodes, where a hint may be lost, or come before the socket that it is for: the digest of every fifth
/// `pong` finds what it was about.
const CONVERGED_WITHIN_UNHEARD: Duration = Duration::from_secs(130);
/// How long what was begun before the last fault was over takes at most: a slow commit, and the look for a lost one.
const UNHEARD_WITHIN: Duration = Duration::from_secs(4);
/// How long it takes at most until a node has done what one that died had left: it looks twice, 5 s apart.
const SWEPT_WITHIN: Duration = Duration::from_secs(12);
/// What a node had left that died so long before the end was found in the meantime.
const LEFT_BEFORE: Duration = Duration::from_secs(10);
/// How often the end is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// What came of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// Stands for everything that happened.
    pub trace_hash: u64,
    /// How long it lasted, in simulated milliseconds.
    pub simulated_ms: u64,
    /// What the history contained.
    pub summary: Summary,
    /// What was broken.
    pub violations: Vec<String>,
    /// What led to it.
    pub story: Vec<String>,
}

/// How much is told of what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// What led to the first violation.
    Short,
    /// Everything.
    Whole,
}

thread_local! {
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Panics of this thread's run are written down (I16) instead of printed.
pub fn watch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        PANICS.with_borrow_mut(|panics| panics.push(format!("I16: {panic}")));
    }));
}

/// Runs a seed.
///
/// # Panics
/// If the runtime cannot be built, which needs nothing but memory.
pub fn run(seed: u64, deployment: Deployment, story: Story) -> Outcome {
    PANICS.with_borrow_mut(Vec::clear);
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().expect("a runtime has no needs");
    let mut outcome = runtime.block_on(live(Plan::of(seed, deployment), story));
    runtime.shutdown_background();
    PANICS.with_borrow_mut(|panics| outcome.violations.append(panics));
    outcome
}

async fn live(plan: Plan, story: Story) -> Outcome {
    let began = Instant::now();
    let seed = plan.seed;
    let mut world = World::new(plan);
    let people = arrive(&world).await;
    world.people = people;
    let world = Arc::new(world);
    for number in 0..world.plan.nodes {
        world.start_node(number).await;
    }
    found_groups(&world).await;
    world.memory().set_faults(world.plan.store);

    let mut devices = JoinSet::new();
    let mut standings = Vec::new();
    for person in &world.people {
        for number in 0..world.plan.devices {
            let device = Device::new(&world, person, u32::try_from(number).unwrap_or_default());
            standings.push((device.name(), device.standing()));
            devices.spawn(device.run());
        }
    }
    let mut chaos = JoinSet::new();
    crate::chaos::begin(&world, &mut chaos);
    sleep(Duration::from_millis(world.plan.life_ms)).await;
    world.enter(Phase::Finish);
    chaos.join_all().await;
    world.calm().await;
    finish(&world, &standings).await;
    world.enter(Phase::Over);
    devices.join_all().await;
    let summary = verdict::judge(&world).await.unwrap_or_default();
    let record = world.record.lock();
    let words = words_of(&record.violations);
    Outcome {
        seed,
        trace_hash: world.trace.hash(),
        simulated_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        summary,
        violations: record.violations.clone(),
        story: match story {
            Story::Whole => world.trace.all(),
            Story::Short => world.trace.story(&words, 60),
        },
    }
}

/// The conversations, texts and messages that the first violation names.
fn words_of(violations: &[String]) -> Vec<String> {
    let first = violations.first().map(String::as_str).unwrap_or_default();
    let words = first.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '^');
    words.filter(|word| word.len() > 20 || word.starts_with('^')).map(str::to_owned).collect()
}

/// Everybody registers, on a node that is there only for that.
async fn arrive(world: &World) -> Vec<Person> {
    let epoch = domain::Timestamp::from_ms(1_767_268_800_000);
    let (env, _) = app::Env::simulated(world.plan.seed, epoch);
    let settings = app::Settings { password_kib: 8, ..app::Settings::default() };
    let memory = world.memory().connect();
    let store = Store::Memory(memory.clone());
    let app = app::App::start(store, bus::Bus::local(), env, settings).await;
    let app = app.expect("an empty store without faults lets a node start");
    let mut people = Vec::new();
    for number in 0..world.plan.people {
        let name = format!("person{number}");
        let new = NewAccount {
            email: Email::parse(&format!("{name}@example.org")).expect("an address"),
            username: Username::parse(&name).ok(),
            name: Name::parse(&name).expect("a name"),
            password: Password::parse_new(PASSWORD).expect("a good password"),
        };
        let user = account::register(&app, new, None).await.expect("a new name");
        people.push(Person { name, user });
    }
    let _caught_up = app.settle(10_000).await;
    memory.disconnect();
    people
}

async fn found_groups(world: &Arc<World>) {
    let mut dice = world.dice();
    for _ in 0..world.plan.groups {
        let Some(owner) = dice.choose(&world.people) else { continue };
        let Some(by) = deed::sign_in(world, owner, 0).await else { continue };
        let others = world
            .people
            .iter()
            .filter(|person| person.user != owner.user && dice.chance(750))
            .map(|person| person.user)
            .collect();
        let policy = if dice.chance(500) { "all" } else { "from_join" };
        deed::found(world.clone(), by, (others, policy)).await;
    }
}

type Standings = [(checker::Device, Arc<Mutex<Standing>>)];

/// Waits until everything is answered and everybody has everything (I8).
async fn finish(world: &Arc<World>, standings: &Standings) {
    let quiet = |standing: &Mutex<Standing>| {
        let standing = standing.lock();
        standing.unanswered == 0 && standing.current
    };
    let calm_at = Instant::now();
    let may_be_left = world.has_died_within(LEFT_BEFORE);
    let patience = if may_be_left { SWEPT_WITHIN } else { UNHEARD_WITHIN };
    let deadline = calm_at + ANSWERED_WITHIN;
    while !standings.iter().all(|(_, standing)| quiet(standing)) {
        if Instant::now() > deadline {
            break;
        }
        sleep(LOOK).await;
    }
    for (name, standing) in standings.iter().filter(|(_, standing)| !quiet(standing)) {
        let standing = standing.lock();
        world.record.lock().violation(format!(
            "I8: {name} is not quiet {} s after the last fault: {} unanswered, current {}",
            ANSWERED_WITHIN.as_secs(),
            standing.unanswered,
            standing.current
        ));
    }
    // What nobody waits for any more may still be on its way to the disk.
    sleep_until(calm_at + patience).await;
    let within = if world.plan.nodes > 1 { CONVERGED_WITHIN_UNHEARD } else { CONVERGED_WITHIN };
    let deadline = Instant::now() + within;
    let store = Store::Memory(world.memory().connect());
    let people: Vec<UserId> = world.people.iter().map(|person| person.user).collect();
    loop {
        let Ok(logs) = verdict::logs(world, &store).await else { return };
        let lacking = lacking(&logs, &people, standings);
        let jobs = store::tables::job::pending(&store, None, 1).await;
        let all_done = jobs.is_ok_and(|jobs| jobs.is_empty());
        if (lacking.is_empty() && all_done) || Instant::now() > deadline {
            lacking.into_iter().for_each(|told| world.record.lock().violation(told));
            return claim(world, &logs, (&people, standings));
        }
        sleep(LOOK).await;
    }
}

/// What a device may see of a conversation now: the first place and the last.
fn due(
    (id, log): (ConversationId, &[domain::event::Event]),
    people: &[UserId],
    user: UserId,
) -> Option<(Seq, Seq)> {
    let stays = verdict::stays(id, log, people);
    let of_user = stays.get(&user)?;
    let stay = of_user.last().filter(|stay| stay.until.is_none())?;
    // A device does not go back for what it could not see during an earlier stay.
    let from = if of_user.len() > 1 { stay.joined } else { stay.from };
    Some((from, log.last()?.seq))
}

fn lacking(logs: &Logs, people: &[UserId], standings: &Standings) -> Vec<String> {
    let mut lacking = Vec::new();
    for (name, standing) in standings {
        let place = standing.lock().place.clone();
        for (id, log) in logs {
            let Some((_, head)) = due((*id, log), people, name.user) else { continue };
            let have = place.have.get(id).copied().unwrap_or_default();
            if have < head {
                lacking.push(format!("I8: {name} has {have} of {id}, which reaches {head}"));
            }
        }
    }
    lacking
}

fn claim(world: &World, logs: &Logs, (people, standings): (&[UserId], &Standings)) {
    let mut record = world.record.lock();
    if !record.violations.is_empty() {
        return;
    }
    for (device, _) in standings {
        for (id, log) in logs {
            if let Some((from, _)) = due((*id, log), people, device.user) {
                record.history.caught_up.push(CaughtUp {
                    device: *device,
                    conversation: *id,
                    from,
                });
            }
        }
    }
}
