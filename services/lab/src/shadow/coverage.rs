//! How complete the records are: each process numbers what it says, so what is missing can be told.

use std::collections::BTreeMap;

use domain::Timestamp;
use records::read::Found;
use serde::Serialize;

/// A time in which decisions were said that the records lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Time of the last one before.
    pub from: Timestamp,
    /// Time of the first one after.
    pub until: Timestamp,
    /// How many are missing.
    pub missing: u64,
}

/// How complete the records are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Decisions in the records.
    pub recorded: u64,
    /// Decisions that were said and are not in the records.
    pub missing: u64,
    /// Decisions that are there twice; they are counted once.
    pub repeated: u64,
    /// Decisions without a number, of which nobody can tell.
    pub unnumbered: u64,
    /// Processes that decided.
    pub processes: u64,
    /// Lines that can't be read.
    pub malformed: u64,
    /// The first of those.
    pub notes: Vec<String>,
}

/// Judges the records. What a process said before its first one in the period is not known to be
/// missing, since the period may begin later than the process.
#[must_use]
pub fn coverage(found: &Found) -> (Coverage, Vec<Gap>) {
    let mut numbers: BTreeMap<u64, BTreeMap<u64, Timestamp>> = BTreeMap::new();
    let (mut repeated, mut unnumbered) = (0, 0);
    for record in &found.decisions {
        let meta = &record.decision.meta;
        let (Some(boot), Some(number)) = (meta.boot, meta.number) else {
            unnumbered += 1;
            continue;
        };
        let of_process = numbers.entry(boot).or_default();
        if of_process.insert(number, record.timestamp.get()).is_some() {
            repeated += 1;
        }
    }
    let mut gaps = Vec::new();
    for of_process in numbers.values() {
        for (one, next) in of_process.iter().zip(of_process.iter().skip(1)) {
            let missing = next.0 - one.0 - 1;
            if missing > 0 {
                gaps.push(Gap {
                    from: *one.1,
                    until: *next.1,
                    missing,
                });
            }
        }
    }
    let coverage = Coverage {
        recorded: found.decisions.len() as u64,
        missing: gaps.iter().map(|gap| gap.missing).sum(),
        repeated,
        unnumbered,
        processes: numbers.len() as u64,
        malformed: found.malformed.count,
        notes: found.malformed.notes.clone(),
    };
    (coverage, gaps)
}
