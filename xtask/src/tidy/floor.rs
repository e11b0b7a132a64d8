//! The floors: a crate imports only from floors below it.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

/// What each crate may depend on, of our own crates.
const FLOORS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("wire", &["domain"]),
    ("store", &["domain"]),
    ("bus", &["domain"]),
    ("checker", &["domain"]),
    ("client", &["domain", "wire"]),
    ("crash-states", &["domain", "wire", "store", "client", "checker"]),
    ("app", &["domain", "store", "bus"]),
    ("server", &["domain", "wire", "store", "bus", "app"]),
    ("gates", &["domain", "store", "bus", "app", "server"]),
    ("hostile", &["domain", "wire", "store", "bus", "app", "server"]),
    ("sim", &["domain", "wire", "store", "bus", "app", "server", "client", "checker"]),
    ("load", &["domain", "wire", "store", "checker"]),
    ("xtask", &[]),
];
/// What the tests of any crate may use besides.
const FOR_TESTS: &[&str] = &["bus", "checker", "client", "store", "wire"];

/// One crate that uses another of ours.
#[derive(Debug, PartialEq, Eq)]
struct Edge {
    from: String,
    to: String,
    for_tests: bool,
}

pub(super) fn findings(root: &Path) -> anyhow::Result<Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("cannot start cargo")?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .context("cargo metadata did not answer with JSON")?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists no packages")?;
    let names = packages.iter().filter_map(|package| text(package, "name"));
    let mut findings: Vec<String> =
        names.filter(|name| floor_of(name).is_none()).map(unknown).collect();
    findings.extend(packages.iter().flat_map(edges).filter_map(|edge| judge(&edge)));
    Ok(findings)
}

fn unknown(name: &str) -> String {
    format!("{name}: stands on no floor, add it to FLOORS in xtask/src/tidy/floor.rs")
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field).and_then(Value::as_str)
}

fn floor_of(name: &str) -> Option<&'static [&'static str]> {
    FLOORS.iter().find(|(floor, _)| *floor == name).map(|(_, allowed)| *allowed)
}

/// The dependencies of a package that lie in this repository: those with a path.
fn edges(package: &Value) -> Vec<Edge> {
    let from = text(package, "name").unwrap_or_default();
    let dependencies = package.get("dependencies").and_then(Value::as_array);
    let ours =
        dependencies.into_iter().flatten().filter(|dependency| text(dependency, "path").is_some());
    ours.map(|dependency| Edge {
        from: from.to_owned(),
        to: text(dependency, "name").unwrap_or_default().to_owned(),
        for_tests: text(dependency, "kind") == Some("dev"),
    })
    .collect()
}

fn judge(edge: &Edge) -> Option<String> {
    let Edge { from, to, for_tests } = edge;
    let allowed =
        floor_of(from)?.contains(&to.as_str()) || (*for_tests && FOR_TESTS.contains(&to.as_str()));
    (!allowed).then(|| format!("{from}: may not depend on {to}, which is not below it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str, for_tests: bool) -> bool {
        judge(&Edge { from: from.to_owned(), to: to.to_owned(), for_tests }).is_none()
    }

    #[test]
    fn dependencies_go_down_only() {
        assert!(check("server", "app", false));
        assert!(check("app", "store", false));
        assert!(!check("app", "wire", false), "a use case knows no JSON");
        assert!(!check("store", "bus", false), "the store publishes nothing");
        assert!(!check("domain", "store", false));
        assert!(!check("app", "server", false));
    }

    #[test]
    fn tests_may_use_the_client_and_the_checker() {
        assert!(check("server", "checker", true));
        assert!(!check("server", "checker", false));
        assert!(!check("store", "app", true));
    }

    #[test]
    fn only_what_has_a_path_is_ours() {
        let package = serde_json::json!({ "name": "app", "dependencies": [
            { "name": "serde", "kind": null },
            { "name": "store", "kind": null, "path": "crates/store" },
            { "name": "client", "kind": "dev", "path": "crates/client" },
        ]});
        let edge =
            |to: &str, for_tests| Edge { from: "app".to_owned(), to: to.to_owned(), for_tests };
        assert_eq!(edges(&package), [edge("store", false), edge("client", true)]);
    }
}
