//! Kill it at any moment: what was acked is there, in its place, once; what was deleted stays gone.
//!
//! The real binary, under load over sockets and HTTP, is killed with SIGKILL again and again and started on the same
//! folder. Every attempt and every sight is recorded; at the end all is read back and judged by the checker.
//! `KITH_SEED` repeats the choices of a run; the moments at which the kernel runs what are beyond it.

mod http_writer;
mod judge;
mod kith;
mod page_reader;
mod puller;
mod record;
mod socket_writer;
mod world;

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use kith::Kith;
use record::{Dice, Recorded};
use world::{Phase, World};

/// How often the server is killed under load.
const CYCLES: u32 = 60;
/// Acks that must arrive between two kills.
const ACKS_PER_CYCLE: u64 = 80;
/// One in so many restarts is killed while it starts.
const KILLED_AT_START: u64 = 4;
/// Nothing here takes nearly as long; what does has got stuck.
const STUCK: Duration = Duration::from_secs(60);

/// What the cycles were like.
#[derive(Default)]
struct Cycles {
    kills: u32,
    restart_ms_max: u128,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acked_survives_every_kill() {
    let mut dice = Dice::from_environment();
    record::say(&format!("KITH_SEED={}", dice.seed()));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut kith = Kith::start(folder.path()).await;
    let world = World::build(&kith, dice.next()).await;
    let mut workers = spawn_workers(&world, &mut dice);

    let cycles = kill_again_and_again(&mut kith, &world, &mut dice).await;
    world.enter(Phase::Finish);
    timeout(STUCK, world.all_have_finished()).await.expect("every send has its answer in the end");
    let heads = judge::heads(&world).await;
    world.enter(Phase::CatchUp(heads.clone()));
    let mut recorded = Recorded::default();
    while let Some(worker) =
        timeout(STUCK, workers.join_next()).await.expect("every device catches up")
    {
        recorded.append(worker.expect("no worker panics"));
    }
    let digests = judge::late_devices(&world, &heads, &mut recorded).await;
    let logs = judge::logs(&world, &heads, &mut recorded).await;
    let summary = judge::verdict(&recorded);
    judge::compare(&world, &logs, &digests, &recorded).await;
    kith.kill().await;
    kith::check_store(folder.path()).await;
    record::say(&format!(
        "{} kills, {} messages acked, {} retried, {} of them had arrived, {} events seen, \
         {} edited, {} deletes, {} hot resumes, slowest restart {} ms",
        cycles.kills,
        summary.acked,
        summary.retried,
        recorded.repeated(),
        summary.sightings,
        recorded.edits.len(),
        recorded.history.deletes.len(),
        recorded.hot_resumes,
        cycles.restart_ms_max,
    ));
}

fn spawn_workers(world: &World, dice: &mut Dice) -> JoinSet<Recorded> {
    let mut workers = JoinSet::new();
    for person in world.people.iter() {
        let writer = socket_writer::SocketWriter::new(world, person, dice.next());
        workers.spawn(writer.run());
    }
    for person in world.people.iter().step_by(2) {
        let writer = http_writer::HttpWriter::new(world, person, dice.next());
        workers.spawn(writer.run());
    }
    for person in world.people.iter().skip(1).step_by(3) {
        let reader = page_reader::PageReader::new(world, person, dice.next());
        workers.spawn(reader.run());
    }
    workers
}

/// Kills when enough was acked since the start, and a chosen number of acks more, and some turns of the scheduler more.
async fn kill_again_and_again(kith: &mut Kith, world: &World, dice: &mut Dice) -> Cycles {
    let mut cycles = Cycles::default();
    for _ in 0..CYCLES {
        let enough = world.acks() + ACKS_PER_CYCLE + dice.below(ACKS_PER_CYCLE);
        timeout(STUCK, world.acked(enough)).await.expect("sends are acked");
        dice.yield_a_while().await;
        kith.kill().await;
        cycles.kills += 1;
        world.down();
        if dice.below(KILLED_AT_START) == 0 {
            kith.kill_while_starting(dice).await;
            cycles.kills += 1;
        }
        let restarted = timeout(STUCK, kith.restart()).await.expect("it starts again");
        cycles.restart_ms_max = cycles.restart_ms_max.max(restarted.as_millis());
        world.up(kith.base());
    }
    cycles
}
