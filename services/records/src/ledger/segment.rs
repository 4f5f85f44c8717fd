//! Names of the files: `exit_brain_shadow.jsonl` grows; once closed it is
//! `exit_brain_shadow.2025-12-10.0001.jsonl`, with a `.parquet` of the same rows beside it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::entry::Kind;

const LINES: &str = "jsonl";
const PARQUET: &str = "parquet";
const HALF_MADE: &str = "tmp";

/// A closed file, and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    kind: Kind,
    day: String,
    number: u32,
    paths: Vec<PathBuf>,
    bytes: u64,
}

impl Segment {
    /// Which of the three files it was.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The day of its first line, UTC.
    #[must_use]
    pub fn day(&self) -> &str {
        &self.day
    }

    /// Its size on disk, with the Parquet.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its files.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Its lines, where they are still there.
    #[must_use]
    pub fn lines(&self) -> Option<&Path> {
        let is_lines = |path: &&PathBuf| path.extension().is_some_and(|it| it == LINES);
        self.paths.iter().find(is_lines).map(PathBuf::as_path)
    }

    /// Its lines, where there is no Parquet of them.
    #[must_use]
    pub fn lacks(&self) -> Option<PathBuf> {
        let is_parquet = |path: &PathBuf| path.extension().is_some_and(|it| it == PARQUET);
        if self.paths.iter().any(is_parquet) {
            return None;
        }
        self.lines().map(Path::to_path_buf)
    }
}

/// Which of the three files a closed one was, by its name.
#[must_use]
pub fn kind(path: &Path) -> Option<Kind> {
    parts(path).map(|(_, _, kind)| kind)
}

/// The file that grows.
#[must_use]
pub fn active(dir: &Path, kind: Kind) -> PathBuf {
    dir.join(format!("{}.{LINES}", kind.stem()))
}

/// Where the Parquet of these lines belongs, and where it is made.
#[must_use]
pub fn parquet(lines: &Path) -> (PathBuf, PathBuf) {
    let parquet = lines.with_extension(PARQUET);
    let half_made = lines.with_extension(format!("{PARQUET}.{HALF_MADE}"));
    (parquet, half_made)
}

/// The closed files, the oldest first.
///
/// # Errors
/// Those of the file system.
pub fn list(dir: &Path) -> io::Result<Vec<Segment>> {
    let mut found = BTreeMap::new();
    for path in names(dir)? {
        let Some((day, number, kind)) = parts(&path) else {
            continue;
        };
        // A file that has gone since it was listed has no size.
        let bytes = fs::metadata(&path).map_or(0, |it| it.len());
        let segment = found
            .entry((day.clone(), number, kind))
            .or_insert_with(|| Segment {
                kind,
                day,
                number,
                paths: Vec::new(),
                bytes: 0,
            });
        segment.paths.push(path);
        segment.bytes += bytes;
    }
    Ok(found.into_values().collect())
}

/// Files that a crash has left half made.
///
/// # Errors
/// Those of the file system.
pub fn half_made(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = names(dir)?;
    found.retain(|path| path.extension().is_some_and(|it| it == HALF_MADE));
    Ok(found)
}

/// The next free name of a closed file.
///
/// # Errors
/// Those of the file system.
pub fn next(dir: &Path, kind: Kind, day: &str) -> io::Result<PathBuf> {
    let of_day = list(dir)?;
    let numbers = of_day.iter().filter(|it| it.kind == kind && it.day == day);
    let number = numbers.map(|it| it.number).max().map_or(1, |it| it + 1);
    Ok(dir.join(format!("{}.{day}.{number:04}.{LINES}", kind.stem())))
}

/// Brings new names to the disk.
///
/// # Errors
/// Those of the file system.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn names(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir)?;
    entries.map(|entry| entry.map(|it| it.path())).collect()
}

fn parts(path: &Path) -> Option<(String, u32, Kind)> {
    let name = path.file_name()?.to_str()?;
    let [stem, day, number, extension] = name.split('.').collect::<Vec<_>>()[..] else {
        return None;
    };
    if ![LINES, PARQUET].contains(&extension) {
        return None;
    }
    let kind = Kind::ALL.into_iter().find(|kind| kind.stem() == stem)?;
    Some((day.into(), number.parse().ok()?, kind))
}
