//! `kith backup`, `kith restore` and `kith store check`.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use http_body_util::BodyExt as _;
use indicatif::ProgressBar;
use store::Store;
use store::backend::{Embedded, EmbeddedOptions};

use super::reach::Reach;
use super::say;
use crate::config::Configuration;

/// A backup holds everything that people wrote: only its owner reads it.
const BACKUP_MODE: u32 = 0o600;

/// Writes a backup beside its name, verifies it, and only then gives it its name.
pub(super) async fn backup(configuration: &Configuration, file: &Path) -> anyhow::Result<()> {
    if file.exists() {
        bail!("{} exists already; choose another name", file.display());
    }
    let partial = file.with_extension("partial");
    let mut reach = Reach::open(configuration).await?;
    let written = write(&mut reach, &partial).await;
    reach.close().await?;
    written?;
    let bar = rows_bar("verifying");
    let from = BufReader::new(File::open(&partial)?);
    let summary = store::archive::verify(from, |rows| bar.set_position(rows));
    bar.finish_and_clear();
    let summary = summary.context("the backup did not verify and was not kept")?;
    fs::rename(&partial, file)?;
    say(&format!("{} rows, {} bytes, verified: {}", summary.rows, summary.bytes, file.display()))?;
    if summary.damaged > 0 {
        bail!("{} rows were damaged in the store already; run `kith store check`", summary.damaged);
    }
    Ok(())
}

async fn write(reach: &mut Reach, partial: &Path) -> anyhow::Result<()> {
    let create =
        OpenOptions::new().write(true).create(true).truncate(true).mode(BACKUP_MODE).open(partial);
    let mut to = create.with_context(|| format!("cannot write {}", partial.display()))?;
    let bar = ProgressBar::new_spinner().with_message("backing up");
    let mut body = reach.fetch("/backup").await?;
    while let Some(frame) = body.frame().await {
        if let Ok(piece) = frame?.into_data() {
            to.write_all(&piece)?;
            bar.inc(u64::try_from(piece.len()).unwrap_or_default());
        }
    }
    bar.finish_and_clear();
    to.sync_all()?;
    Ok(())
}

/// Restores a backup into the empty data folder.
pub(super) fn restore(configuration: &Configuration, file: &Path) -> anyhow::Result<()> {
    let folder = &configuration.server.data;
    let from = BufReader::new(
        File::open(file).with_context(|| format!("cannot read {}", file.display()))?,
    );
    let bar = rows_bar("restoring");
    let summary = store::archive::restore(from, folder, |rows| bar.set_position(rows));
    bar.finish_and_clear();
    let summary =
        summary.with_context(|| format!("nothing was restored into {}", folder.display()))?;
    say(&format!("{} rows restored into {}", summary.rows, folder.display()))
}

/// Reads every record of the store.
pub(super) fn check(configuration: &Configuration) -> anyhow::Result<()> {
    let folder = &configuration.server.data;
    if !folder.exists() {
        bail!("there is no data folder {}", folder.display());
    }
    let store = Embedded::open(folder, &EmbeddedOptions::default())
        .with_context(|| format!("the data folder {}", folder.display()))?;
    let bar = rows_bar("checking");
    let decode = |key: &[u8], value: &[u8]| {
        store::tables::check_row(key, value).map_err(|_| "does not decode".to_owned())
    };
    let report = Store::Embedded(store).check(decode, |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    for finding in &report.findings {
        say(&format!("{}: {}", finding.key, finding.problem))?;
    }
    if report.damaged > 0 {
        bail!("{} of {} records are damaged", report.damaged, report.rows);
    }
    say(&format!("{} records, all good", report.rows))
}

fn rows_bar(what: &'static str) -> ProgressBar {
    ProgressBar::new_spinner().with_message(what)
}
