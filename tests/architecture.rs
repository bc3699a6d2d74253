//! The shape of the house, held by tests: which crate may know which, and what stands where.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Nothing hand-written is longer.
const LINES_MAX: usize = 500;

#[test]
fn the_domain_depends_on_values_and_nothing_that_acts() {
    let allowed = ["chrono", "cqrs-es", "serde", "serde_json", "thiserror", "uuid"];
    assert_eq!(dependencies("domain"), allowed.map(str::to_owned).into());
}

#[test]
fn arrows_point_from_the_server_to_the_rules() {
    let ours = |member: &str| -> BTreeSet<String> {
        dependencies(member).into_iter().filter(|name| name.starts_with("gatehouse")).collect()
    };
    assert_eq!(ours("."), ["domain", "projections", "web"].map(|name| format!("gatehouse-{name}")).into());
    assert_eq!(ours("projections"), ["gatehouse-domain".to_owned()].into());
    assert_eq!(ours("domain"), BTreeSet::new());
    assert_eq!(ours("web"), BTreeSet::new());
    assert_eq!(ours("sandbox"), BTreeSet::new(), "the sandbox shares no code with what it tests");
}

#[test]
fn projections_know_no_actor_provider_or_http() {
    for name in dependencies("projections") {
        assert!(!["actix", "actix-web", "reqwest", "tokio", "sqlx"].contains(&name.as_str()), "{name}");
    }
}

#[test]
fn a_provider_is_known_only_in_its_own_folder() {
    for (file, text) in sources(&["src", "projections/src", "domain/src"]) {
        let tests = file.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
        if tests || file.starts_with("src/providers/") || file.starts_with("src/bench/") {
            continue;
        }
        for word in ["graph.facebook.com", "biz_opaque", "wamid", "X-Hub-Signature", "meta::"] {
            // The registry of providers is the one place that names them all.
            assert!(!text.contains(word), "{} mentions {word}", file.display());
        }
    }
}

#[test]
fn no_release_has_the_bugs_planted_for_tests() {
    let library = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    assert!(library.contains("#[cfg(debug_assertions)]\nmod planted;"));
}

#[test]
fn only_one_client_calls_other_servers() {
    for (file, text) in sources(&["src"]) {
        let may = file == Path::new("src/outbound.rs");
        assert!(may || !text.contains("reqwest::Client"), "{} calls out by itself", file.display());
    }
}

#[test]
fn every_aggregate_has_the_same_files() {
    let folders = fs::read_dir(root().join("domain/src")).unwrap().map(|entry| entry.unwrap().path());
    let aggregates: Vec<PathBuf> = folders.filter(|path| path.is_dir()).collect();
    assert_eq!(aggregates.len(), 9);
    for folder in aggregates {
        for file in ["mod", "command", "event", "error", "decide", "tests"] {
            let found = folder.join(format!("{file}.rs")).exists() || folder.join(file).join("mod.rs").exists();
            assert!(found, "{} has no {file}", folder.display());
        }
    }
}

#[test]
fn every_module_says_what_it_is() {
    for (file, text) in sources(&["src", "domain", "projections", "sandbox", "web/src", "tests"]) {
        assert!(text.starts_with("//!"), "{} has no module documentation", file.display());
    }
}

#[test]
fn no_file_grows_past_what_one_can_read() {
    for (file, text) in sources(&["src", "domain", "projections", "sandbox", "web/src", "tests"]) {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", file.display());
    }
}

#[test]
fn the_published_description_of_the_api_is_the_one_the_server_gives() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_gatehouse")).arg("openapi").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let published = fs::read_to_string(root().join("docs/openapi.json")).unwrap();
    assert_eq!(published, told, "run `make openapi`");
}

#[test]
fn every_route_is_described() {
    let described = fs::read_to_string(root().join("docs/openapi.json")).unwrap();
    let described: serde_json::Value = serde_json::from_str(&described).unwrap();
    let paths = described["paths"].as_object().unwrap();
    let operations: usize = paths.values().map(|path| path.as_object().unwrap().len()).sum();
    let mut routes = BTreeMap::new();
    for (file, text) in sources(&["src/http"]) {
        let count =
            ["#[get(", "#[post(", "#[put(", "#[delete("].iter().map(|verb| text.matches(verb).count()).sum::<usize>();
        routes.insert(file, count);
    }
    // The description does not describe itself.
    assert_eq!(operations, routes.values().sum::<usize>() - 1, "{routes:?}");
}

/// The names under `[dependencies]` of a member.
fn dependencies(member: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

/// Every Rust file below the folders, with its text.
fn sources(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = vec![];
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
