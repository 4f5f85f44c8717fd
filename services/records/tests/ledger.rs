//! The folder: rotation, torn lines, Parquet, room, and a file system that refuses.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::fs;
use std::path::Path;

use common::{at, hour, shadow_line, three_days};
use domain::Span;
use records::ledger::{LedgerError, segment};
use records::{Entry, Kind, Ledger, Limits, Moment, read};
use tempfile::tempdir;

fn open(dir: &Path, limits: Limits) -> Ledger {
    Ledger::open(dir, limits).unwrap()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("shadow"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_torn_last_line_is_cut_off_and_counted_and_whole_lines_stay() {
    let dir = tempdir().unwrap();
    let mut ledger = open(dir.path(), Limits::default());
    for number in 1..=3 {
        let (moment, line) = shadow_line(at(0), number);
        ledger.append(Kind::Shadow, moment, &line).unwrap();
    }
    drop(ledger);
    let path = segment::active(dir.path(), Kind::Shadow);
    let whole = fs::read_to_string(&path).unwrap();
    let (_, torn) = shadow_line(at(0), 4);
    // Every length of a torn line, from its first byte to all but its end.
    for length in [1, torn.len() / 2, torn.len() - 1] {
        fs::write(&path, format!("{whole}{}", &torn[..length])).unwrap();
        let ledger = open(dir.path(), Limits::default());
        assert_eq!(ledger.events().healed, 1, "{length} bytes");
        assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    }
    let ledger = open(dir.path(), Limits::default());
    assert_eq!(ledger.events().healed, 0);
}

#[test]
fn a_file_of_nothing_but_a_torn_line_becomes_empty_even_where_it_is_long() {
    let dir = tempdir().unwrap();
    let path = segment::active(dir.path(), Kind::Marks);
    fs::write(&path, "x".repeat(200_000)).unwrap();
    let ledger = open(dir.path(), Limits::default());
    assert_eq!(ledger.events().healed, 1);
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn a_file_is_closed_when_it_is_full_and_when_the_day_is_over() {
    let dir = tempdir().unwrap();
    let line_len = shadow_line(at(0), 1).1.len() as u64;
    let limits = Limits {
        segment_bytes: 2 * line_len + 20,
        ..Limits::default()
    };
    let mut ledger = open(dir.path(), limits);
    // Two lines fill a file; then a day ends.
    for (number, time) in [(1, at(0)), (2, at(0)), (3, at(0)), (4, hour(24))] {
        let (moment, line) = shadow_line(time, number);
        ledger.append(Kind::Shadow, moment, &line).unwrap();
    }
    assert_eq!(ledger.events().closed, 2);
    assert_eq!(
        names(dir.path()),
        [
            "exit_brain_shadow.2025-12-10.0001.jsonl",
            "exit_brain_shadow.2025-12-10.0002.jsonl",
            "exit_brain_shadow.jsonl",
        ]
    );
    let found = read::folder(dir.path(), at(0)).unwrap();
    let numbers: Vec<_> = found
        .decisions
        .iter()
        .map(|it| it.decision.meta.number)
        .collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), Some(4)]);
}

#[test]
fn the_day_of_a_file_survives_a_restart() {
    let dir = tempdir().unwrap();
    let mut ledger = open(dir.path(), Limits::default());
    let (moment, line) = shadow_line(at(0), 1);
    ledger.append(Kind::Shadow, moment, &line).unwrap();
    drop(ledger);
    let mut ledger = open(dir.path(), Limits::default());
    let (moment, line) = shadow_line(hour(24), 2);
    ledger.append(Kind::Shadow, moment, &line).unwrap();
    assert_eq!(ledger.events().closed, 1);
}

#[test]
fn the_oldest_go_for_their_age_and_for_room_with_their_parquet() {
    let dir = tempdir().unwrap();
    let mut ledger = three_days(dir.path(), Limits::default());
    for _ in 0..3 {
        ledger.tidy(hour(48)).unwrap();
    }
    assert_eq!(ledger.events().derived, 2);
    assert_eq!(names(dir.path()).len(), 5);
    drop(ledger);
    let limits = Limits {
        keep: Span::from_hours(36),
        ..Limits::default()
    };
    let mut ledger = open(dir.path(), limits);
    ledger.tidy(hour(24 * 2 + 13)).unwrap();
    assert_eq!(
        ledger.events().removed,
        1,
        "the first day is older than 36 hours"
    );
    assert_eq!(names(dir.path()).len(), 3);
    drop(ledger);
    let limits = Limits {
        total_bytes: 1,
        ..Limits::default()
    };
    let mut ledger = open(dir.path(), limits);
    ledger.tidy(hour(48)).unwrap();
    assert_eq!(names(dir.path()), ["exit_brain_shadow.jsonl"]);
}

#[test]
fn what_a_crash_left_half_made_is_removed_and_made_again() {
    let dir = tempdir().unwrap();
    drop(three_days(dir.path(), Limits::default()));
    let half = dir
        .path()
        .join("exit_brain_shadow.2025-12-10.0001.parquet.tmp");
    fs::write(&half, "PAR1").unwrap();
    let mut ledger = open(dir.path(), Limits::default());
    assert!(!half.exists());
    ledger.tidy(hour(48)).unwrap();
    assert!(
        dir.path()
            .join("exit_brain_shadow.2025-12-10.0001.parquet")
            .exists()
    );
}

#[test]
fn a_folder_has_one_writer() {
    let dir = tempdir().unwrap();
    let _first = open(dir.path(), Limits::default());
    let second = Ledger::open(dir.path(), Limits::default()).unwrap_err();
    assert!(matches!(second, LedgerError::Taken(_)), "{second}");
}

#[test]
fn lines_that_are_none_are_counted_with_their_place() {
    let dir = tempdir().unwrap();
    let mut ledger = open(dir.path(), Limits::default());
    let (moment, line) = shadow_line(at(0), 1);
    ledger.append(Kind::Shadow, moment, &line).unwrap();
    ledger
        .append(Kind::Shadow, moment, "{\"timestamp\":1}\n")
        .unwrap();
    ledger.append(Kind::Shadow, moment, "rubbish\n").unwrap();
    let found = read::folder(dir.path(), at(0)).unwrap();
    assert_eq!(found.decisions.len(), 1);
    assert_eq!(found.malformed.count, 2);
    assert!(found.malformed.notes[0].starts_with("exit_brain_shadow.jsonl:2: "));
}

#[test]
fn what_is_older_than_asked_for_is_left_out() {
    let dir = tempdir().unwrap();
    drop(three_days(dir.path(), Limits::default()));
    assert_eq!(
        read::folder(dir.path(), hour(24)).unwrap().decisions.len(),
        2
    );
    assert_eq!(
        read::folder(dir.path(), hour(49)).unwrap().decisions.len(),
        0
    );
}

#[test]
fn an_entry_knows_its_file() {
    let entry = common::shadow(at(0), 7);
    assert_eq!(entry.kind(), Kind::Shadow);
    assert_eq!(entry.at(), Moment(at(0)));
    let line = entry.line().unwrap();
    let Entry::Shadow(record) = entry else {
        panic!("a decision")
    };
    assert_eq!(
        serde_json::from_str::<records::ShadowRecord>(&line).unwrap(),
        *record
    );
}
