//! Opening: what a start waits for.

use std::path::Path;

use store::backend::{Embedded, EmbeddedOptions};

use crate::machine::{cpu, memory_kib, now};
use crate::{Outcome, say};

pub(crate) fn run(folder: &Path) -> Outcome {
    let (start, before) = (now(), cpu());
    let embedded = Embedded::open(folder, &EmbeddedOptions::default())?;
    let (opened, used) = (start.elapsed(), cpu() - before);
    say(&format!(
        "opened in {:.1} ms (CPU {:.0} ms); memory {} KiB, anonymous {} KiB, at most {} KiB",
        opened.as_secs_f64() * 1e3,
        used.as_secs_f64() * 1e3,
        memory_kib("VmRSS"),
        memory_kib("RssAnon"),
        memory_kib("VmHWM"),
    ))?;
    embedded.shutdown();
    drop(embedded);
    say(&format!("open and closed in {:.1} ms", start.elapsed().as_secs_f64() * 1e3))
}
