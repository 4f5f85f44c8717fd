//! From paths to tapes: which files there are, and one contract after the other in parallel.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::{Symbol, Timestamp};
use paper_exchange::feed::{Feed, Lean, PricePoint};
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::{Funding, Quote, Tape, TapeError, Tick, Wanted, funding, symbol_of};

/// Reads what is wanted, in the order of the contracts' names.
///
/// # Errors
/// [`TapeError`] where a path can't be read or nothing is left.
pub fn load(wanted: &Wanted) -> Result<Vec<Tape>, TapeError> {
    let prices = by_symbol(&wanted.data, wanted, &[".csv", ".jsonl"])?;
    let rates = by_symbol(&wanted.funding, wanted, &[".csv"])?;
    let tapes = prices
        .par_iter()
        .map(|(symbol, paths)| tape(symbol, paths, rates.get(symbol), wanted))
        .collect::<Result<Vec<Option<Tape>>, TapeError>>()?;
    let tapes: Vec<Tape> = tapes.into_iter().flatten().collect();
    if tapes.is_empty() {
        let named: Vec<_> = wanted
            .data
            .iter()
            .map(|it| it.display().to_string())
            .collect();
        return Err(TapeError::Empty(named.join(", ")));
    }
    Ok(tapes)
}

type Files = BTreeMap<Symbol, Vec<PathBuf>>;

fn by_symbol(paths: &[PathBuf], wanted: &Wanted, endings: &[&str]) -> Result<Files, TapeError> {
    let mut files = Files::new();
    for path in paths {
        for file in listed(path, endings)? {
            let symbol = symbol_of(&file)?;
            if wanted.is_of(symbol.as_str()) {
                files.entry(symbol).or_default().push(file);
            }
        }
    }
    Ok(files)
}

/// The file itself, or what a folder holds of the right kind, by name.
fn listed(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, TapeError> {
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let unlisted = |source| TapeError::Unlisted {
        path: path.into(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unlisted)? {
        let file = entry.map_err(unlisted)?.path();
        let name = file.to_string_lossy().into_owned();
        let plain = name.strip_suffix(".zst").unwrap_or(&name);
        if endings.iter().any(|ending| plain.ends_with(ending)) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn tape(
    symbol: &Symbol,
    paths: &[PathBuf],
    rates: Option<&Vec<PathBuf>>,
    wanted: &Wanted,
) -> Result<Option<Tape>, TapeError> {
    let (low_first, malformed) = ticks(paths, Lean::Long, wanted)?;
    if low_first.is_empty() {
        return Ok(None);
    }
    let (high_first, _) = ticks(paths, Lean::Short, wanted)?;
    let mut charged: Vec<Funding> = Vec::new();
    for path in rates.into_iter().flatten() {
        charged.extend(funding::read(path)?);
    }
    charged.sort_by_key(|payment| payment.at);
    charged.dedup_by_key(|payment| payment.at);
    let mut tape = Tape::new(symbol.clone(), low_first, high_first, charged);
    tape.malformed = malformed;
    Ok(Some(tape))
}

fn ticks(paths: &[PathBuf], lean: Lean, wanted: &Wanted) -> Result<(Vec<Tick>, u64), TapeError> {
    let mut points = Vec::new();
    let mut malformed = 0_u64;
    for path in paths {
        let mut feed = Feed::open(&path.to_string_lossy(), &[], 0)?;
        while let Some(point) = feed.next_point(&|_| lean) {
            if wanted.covers(Timestamp::from_millis(point.at_ms)) {
                points.push(point);
            }
        }
        malformed = malformed.saturating_add(feed.malformed());
    }
    // Files may overlap; what is of one moment keeps the order of its file.
    points.sort_by_key(|point| point.at_ms);
    Ok((together(points), malformed))
}

/// Points tell what has changed; a tick tells everything. Before the first mark there is none.
fn together(points: Vec<PricePoint>) -> Vec<Tick> {
    let mut known = Known::default();
    points
        .into_iter()
        .filter_map(|point| known.take(&point))
        .collect()
}

#[derive(Default)]
struct Known {
    mark: Option<Decimal>,
    last: Option<Decimal>,
    book: Option<(Decimal, Decimal)>,
}

impl Known {
    fn take(&mut self, point: &PricePoint) -> Option<Tick> {
        self.mark = point.mark.or(self.mark);
        self.last = point.last.or(self.last);
        self.book = point.bid.zip(point.ask).or(self.book);
        let mark = self.mark?;
        let last = self.last.unwrap_or(mark);
        let differs = last != mark || self.book.is_some();
        let quote = differs.then(|| {
            Box::new(Quote {
                last,
                book: self.book,
            })
        });
        Some(Tick {
            at: Timestamp::from_millis(point.at_ms),
            mark,
            quote,
        })
    }
}
