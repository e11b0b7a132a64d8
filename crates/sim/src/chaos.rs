//! Faults that come by themselves: crashes, stops, clocks that jump, disks that are slow or full.

use std::sync::Arc;
use std::time::Duration;

use store::backend::Faults;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::dice::Dice;
use crate::world::{Phase, World};

/// The longest commit of a slow disk, in milliseconds.
const SLOW_MS: u64 = 2_500;
/// How far a clock jumps at most, in milliseconds: from two hours back to two hours ahead of the truth.
const JUMP_MS: u64 = 7_200_000;

#[derive(Clone, Copy, Debug)]
enum Fault {
    Crash,
    Stop,
    Jump,
    SlowDisk,
    FullDisk,
}

/// Begins with the faults of the plan. Each ends with the life of the run, and leaves everything as it should be.
pub(crate) fn begin(world: &Arc<World>, running: &mut JoinSet<()>) {
    let chaos = world.plan.chaos;
    for (fault, every_ms) in [
        (Fault::Crash, chaos.crash_ms),
        (Fault::Stop, chaos.stop_ms),
        (Fault::Jump, chaos.jump_ms),
        (Fault::SlowDisk, chaos.slow_disk_ms),
        (Fault::FullDisk, chaos.full_disk_ms),
    ] {
        if every_ms > 0 {
            running.spawn(again_and_again(world.clone(), fault, every_ms));
        }
    }
}

async fn again_and_again(world: Arc<World>, fault: Fault, every_ms: u64) {
    let mut dice = world.dice();
    while wait(&world, dice.between(every_ms / 4, every_ms)).await {
        strike(&world, fault, &mut dice).await;
    }
}

/// Waits; false once the life of the run is over.
async fn wait(world: &World, ms: u64) -> bool {
    let until = Instant::now() + Duration::from_millis(ms);
    if !world.is_alive() {
        return false;
    }
    tokio::select! {
        biased;
        () = world.phase_after(Phase::Life) => false,
        () = sleep_until(until) => true,
    }
}

async fn strike(world: &Arc<World>, fault: Fault, dice: &mut Dice) {
    let nodes = world.plan.nodes as u64;
    let number = usize::try_from(dice.below(nodes)).unwrap_or_default();
    match fault {
        Fault::Crash if dice.chance(500) => {
            world.power_failure();
            let _life_goes_on = wait(world, dice.below(3_000)).await;
            for number in 0..world.plan.nodes {
                world.start_node(number).await;
            }
        }
        Fault::Crash => {
            world.crash_node(number);
            let _life_goes_on = wait(world, dice.below(3_000)).await;
            world.start_node(number).await;
        }
        Fault::Stop => {
            if let Some(node) = world.node(number) {
                world.trace.note(&format!("!! node {number} stops"));
                node.stop().await;
                world.crash_node(number);
                let _life_goes_on = wait(world, dice.below(1_000)).await;
                world.start_node(number).await;
            }
        }
        Fault::Jump => {
            let ahead_ms = dice.below(2 * JUMP_MS);
            world.trace.note(&format!("!! the clock of node {number} is {ahead_ms} ms ahead"));
            world.node(number).into_iter().for_each(|node| node.jump(ahead_ms));
        }
        Fault::SlowDisk => {
            world.trace.note("!! the disk is slow");
            let commit_ms_max = dice.between(200, SLOW_MS);
            world.memory().set_faults(Faults { commit_ms_max, ..world.plan.store });
            let _life_goes_on = wait(world, dice.between(500, 5_000)).await;
            world.memory().set_faults(world.plan.store);
            world.trace.note("!! the disk is as before");
        }
        Fault::FullDisk => {
            world.trace.note("!! the disk is full");
            world.memory().fill_disk();
            let _life_goes_on = wait(world, dice.between(500, 5_000)).await;
            world.memory().free_disk();
            world.trace.note("!! the disk has room");
        }
    }
}
