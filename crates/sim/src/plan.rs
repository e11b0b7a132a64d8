//! What a seed stands for: who takes part, what they do, and which faults there are, in which strength.
//!
//! Each seed switches on a random part of the faults (swarm testing): where all are on at once, the rare ones drown.

use app::Settings;
use app::live::Window;
use store::backend::Faults;

use crate::dice::Dice;

/// A client acknowledges 32 events at a time: twice as many have to fit into a window.
const FRAMES_MIN: u64 = 64;

/// How many nodes there are over the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployment {
    /// One, as shipped.
    OneNode,
    /// Two that share the store and hear of each other by hints: what a cluster will be.
    TwoNodes,
}

/// One run, before it begins.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The seed.
    pub(crate) seed: u64,
    /// Nodes over one store.
    pub(crate) nodes: usize,
    /// People.
    pub(crate) people: usize,
    /// Devices of each.
    pub(crate) devices: usize,
    /// Groups at the start.
    pub(crate) groups: usize,
    /// How long everybody is busy, in milliseconds.
    pub(crate) life_ms: u64,
    /// The time between two things that a device does, at most, in milliseconds.
    pub(crate) pause_ms_max: u64,
    /// Texts are at most about so long.
    pub(crate) words_max: u64,
    /// How often each kind of action is chosen.
    pub(crate) weights: Vec<u64>,
    /// Sends of one burst, at most.
    pub(crate) burst_max: u64,
    /// How narrow the queues of a node are.
    pub(crate) queues: Queues,
    /// What the store suffers.
    pub(crate) store: Faults,
    /// What the network suffers.
    pub(crate) net: Net,
    /// What hints suffer, out of a thousand.
    pub(crate) bus: Hints,
    /// Times between other faults.
    pub(crate) chaos: Chaos,
}

/// What the network suffers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Net {
    /// The longest way of a chunk, in milliseconds.
    pub(crate) latency_ms_max: u64,
    /// Bytes that are taken at a time, at most.
    pub(crate) chunk_bytes_max: u64,
    /// Connections that are cut, out of a thousand.
    pub cuts_per_1000: u64,
    /// After so many bytes at most.
    pub(crate) cut_bytes_max: u64,
    /// Cuts that nobody is told of, out of a thousand.
    pub silent_per_1000: u64,
    /// Connections whose client reads slowly, out of a thousand.
    pub slow_per_1000: u64,
    /// Bytes a second that a slow client reads.
    pub(crate) slow_bytes: u64,
}

/// How narrow the queues of a node are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queues {
    /// Requests that wait at one desk.
    pub(crate) desk: usize,
    /// What waits for one client.
    pub(crate) window: Window,
}

/// What hints between nodes suffer, out of a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints {
    /// Lost.
    pub(crate) lost: u64,
    /// Late, by up to three seconds.
    pub(crate) late: u64,
    /// Doubled.
    pub(crate) doubled: u64,
}

/// The longest times between other faults, in milliseconds; none where 0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Chaos {
    /// A node crashes.
    pub(crate) crash_ms: u64,
    /// A node is stopped in good order.
    pub(crate) stop_ms: u64,
    /// A node's clock jumps.
    pub(crate) jump_ms: u64,
    /// The disk is slow for some seconds.
    pub(crate) slow_disk_ms: u64,
    /// The disk is full for some seconds.
    pub(crate) full_disk_ms: u64,
    /// A device is away for long.
    pub(crate) away_ms: u64,
    /// A device loses its memory of everything but what it keeps on disk.
    pub(crate) kill_ms: u64,
}

impl Plan {
    /// The run of a seed.
    pub(crate) fn of(seed: u64, deployment: Deployment) -> Self {
        let mut dice = Dice::new(seed ^ 0x6b69_7468);
        let d = &mut dice;
        let nodes = match deployment {
            Deployment::OneNode => 1,
            Deployment::TwoNodes => 2,
        };
        let store_faults = d.chance(600);
        let often = |d: &mut Dice, per_1000: u64, max: u64| {
            let on = store_faults && d.chance(per_1000);
            u32::try_from(if on { d.between(1, max) } else { 0 }).unwrap_or_default()
        };
        let time = |d: &mut Dice, on: u64, low: u64, high: u64| {
            if d.chance(on) { d.between(low, high) } else { 0 }
        };
        let read_ms = if d.chance(300) { 150 } else { 15 };
        Self {
            seed,
            nodes,
            people: usize::try_from(d.between(2, 5)).unwrap_or(2),
            devices: usize::try_from(d.between(1, 2)).unwrap_or(1),
            groups: usize::try_from(d.between(1, 2)).unwrap_or(1),
            life_ms: d.between(8_000, 40_000),
            pause_ms_max: d.between(100, 1_500),
            words_max: if d.chance(150) { 4_000 } else { 40 },
            weights: (0..crate::deed::KINDS).map(|_| weight(d)).collect(),
            burst_max: if d.chance(300) { d.between(60, 150) } else { d.between(10, 60) },
            queues: queues(d),
            store: Faults {
                seed: d.roll(),
                conflict_per_1000: often(d, 500, 150),
                unknown_per_1000: often(d, 500, 150),
                busy_per_1000: often(d, 400, 80),
                unavailable_per_1000: often(d, 300, 20),
                commit_ms_max: if d.chance(800) { d.between(1, 40) } else { 0 },
                read_ms_max: time(d, 300, 1, read_ms),
            },
            net: net(d),
            bus: if nodes > 1 && d.chance(700) {
                Hints {
                    lost: if d.chance(500) { d.below(400) } else { 0 },
                    late: if d.chance(500) { d.below(400) } else { 0 },
                    doubled: if d.chance(500) { d.below(400) } else { 0 },
                }
            } else {
                Hints::default()
            },
            chaos: Chaos {
                crash_ms: time(d, 550, 2_000, 15_000),
                stop_ms: time(d, 150, 5_000, 20_000),
                jump_ms: time(d, 200, 2_000, 10_000),
                slow_disk_ms: time(d, 200, 4_000, 15_000),
                full_disk_ms: time(d, 150, 4_000, 15_000),
                away_ms: time(d, 300, 3_000, 15_000),
                kill_ms: time(d, 300, 3_000, 15_000),
            },
        }
    }
}

fn weight(d: &mut Dice) -> u64 {
    match d.below(4) {
        0 => 0,
        1 => 1,
        2 => 3,
        _ => 8,
    }
}

fn queues(d: &mut Dice) -> Queues {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let as_shipped = Settings::default();
    let window = Window {
        frames: number(d.between(FRAMES_MIN, 4 * FRAMES_MIN)),
        bytes: number(d.between(20_000, 200_000)),
    };
    Queues {
        desk: if d.chance(200) { number(d.between(20, 64)) } else { as_shipped.desk_queue },
        window: if d.chance(600) { window } else { as_shipped.window },
    }
}

fn net(d: &mut Dice) -> Net {
    let faulty = d.chance(700);
    Net {
        latency_ms_max: if d.chance(800) { d.between(1, 120) } else { 1 },
        chunk_bytes_max: if d.chance(250) { d.between(1, 64) } else { 65_536 },
        cuts_per_1000: if faulty && d.chance(700) { d.between(100, 700) } else { 0 },
        cut_bytes_max: if d.chance(400) { d.between(500, 4_000) } else { d.between(500, 30_000) },
        silent_per_1000: if d.chance(200) { 200 } else { 0 },
        slow_per_1000: if faulty && d.chance(400) { d.between(100, 600) } else { 0 },
        slow_bytes: d.between(200, 6_000),
    }
}
