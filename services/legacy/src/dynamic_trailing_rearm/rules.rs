//! The callback of a trailing stop by profit, when it may change, and the partial exits.
//!
//! Source: behaviour 6.5. Profit is on the price basis.

use domain::{PricePct, Ratio, Span};
use rust_decimal::Decimal;

use crate::levels::basis_points;

/// `QT_TRAIL_CALLBACK_RATE`: the callback before any factor, 1.5 %.
pub const QT_TRAIL_CALLBACK_RATE: Ratio = basis_points(150);
/// Smallest and largest callback: 0.5 % to 5 %.
pub const CALLBACK_BOUNDS: (Ratio, Ratio) = (basis_points(50), basis_points(500));
/// A younger position is left alone.
pub const AGE_MIN: Span = Span::from_secs(5 * 60);
/// Pause between two changes.
pub const CHANGE_PAUSE: Span = Span::from_secs(30);
/// A change smaller than this part of the callback in force is not worth an order.
pub const CHANGE_MIN: Ratio = basis_points(1_000);

/// From this profit on (whole percent of price) the callback has this factor; lowest first.
pub const FACTORS: [(i64, Ratio); 5] = [
    (2, Ratio::ONE),
    (5, basis_points(7_500)),
    (10, basis_points(5_000)),
    (15, basis_points(3_000)),
    (20, basis_points(2_000)),
];

/// Above this profit (whole percent of price) these partial exits hold: share of the target's
/// distance, share of the initial quantity. Highest profit first.
const PARTIALS: [(i64, &[(Ratio, Ratio)]); 2] = [
    (
        10,
        &[
            (basis_points(5_000), basis_points(3_000)),
            (basis_points(7_500), basis_points(4_000)),
            (Ratio::ONE, basis_points(3_000)),
        ],
    ),
    (
        5,
        &[
            (basis_points(6_600), basis_points(5_000)),
            (Ratio::ONE, basis_points(5_000)),
        ],
    ),
];

/// What a change of the callback depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inputs {
    /// The callback before any factor; less than nothing counts as nothing.
    pub base: Ratio,
    /// The callback in force. None: nothing trails yet, so any callback is a change.
    pub current: Option<Ratio>,
    /// Profit of the price against entry.
    pub profit: PricePct,
    /// How long the position has been open.
    pub age: Span,
    /// Time since the last change. None: there was none.
    pub since_change: Option<Span>,
}

impl Default for Inputs {
    /// A new position without profit and without a trail.
    fn default() -> Self {
        Self {
            base: QT_TRAIL_CALLBACK_RATE,
            current: None,
            profit: PricePct::default(),
            age: Span::ZERO,
            since_change: None,
        }
    }
}

/// One partial exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partial {
    /// Distance from entry.
    pub distance: Ratio,
    /// Share of the initial quantity.
    pub size: Ratio,
}

/// The callback that belongs to `profit`; none below the lowest row of [`FACTORS`].
#[must_use]
pub fn callback(base: Ratio, profit: PricePct) -> Option<Ratio> {
    let reached = |(from, _): &&(i64, Ratio)| profit.get() >= Decimal::from(*from);
    let (_, factor) = FACTORS.iter().rev().find(reached)?;
    let (min, max) = CALLBACK_BOUNDS;
    // Bounded before the product too: every factor is at most 1, so no result changes by it.
    let known = base.clamp(Ratio::ZERO, Ratio::ONE);
    Some(known.times(*factor).clamp(min, max))
}

/// The new callback where the trail should be re-armed now.
#[must_use]
pub fn rearmed(inputs: &Inputs) -> Option<Ratio> {
    let paused = inputs
        .since_change
        .is_some_and(|since| since < CHANGE_PAUSE);
    if inputs.age < AGE_MIN || paused {
        return None;
    }
    let wanted = callback(inputs.base, inputs.profit)?;
    inputs
        .current
        .is_none_or(|current| is_worth_it(wanted, current))
        .then_some(wanted)
}

fn is_worth_it(wanted: Ratio, current: Ratio) -> bool {
    let known = current.clamp(Ratio::ZERO, Ratio::ONE);
    let change = (wanted.get() - known.get()).abs();
    change >= known.times(CHANGE_MIN).get()
}

/// The partial exits that belong to `profit` and a target `target` away, nearest first; none at
/// 5 % of profit and below.
#[must_use]
pub fn partials(profit: PricePct, target: Ratio) -> Vec<Partial> {
    let exceeded = |(above, _): &&(i64, &[(Ratio, Ratio)])| profit.get() > Decimal::from(*above);
    let rows = PARTIALS.iter().find(exceeded).map_or(&[][..], |row| row.1);
    let target = target.clamp(Ratio::ZERO, Ratio::ONE);
    let partial = |(of_target, size): &(Ratio, Ratio)| Partial {
        distance: target.times(*of_target),
        size: *size,
    };
    rows.iter().map(partial).collect()
}

#[cfg(test)]
mod tests;
