//! Every frame that was recorded from the venue in 2023 and 2024 is read or tolerated.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use market::parse::{MarketEvent, parse};

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
        let reader = zstd::Decoder::new(File::open(&file).unwrap()).unwrap();
        let mut last = None;
        for line in BufReader::new(reader).lines().take(FRAMES_MAX) {
            let line = line.unwrap();
            let (_, frame) = line.split_once(' ').unwrap();
            let event = parse(frame).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            if let MarketEvent::Mark(mark) = event {
                assert!(last <= Some(mark.event_at), "{}", file.display());
                last = Some(mark.event_at);
                marks += 1;
            }
        }
    }
    assert!(marks > 0, "the feeds of 2023 have marks");
}
