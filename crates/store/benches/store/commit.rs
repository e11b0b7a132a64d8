//! Durable batches of one message each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use store::Store;
use store::backend::{Embedded, EmbeddedOptions};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::machine::{cpu, now};
use crate::messages::Talk;
use crate::{Outcome, say};

const TIME: Duration = Duration::from_secs(4);

pub(crate) fn run(runtime: &Runtime) -> Outcome {
    say("outstanding  messages/s  CPU µs/message  batches/sync  building a batch, µs")?;
    let building = building();
    for outstanding in [1, 16, 256, 1024] {
        let folder = tempfile::tempdir()?;
        let embedded = Embedded::open(folder.path(), &EmbeddedOptions::default())?;
        let store = Store::Embedded(embedded);
        runtime.block_on(measure(&store, (outstanding, building)))?;
    }
    Ok(())
}

/// Time to make one batch, which the store is not to blame for.
fn building() -> Duration {
    const COUNT: u32 = 20_000;
    let mut talk = Talk::new(0);
    let before = cpu();
    for _ in 0..COUNT {
        std::hint::black_box(talk.send(1));
    }
    (cpu() - before) / COUNT
}

async fn measure(store: &Store, (outstanding, building): (u64, Duration)) -> Outcome {
    let done = Arc::new(AtomicU64::new(0));
    let (start, cpu_before, before) = (now(), cpu(), store.status());
    let mut tasks = JoinSet::new();
    for number in 0..outstanding {
        let (store, done) = (store.clone(), Arc::clone(&done));
        tasks.spawn(async move {
            let mut talk = Talk::new(number);
            while start.elapsed() < TIME {
                talk.commit(&store, 1).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<(), store::CommitError>(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let (seconds, used) = (start.elapsed().as_secs_f64(), cpu() - cpu_before);
    let done = done.load(Ordering::Relaxed);
    let status = store.status();
    let syncs = status.syncs - before.syncs;
    say(&format!(
        "{outstanding:11}  {:10.0}  {:14.2}  {:12.1}  {:.2}",
        done as f64 / seconds,
        used.as_secs_f64() * 1e6 / done as f64,
        done as f64 / syncs as f64,
        building.as_secs_f64() * 1e6,
    ))
}
