//! One planned target: where it is, how much it should close, and what was filled of it.

use alloc::vec::Vec;
use rust_decimal::Decimal;

use crate::instrument::Instrument;
use crate::ladder;
use crate::num::{Price, Qty, Ratio};
use crate::plan::{ExitPlan, LegKind};
use crate::position::{Position, Side};
use crate::time::Timestamp;

/// A target as a plan has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aim {
    pub number: u8,
    pub kind: LegKind,
    pub price: Price,
    /// What it should close.
    pub qty: Qty,
    /// What is closed of the life once it and all nearer ones have closed theirs.
    pub end: Qty,
}

/// The targets that the executor makes of a plan: resting ones on the grid, too small ones merged
/// into the next, and those at market.
pub(super) fn aims(plan: &ExitPlan, position: &Position, instrument: &Instrument) -> Vec<Aim> {
    let initial = position.initial_qty;
    let resting = ladder::targets(plan, position, instrument);
    let mut aims: Vec<Aim> = resting
        .into_iter()
        .map(|target| Aim {
            number: target.leg,
            kind: LegKind::TakeProfit,
            price: target.price,
            qty: initial.share(target.size),
            end: initial.share(Ratio::new(target.from.get() + target.size.get())),
        })
        .collect();
    let mut end = Decimal::ZERO;
    for (leg, number) in ladder::closing_legs(plan) {
        end += leg.size.get();
        let at_market = leg.trigger_price.filter(|_| leg.kind == LegKind::Partial);
        aims.extend(at_market.map(|price| Aim {
            number,
            kind: leg.kind,
            price,
            qty: initial.share(leg.size),
            end: initial.share(Ratio::new(end)),
        }));
    }
    aims
}

/// A target of one life.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub kind: LegKind,
    pub price: Price,
    pub hit: bool,
    /// Whether the plan in force has it.
    pub is_planned: bool,
    /// Whether the mark came to it after the life had ended.
    pub reached: bool,
    since: Timestamp,
    before: Option<Price>,
    qty: Qty,
    filled: Qty,
}

impl Target {
    pub(super) const fn new(aim: &Aim, since: Timestamp) -> Self {
        Self {
            kind: aim.kind,
            price: aim.price,
            hit: false,
            is_planned: true,
            reached: false,
            since,
            before: None,
            qty: aim.qty,
            filled: Qty::ZERO,
        }
    }

    /// A newer plan, or more of the position, moves it; one that is hit stays where it was.
    pub(super) fn move_to(&mut self, aim: &Aim, since: Timestamp) {
        self.is_planned = true;
        if self.hit {
            return;
        }
        if self.price != aim.price {
            self.before = Some(self.price);
            self.price = aim.price;
            self.since = since;
        }
        (self.kind, self.qty) = (aim.kind, aim.qty);
    }

    pub(super) fn is_open_at_market(&self) -> bool {
        !self.hit && self.kind == LegKind::Partial
    }

    /// What is left to close.
    pub(super) fn room(&self) -> Qty {
        self.qty.saturating_sub(self.filled)
    }

    /// Takes new units in. Says whether the target is hit now and was not before.
    pub(super) fn fill(&mut self, qty: Qty, hit: bool) -> bool {
        self.filled = self.filled.plus(qty);
        let is_first = hit && !self.hit;
        self.hit |= hit;
        is_first
    }

    /// The price that was planned at that time: a plan may be heard before an older fill.
    pub(super) fn planned_at(&self, at: Timestamp) -> Price {
        let before = self.before.filter(|_| at < self.since);
        before.unwrap_or(self.price)
    }
}

/// How much worse `paid` is than `planned` for one who closes `side`, as a fraction of `planned`.
pub(super) fn slippage(side: Side, planned: Price, paid: Decimal) -> Option<Ratio> {
    let worse = planned.get().checked_sub(paid)? * side.sign();
    worse.checked_div(planned.get()).map(Ratio::new)
}
