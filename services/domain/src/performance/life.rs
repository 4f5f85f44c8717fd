//! One life of a position as the tracker sees it: its targets, and what was filled of them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use rust_decimal::Decimal;

use super::POSITION_WAIT;
use super::fills::{Fills, Increment, Part};
use super::score::Slot;
use super::target::{Target, aims, slippage};
use crate::ids::{Epoch, Module, PositionKey};
use crate::num::{Price, Qty, Ratio};
use crate::order::OrderEvent;
use crate::plan::ExitPlan;
use crate::position::Side;
use crate::snapshot::PositionSnapshot;
use crate::time::{Span, Timestamp};

/// What stands where a plan names no strategy, as those of older builds do.
const UNNAMED: &str = "unknown";

/// A life that is going on, or has just ended.
#[derive(Debug, Clone)]
pub(super) struct Life {
    epoch: Epoch,
    /// What the epoch was before it was corrected: orders bear it still.
    former: Option<Epoch>,
    plan: Option<ExitPlan>,
    place: Option<PositionSnapshot>,
    /// Closed before the tracker began to listen: who filled that is not known.
    closed_before: Qty,
    targets: BTreeMap<u8, Target>,
    fills: Fills,
    /// Whether the executor has orders for it: targets that nobody places are not judged.
    is_placed: bool,
}

/// What news of an order comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A target is filled to its end, so long after the opening.
    Hit { leg: u8, after: Span },
    /// The price of units is known: how much worse than planned, as a fraction of that.
    Paid { leg: u8, qty: Qty, slippage: Ratio },
}

