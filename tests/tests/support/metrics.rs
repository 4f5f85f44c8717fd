//! The catalog of metrics, the documents and files about it, and promtool.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diagnostics::{ReadModel, prometheus};
use tests::scrape::{Family, families};

/// The alert rules.
pub const RULES: &str = "deploy/prometheus/rules.yaml";
/// Their tests.
pub const RULE_TESTS: &str = "deploy/prometheus/rules.test.yaml";

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// Everything that is exported, whatever has happened.
pub fn catalog() -> BTreeMap<String, Family> {
    let page = prometheus::render(&ReadModel::default(), domain::Timestamp::default()).unwrap();
    families(&prometheus::classic(&page)).unwrap()
}

/// Labels by metric, as the documents have them.
pub fn documented_labels() -> BTreeMap<String, Vec<String>> {
    let rows = read("docs/metrics.md");
    let rows = rows
        .lines()
        .filter_map(|line| line.strip_prefix("| `exitbrain_"));
    let of = |row: &str| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let labels = cells[2]
            .split(", ")
            .map(|label| label.trim_matches('`').to_owned());
        let name = format!("exitbrain_{}", cells[0].trim_end_matches('`'));
        (name, labels.filter(|label| !label.is_empty()).collect())
    };
    rows.map(of).collect()
}

/// Runs promtool, or says that there is none. What it has to say to `input` must be nothing.
pub fn promtool(args: &[&str], input: &str) {
    let fetch = Command::new(root().join("deploy/tools/fetch-promtool"))
        .output()
        .unwrap();
    if !fetch.status.success() {
        let why = String::from_utf8_lossy(&fetch.stderr).replace('\n', " ");
        // Past the test runner's own capture: whoever reads the run must see what it did not show.
        let line = format!("SKIPPED: promtool {args:?}: {why}\n");
        return io::stderr().write_all(line.as_bytes()).unwrap();
    }
    let path = String::from_utf8(fetch.stdout).unwrap();
    let mut child = Command::new(path.trim())
        .args(args)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let told = child.wait_with_output().unwrap();
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (words(&told.stdout), words(&told.stderr));
    assert!(told.status.success(), "promtool {args:?}: {out}{err}");
    assert!(
        !input.is_empty() || !out.is_empty(),
        "promtool {args:?} said nothing"
    );
    assert!(
        input.is_empty() || (out + &err).is_empty(),
        "{}",
        words(&told.stderr)
    );
}
