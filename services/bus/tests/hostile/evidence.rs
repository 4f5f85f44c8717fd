//! What was tried and what came of it, as lines of a table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;

use bus::Identity;
use bus::policy::{Layout, Policy};

/// The file that gets the rows; where it is unset, nobody asked for a table.
const ROWS: &str = "HOSTILE_ROWS";

/// Attempts of one kind, all incumbents together.
#[derive(Default)]
struct Attempts {
    said: u64,
    said_refused: u64,
    listened: u64,
    listened_refused: u64,
}

pub struct Tally {
    layout: Layout,
    policy: Policy,
    groups: BTreeMap<&'static str, Attempts>,
    arrived: BTreeSet<String>,
}

impl Tally {
    pub fn new(layout: Layout, policy: Policy) -> Self {
        Self {
            layout,
            policy,
            groups: BTreeMap::new(),
            arrived: BTreeSet::new(),
        }
    }

    pub fn said(&mut self, group: &'static str, tried: u64, refused: u64) {
        let attempts = self.groups.entry(group).or_default();
        attempts.said += tried;
        attempts.said_refused += refused;
    }

    pub fn listened(&mut self, group: &'static str, tried: u64, refused: u64) {
        let attempts = self.groups.entry(group).or_default();
        attempts.listened += tried;
        attempts.listened_refused += refused;
    }

    /// Where something of `me` arrived; each module in its own name, so one row is enough for all.
    pub fn arrived(&mut self, me: Identity, subjects: &BTreeSet<String>) {
        let unnamed = |subject: &String| subject.replace(me.name(), "<module>");
        self.arrived.extend(subjects.iter().map(unnamed));
    }

    /// Appends its rows: the attempts, and where the rest arrived.
    pub fn file(&self) {
        let (layout, policy) = (name(self.layout), self.policy);
        for (group, it) in &self.groups {
            let Attempts {
                said,
                said_refused,
                listened,
                listened_refused,
            } = it;
            append(&format!(
                "1 {layout} {policy}\t| {policy} | {group} | {said} | {said_refused} \
                 | {listened} | {listened_refused} |\n"
            ));
        }
        for subject in &self.arrived {
            append(&format!(
                "2 {layout} {policy}\t| {policy} | `{subject}` |\n"
            ));
        }
    }
}

/// A trick and what came of it.
pub fn trick(layout: Layout, what: &str, outcome: &str) {
    append(&format!("3 {}\t| {what} | {outcome} |\n", name(layout)));
}

const fn name(layout: Layout) -> &'static str {
    match layout {
        Layout::Accounts => "accounts",
        Layout::Plain => "plain",
    }
}

fn append(row: &str) {
    let Some(path) = std::env::var_os(ROWS) else {
        return;
    };
    let file = OpenOptions::new().create(true).append(true).open(path);
    // One write: rows of tests that run together don't mix.
    file.unwrap().write_all(row.as_bytes()).unwrap();
}