impl Life {
    fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            former: None,
            plan: None,
            place: None,
            closed_before: Qty::ZERO,
            targets: BTreeMap::new(),
            fills: Fills::default(),
            is_placed: false,
        }
    }

    /// One whose plan came before its position.
    pub(super) fn planned(plan: &ExitPlan) -> Self {
        Self {
            plan: Some(plan.clone()),
            ..Self::new(plan.epoch)
        }
    }

    /// One whose position came before its plan.
    pub(super) fn seen(snapshot: &PositionSnapshot) -> Self {
        let mut life = Self::new(snapshot.position.epoch);
        life.observe(snapshot);
        life
    }

    pub(super) fn is_of(&self, epoch: Epoch) -> bool {
        self.epoch == epoch || self.former == Some(epoch)
    }

    /// Whether a newer picture than one of that time is known.
    pub(super) fn is_newer(&self, at: Timestamp) -> bool {
        self.place.as_ref().is_some_and(|place| place.at > at)
    }

    /// Whether a position of `epoch` is another one than this.
    pub(super) fn is_over_by(&self, epoch: Epoch) -> bool {
        epoch > self.epoch
    }

    pub(super) const fn was_open(&self) -> bool {
        self.place.is_some()
    }

    /// Whether it is only a plan, of a position that never came.
    pub(super) fn is_stray(&self, now: Timestamp) -> bool {
        let plan = self.plan.as_ref().filter(|_| self.place.is_none());
        plan.is_some_and(|plan| now.since(plan.created_at) > POSITION_WAIT)
    }

    /// Takes a newer plan of this life.
    pub(super) fn plan(&mut self, plan: &ExitPlan) {
        let is_next = self.place.is_none() && plan.epoch > self.epoch;
        if is_next {
            self.epoch = plan.epoch;
        }
        let known = self.plan.as_ref();
        let newer = known.is_none_or(|it| it.created_at < plan.created_at);
        if (newer || is_next) && plan.epoch == self.epoch {
            self.plan = Some(plan.clone());
            self.aim();
        }
    }

    /// Takes a newer picture, whose epoch may be the corrected one.
    pub(super) fn observe(&mut self, snapshot: &PositionSnapshot) {
        let position = &snapshot.position;
        if position.epoch != self.epoch {
            self.former = Some(self.epoch);
            self.epoch = position.epoch;
        }
        let symbol = &position.key.symbol;
        let mut causes = snapshot.orders.iter();
        self.is_placed |= causes.any(|order| {
            let cause = order.client_order_id.cause(symbol);
            cause.is_some_and(|it| it.module == Module::ExitExecutor && self.is_of(it.epoch))
        });
        let before = self.place.replace(snapshot.clone());
        if before.is_none() {
            self.closed_before = position.closed_qty();
        }
        if before.is_none_or(|it| it.position.initial_qty != position.initial_qty) {
            self.aim();
        }
    }

    /// The executor has orders for it.
    pub(super) const fn place(&mut self) {
        self.is_placed = true;
    }

    /// Where its targets are counted.
    pub(super) fn slot(&self, key: &PositionKey) -> Slot {
        let plan = self.plan.as_ref();
        let strategy = plan.map(|it| it.strategy_id.as_str());
        Slot {
            symbol: key.symbol.clone(),
            strategy: String::from(strategy.filter(|it| !it.is_empty()).unwrap_or(UNNAMED)),
            regime: plan.map(|it| it.regime).unwrap_or_default(),
        }
    }

    /// Takes news of a target's order: of resting target `number`, else of one at market. What is
    /// new in it is shared out among the targets.
    pub(super) fn filled(&mut self, number: Option<u8>, event: &OrderEvent) -> Vec<Outcome> {
        let Some(place) = &self.place else {
            return Vec::new();
        };
        let (position, step) = (&place.position, place.instrument.market_lot.step);
        let (side, opened_at) = (position.key.side, position.opened_at);
        let Some(new) = self.fills.learn(event) else {
            return Vec::new();
        };
        let shares = match number {
            Some(leg) => alloc::vec![(leg, new.qty, new.is_done)],
            None => self.at_market(&new, step),
        };
        let mut outcomes = Vec::new();
        let mut parts = Vec::new();
        for (leg, qty, hit) in shares {
            let Some(target) = self.targets.get_mut(&leg) else {
                continue;
            };
            let planned = target.planned_at(event.at);
            parts.push(Part { leg, planned, qty });
            if target.fill(qty, hit) {
                let after = event.at.since(opened_at).max(Span::ZERO);
                outcomes.push(Outcome::Hit { leg, after });
            }
        }
        if let Some((parts, paid)) = self.fills.share_out(&new, parts) {
            outcomes.extend(parts.iter().filter_map(|part| {
                Some(Outcome::Paid {
                    leg: part.leg,
                    qty: part.qty,
                    slippage: slippage(side, part.planned, paid)?,
                })
            }));
        }
        outcomes
    }

    /// Shares a market close out among the targets at market, nearest first: one order may close
    /// for several, and it does not say for which. What is less than a `step` can't be traded, so
    /// it does not keep a target open. Target, units, whether they complete it.
    fn at_market(&self, new: &Increment, step: Decimal) -> Vec<(u8, Qty, bool)> {
        if new.qty.is_zero() {
            // Only the end of the order is new, or its price.
            let last = new.last.map(|leg| (leg, Qty::ZERO, new.is_done));
            return last.into_iter().collect();
        }
        let mut shares = Vec::new();
        let mut left = new.qty;
        for (leg, target) in self.targets.iter().filter(|(_, it)| it.is_open_at_market()) {
            let room = target.room();
            let beyond = left.saturating_sub(room);
            let qty = if beyond.get() < step { left } else { room };
            left = left.saturating_sub(qty);
            let is_full = room.saturating_sub(qty).get() < step;
            shares.push((*leg, qty, is_full || (new.is_done && left.is_zero())));
            if left.is_zero() {
                break;
            }
        }
        shares
    }

    /// The life is over, and the mark has come to `mark` since.
    pub(super) fn reach(&mut self, side: Side, mark: Price) {
        for target in self.targets.values_mut() {
            target.reached |= side.target_reached(target.price, mark);
        }
    }

    /// Targets that are planned and not judged yet.
    pub(super) fn open_legs(&self) -> impl Iterator<Item = u8> {
        self.missed().map(|(number, _)| number)
    }

    /// Targets that are missed if nothing more is filled; none where nobody placed them.
    pub(super) fn missed(&self) -> impl Iterator<Item = (u8, &Target)> {
        let open = self
            .targets
            .iter()
            .filter(|(_, it)| !it.hit && it.is_planned);
        let judged = open.filter(|_| self.is_placed);
        judged.map(|(number, target)| (*number, target))
    }

    /// Makes the targets those of the plan. One that is hit stays as it was; one that the plan no
    /// longer has is not missed at the end, but a fill of its order still counts.
    fn aim(&mut self) {
        let (Some(plan), Some(place)) = (&self.plan, &self.place) else {
            return;
        };
        let aims = aims(plan, &place.position, &place.instrument);
        for target in self.targets.values_mut() {
            target.is_planned = false;
        }
        for aim in aims {
            let is_done_before = !self.closed_before.is_zero() && aim.end <= self.closed_before;
            match self.targets.get_mut(&aim.number) {
                Some(target) => target.move_to(&aim, plan.created_at),
                None if is_done_before => {}
                None => {
                    let target = Target::new(&aim, plan.created_at);
                    self.targets.insert(aim.number, target);
                }
            }
        }
    }
}
