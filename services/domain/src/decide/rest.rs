//! How long nothing is to be decided: the marks and the moment that could change the answer.
//!
//! Each rule names the prices at which one of its comparisons turns, and the moments at which time
//! alone turns one. Between the two nearest of those prices, and before the first of those moments,
//! the answer is the one that was found now. A price may be named that turns nothing: it costs one
//! look more. One that is left out would be a decision that comes late, so a property test looks at
//! every mark in between (`tests/resting.rs`).

use rust_decimal::Decimal;

use super::{View, emergency, first_stop, partial, tighten};
use crate::grid::Grid;
use crate::num::Price;
use crate::time::Timestamp;
use crate::triggers::Levels;

/// Reckoned prices are taken for inexact by this share of themselves, a thousand million times more
/// than decimals of 28 digits round.
const NOISE: Decimal = Decimal::from_parts(1, 0, 0, false, 18);

/// The marks between which, and the moment before which, nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    mark: Decimal,
    below: Option<Decimal>,
    above: Option<Decimal>,
    until: Option<Timestamp>,
}

impl Rest {
    pub(super) const fn at(mark: Price) -> Self {
        Self {
            mark: mark.get(),
            below: None,
            above: None,
            until: None,
        }
    }

    /// Something may change at this price. Where it can't be reckoned, at any.
    pub(super) fn price(&mut self, price: Option<Decimal>) {
        let noise = |price: Decimal| price.abs().checked_mul(NOISE);
        let Some((price, noise)) = price.and_then(|price| Some((price, noise(price)?))) else {
            return self.never();
        };
        let (low, high) = (price - noise, price + noise);
        if self.mark <= high {
            self.above = Some(self.above.map_or(low, |above| above.min(low)));
        }
        if low <= self.mark {
            self.below = Some(self.below.map_or(high, |below| below.max(high)));
        }
    }

    /// Something may change at this mark already.
    pub(super) const fn never(&mut self) {
        (self.below, self.above) = (Some(self.mark), Some(self.mark));
    }

    /// Something may change at `moment`; where that has come already it changes no more.
    pub fn moment(&mut self, moment: Timestamp, now: Timestamp) {
        if now < moment {
            self.until = Some(self.until.map_or(moment, |until| until.min(moment)));
        }
    }

    /// Whether a look at `mark` at `now` can be left out.
    #[must_use]
    pub fn covers(&self, mark: Price, now: Timestamp) -> bool {
        self.below.is_none_or(|below| below < mark.get())
            && self.above.is_none_or(|above| mark.get() < above)
            && self.until.is_none_or(|until| now < until)
    }

    /// The first moment at which to look, whatever the mark is.
    #[must_use]
    pub const fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// The ticks at which to look: at most one tick too early, never too late. `None` where they
    /// are no numbers of that grid.
    #[must_use]
    pub fn levels(&self, grid: &Grid) -> Option<Levels> {
        let tick = |price: Option<Decimal>| match price {
            None => Some(None),
            Some(price) => grid.floor(price).map(Some),
        };
        Some(Levels {
            below: tick(self.below)?,
            above: tick(self.above)?,
        })
    }
}

/// How long nothing is to be decided after [`super::decide`] has found nothing; `None` where a look
/// at each mark is needed.
#[must_use]
pub fn rest(view: &View<'_>) -> Option<Rest> {
    let mark = view.mark?.price;
    let mut rest = Rest::at(mark);
    if let Some(stop) = view.desired.stop {
        // Beyond the stop it counts how long that is so, and whether the venue is heard of.
        if view.side().stop_reached(stop, mark) {
            return None;
        }
        rest.price(Some(stop.get()));
    }
    if view.desired.stop_reached_since.is_some() {
        return None;
    }
    if let Some(plan) = view.plan {
        rest.moment(plan.expires_at, view.now);
    }
    emergency::rest(view, &mut rest);
    first_stop::rest(view, &mut rest);
    partial::rest(view, &mut rest);
    tighten::rest(view, &mut rest);
    Some(rest)
}

/// The mark at a profit of `percent` of the entry price.
pub(super) fn at_price_pct(view: &View<'_>, percent: Decimal) -> Option<Decimal> {
    let share = percent.checked_div(Decimal::ONE_HUNDRED)?;
    let factor = Decimal::ONE.checked_add(share.checked_mul(view.side().sign())?)?;
    view.position.entry_price.get().checked_mul(factor)
}

/// The mark at a profit of `percent` of the margin.
pub(super) fn at_margin_pct(view: &View<'_>, percent: Decimal) -> Option<Decimal> {
    at_price_pct(view, percent.checked_div(view.position.leverage)?)
}
