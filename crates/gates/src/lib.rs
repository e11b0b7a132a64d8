//! What a message costs inside one process, in figures that do not depend on how busy the machine is.
//!
//! Drives `app` over a store without HTTP or sockets, and counts allocations, commits, syncs and bytes. The binary
//! `kith-gates` prints what it counts, for profilers too; the tests hold the figures within limits. What is
//! deliberately not here: figures of a whole server under load from outside, which are `kith-load`'s.

mod workload;
mod world;

pub use workload::{Groups, Idle, Pairs};
pub use world::{Place, World};

use std::alloc::System;

use stats_alloc::StatsAlloc;

/// The allocator of whoever counts: install it as the global one.
pub static COUNTING: &StatsAlloc<System> = &stats_alloc::INSTRUMENTED_SYSTEM;

/// What a workload cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Messages that were acknowledged.
    pub messages: u64,
    /// Events that reached a receiver, senders not counted.
    pub deliveries: u64,
    /// Batches that the store committed, jobs included.
    pub commits: u64,
    /// Syncs of the store.
    pub syncs: u64,
    /// Allocations, reallocations included.
    pub allocations: u64,
    /// Bytes that were allocated and not given back.
    pub held_bytes: u64,
    /// Processor time of all threads, in nanoseconds.
    pub processor_ns: u64,
    /// Bytes on disk that the workload added.
    pub disk_bytes: u64,
}

/// Counters of the process and its store at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counters {
    commits: u64,
    syncs: u64,
    allocations: usize,
    held_bytes: usize,
    processor_ns: u64,
    disk_bytes: u64,
}

impl Counters {
    pub(crate) fn read(store: &store::Store) -> Self {
        let status = store.status();
        let stats = COUNTING.stats();
        Self {
            commits: status.committed_batches,
            syncs: status.syncs,
            allocations: stats.allocations + stats.reallocations,
            held_bytes: stats.bytes_allocated - stats.bytes_deallocated,
            processor_ns: processor_ns(),
            disk_bytes: status.disk_bytes,
        }
    }

    /// What happened since `earlier`.
    pub(crate) fn since(&self, earlier: &Self, (messages, deliveries): (u64, u64)) -> Cost {
        Cost {
            messages,
            deliveries,
            commits: self.commits - earlier.commits,
            syncs: self.syncs - earlier.syncs,
            allocations: (self.allocations - earlier.allocations) as u64,
            held_bytes: self.held_bytes.saturating_sub(earlier.held_bytes) as u64,
            processor_ns: self.processor_ns - earlier.processor_ns,
            disk_bytes: self.disk_bytes.saturating_sub(earlier.disk_bytes),
        }
    }
}

/// What all present threads have run for; nothing where the kernel does not tell.
fn processor_ns() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let told = threads.map(|thread| std::fs::read_to_string(thread.path().join("schedstat")));
    let ran =
        told.flatten().map(|line| line.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()));
    ran.flatten().sum()
}
