//! Whether the best of many is good or lucky.
//!
//! The probability of backtest overfitting by combinatorially symmetric cross-validation: Bailey,
//! Borwein, Lopez de Prado and Zhu, "The Probability of Backtest Overfitting", Journal of
//! Computational Finance 20(4), 2017. Time is cut into S blocks; each half of them is once the
//! sample in which the best is chosen, and the other half says where it ranks. The share of the
//! choices that end in the lower half (logit of the relative rank at most 0) is the probability.
//!
//! And Spearman's rank correlation between what the contenders earned in and out of sample: near 1
//! the order holds, near 0 it says nothing, below 0 the better was the worse.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics about money, never money itself"
)]

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Blocks of the cross-validation: 252 ways to choose half of them.
pub const BLOCKS: usize = 10;
/// Pieces of time that each block holds at least, so that its spread can be measured.
const PIECES_A_BLOCK_MIN: usize = 2;
/// Above this the choice is no better than a lot.
pub const PBO_BAD: f64 = 0.5;
/// Above this it is to be doubted.
pub const PBO_DOUBT: f64 = 0.2;

/// What the cross-validation says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overfit {
    /// Probability that the best in sample ranks in the lower half out of sample, 0 to 1.
    pub probability: f64,
    /// Probability that it loses money out of sample, 0 to 1.
    pub loss: f64,
    /// Ways of splitting that were tried.
    pub splits: usize,
    /// Who competed.
    pub contenders: usize,
}

/// Of each contender what it earned in each piece of time, all of the same length. None for fewer
/// than two contenders or too short a time.
#[must_use]
pub fn cross_validate(earned: &[Vec<f64>]) -> Option<Overfit> {
    let pieces = earned.iter().map(Vec::len).min()?;
    if earned.len() < 2 || pieces < BLOCKS * PIECES_A_BLOCK_MIN {
        return None;
    }
    let moments: Vec<[Moments; BLOCKS]> = earned.iter().map(|row| blocks(row, pieces)).collect();
    let (mut splits, mut low, mut lost) = (0_usize, 0_usize, 0_usize);
    for chosen in 0_u32..1 << BLOCKS {
        if chosen.count_ones() as usize != BLOCKS / 2 {
            continue;
        }
        let of = |row: &[Moments; BLOCKS], mask: u32| {
            let picked = row.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
            picked.fold(Moments::default(), |sum, (_, block)| sum.plus(block))
        };
        let inside: Vec<f64> = moments.iter().map(|row| of(row, chosen).ratio()).collect();
        let outside: Vec<Moments> = moments.iter().map(|row| of(row, !chosen)).collect();
        let Some(best) = best(&inside) else { continue };
        let ratio = outside.get(best)?.ratio();
        let below = outside.iter().filter(|it| it.ratio() < ratio).count();
        let equal = outside.iter().filter(|it| it.ratio() == ratio).count();
        // The rank from 1; those that are equal share the middle of their places.
        let rank = below as f64 + (equal as f64 + 1.0) / 2.0;
        splits += 1;
        low += usize::from(rank / (moments.len() as f64 + 1.0) <= 0.5);
        lost += usize::from(outside.get(best)?.sum < 0.0);
    }
    Some(Overfit {
        probability: low as f64 / splits as f64,
        loss: lost as f64 / splits as f64,
        splits,
        contenders: earned.len(),
    })
}

/// The first of the largest.
fn best(values: &[f64]) -> Option<usize> {
    let mut found: Option<(usize, f64)> = None;
    for (at, value) in values.iter().enumerate() {
        if found.is_none_or(|(_, best)| *value > best) {
            found = Some((at, *value));
        }
    }
    found.map(|(at, _)| at)
}

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn plus(self, other: &Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    /// Mean over standard deviation; of what never changes the sign of its mean decides.
    fn ratio(&self) -> f64 {
        let mean = self.sum / self.count.max(1.0);
        let variance = self.squares / self.count.max(1.0) - mean * mean;
        match variance > f64::EPSILON {
            true => mean / variance.sqrt(),
            false => mean.signum() * if mean == 0.0 { 0.0 } else { 1.0 },
        }
    }
}

