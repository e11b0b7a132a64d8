//! Documents that the binary itself writes, kept in the repository so that a change to them is seen in review.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

/// A file, and what `kith` is asked in order to get it.
struct Document {
    path: &'static str,
    question: &'static [&'static str],
}

const DOCUMENTS: &[Document] = &[
    Document { path: "docs/openapi.json", question: &["openapi"] },
    Document { path: "docs/kith.example.toml", question: &["config", "example"] },
];

/// Writes all documents.
pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    for document in DOCUMENTS {
        fs::write(root.join(document.path), ask(root, document.question)?)
            .with_context(|| format!("cannot write {}", document.path))?;
    }
    Ok(())
}

/// The documents that are not what the binary would write.
pub(crate) fn findings(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for document in DOCUMENTS {
        let wanted = ask(root, document.question)?;
        let found = fs::read(root.join(document.path)).unwrap_or_default();
        if found != wanted {
            findings.push(format!("{}: out of date, run `cargo xtask codegen`", document.path));
        }
    }
    Ok(findings)
}

fn ask(root: &Path, question: &[&str]) -> anyhow::Result<Vec<u8>> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "server", "--"])
        .args(question)
        .current_dir(root)
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("`kith {}` failed: {}", question.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}
