//! A whole deployment in one thread, from a seed: nodes over one store, people with devices, and a network between
//! them, on simulated time, with faults of every kind.
//!
//! The nodes are the shipped code: the socket, the routes, the use cases, the tables. Simulated are the disk, the
//! network, the clock and chance. After the last fault everybody has to get everything, and then all that was seen and
//! done is judged by `checker` and by a recount of what is stored. What is deliberately not here: real disks and real
//! threads (the crash tests have them), and anything that a release contains.

mod chaos;
mod deed;
mod device;
mod dice;
mod http;
mod node;
mod pipe;
mod plan;
mod record;
mod run;
mod trace;
mod verdict;
mod world;

pub use plan::Deployment;
pub use run::{Outcome, Story, run, watch_panics};
