//! Several price files as one stream in the order of their times.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use super::bars::{BarRow, read_trade};
use super::lines::Lines;
use super::recorded::Recorded;
use super::{FeedError, LeanOf, PricePoint};

/// Files open at the same time; the usual limit of a process is 1024 descriptors.
const MAX_FILES: usize = 256;

/// Files merged by time.
#[derive(Debug)]
pub struct MergedFiles {
    paths: Vec<PathBuf>,
    wanted: BTreeSet<String>,
    streams: Vec<FileStream>,
    malformed_before: u64,
}

/// What the lines of a file are.
#[derive(Debug)]
enum Format {
    Bars,
    Trades,
    Recorded(Recorded),
}

/// One file, read ahead by one point.
#[derive(Debug)]
struct FileStream {
    lines: Lines,
    format: Format,
    symbol: String,
    queue: VecDeque<PricePoint>,
    bar: Option<BarRow>,
}

impl MergedFiles {
    /// Opens one file, or all price files of a folder; of the wanted symbols only, if any.
    ///
    /// # Errors
    /// See [`FeedError`].
    pub fn open(path: &Path, wanted: &[String]) -> Result<Self, FeedError> {
        let wanted: BTreeSet<String> = wanted.iter().cloned().collect();
        let paths = if path.is_dir() {
            list(path, &wanted)?
        } else {
            vec![path.to_owned()]
        };
        let mut files = Self {
            paths,
            wanted,
            streams: Vec::new(),
            malformed_before: 0,
        };
        files.rewind()?;
        Ok(files)
    }

    /// Opens every file anew.
    ///
    /// # Errors
    /// See [`FeedError`].
    pub fn rewind(&mut self) -> Result<(), FeedError> {
        self.malformed_before = self.malformed();
        self.streams.clear();
        for path in &self.paths {
            self.streams.push(FileStream::open(path)?);
        }
        Ok(())
    }

    /// The symbols of the files' names.
    #[must_use]
    pub fn symbols(&self) -> Vec<String> {
        let names: BTreeSet<String> = self.paths.iter().map(|path| symbol_of(path)).collect();
        names.into_iter().collect()
    }

    /// Lines skipped so far, all rounds together.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        let now: u64 = self
            .streams
            .iter()
            .map(|stream| stream.lines.malformed())
            .sum();
        self.malformed_before + now
    }

    /// The earliest point of all files.
    pub fn next_point(&mut self, lean: LeanOf<'_>) -> Option<PricePoint> {
        loop {
            let heads = self
                .streams
                .iter_mut()
                .filter(|stream| !stream.queue.is_empty());
            let earliest = heads.min_by_key(|stream| stream.head_ms())?;
            let point = earliest.pop(lean)?;
            if self.wanted.is_empty() || self.wanted.contains(&point.symbol) {
                return Some(point);
            }
        }
    }
}

impl FileStream {
    fn open(path: &Path) -> Result<Self, FeedError> {
        let unreadable = |source| FeedError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let lines = Lines::open(path).map_err(unreadable)?;
        let name = path.to_string_lossy().into_owned();
        let format = if name.contains(".jsonl") {
            Format::Recorded(Recorded::default())
        } else if name.contains("trades") {
            Format::Trades
        } else {
            Format::Bars
        };
        let symbol = symbol_of(path);
        let mut stream = Self {
            lines,
            format,
            symbol,
            queue: VecDeque::new(),
            bar: None,
        };
        stream.fill();
        if stream.queue.is_empty() {
            let malformed = stream.lines.malformed();
            return Err(FeedError::NothingUsable {
                path: path.to_owned(),
                malformed,
            });
        }
        Ok(stream)
    }

    fn head_ms(&self) -> i64 {
        self.queue.front().map_or(i64::MAX, |point| point.at_ms)
    }

    fn pop(&mut self, lean: LeanOf<'_>) -> Option<PricePoint> {
        let point = self.queue.pop_front()?;
        if let Some(bar) = self.bar.take() {
            self.queue
                .extend(bar.rest(&self.symbol, lean(&self.symbol)));
        }
        if self.queue.is_empty() {
            self.fill();
        }
        Some(point)
    }

    /// Reads on to the next usable line.
    fn fill(&mut self) {
        while let Some(line) = self.lines.next_line() {
            match self.read(&line) {
                Ok(Some(point)) => {
                    self.queue.push_back(point);
                    return;
                }
                Ok(None) => {}
                Err(reason) => self.lines.skip(&reason),
            }
        }
    }

    fn read(&mut self, line: &str) -> Result<Option<PricePoint>, String> {
        let is_header = line.starts_with("open_time") || line.starts_with("trade_id");
        if is_header {
            return Ok(None);
        }
        match &mut self.format {
            Format::Bars => {
                let bar = BarRow::read(line)?;
                let first = bar.first(&self.symbol);
                self.bar = Some(bar);
                Ok(Some(first))
            }
            Format::Trades => read_trade(&self.symbol, line).map(Some),
            Format::Recorded(recorded) => recorded.read(line),
        }
    }
}

/// The price files of a folder, by name.
fn list(folder: &Path, wanted: &BTreeSet<String>) -> Result<Vec<PathBuf>, FeedError> {
    let unreadable = |source| FeedError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.to_string_lossy().into_owned();
        let plain = name.strip_suffix(".zst").unwrap_or(&name);
        let is_price_file = plain.ends_with(".csv") || plain.ends_with(".jsonl");
        if is_price_file && (wanted.is_empty() || wanted.contains(&symbol_of(&path))) {
            paths.push(path);
        }
    }
    paths.sort();
    let path = folder.to_owned();
    match paths.len() {
        0 => Err(FeedError::NoFiles { path }),
        1..=MAX_FILES => Ok(paths),
        found => Err(FeedError::TooManyFiles {
            path,
            found,
            most: MAX_FILES,
        }),
    }
}

/// `BTCUSDT` of `BTCUSDT-1m-2025.csv.zst`.
fn symbol_of(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let end = name.find(['-', '.', '_']).unwrap_or(name.len());
    name[..end].to_owned()
}
