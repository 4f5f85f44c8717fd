//! Base levels and advice, weighed by the advice's confidence.
//!
//! Source: behaviour 6.2; the base levels are the QT defaults of 1.2.

use domain::Ratio;
use domain::instrument::Instrument;
use domain::{Price, Side};

use crate::levels::{basis_points, stop_at, target_at};
use crate::position_monitor::rules::{QT_SL_PCT, QT_TP_PCT};

/// `QT_TRAIL_PCT`: distance of the trail without advice, 1.5 %.
pub const QT_TRAIL_PCT: Ratio = basis_points(150);
/// Below this confidence advice counts for nothing.
pub const ADVICE_CONFIDENCE_MIN: Ratio = basis_points(2_000);
/// From this confidence on advice counts in full.
pub const FULL_CONFIDENCE_MIN: Ratio = basis_points(8_000);
/// Smallest and largest callback that the venue takes: 0.1 % to 5 %.
pub const CALLBACK_BOUNDS: (Ratio, Ratio) = (basis_points(10), basis_points(500));
/// A trail begins at this profit at the earliest: 0.2 % of entry.
pub const ACTIVATION_MIN: Ratio = basis_points(20);
/// No stop is farther from entry: 10 %.
pub const STOP_MAX: Ratio = basis_points(1_000);
/// No target is farther from entry: 50 %.
pub const TARGET_MAX: Ratio = basis_points(5_000);

/// A trail begins at twice its distance.
const ACTIVATION_FACTOR: Ratio = basis_points(20_000);
/// Share of an advised trail that counts in the middle band.
const HALF: Ratio = basis_points(5_000);
/// Factor on the stop distance where advice counts in full.
const SURE_STOP: Ratio = basis_points(9_000);

/// Distances that hold without advice, as fractions of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// Take-profit.
    pub target: Ratio,
    /// Stop.
    pub stop: Ratio,
    /// Trail from the best price.
    pub trail: Ratio,
}

impl Default for Base {
    /// The QT defaults: 3 %, 2 %, 1.5 %.
    fn default() -> Self {
        Self {
            target: QT_TP_PCT,
            stop: QT_SL_PCT,
            trail: QT_TRAIL_PCT,
        }
    }
}

/// Everything that the levels depend on. `Default` is the base without advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inputs {
    /// What holds without advice.
    pub base: Base,
    /// Confidence of the advice. None: 0, so no advice.
    pub confidence: Option<Ratio>,
    /// Advised target, above 0 and below 1; any other is no advice. None: the base target.
    pub target: Option<Ratio>,
    /// Advised trail, above 0 and below 1; any other is no advice. None: the base trail.
    pub trail: Option<Ratio>,
}

/// One take-profit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Distance from entry.
    pub distance: Ratio,
    /// Share of the initial quantity.
    pub size: Ratio,
}

/// The result: distances as fractions of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels {
    /// Stop, on the loss side.
    pub stop: Ratio,
    /// The farthest take-profit.
    pub target: Ratio,
    /// The base take-profit, nearer than `target`, where both rest with half the quantity each.
    pub nearer: Option<Ratio>,
    /// Trailing distance that the venue accepts.
    pub callback: Ratio,
    /// Profit from which on it trails.
    pub activation: Ratio,
}

impl Levels {
    /// The take-profits, nearest first: one for everything, or two halves.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let part = |distance, size| Part { distance, size };
        match self.nearer {
            Some(nearer) => vec![part(nearer, HALF), part(self.target, HALF)],
            None => vec![part(self.target, Ratio::ONE)],
        }
    }

    /// Trigger of the stop, rounded to the tighter side.
    #[must_use]
    pub fn stop_price(&self, side: Side, entry: Price, instrument: &Instrument) -> Option<Price> {
        stop_at(side, entry, self.stop, instrument)
    }

    /// Limit price of each take-profit, rounded towards entry, with its share.
    #[must_use]
    pub fn target_prices(
        &self,
        side: Side,
        entry: Price,
        instrument: &Instrument,
    ) -> Vec<(Price, Ratio)> {
        let parts = self.parts().into_iter();
        parts
            .filter_map(|part| {
                let price = target_at(side, entry, part.distance, instrument)?;
                Some((price, part.size))
            })
            .collect()
    }
}

/// The levels of a position.
#[must_use]
pub fn levels(inputs: &Inputs) -> Levels {
    let base = inputs.base;
    let confidence = inputs.confidence.unwrap_or(Ratio::ZERO);
    let advised_trail = usable(inputs.trail);
    if confidence < ADVICE_CONFIDENCE_MIN {
        return bounded(base, None, base.trail);
    }
    if confidence < FULL_CONFIDENCE_MIN {
        let trail = advised_trail.map_or(base.trail, |trail| trail.times(HALF));
        return bounded(base, None, trail);
    }
    let surer = Base {
        stop: base.stop.times(SURE_STOP),
        ..base
    };
    bounded(
        surer,
        usable(inputs.target),
        advised_trail.unwrap_or(base.trail),
    )
}

fn bounded(base: Base, advised: Option<Ratio>, trail: Ratio) -> Levels {
    let target = base.target.clamp(Ratio::ZERO, TARGET_MAX);
    let advised = advised.map(|advised| advised.min(TARGET_MAX));
    // Advice that is not farther than the base adds nothing to it.
    let farther = advised.filter(|advised| *advised > target);
    let trail = trail.clamp(Ratio::ZERO, Ratio::ONE);
    let (callback_min, callback_max) = CALLBACK_BOUNDS;
    Levels {
        stop: base.stop.clamp(Ratio::ZERO, STOP_MAX),
        target: farther.unwrap_or(target),
        nearer: farther.map(|_| target),
        callback: trail.clamp(callback_min, callback_max),
        activation: trail.times(ACTIVATION_FACTOR).max(ACTIVATION_MIN),
    }
}

fn usable(advised: Option<Ratio>) -> Option<Ratio> {
    advised.filter(|advised| *advised > Ratio::ZERO && *advised < Ratio::ONE)
}

#[cfg(test)]
mod tests;
