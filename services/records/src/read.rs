//! Reads a folder back: what was written since a moment, and what could not be read.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use domain::Timestamp;
use serde::de::DeserializeOwned;

use crate::bar::MarkBar;
use crate::closed::ClosedPosition;
use crate::entry::Kind;
use crate::ledger::segment;
use crate::moment::Moment;
use crate::shadow::ShadowRecord;

/// Notes on bad lines that are kept; the rest is only counted.
pub const NOTES_MAX: usize = 10;
/// Before the time in each line that we write.
const BEFORE_TIME: &str = "{\"timestamp\":\"";

/// Lines that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Malformed {
    /// How many.
    pub count: u64,
    /// The first of them: where and why.
    pub notes: Vec<String>,
}

/// Everything that a folder holds since a moment, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Decisions.
    pub decisions: Vec<ShadowRecord>,
    /// Closed positions.
    pub closed: Vec<ClosedPosition>,
    /// Marks, since the first of these positions was opened.
    pub bars: Vec<MarkBar>,
    /// What could not be read.
    pub malformed: Malformed,
}

/// Reads the folder `dir`, or, where it is a file, that file as decisions.
///
/// # Errors
/// Those of the file system.
pub fn folder(dir: &Path, since: Timestamp) -> io::Result<Found> {
    let mut bad = Malformed::default();
    if dir.is_file() {
        let mut decisions = lines(&[dir.into()], since, &mut bad)?;
        decisions.sort_by_key(|it: &ShadowRecord| it.timestamp);
        return Ok(Found {
            decisions,
            malformed: bad,
            ..Found::default()
        });
    }
    let of = |kind| paths(dir, kind);
    let mut decisions: Vec<ShadowRecord> = lines(&of(Kind::Shadow)?, since, &mut bad)?;
    let mut closed: Vec<ClosedPosition> = lines(&of(Kind::Closed)?, since, &mut bad)?;
    let begin = closed.iter().map(|it| it.opened_at.get()).min();
    let begin = begin.map_or(since, |begin| begin - crate::bar::BAR);
    let mut bars: Vec<MarkBar> = lines(&of(Kind::Marks)?, begin, &mut bad)?;
    decisions.sort_by_key(|it| it.timestamp);
    closed.sort_by_key(|it| it.timestamp);
    bars.sort_by_key(|it| it.timestamp);
    Ok(Found {
        decisions,
        closed,
        bars,
        malformed: bad,
    })
}

/// The files of a kind, the oldest first, the one that grows last.
fn paths(dir: &Path, kind: Kind) -> io::Result<Vec<PathBuf>> {
    let segments = segment::list(dir)?;
    let closed = segments.iter().filter(|it| it.kind() == kind);
    let mut paths: Vec<_> = closed.filter_map(|it| Some(it.lines()?.into())).collect();
    let active = segment::active(dir, kind);
    if active.is_file() {
        paths.push(active);
    }
    Ok(paths)
}

/// Rows of `paths` that are not older than `since`.
fn lines<T: DeserializeOwned>(
    paths: &[PathBuf],
    since: Timestamp,
    bad: &mut Malformed,
) -> io::Result<Vec<T>> {
    let mut rows = Vec::new();
    for path in paths {
        for (line, number) in BufReader::new(File::open(path)?).split(b'\n').zip(1_u64..) {
            let line = line?;
            let Ok(line) = str::from_utf8(&line) else {
                bad.note(path, number, "is no text");
                continue;
            };
            if line.trim().is_empty() || is_older(line, since) {
                continue;
            }
            match serde_json::from_str(line) {
                Ok(row) => rows.push(row),
                Err(error) => bad.note(path, number, &error.to_string()),
            }
        }
    }
    Ok(rows)
}

fn is_older(line: &str, since: Timestamp) -> bool {
    let time = || Moment::parse(line.strip_prefix(BEFORE_TIME)?.split('"').next()?);
    time().is_some_and(|time| time.get() < since)
}

impl Malformed {
    fn note(&mut self, path: &Path, number: u64, why: &str) {
        self.count += 1;
        if self.notes.len() < NOTES_MAX {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.notes.push(format!("{name}:{number}: {why}"));
        }
    }
}
