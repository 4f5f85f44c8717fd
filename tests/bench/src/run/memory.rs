//! Memory per position of the executor in LIVE, beside that of its bare picture.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::fs;
use std::hint::black_box;

use bench::fleet::{Fleet, picture};
use serde_json::json;

use super::{rounded, say};

const COUNTS: [usize; 2] = [10_000, 100_000];

pub fn run(_rounds: usize) {
    for count in COUNTS {
        let (pictures, bare) = grown(|| (0..count).map(picture).collect::<Vec<_>>());
        black_box(&pictures);
        drop(pictures);
        let (fleet, own) = grown(|| Fleet::at_rest(count));
        // The bench's venue keeps pictures of its own.
        let own = own - bare;
        black_box(&fleet);
        drop(fleet);
        say(&json!({
            "bench": "memory",
            "of": { "positions": count },
            "unit": "bytes/position",
            "median": rounded(own / count as f64),
            "floor": rounded(bare / count as f64),
            "floor_is": "the pictures of the positions, without orders",
            "ratio": rounded(own / bare.max(1.0)),
        }));
    }
}

/// What `make` makes, and by how many bytes the resident memory has grown.
fn grown<T>(make: impl FnOnce() -> T) -> (T, f64) {
    let before = resident();
    let made = make();
    (made, resident() - before)
}

/// Resident memory in bytes; 0 where the system does not tell it.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or_default() * 1_024.0
}
