//! The runbook, run: every block in order, in one shell, against a system that it starts itself.
//! What needs a cluster is looked at in `manifests.rs`.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::env;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use snapbox::{Assert, IntoData};
use tests::book::{Block, Place, blocks};
use tests::shell::{Said, Shell};
use tests::system::binary;

const BOOK: &str = "docs/runbook.md";
/// The slowest block starts a whole system, on a machine with much else to do.
const LONGEST: Duration = Duration::from_secs(600);
/// What the commands read, copied so that they may change it.
const COPIED: [&str; 4] = ["Makefile", "k8s", "deploy", "docs"];
/// What they only use.
const LINKED: [&str; 2] = ["tests", ".tools"];

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap().to_path_buf()
}

/// A folder as somebody has it who has just got the project.
fn workplace(dir: &Path) {
    for name in COPIED {
        let copied = Command::new("cp")
            .arg("-r")
            .arg(root().join(name))
            .arg(dir)
            .status();
        assert!(copied.unwrap().success(), "{name}");
    }
    for name in LINKED {
        symlink(root().join(name), dir.join(name)).unwrap();
    }
}

/// The folder of a tool that is fetched.
fn fetched(tool: &str) -> String {
    let path = Command::new(root().join("deploy/tools").join(tool)).output();
    let path = String::from_utf8(path.unwrap().stdout).unwrap();
    let folder = Path::new(path.trim()).parent();
    folder.unwrap().to_string_lossy().into_owned()
}

/// Everything that the document calls by its name is on the path, and `make` builds nothing.
fn variables(dir: &Path) -> Vec<(&'static str, String)> {
    let built = binary("exitctl").unwrap();
    let built = built.parent().unwrap();
    let profile = match built.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let path = [
        text(built),
        fetched("fetch-nats"),
        fetched("fetch-promtool"),
        env::var("PATH").unwrap(),
    ];
    vec![
        ("PATH", path.join(":")),
        ("PROFILE", profile.into()),
        ("CARGO", "true".into()),
        ("CARGO_TARGET_DIR", text(built.parent().unwrap())),
        ("RUN_DIR", text(&dir.join(".run"))),
        ("NO_COLOR", "1".into()),
    ]
}

/// What is wrong with what a block said.
fn fault(block: &Block, said: &Said) -> Option<String> {
    let line = block.line;
    if !said.failed.is_empty() {
        let Said { output, failed } = said;
        return Some(format!(
            "line {line}: failed: {failed:#?}; it said:\n{output}"
        ));
    }
    let expected = block.said.as_ref()?;
    let assert = Assert::new().normalize_paths(false);
    let (said, expected) = (said.output.clone(), expected.clone());
    let compared = assert.try_eq(Some(&BOOK), said.into_data(), expected.into_data());
    let error = compared.err()?;
    Some(format!("line {line}: it said something else:\n{error}"))
}

#[test]
fn every_block_does_what_it_says() {
    let book = fs::read_to_string(root().join(BOOK)).unwrap();
    let all = blocks(&book).unwrap_or_else(|error| panic!("{BOOK}: {error}"));
    let (dir, notes) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    workplace(dir.path());
    let mut shell = Shell::start(dir.path(), notes.path(), &variables(dir.path())).unwrap();
    let mut faults = Vec::new();
    let here = all.iter().filter(|block| block.place == Place::Here);
    for block in here {
        writeln!(std::io::stderr(), "line {}:\n{}", block.line, block.text).unwrap();
        let said = shell.run(&block.text, LONGEST);
        let said = said.unwrap_or_else(|error| panic!("line {}: {error}", block.line));
        writeln!(std::io::stderr(), "{}", said.output).unwrap();
        faults.extend(fault(block, &said));
    }
    assert!(faults.is_empty(), "{BOOK}:\n{}", faults.join("\n"));
    let compared = all.iter().filter(|block| block.said.is_some());
    assert!(compared.count() >= 20, "a runbook says what is to be seen");
}

#[test]
fn a_block_that_fails_or_says_something_else_is_told() {
    let judged = |text: &str, output: &str, failed: &[&str]| {
        let block = blocks(text).unwrap().remove(0);
        let failed = failed.iter().map(|it| (*it).to_owned()).collect();
        let output = output.to_owned();
        fault(&block, &Said { output, failed })
    };
    let text = "```sh\nx\n```\n```text\n...\nLIVE is in force [..]ms\n```\n";
    assert_eq!(judged(text, "a\nb\nLIVE is in force 5.9ms\n", &[]), None);
    let told = judged(text, "a\nSHADOW is in force 5.9ms\n", &[]).unwrap();
    assert!(told.contains("line 1") && told.contains("SHADOW"), "{told}");
    assert!(judged(text, "LIVE is in force 5.9ms\n", &["x"]).is_some());
    assert_eq!(judged("```sh\nx\n```\n", "anything", &[]), None);
}
