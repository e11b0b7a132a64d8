//! What the compiler does not check: the floors, the size of files, and that documents speak of what exists.

mod document;
mod floor;
mod source;

use std::fs;
use std::path::Path;

use anyhow::Context;

/// Made by tools or by running Kith. In a second work tree `.git` is a file.
const SKIPPED: &[&str] = &[
    ".git",
    ".hypothesis",
    ".pytest_cache",
    ".venv",
    "__pycache__",
    "data",
    "dist",
    "node_modules",
    "target",
];

/// A text file of the repository.
struct TextFile {
    /// Relative to the repository, with `/`.
    path: String,
    text: String,
}

/// Everything that is untidy, in a stable order.
pub(crate) fn findings(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    collect(root, root, &mut files)?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let mut findings = floor::findings(root)?;
    for file in &files {
        source::check(file, &mut findings);
        document::check_links(root, file, &mut findings);
    }
    document::check_architecture(root, &files, &mut findings);
    document::check_readme(&files, &mut findings);
    Ok(findings)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<TextFile>) -> anyhow::Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if kind.is_dir() {
            collect(root, &path, files)?;
        }
        // What is not UTF-8 is not ours to read: pictures, stored databases of earlier releases.
        if let (true, Ok(text)) = (kind.is_file(), fs::read_to_string(&path)) {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            files.push(TextFile { path: relative, text });
        }
    }
    Ok(())
}
