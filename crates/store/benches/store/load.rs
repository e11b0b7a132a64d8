//! Fills a folder.

use std::path::Path;

use store::Store;
use store::backend::{Embedded, EmbeddedOptions};
use tokio::task::JoinSet;

use crate::machine::{cpu, memory_kib, now};
use crate::messages::Talk;
use crate::{Outcome, say};

/// Messages of one conversation.
pub(crate) const TALK_MESSAGES: u64 = 1000;
/// Conversations that grow at the same time.
const AT_ONCE: u64 = 128;
/// Messages of one batch.
const BATCH_MESSAGES: u64 = 10;

pub(crate) async fn run(folder: &Path, messages: u64) -> Outcome {
    let embedded = Embedded::open(folder, &EmbeddedOptions::default())?;
    let store = Store::Embedded(embedded.clone());
    let (start, cpu_before) = (now(), cpu());
    let talks = (messages / TALK_MESSAGES).max(1);
    let workers = AT_ONCE.min(talks);
    let mut tasks = JoinSet::new();
    for worker in 0..workers {
        tasks.spawn(fill(store.clone(), (worker, workers, talks), messages.min(TALK_MESSAGES)));
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let (seconds, used) = (start.elapsed().as_secs_f64(), cpu() - cpu_before);
    say(&format!(
        "loaded {messages} messages: {:.0}/s, CPU {:.2} µs/message; memory {} KiB, anonymous {} KiB",
        messages as f64 / seconds,
        used.as_secs_f64() * 1e6 / messages as f64,
        memory_kib("VmRSS"),
        memory_kib("RssAnon"),
    ))?;
    drop(store);
    tokio::task::spawn_blocking(move || embedded.shutdown()).await?;
    Ok(())
}

/// Every conversation of one worker, one after the other in steps, as many grow at the same time.
async fn fill(
    store: Store,
    (worker, workers, talks): (u64, u64, u64),
    messages: u64,
) -> Result<(), store::CommitError> {
    let mut own: Vec<Talk> =
        (worker..talks).step_by(usize::try_from(workers).unwrap_or(1)).map(Talk::new).collect();
    for _ in 0..messages / BATCH_MESSAGES {
        for talk in &mut own {
            talk.commit(&store, BATCH_MESSAGES).await?;
        }
    }
    Ok(())
}
