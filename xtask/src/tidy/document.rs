//! Documents speak of what exists: links, the paths and crates named in ARCHITECTURE.md, the commands in README.md.

use std::fs;
use std::path::Path;

use super::TextFile;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
/// Lines of ARCHITECTURE.md: a page to read, not to look up.
const ARCHITECTURE_LINES_MAX: usize = 250;
const README: &str = "README.md";
/// What a newcomer needs: to run it, and to prove a change.
const COMMANDS: &[&str] = &["make run", "make test"];

/// Every link of a Markdown file to another file leads somewhere.
pub(super) fn check_links(root: &Path, file: &TextFile, findings: &mut Vec<String>) {
    if !file.path.ends_with(".md") {
        return;
    }
    let folder = root.join(&file.path).parent().map(Path::to_path_buf).unwrap_or_default();
    for (number, line) in prose(&file.text) {
        for target in links(line) {
            if !folder.join(target).exists() {
                findings.push(format!(
                    "{}:{number}: links to {target}, which does not exist",
                    file.path
                ));
            }
        }
    }
}

/// ARCHITECTURE.md is short, names every crate, and names no file that does not exist.
pub(super) fn check_architecture(root: &Path, files: &[TextFile], findings: &mut Vec<String>) {
    let Some(file) = files.iter().find(|file| file.path == ARCHITECTURE) else {
        findings.push(format!("{ARCHITECTURE}: missing"));
        return;
    };
    let lines = file.text.lines().count();
    if lines > ARCHITECTURE_LINES_MAX {
        findings.push(format!("{ARCHITECTURE}: {lines} lines, at most {ARCHITECTURE_LINES_MAX}"));
    }
    for (number, line) in prose(&file.text) {
        for path in paths(line).filter(|path| !root.join(path).exists()) {
            findings.push(format!("{ARCHITECTURE}:{number}: names {path}, which does not exist"));
        }
    }
    for folder in crates(root) {
        if !file.text.contains(&format!("`{folder}`")) {
            findings.push(format!("{ARCHITECTURE}: does not name `{folder}`"));
        }
    }
}

/// README.md shows the commands, each at the start of a line of its own.
pub(super) fn check_readme(files: &[TextFile], findings: &mut Vec<String>) {
    let text = files.iter().find(|file| file.path == README).map_or("", |file| file.text.as_str());
    for command in COMMANDS.iter().filter(|command| !shows(text, command)) {
        findings.push(format!("{README}: does not show `{command}`"));
    }
}

fn shows(text: &str, command: &str) -> bool {
    let mut rests = text.lines().filter_map(|line| line.strip_prefix(command));
    rests.any(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn crates(root: &Path) -> Vec<String> {
    let folders = fs::read_dir(root.join("crates")).into_iter().flatten().flatten();
    let names = folders.filter(|folder| folder.path().join("Cargo.toml").exists());
    let mut names: Vec<String> =
        names.map(|folder| format!("crates/{}", folder.file_name().to_string_lossy())).collect();
    names.push("xtask".to_owned());
    names.sort();
    names
}

/// The numbered lines outside code blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// Targets of links inside the repository, without the heading they jump to.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    local.filter_map(|target| target.split('#').next()).filter(|target| !target.is_empty())
}

/// What stands in backticks and looks like a path in this repository: not a route, not a shell line, not a pattern.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|text| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
        let ending = [".rs", ".md", ".toml"].iter().any(|ending| text.ends_with(ending));
        (text.contains('/') || ending) && !text.starts_with('/') && text.chars().all(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_the_repository_are_found() {
        let line = "See [one](docs/one.md#two), [site](https://example.org), [here](#below), [two](../two.md).";
        assert_eq!(links(line).collect::<Vec<_>>(), ["docs/one.md", "../two.md"]);
    }

    #[test]
    fn paths_are_told_from_routes_and_code() {
        let line = "`crates/app/src/desk.rs`, `POST /message/send`, `/socket`, `app::desk`, `Cargo.toml`, `kith.v1`, `*.rs`";
        assert_eq!(paths(line).collect::<Vec<_>>(), ["crates/app/src/desk.rs", "Cargo.toml"]);
    }

    #[test]
    fn commands_are_shown_on_lines_of_their_own() {
        assert!(shows("Start:\n\nmake run     # builds and starts\n", "make run"));
        assert!(shows("make test", "make test"));
        assert!(!shows("You could make run of it\nmake runs", "make run"));
    }

    #[test]
    fn code_blocks_are_not_read() {
        let text = "one\n```\n[x](nowhere.md)\n```\ntwo";
        assert_eq!(prose(text).map(|(number, _)| number).collect::<Vec<_>>(), [1, 5]);
    }
}
