//! The writer: a folder that refuses stops nobody and loses nothing that there is room for.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::fs;

use common::{at, shadow};
use records::{Kind, Limits, Writer, read};
use tempfile::tempdir;

#[test]
fn what_waits_while_the_folder_refuses_is_written_when_it_no_longer_does() {
    let dir = tempdir().unwrap();
    // A file where the folder should be.
    let path = dir.path().join("records");
    fs::write(&path, "in the way").unwrap();
    let mut writer = Writer::new(path.clone(), Limits::default());
    writer.take(&shadow(at(0), 1));
    writer.turn(at(0)).unwrap_err();
    writer.take(&shadow(at(0), 2));
    // It is not tried again at once.
    writer.turn(at(4_999)).unwrap();
    assert_eq!((writer.tally().refused, writer.tally().waiting), (1, 2));
    writer.turn(at(5_000)).unwrap_err();
    fs::remove_file(&path).unwrap();
    writer.turn(at(10_000)).unwrap();
    let tally = writer.tally();
    assert_eq!((tally.refused, tally.waiting, tally.lost), (2, 0, 0));
    assert_eq!(tally.written[&Kind::Shadow], 2);
    let numbers = read::folder(&path, at(0)).unwrap().decisions;
    let numbers: Vec<_> = numbers.iter().map(|it| it.decision.meta.number).collect();
    assert_eq!(numbers, [Some(1), Some(2)]);
}

#[test]
fn more_than_there_is_room_for_is_lost_the_oldest_first_and_counted() {
    let dir = tempdir().unwrap();
    let limits = Limits {
        waiting_max: 5,
        ..Limits::default()
    };
    let mut writer = Writer::new(dir.path().join("records"), limits);
    for number in 1..=8 {
        writer.take(&shadow(at(0), number));
    }
    assert_eq!(writer.tally().lost, 3);
    writer.finish(at(0)).unwrap();
    let found = read::folder(&dir.path().join("records"), at(0)).unwrap();
    assert_eq!(found.decisions.len(), 5);
    assert_eq!(found.decisions[0].decision.meta.number, Some(4));
}

#[test]
fn a_second_writer_waits_for_the_folder() {
    let dir = tempdir().unwrap();
    let mut first = Writer::new(dir.path().into(), Limits::default());
    first.turn(at(0)).unwrap();
    let mut second = Writer::new(dir.path().into(), Limits::default());
    second.take(&shadow(at(0), 1));
    let error = second.turn(at(0)).unwrap_err().to_string();
    assert!(error.contains("another process"), "{error}");
    drop(first);
    second.turn(at(5_000)).unwrap();
    assert_eq!(second.tally().written[&Kind::Shadow], 1);
}
