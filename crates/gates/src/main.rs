//! `kith-gates`: runs one workload in this process and prints what it cost. Run it under `perf` or `callgrind`.
//!
//! What is deliberately not here: limits, which the tests hold.

use std::alloc::System;
use std::io::Write as _;

use clap::{Parser, Subcommand, ValueEnum};
use gates::{Cost, Groups, Pairs, Place, World};
use stats_alloc::StatsAlloc;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = gates::COUNTING;

#[derive(Parser)]
struct Arguments {
    /// Where rows are kept.
    #[arg(long, value_enum, default_value = "folder")]
    store: Kind,
    #[command(subcommand)]
    workload: Workload,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// In memory.
    Memory,
    /// In a new folder, which is removed at the end.
    Folder,
}

#[derive(Subcommand)]
enum Workload {
    /// One-to-one messages.
    Pairs {
        #[arg(long, default_value_t = 500)]
        pairs: usize,
        #[arg(long, default_value_t = 8)]
        outstanding: u64,
        #[arg(long, default_value_t = 200)]
        messages: u64,
    },
    /// Messages into one group.
    Group {
        #[arg(long, default_value_t = 1000)]
        members: usize,
        #[arg(long, default_value_t = 8)]
        writers: usize,
        #[arg(long, default_value_t = 4)]
        outstanding: u64,
        #[arg(long, default_value_t = 100)]
        messages: u64,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let cost = runtime.block_on(async {
        let place = match arguments.store {
            Kind::Memory => Place::Memory,
            Kind::Folder => Place::Folder(folder.path()),
        };
        let mut world = World::new(place).await?;
        match arguments.workload {
            Workload::Pairs { pairs, outstanding, messages } => {
                Pairs { pairs, outstanding, messages }.run(&mut world).await
            }
            Workload::Group { members, writers, outstanding, messages } => {
                Groups { members, writers, outstanding, messages }.run(&mut world).await
            }
        }
    })?;
    print(&cost)
}

fn print(cost: &Cost) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{cost:?}")?;
    for (name, number) in [("message", cost.messages), ("delivery", cost.deliveries)] {
        let per = |amount: u64| amount.checked_mul(100).unwrap_or_default() / number.max(1);
        let show = |amount: u64| format!("{}.{:02}", per(amount) / 100, per(amount) % 100);
        writeln!(
            out,
            "per {name}: {} ns processor, {} allocations, {} commits, {} syncs, {} bytes on disk",
            show(cost.processor_ns),
            show(cost.allocations),
            show(cost.commits),
            show(cost.syncs),
            show(cost.disk_bytes),
        )?;
    }
    Ok(())
}
