//! Rules for single files: their size, their names, and words that have no place in them.

use super::TextFile;

/// Lines of one Rust file. There is no list of exceptions, and there shall be none.
const RUST_LINES_MAX: usize = 600;

/// What may stand in no file, and why. Written in halves, so that this file does not hold it either.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "finish it, or file it where work is planned"),
    (concat!("FIX", "ME"), "finish it, or file it where work is planned"),
    (concat!("to", "do!("), "finish it"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/Us", "ers/"), "a path of one machine"),
    (concat!("arti", "factory"), "a package registry is chosen by each machine's own settings"),
    (concat!("index.cra", "tes.io"), "a package registry is chosen by each machine's own settings"),
    (
        concat!("static.cra", "tes.io"),
        "a package registry is chosen by each machine's own settings",
    ),
    (
        concat!("registry.np", "mjs.org"),
        "a package registry is chosen by each machine's own settings",
    ),
    (
        concat!("pythonho", "sted.org"),
        "a package registry is chosen by each machine's own settings",
    ),
];

/// Lists of exact versions, which tools write.
const GENERATED: &[&str] = &["Cargo.lock", "package-lock.json"];

pub(super) fn check(file: &TextFile, findings: &mut Vec<String>) {
    let path = file.path.as_str();
    let name = path.rsplit('/').next().unwrap_or(path);
    if GENERATED.contains(&name) {
        return;
    }
    let lines = file.text.lines().count();
    if name.ends_with(".rs") && lines > RUST_LINES_MAX {
        findings
            .push(format!("{path}: {lines} lines, at most {RUST_LINES_MAX}: split it by subject"));
    }
    if name == "mod.rs" {
        findings.push(format!("{path}: a module is `name.rs` beside a folder `name`"));
    }
    for (number, line) in (1..).zip(file.text.lines()) {
        for (word, why) in FORBIDDEN.iter().filter(|(word, _)| line.contains(word)) {
            findings.push(format!("{path}:{number}: holds `{word}`: {why}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        let mut findings = Vec::new();
        check(&TextFile { path: path.to_owned(), text: text.to_owned() }, &mut findings);
        findings.len()
    }

    #[test]
    fn files_are_short_and_finished() {
        assert_eq!(found("crates/app/src/message.rs", &"line\n".repeat(RUST_LINES_MAX)), 0);
        assert_eq!(found("crates/app/src/message.rs", &"line\n".repeat(RUST_LINES_MAX + 1)), 1);
        assert_eq!(found("docs/long.md", &"line\n".repeat(RUST_LINES_MAX + 1)), 0);
        assert_eq!(found("crates/app/src/live/mod.rs", ""), 1);
        assert_eq!(found("Makefile", concat!("# TO", "DO later\n\ncd /ro", "ot/x")), 2);
        assert_eq!(found("Cargo.toml", "todo = \"warn\""), 0);
    }

    #[test]
    fn lists_that_tools_write_are_left_alone() {
        assert_eq!(found("web/package-lock.json", concat!("registry.np", "mjs.org")), 0);
    }
}