fn blocks(row: &[f64], pieces: usize) -> [Moments; BLOCKS] {
    let mut blocks = [Moments::default(); BLOCKS];
    for (at, value) in row.iter().take(pieces).enumerate() {
        // Blocks differ by one piece at most.
        if let Some(block) = blocks.get_mut(at * BLOCKS / pieces) {
            block.count += 1.0;
            block.sum += value;
            block.squares += value * value;
        }
    }
    blocks
}

/// Spearman's rank correlation, -1 to 1, ties by their middle rank. None for fewer than three
/// pairs, and where one side is all equal.
#[must_use]
pub fn rank_correlation(pairs: &[(Decimal, Decimal)]) -> Option<f64> {
    if pairs.len() < 3 {
        return None;
    }
    let left = ranks(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>());
    let right = ranks(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>());
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let (mut both, mut of_left, mut of_right) = (0.0, 0.0, 0.0);
    for (a, b) in left.iter().zip(&right) {
        both += (a - mean) * (b - mean);
        of_left += (a - mean) * (a - mean);
        of_right += (b - mean) * (b - mean);
    }
    let scale = (of_left * of_right).sqrt();
    (scale > 0.0).then(|| both / scale)
}

fn ranks(values: &[Decimal]) -> Vec<f64> {
    let rank = |value: &Decimal| {
        let below = values.iter().filter(|other| *other < value).count();
        let equal = values.iter().filter(|other| *other == value).count();
        below as f64 + (equal as f64 + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

/// A decimal for statistics and drawings.
#[must_use]
pub fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use paper_exchange::rng::SplitMix64;

    fn noise(contenders: usize, pieces: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = SplitMix64::new(seed);
        let mut draw = || {
            (0..12)
                .map(|_| rng.between(-1_000, 1_000) as f64)
                .sum::<f64>()
        };
        (0..contenders)
            .map(|_| (0..pieces).map(|_| draw()).collect())
            .collect()
    }

    #[test]
    fn the_best_of_noise_is_luck() {
        // Over many seeds the mean must be near one half: that is what "a lot" means.
        let seeds = 1..=40;
        let all: Vec<f64> = seeds
            .map(|seed| cross_validate(&noise(20, 40, seed)).unwrap().probability)
            .collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }

    #[test]
    fn one_that_is_truly_better_is_no_luck() {
        let mut earned = noise(20, 40, 7);
        for value in &mut earned[13] {
            *value += 4_000.0;
        }
        let found = cross_validate(&earned).unwrap();
        assert!(found.probability < 0.01, "{found:?}");
        assert!(found.loss < 0.01, "{found:?}");
        assert_eq!(found.splits, 252);
    }

    #[test]
    fn too_little_is_no_verdict() {
        assert_eq!(cross_validate(&noise(1, 40, 1)), None);
        assert_eq!(cross_validate(&noise(5, 19, 1)), None);
        assert_eq!(cross_validate(&[]), None);
    }

    #[test]
    fn ranks_that_agree_correlate_and_reversed_ones_do_the_opposite() {
        let pair = |a: i64, b: i64| (Decimal::from(a), Decimal::from(b));
        let same = [pair(1, 10), pair(2, 20), pair(5, 21), pair(9, 40)];
        assert_eq!(rank_correlation(&same), Some(1.0));
        let reversed = same.map(|(a, b)| (a, -b));
        assert_eq!(rank_correlation(&reversed), Some(-1.0));
        // By hand: ranks 1, 2.5, 2.5, 4 against 2, 1, 3, 4: 3 / sqrt(4.5 x 5) = 0.6325.
        let ties = [pair(1, 2), pair(3, 1), pair(3, 3), pair(7, 9)];
        let found = rank_correlation(&ties).unwrap();
        assert!((found - 0.632_455_532).abs() < 1e-6, "{found}");
        assert_eq!(
            rank_correlation(&[pair(1, 1), pair(1, 2), pair(1, 3)]),
            None
        );
    }
}
