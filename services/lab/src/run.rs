//! Every contender on every entry, on all cores, and always with the same result.

use std::collections::BTreeMap;

use domain::{Symbol, Timestamp};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use rust_decimal::Decimal;
use thiserror::Error;

use crate::contender::Contender;
use crate::costs::Costs;
use crate::entries::Entry;
use crate::tape::Tape;
use crate::trial::{Curve, Decided, Ground, Outcome, play};

/// Entries that one thread takes at once: few enough that no core waits long for the last one.
const CHUNK: usize = 8;
/// Most contenders of a run.
pub const CONTENDERS_MAX: usize = 10_000;

/// Threads that can't be had.
#[derive(Debug, Error)]
#[error("{threads} threads can't be started: {cause}")]
pub struct RunError {
    /// How many were wanted.
    pub threads: usize,
    /// What the system says.
    pub cause: String,
}

/// What is to be run.
#[derive(Debug)]
pub struct Plan {
    /// Prices.
    pub tapes: Vec<Tape>,
    /// In order, see [`crate::entries::ordered`].
    pub entries: Vec<Entry>,
    /// Who is compared.
    pub contenders: Vec<Contender>,
    /// What trading costs.
    pub costs: Costs,
    /// Threads; 0 is one for each core.
    pub threads: usize,
    /// Whether decisions are kept.
    pub records: bool,
}

/// What came of one contender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// Who.
    pub name: String,
    /// Each life, in the order of the entries; the steps of their equity are in `equity`.
    pub lives: Vec<Outcome>,
    /// Equity of all lives together at each moment of the curve, from zero.
    pub equity: Vec<Decimal>,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The moments of the equity.
    pub curve: Curve,
    /// In the order of the contenders.
    pub played: Vec<Played>,
    /// Entries for which there was no price, or that the venue did not take.
    pub skipped: usize,
}

impl Plan {
    /// First and last moment of all prices.
    #[must_use]
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let spans = || self.tapes.iter().filter_map(Tape::span);
        let first = spans().map(|span| span.0).min().unwrap_or_default();
        let last = spans().map(|span| span.1).max().unwrap_or_default();
        (first, last)
    }

    /// Lives that are played in all.
    #[must_use]
    pub fn lives(&self) -> usize {
        self.contenders.len().saturating_mul(self.entries.len())
    }

    /// Plays it; `progress` is told how many lives are done, from any thread.
    ///
    /// # Errors
    /// [`RunError`] where the threads can't be started.
    pub fn run(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<Run, RunError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build()
            .map_err(|error| RunError {
                threads: self.threads,
                cause: error.to_string(),
            })?;
        let (first, last) = self.span();
        let curve = Curve::over(first, last);
        let tapes: BTreeMap<&Symbol, &Tape> =
            self.tapes.iter().map(|tape| (&tape.symbol, tape)).collect();
        let chunks: Vec<(usize, usize)> = (0..self.contenders.len())
            .flat_map(|who| {
                (0..self.entries.len())
                    .step_by(CHUNK)
                    .map(move |at| (who, at))
            })
            .collect();
        let done: Vec<Chunk> = pool.install(|| {
            chunks
                .par_iter()
                .map(|(who, at)| {
                    let chunk = self.chunk(&tapes, curve, *who, *at);
                    progress(chunk.asked);
                    chunk
                })
                .collect()
        });
        Ok(self.gather(curve, &chunks, done))
    }

    fn chunk(
        &self,
        tapes: &BTreeMap<&Symbol, &Tape>,
        curve: Curve,
        who: usize,
        at: usize,
    ) -> Chunk {
        let mut chunk = Chunk::default();
        let Some(contender) = self.contenders.get(who) else {
            return chunk;
        };
        for (entry, number) in self.entries.iter().zip(0..).skip(at).take(CHUNK) {
            chunk.asked += 1;
            let ground = tapes.get(&entry.symbol).map(|tape| Ground {
                tape,
                entry,
                number,
                costs: &self.costs,
                curve,
                records: self.records,
            });
            if let Some(mut life) = ground.and_then(|ground| play(ground, contender)) {
                for (index, change) in std::mem::take(&mut life.steps) {
                    *chunk.steps.entry(index).or_default() += change;
                }
                chunk.lives.push(life);
            }
        }
        chunk
    }

    /// Puts the chunks together in their order: which thread did what does not show.
    fn gather(&self, curve: Curve, chunks: &[(usize, usize)], done: Vec<Chunk>) -> Run {
        let len = usize::try_from(curve.len).unwrap_or(0);
        let mut played: Vec<Played> = self
            .contenders
            .iter()
            .map(|contender| Played {
                name: contender.name.clone(),
                lives: Vec::new(),
                equity: vec![Decimal::ZERO; len],
            })
            .collect();
        for ((who, _), chunk) in chunks.iter().zip(done) {
            let Some(played) = played.get_mut(*who) else {
                continue;
            };
            played.lives.extend(chunk.lives);
            for (index, change) in chunk.steps {
                let place = usize::try_from(index).ok();
                if let Some(place) = place.and_then(|index| played.equity.get_mut(index)) {
                    *place += change;
                }
            }
        }
        for played in &mut played {
            let mut equity = Decimal::ZERO;
            for place in &mut played.equity {
                equity += *place;
                *place = equity;
            }
        }
        let lives = played.first().map_or(0, |played| played.lives.len());
        Run {
            curve,
            played,
            skipped: self.entries.len().saturating_sub(lives),
        }
    }
}

#[derive(Default)]
struct Chunk {
    asked: u64,
    lives: Vec<Outcome>,
    steps: BTreeMap<u32, Decimal>,
}

impl Played {
    /// Every decision with the life that it belongs to.
    pub fn decisions(&self) -> impl Iterator<Item = (&Outcome, &Decided)> {
        let lives = self.lives.iter();
        lives.flat_map(|life| life.decided.iter().map(move |decided| (life, decided)))
    }
}
