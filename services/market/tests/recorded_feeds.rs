//! Every frame that was recorded from the venue in 2023 and 2024 is read or tolerated, and the
//! books of 2024 give the spread that they had.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use domain::{Span, Timestamp};
use market::parse::{MarketEvent, parse};
use market::spread::Spread;

/// Frames that are looked at in each file: enough to hold every kind, quick enough for each run.
const FRAMES_MAX: usize = 20_000;

fn feeds() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/market/feeds");
    let Ok(entries) = fs::read_dir(&folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    files
}

/// The frames of one file, each with the moment at which it was received.
fn frames(file: &Path) -> impl Iterator<Item = (Timestamp, String)> {
    let reader = zstd::Decoder::new(File::open(file).unwrap()).unwrap();
    let lines = BufReader::new(reader).lines().take(FRAMES_MAX);
    lines.map(|line| {
        let line = line.unwrap();
        let (received, frame) = line.split_once(' ').unwrap();
        let time: i64 = received.parse().unwrap();
        // Microseconds in 2023, nanoseconds in 2024.
        let micros = if received.len() > 16 {
            time / 1_000
        } else {
            time
        };
        (Timestamp::from_micros(micros), frame.to_owned())
    })
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn recorded_frames_are_read_or_tolerated() {
    let files = feeds();
    if files.is_empty() {
        eprintln!("skipped: ../shared/data/market/feeds is absent");
        return;
    }
    let mut marks = 0;
    for file in files {
        let mut last = None;
        for (_, frame) in frames(&file) {
            let event = parse(&frame).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            if let MarketEvent::Mark(mark) = event {
                assert!(last <= Some(mark.event_at), "{}", file.display());
                last = Some(mark.event_at);
                marks += 1;
            }
        }
    }
    assert!(marks > 0, "the feeds of 2023 have marks");
}

/// The spread of the first minute of each file's books, a fraction: computed by other means, as the
/// plain mean over time.
const SPREADS: [(&str, &str); 4] = [
    ("BTCUSDT-2024-07-18", "0.00000156"),
    ("BTCUSDT-2024-07-19", "0.00000162"),
    ("ETHUSDT-2024-07-18", "0.00000292"),
    ("ETHUSDT-2024-07-19", "0.00000293"),
];

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn the_books_of_2024_give_their_spread() {
    let files = feeds();
    for (name, expected) in SPREADS {
        let is_it = |file: &&PathBuf| file.to_string_lossy().contains(name);
        let Some(file) = files.iter().find(is_it) else {
            eprintln!("skipped: ../shared/data/market/feeds has no {name}");
            continue;
        };
        let mut spread = Spread::default();
        let mut end = None;
        for (received, frame) in frames(file) {
            let Ok(MarketEvent::Book(book)) = parse(&frame) else {
                continue;
            };
            let end = *end.get_or_insert(received + Span::from_secs(60));
            if received > end {
                break;
            }
            spread.push(received, book.bid, book.ask);
        }
        let found = spread.mean(end.unwrap()).map(|mean| mean.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{name}");
    }
}
