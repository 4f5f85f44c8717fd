//! Whether the confidence of decisions is what it says: reliability, ECE, Brier.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics over many decisions; no money is computed here"
)]

use std::collections::BTreeMap;

use records::DecisionType;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::judged::Judged;
use super::stats::{Interval, wilson};

/// Bins of equal width from 0 to 1.
const BINS: u64 = 10;

/// The decisions whose confidence falls into one bin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// Judged decisions.
    pub count: u64,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share that was right.
    pub right: f64,
    /// Wilson's 95 % interval of that share.
    pub sure: Interval,
}

/// How good the confidences of some decisions are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reliability {
    /// Judged decisions.
    pub count: u64,
    /// Expected calibration error: the mean distance of confidence and share that was right over
    /// bins, by their counts (Naeini et al. 2015; Guo et al. 2017). 0 is perfect.
    pub ece: f64,
    /// Mean square of confidence minus outcome, the outcome being 1 where right (Brier 1950). 0 is
    /// perfect, 0.25 is a coin.
    pub brier: f64,
    /// The bins that hold any, from low to high.
    pub bins: Vec<Bin>,
}

/// Of all judged decisions, and of each type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// All of them; none where nothing was judged.
    pub all: Option<Reliability>,
    /// By type.
    pub by_type: BTreeMap<DecisionType, Reliability>,
}

/// Measures it.
#[must_use]
pub fn calibration(judged: &[Judged<'_>]) -> Calibration {
    let mut by_type: BTreeMap<DecisionType, Vec<(f64, bool)>> = BTreeMap::new();
    for it in judged {
        let confidence = clamped(it.record.decision.confidence.get());
        let of_type = by_type.entry(it.record.decision.decision_type).or_default();
        of_type.push((confidence, it.was_right));
    }
    let all: Vec<(f64, bool)> = by_type.values().flatten().copied().collect();
    let of_type = |(kind, answers): (_, Vec<_>)| Some((kind, reliability(&answers)?));
    Calibration {
        all: reliability(&all),
        by_type: by_type.into_iter().filter_map(of_type).collect(),
    }
}

/// Records of other writers may hold anything.
fn clamped(confidence: Decimal) -> f64 {
    let confidence = confidence.clamp(Decimal::ZERO, Decimal::ONE);
    confidence.to_f64().unwrap_or(0.0)
}

/// Of confidences with their outcomes; none where there are none.
#[must_use]
pub fn reliability(answers: &[(f64, bool)]) -> Option<Reliability> {
    if answers.is_empty() {
        return None;
    }
    let total = answers.len() as f64;
    let mut bins: BTreeMap<u64, Vec<(f64, bool)>> = BTreeMap::new();
    for (confidence, was_right) in answers {
        // A border belongs to the bin above it, and 1 to the last; 0.7 x 10 is not quite 7.
        let bin = (confidence * BINS as f64 + 1e-9) as u64;
        bins.entry(bin.min(BINS - 1))
            .or_default()
            .push((*confidence, *was_right));
    }
    let bins: Vec<Bin> = bins.values().map(|answers| of_bin(answers)).collect();
    let distance = |bin: &Bin| bin.count as f64 / total * (bin.confidence - bin.right).abs();
    let square = |(confidence, was_right): &(f64, bool)| {
        let miss = confidence - f64::from(u8::from(*was_right));
        miss * miss
    };
    Some(Reliability {
        count: answers.len() as u64,
        ece: bins.iter().map(distance).sum(),
        brier: answers.iter().map(square).sum::<f64>() / total,
        bins,
    })
}

fn of_bin(answers: &[(f64, bool)]) -> Bin {
    let count = answers.len() as u64;
    let hits = answers.iter().filter(|(_, was_right)| *was_right).count() as u64;
    Bin {
        count,
        confidence: answers.iter().map(|it| it.0).sum::<f64>() / count as f64,
        right: hits as f64 / count as f64,
        sure: wilson(hits, count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    /// Ten at 0.9 of which nine are right, ten at 0.7 of which five are:
    /// ECE = 10/20 x 0 + 10/20 x 0.2 = 0.1;
    /// Brier = (9 x 0.01 + 0.81 + 5 x 0.09 + 5 x 0.49) / 20 = 3.8 / 20 = 0.19.
    #[test]
    fn ece_and_brier_are_the_ones_by_hand() {
        let answers = |confidence, right: usize| (0..10).map(move |it| (confidence, it < right));
        let answers: Vec<_> = answers(0.9, 9).chain(answers(0.7, 5)).collect();
        let it = reliability(&answers).expect("twenty");
        assert!(near(it.ece, 0.1), "{it:?}");
        assert!(near(it.brier, 0.19), "{it:?}");
        let bins: Vec<_> = it.bins.iter().map(|bin| (bin.count, bin.right)).collect();
        assert_eq!(bins, [(10, 0.5), (10, 0.9)]);
    }

    #[test]
    fn the_ends_have_bins() {
        let it = reliability(&[(0.0, false), (1.0, true)]).expect("two");
        assert_eq!(it.bins.len(), 2);
        assert!(near(it.ece, 0.0) && near(it.brier, 0.0), "{it:?}");
        assert_eq!(reliability(&[]), None);
    }
}
