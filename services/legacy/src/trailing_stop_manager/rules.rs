//! The trailing manager's levels by profit on the price basis.
//!
//! Source: behaviour 6.4. What it got wrong is put right: a stop is placed before the old one goes
//! (done by the check), and a plan's callback is not overwritten by the own one.

use domain::decision::StopReason;
use domain::instrument::Instrument;
use domain::{Position, Price, PricePct, Ratio, Side};
use rust_decimal::Decimal;

use crate::levels::{basis_points, stop_at};
use crate::method::StopWish;

/// Below this profit nothing is moved: 0.5 %.
pub const PROFIT_MIN: PricePct = PricePct::new(Decimal::from_parts(5, 0, 0, false, 1));
/// From this profit on the stop is at entry: 1.5 %.
pub const BREAKEVEN_FROM: PricePct = PricePct::new(Decimal::from_parts(15, 0, 0, false, 1));
/// From this profit on the stop is beyond entry: 3 %.
pub const LOCK_FROM: PricePct = PricePct::new(Decimal::from_parts(3, 0, 0, false, 0));
/// How far beyond entry it then is: 1.5 %.
pub const LOCK: Ratio = basis_points(150);
/// A trailing stop moves only for more than this share of the resting one: 0.1 %.
pub const TRAIL_STEP: Ratio = basis_points(10);
/// The own trailing numbers: from 5 % on, 1 % behind the best price.
pub const OWN_TRAIL: Trail = Trail {
    activation: basis_points(500),
    callback: basis_points(100),
};

/// When a stop trails, and how far behind the best price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trail {
    /// Profit of the best price from which on it trails, a fraction of entry.
    pub activation: Ratio,
    /// Distance from the best price, a fraction of it.
    pub callback: Ratio,
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The position.
    pub position: &'a Position,
    /// Its contract.
    pub instrument: &'a Instrument,
    /// The mark.
    pub mark: Price,
    /// The best price of this life: the highest of a long, the lowest of a short.
    pub peak: Price,
    /// The tightest stop that rests.
    pub resting: Option<Price>,
}

/// The tightest level that this profit has earned; none where a stop as tight rests already, or
/// where the mark is beyond every level.
#[must_use]
pub fn stop(view: &View<'_>, trail: &Trail) -> Option<StopWish> {
    if view.position.pnl_pct_price(view.mark) < PROFIT_MIN {
        return None;
    }
    let side = view.position.key.side;
    let levels = [step(view), trailing(view, trail)];
    let usable = levels
        .into_iter()
        .flatten()
        .filter(|level| !side.stop_reached(level.price, view.mark));
    usable.reduce(|a, b| {
        if side.is_tighter(b.price, a.price) {
            b
        } else {
            a
        }
    })
}

/// The stop at entry, or beyond it.
fn step(view: &View<'_>) -> Option<StopWish> {
    let profit = view.position.pnl_pct_price(view.mark);
    let (beyond, reason) = if profit >= LOCK_FROM {
        (LOCK, StopReason::ProfitLock)
    } else if profit >= BREAKEVEN_FROM {
        (Ratio::ZERO, StopReason::Breakeven)
    } else {
        return None;
    };
    let side = view.position.key.side;
    let entry = view.position.entry_price;
    let price = stop_at(side, entry, Ratio::new(-beyond.get()), view.instrument)?;
    let worse = |resting| side.is_tighter(price, resting);
    view.resting
        .is_none_or(worse)
        .then_some(StopWish { price, reason })
}

/// The stop behind the best price, beyond entry only.
fn trailing(view: &View<'_>, trail: &Trail) -> Option<StopWish> {
    let position = view.position;
    let side = position.key.side;
    let best = position.pnl_pct_price(view.peak).get() / Decimal::ONE_HUNDRED;
    if best < trail.activation.get() {
        return None;
    }
    let price = stop_at(side, view.peak, trail.callback, view.instrument)?;
    let beyond = side.is_tighter(price, position.entry_price);
    let better = view
        .resting
        .is_none_or(|resting| is_better(side, price, resting));
    let reason = StopReason::Trailing;
    (beyond && better).then_some(StopWish { price, reason })
}

fn is_better(side: Side, candidate: Price, resting: Price) -> bool {
    let step = resting.get().checked_mul(TRAIL_STEP.get());
    let moved = (candidate.get() - resting.get()) * side.sign();
    step.is_some_and(|step| moved > step)
}

#[cfg(test)]
mod tests;
