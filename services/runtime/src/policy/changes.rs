//! What a policy says, and where it differs from what ships.

use domain::policy::Policy;
use toml::{Table, Value};

/// One key whose value is another than in the shipped policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The key in the policy file: `base.stop`.
    pub key: String,
    /// What ships, as it would stand in a file; none where the key is no part of it.
    pub shipped: Option<String>,
    /// What holds here; none where a row of a list is gone.
    pub here: Option<String>,
}

/// `policy` as the text of a policy file with every key.
#[must_use]
pub fn write(policy: &Policy) -> String {
    toml::to_string(policy).expect("a policy can be written")
}

/// Every key whose value differs from what ships, in the order of their names.
#[must_use]
pub fn changes(policy: &Policy) -> Vec<Change> {
    let shipped = table(&Policy::default());
    let here = table(policy);
    let mut found = Vec::new();
    differ("", Some(&shipped), Some(&here), &mut found);
    found
}

fn table(policy: &Policy) -> Value {
    Value::Table(Table::try_from(policy).expect("a policy can be written as a table"))
}

fn differ(key: &str, shipped: Option<&Value>, here: Option<&Value>, found: &mut Vec<Change>) {
    if shipped == here {
        return;
    }
    let parts = [shipped, here].map(|value| value.map(parts).unwrap_or_default());
    let [old, new] = parts;
    if old.is_empty() && new.is_empty() {
        let text = |value: Option<&Value>| value.map(ToString::to_string);
        let key = key.to_owned();
        let (shipped, here) = (text(shipped), text(here));
        found.push(Change { key, shipped, here });
        return;
    }
    for (name, value) in &old {
        let other = new.iter().find(|(other, _)| other == name);
        let other = other.map(|(_, value)| *value);
        differ(&joined(key, name), Some(*value), other, found);
    }
    for (name, value) in &new {
        if old.iter().all(|(other, _)| other != name) {
            differ(&joined(key, name), None, Some(*value), found);
        }
    }
}

/// The values of a table or a list with their keys; none for a plain value.
fn parts(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Table(table) => table.iter().map(|(key, it)| (key.clone(), it)).collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(index, it)| (index.to_string(), it)).collect()
        }
        _ => Vec::new(),
    }
}

fn joined(key: &str, name: &str) -> String {
    if key.is_empty() {
        name.to_owned()
    } else {
        format!("{key}.{name}")
    }
}
