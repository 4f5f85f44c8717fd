//! Memory per position of the executor in LIVE, beside that of its bare picture.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::env;
use std::fs;
use std::hint::black_box;
use std::io;
use std::process::Command;

use bench::fleet::{Fleet, picture};
use serde_json::json;

use super::{note, rounded, say};

const COUNTS: [usize; 2] = [10_000, 100_000];

/// What is weighed, each in a process of its own: in one that has freed memory before, little or
/// nothing grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Weighed {
    /// The bare pictures of the positions.
    Pictures,
    /// An executor that follows them, and the bench's venue, which has such pictures too.
    Fleet,
}

pub fn run(_rounds: usize) {
    for count in COUNTS {
        match (
            apart(Weighed::Pictures, count),
            apart(Weighed::Fleet, count),
        ) {
            (Ok(bare), Ok(fleet)) => tell(count, bare, fleet - bare),
            (Err(fault), _) | (_, Err(fault)) => note(&format!("memory: {fault}")),
        }
    }
}

fn tell(count: usize, bare: f64, own: f64) {
    say(&json!({
        "bench": "memory",
        "of": { "positions": count },
        "unit": "bytes/position",
        "median": rounded(own / count as f64),
        "floor": rounded(bare / count as f64),
        "floor_is": "the pictures of the positions, without orders",
        "ratio": rounded(own / bare),
    }));
}

/// What another process of this program says to [`weigh`].
fn apart(what: Weighed, count: usize) -> io::Result<f64> {
    let name = match what {
        Weighed::Pictures => "pictures",
        Weighed::Fleet => "fleet",
    };
    let mut command = Command::new(env::current_exe()?);
    let output = command.args(["weigh", name, &count.to_string()]).output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let bytes = told.trim().parse();
    bytes.map_err(|_| io::Error::other(format!("{name} of {count} have no weight: {told:?}")))
}

/// Says by how many bytes this process grows.
pub fn weigh(what: Weighed, count: usize) {
    let bytes = match what {
        Weighed::Pictures => grown(|| (0..count).map(picture).collect::<Vec<_>>()),
        Weighed::Fleet => grown(|| Fleet::at_rest(count)),
    };
    say(&json!(bytes));
}

/// By how many bytes the resident memory has grown once `make` has made something.
fn grown<T>(make: impl FnOnce() -> T) -> f64 {
    let before = resident();
    let made = make();
    let bytes = resident() - before;
    black_box(made);
    bytes
}

/// Resident memory in bytes; 0 where the system does not tell it.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or_default() * 1_024.0
}
