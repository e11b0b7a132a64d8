//! Puts a told story into a new data folder: `seed FOLDER < story.json`. The people of the browser tests and of the
//! screenshots come from it, and what they wrote at times that a test can choose. The dice are not those of the
//! operating system, so that the keys in such a folder are no secrets.

mod story;
mod told;

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use app::{App, Env, Settings};
use bus::Bus;
use domain::Timestamp;
use store::Store;
use store::backend::{Embedded, EmbeddedOptions};

use story::Story;
use told::Told;

/// The seed of the dice.
const SEED: u64 = 1;
/// How long jobs may take at the end, in milliseconds.
const SETTLE_MS: u64 = 60_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).context("seed FOLDER < story.json")?;
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text)?;
    let story: Story = serde_json::from_str(&text).context("the story")?;

    let embedded = Embedded::open(Path::new(&folder), &EmbeddedOptions::default())?;
    let start = Timestamp::from_ms(story.begins_at_ms);
    let (env, clock) = Env::manual(SEED, start);
    let store = Store::Embedded(embedded.clone());
    let app = App::start(store, Bus::local(), env, Settings::default()).await;
    let app = app.map_err(|failure| anyhow::anyhow!("the store cannot be used: {failure:?}"))?;
    Told::new(app.clone(), clock).tell(story).await?;
    anyhow::ensure!(app.settle(SETTLE_MS).await == app::Settled::Yes, "jobs are left");
    tokio::task::spawn_blocking(move || embedded.shutdown()).await?;
    Ok(())
}
