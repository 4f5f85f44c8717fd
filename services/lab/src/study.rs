//! What a run says: scores in and out of sample, ranks, and what to be careful about.

use std::collections::BTreeMap;

use domain::market::Regime;
use domain::{Span, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::overfit::{self, Overfit};
use crate::run::{Played, Run};
use crate::score::{Sample, Score, by_regime, max_drawdown};
use crate::trial::Outcome;

#[cfg(test)]
mod tests;
mod warnings;

/// Fewer lives than this in a sample say little about anything.
const TRADES_MIN: u32 = 30;
const DAY_MS: i64 = 86_400_000;
/// Pieces of time of a run that is shorter than so many days.
const PIECES_MIN: i64 = 40;

/// One contender's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who.
    pub name: String,
    /// Whether it is what the others are compared with.
    pub is_reference: bool,
    /// Of every life.
    pub all: Score,
    /// Of the lives that were over before the split.
    pub inside: Score,
    /// Of those that were opened after it.
    pub outside: Score,
    /// Lives that span the split, and count for neither.
    pub purged: u32,
    /// The deepest fall of its equity; zero or less.
    pub drawdown: Decimal,
    /// By the market's temper at the opening.
    pub regimes: BTreeMap<Regime, Score>,
    /// Of the same entry it earned more than the reference, and less.
    pub better: u32,
    /// Less than the reference.
    pub worse: u32,
    /// Equity at each moment of the curve.
    pub equity: Vec<(Timestamp, Decimal)>,
}

/// What a run says.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The best in sample first; equal ones in the order in which they were given.
    pub rows: Vec<Row>,
    /// Where the samples meet.
    pub split: Timestamp,
    /// Whether the best is luck; none where there is too little to say.
    pub overfit: Option<Overfit>,
    /// Rank correlation of the policies' PnL in and out of sample.
    pub correlation: Option<f64>,
    /// What to be careful about.
    pub warnings: Vec<String>,
    /// Entries that could not be played.
    pub skipped: usize,
}

/// How to look at a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Share of the time that is in sample, between 0 and 1.
    pub split: Decimal,
    /// Name of the contender that the others are compared with.
    pub reference: Option<String>,
}

impl Study {
    /// Of a run.
    #[must_use]
    pub fn of(run: &Run, look: &Look) -> Self {
        let split = split_at(run, look.split);
        let named = look.reference.as_ref();
        let reference = named.and_then(|name| run.played.iter().find(|it| it.name == *name));
        let mut rows: Vec<Row> = run
            .played
            .iter()
            .map(|played| row(run, played, reference, split))
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.inside.pnl));
        let policies = || rows.iter().filter(|row| !row.is_reference);
        let pairs: Vec<(Decimal, Decimal)> = policies()
            .map(|row| (row.inside.pnl, row.outside.pnl))
            .collect();
        let earned: Vec<Vec<f64>> = policies().map(|row| pieces(run, row)).collect();
        let mut study = Self {
            overfit: overfit::cross_validate(&earned),
            correlation: overfit::rank_correlation(&pairs),
            split,
            warnings: Vec::new(),
            skipped: run.skipped,
            rows,
        };
        study.warnings = warnings::of(&study);
        study
    }

    /// The policies, without the reference; the best in sample first.
    pub fn policies(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.is_reference)
    }

    /// What the others are compared with.
    #[must_use]
    pub fn reference(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.is_reference)
    }

    /// Whether both samples of the best policy have enough trades to say anything.
    #[must_use]
    pub fn has_enough_trades(&self) -> bool {
        let best = self.policies().next();
        best.is_some_and(|row| row.inside.trades.min(row.outside.trades) >= TRADES_MIN)
    }

    /// The place of the best in sample among the policies out of sample, from 1, and how many
    /// there are.
    #[must_use]
    pub fn best_outside(&self) -> Option<(usize, usize)> {
        let best = self.policies().next()?;
        let above = self
            .policies()
            .filter(|row| row.outside.pnl > best.outside.pnl)
            .count();
        Some((above + 1, self.policies().count()))
    }
}

/// The moment that so large a share of the curve lies before, to the whole second.
fn split_at(run: &Run, share: Decimal) -> Timestamp {
    let last = run.curve.at(run.curve.len.saturating_sub(1));
    let span = Decimal::from(last.since(run.curve.start).millis());
    let part = (span * share.clamp(Decimal::ZERO, Decimal::ONE)).to_i64();
    let part = part.unwrap_or(0).div_euclid(1_000) * 1_000;
    run.curve.start + Span::from_millis(part)
}

fn row(run: &Run, played: &Played, reference: Option<&Played>, split: Timestamp) -> Row {
    let of = |wanted: Sample| {
        let lives = played.lives.iter();
        Score::of(lives.filter(move |life| Sample::of(life, split) == wanted))
    };
    let is_reference = reference.is_some_and(|it| it.name == played.name);
    let (better, worse) = reference
        .filter(|_| !is_reference)
        .map_or((0, 0), |it| compare(&played.lives, &it.lives));
    let moments = (0..).zip(&played.equity);
    Row {
        name: played.name.clone(),
        is_reference,
        all: Score::of(&played.lives),
        inside: of(Sample::In),
        outside: of(Sample::Out),
        purged: of(Sample::Purged).trades,
        drawdown: max_drawdown(&played.equity),
        regimes: by_regime(&played.lives),
        better,
        worse,
        equity: moments
            .map(|(index, equity)| (run.curve.at(index), *equity))
            .collect(),
    }
}

/// Entry by entry: how often one earned more than the other, and how often less.
fn compare(lives: &[Outcome], others: &[Outcome]) -> (u32, u32) {
    let others: BTreeMap<usize, Decimal> =
        others.iter().map(|life| (life.entry, life.pnl)).collect();
    let pairs = lives
        .iter()
        .filter_map(|life| Some((life.pnl, *others.get(&life.entry)?)));
    pairs.fold((0, 0), |(better, worse), (own, other)| {
        (
            better + u32::from(own > other),
            worse + u32::from(own < other),
        )
    })
}

/// What was earned in each day, or in each of so many equal pieces of a shorter time.
fn pieces(run: &Run, row: &Row) -> Vec<f64> {
    let last = run.curve.at(run.curve.len.saturating_sub(1));
    let span = last.since(run.curve.start).millis().max(1);
    let length = DAY_MS.min(span / PIECES_MIN).max(1);
    let count = usize::try_from(span / length).unwrap_or(0);
    let mut earned = vec![Decimal::ZERO; count];
    let mut before = Decimal::ZERO;
    for (at, equity) in &row.equity {
        let index = at.since(run.curve.start).millis() / length;
        let place = usize::try_from(index)
            .unwrap_or(0)
            .min(count.saturating_sub(1));
        if let Some(place) = earned.get_mut(place) {
            *place += *equity - before;
        }
        before = *equity;
    }
    earned.into_iter().map(overfit::float).collect()
}
