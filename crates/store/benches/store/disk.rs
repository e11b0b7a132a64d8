//! Bytes on disk for each message, when everything is merged, by table.

use std::collections::BTreeMap;
use std::path::Path;

use fjall::{Database, KeyspaceCreateOptions, Readable as _};
use store::backend::{Embedded, EmbeddedOptions};

use crate::{Outcome, say};

/// Rows and their bytes before compression.
#[derive(Default)]
struct Table {
    rows: u64,
    key_bytes: u64,
    value_bytes: u64,
}

pub(crate) fn run(folder: &Path) -> Outcome {
    // Whatever a kill has left in the journal becomes a table like the rest.
    let store = Embedded::open(folder, &EmbeddedOptions::default())?;
    store.shutdown();
    drop(store);
    let database = Database::builder(folder.join("rows")).worker_threads(1).open()?;
    let rows = database.keyspace("rows", KeyspaceCreateOptions::default)?;
    rows.rotate_memtable_and_wait()?;
    say(&format!("before the merge: {} bytes of tables", rows.disk_space()))?;
    rows.major_compact()?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in database.snapshot().iter(&rows) {
        let (key, value) = row.into_inner()?;
        let table = tables.entry(name(&key)).or_default();
        table.rows += 1;
        table.key_bytes += u64::try_from(key.len())?;
        table.value_bytes += u64::try_from(value.len())?;
    }
    let messages = tables.get("event").map_or(1, |table| table.rows).max(1);
    say("table        rows/message  key bytes  value bytes  (each row, before compression)")?;
    for (name, table) in &tables {
        say(&format!(
            "{name:12} {:12.4}  {:9.1}  {:11.1}",
            table.rows as f64 / messages as f64,
            table.key_bytes as f64 / table.rows as f64,
            table.value_bytes as f64 / table.rows as f64,
        ))?;
    }
    say(&format!(
        "{:.1} bytes on disk for each message",
        rows.disk_space() as f64 / messages as f64
    ))
}

fn name(key: &[u8]) -> String {
    match (key.first(), key.get(17)) {
        (Some(b'c'), Some(b'e')) => "event".to_owned(),
        (Some(b'c'), Some(b'd')) => "sent".to_owned(),
        (Some(b'c'), Some(b'h')) => "head".to_owned(),
        (Some(b'c'), Some(b'm')) => "member".to_owned(),
        (Some(b'j'), _) => "job".to_owned(),
        _ => "other".to_owned(),
    }
}
