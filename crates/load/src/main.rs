//! `kith-load`: how fast is Kith, and what does it cost?
//!
//! Starts a server with a throw-away data folder, plays people against it from one thread, and prints rates, latencies,
//! processor time, memory, flushes and disk space, beside what the machine itself can do. What is deliberately not here:
//! judging what is right (that is `checker`'s, to which everything goes with `--check`), and any knowledge of how the
//! server works inside; only the people of a run are put into its store by the store's own tables, since registering
//! them one by one would take an hour.

mod cli;
mod clock;
mod compare;
mod crowd;
mod figures;
mod group;
mod growth;
mod histogram;
mod history;
mod idle;
mod machine;
mod messages;
mod mixed;
mod net;
mod overload;
mod pace;
mod posting;
mod report;
mod requests;
mod returning;
mod run;
mod scan;
mod server;
mod stored;
mod storm;
mod talk;
mod witness;
mod world;

fn main() -> anyhow::Result<()> {
    cli::run()
}
