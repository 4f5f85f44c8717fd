//! The shipped policy file says every number, exactly as it ships, and explains each.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};

use domain::policy::Policy;
use toml::{Table, Value};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/config/policy.toml")
}

fn text() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// Every key with its value, lists by index.
fn leaves(key: &str, value: &Value, found: &mut Vec<String>) {
    let key = key.trim_start_matches('.');
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                leaves(&format!("{key}.{name}"), value, found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                leaves(&format!("{key}.{index}"), value, found);
            }
        }
        value => found.push(format!("{key} = {value}")),
    }
}

fn all(table: Table) -> Vec<String> {
    let mut found = Vec::new();
    leaves("", &Value::Table(table), &mut found);
    found
}

#[test]
fn the_shipped_file_is_what_ships() {
    let policy = runtime::policy::load(Some(&path())).unwrap();
    assert_eq!(policy, Policy::default());
    assert_eq!(runtime::policy::changes(&policy), []);
}

/// A key that is left out would be as shipped, so that the file could fall behind unseen.
#[test]
fn the_shipped_file_names_every_key() {
    let shipped = all(Table::try_from(Policy::default()).unwrap());
    let named = all(text().parse().unwrap());
    let missing: Vec<&String> = shipped.iter().filter(|it| !named.contains(it)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(named.len(), shipped.len());
}

/// Rows of lists are explained by the first of their kind.
#[test]
fn the_shipped_file_explains_every_table() {
    let text = text();
    for table in text.split("\n\n").filter(|part| !part.contains("[[")) {
        assert!(table.contains('#'), "{table}");
    }
}
