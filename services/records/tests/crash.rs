//! A process that is killed while it writes: no line that was written is lost, none is torn.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{at, shadow_line};
use records::{Kind, Ledger, Limits, read};
use tempfile::tempdir;

/// Names the folder in which the child writes.
const FOLDER: &str = "RECORDS_CRASH_FOLDER";

/// The child: writes without end and tells each line that it has written.
#[test]
#[ignore = "the process that the other test kills"]
fn writes_until_it_is_killed() {
    let folder = env::var(FOLDER).unwrap();
    let limits = Limits {
        segment_bytes: 20_000,
        ..Limits::default()
    };
    let mut ledger = Ledger::open(Path::new(&folder), limits).unwrap();
    let mut told = std::io::stdout();
    for number in 1.. {
        let (moment, line) = shadow_line(at(0), number);
        ledger.append(Kind::Shadow, moment, &line).unwrap();
        writeln!(told, "written {number}").unwrap();
        if number % 50 == 0 {
            ledger.tidy(at(0)).unwrap();
        }
    }
}

#[test]
fn kill_nine_loses_no_line_that_was_written() {
    let dir = tempdir().unwrap();
    let mut last = 0;
    for life in 1..=3_u64 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "writes_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        let mut numbers = told
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("written ")?.parse::<u64>().ok());
        let enough = numbers.by_ref().find(|number| *number >= 200).unwrap();
        child.kill().unwrap();
        // What it still told before it died is written too.
        last += numbers.last().unwrap_or(enough);
        child.wait().unwrap();
        drop(Ledger::open(dir.path(), Limits::default()).unwrap());
        let found = read::folder(dir.path(), at(0)).unwrap();
        assert_eq!(found.malformed.count, 0, "{:?}", found.malformed.notes);
        let written = found.decisions.len() as u64;
        // At most the line that it wrote and did not get to tell.
        assert!(
            written >= last && written <= last + life,
            "{written} of {last}, {life} lives"
        );
    }
}
