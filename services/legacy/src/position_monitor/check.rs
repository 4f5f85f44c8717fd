//! Compares what rests for one position with what the rules want: the difference is the wishes.
//!
//! Place, see it confirmed, then cancel: a stop is canceled only when another one that covers the
//! whole position is seen to rest. Take-profits go the other way, so that they never add up to
//! more than the position.

use domain::decision::StopReason;
use domain::flight::Flight;
use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::ladder::open_quantities;
use domain::order::{CloseOrder, OrderKind, OrderStatus, RestingOrder};
use domain::snapshot::{PositionSnapshot, covered};
use domain::{Module, Price, Qty, Side, Span, Timestamp};

use super::rules::{self, StopRule, Tier};

/// A stop that fired is given this long to close the position before it counts as stuck.
pub const FIRED_PATIENCE: Span = Span::from_millis(1_500);

/// Everything that a check looks at.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The last picture of the position.
    pub snapshot: &'a PositionSnapshot,
    /// What was asked for and not seen yet.
    pub flight: &'a Flight,
    /// The mark, where there is one young enough to decide by.
    pub mark: Option<Price>,
    /// The highest tier that this life has reached.
    pub tier: &'static Tier,
    /// Whether the venue said that the stop's level is behind the mark (-2021).
    pub breached: bool,
    /// Whether a fill may not be in the picture yet: then no take-profit is placed.
    pub unsettled: bool,
    /// Now.
    pub now: Timestamp,
}

/// One wish, before it has a number and a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Place an order for a leg.
    Place {
        /// Which leg.
        leg: LegId,
        /// What for.
        kind: OrderKind,
        /// What.
        order: CloseOrder,
        /// Why the stop moves, for a stop.
        stop_reason: Option<StopReason>,
        /// For people.
        reason: &'static str,
    },
    /// Cancel an own order.
    Cancel {
        /// Its name.
        target: ClientOrderId,
        /// Whether it is a stop.
        conditional: bool,
        /// What it was for.
        kind: OrderKind,
        /// For people.
        reason: &'static str,
    },
}

/// What should be asked for now.
#[must_use]
pub fn check(scene: &Scene<'_>) -> Vec<Want> {
    let snapshot = scene.snapshot;
    if !snapshot.complete {
        // Nothing may be concluded from an absence yet.
        return Vec::new();
    }
    if !snapshot.position.is_open() {
        return if snapshot.flat_proven {
            scene.sweep(|_| true, "the position is closed")
        } else {
            Vec::new()
        };
    }
    if is_unprotected(snapshot) {
        return protect(scene);
    }
    let mut wants = move_stop(scene);
    wants.extend(take_profits(scene));
    wants
}

/// Whether an open position is not wholly covered by stops that protect.
#[must_use]
pub fn is_unprotected(snapshot: &PositionSnapshot) -> bool {
    let position = &snapshot.position;
    snapshot.complete && position.is_open() && snapshot.protected_qty() < position.qty
}

fn protect(scene: &Scene<'_>) -> Vec<Want> {
    match scene.fired() {
        Fired::Recently => return Vec::new(),
        Fired::Stuck => return exit(scene, "a stop has fired and not closed the position"),
        Fired::No => {}
    }
    let snapshot = scene.snapshot;
    let side = scene.side();
    let initial = rules::initial_stop(&snapshot.position, &snapshot.instrument);
    let Some(trigger) = tighter(side, initial, scene.best_own_stop()) else {
        return Vec::new();
    };
    let reached = scene
        .mark
        .is_some_and(|mark| side.stop_reached(trigger, mark));
    if reached || scene.breached {
        return exit(
            scene,
            "the mark is beyond the stop of an unprotected position",
        );
    }
    let moved = scene.moved_stop(Some(trigger));
    let reason = moved.map_or(StopReason::Initial, |_| rules::stop_reason(scene.tier));
    let trigger = moved.unwrap_or(trigger);
    let placed = scene.place_stop(trigger, reason, "the position is not covered by a stop");
    placed.into_iter().collect()
}

fn exit(scene: &Scene<'_>, reason: &'static str) -> Vec<Want> {
    // A resting take-profit can make the venue refuse a reduce-only close (-4118).
    let is_target = |cause: &OrderCause| matches!(cause.leg, LegId::TakeProfit(_));
    let mut wants = scene.sweep(is_target, "makes way for the exit");
    let position = &scene.snapshot.position;
    let qty = scene.snapshot.instrument.floor_market_qty(position.qty);
    if !qty.is_zero() && scene.flight.is_open(LegId::Exit, scene.now) {
        wants.push(Want::Place {
            leg: LegId::Exit,
            kind: OrderKind::EmergencyExit,
            order: CloseOrder::Market { qty },
            stop_reason: None,
            reason,
        });
    }
    wants
}

fn move_stop(scene: &Scene<'_>) -> Vec<Want> {
    let side = scene.side();
    let stops = scene
        .snapshot
        .orders
        .iter()
        .filter(|order| order.is_protecting_stop());
    let best = stops
        .filter_map(|order| order.order.stop_trigger())
        .reduce(|a, b| side.tighter(a, b));
    let moved = scene.moved_stop(best);
    // Covered by others, and no better level: nothing to do, and nothing of ours to tidy.
    let Some(trigger) = moved.or_else(|| scene.best_own_stop()) else {
        return Vec::new();
    };
    if let Some(kept) = scene.confirmed(trigger) {
        return scene.sweep_stops(kept);
    }
    let reason = moved.map_or(StopReason::Tighter, |_| rules::stop_reason(scene.tier));
    let placed = scene.place_stop(trigger, reason, "the stop follows tier and quantity");
    placed.into_iter().collect()
}

fn take_profits(scene: &Scene<'_>) -> Vec<Want> {
    let snapshot = scene.snapshot;
    let epoch = snapshot.position.epoch;
    let former =
        |cause: &OrderCause| cause.epoch != epoch && matches!(cause.leg, LegId::TakeProfit(_));
    let mut cancels = scene.sweep(former, "left by a former life");
    let resting: Vec<(&RestingOrder, u8)> = scene.resting_targets().collect();
    let holds = scene.tier.stop == StopRule::Hold && !resting.is_empty();
    if holds || scene.unsettled {
        return cancels;
    }
    let targets = rules::targets(scene.tier, &snapshot.position, &snapshot.instrument);
    let left = scene.left_by_others();
    let wanted = open_quantities(&targets, &snapshot.position, left, &snapshot.instrument);
    let keeps = |order: &RestingOrder, leg: u8| {
        wanted
            .iter()
            .any(|(target, qty)| target.leg == leg && is_same(order, target.price, *qty))
    };
    let stray = resting.iter().filter(|(order, leg)| !keeps(order, *leg));
    cancels.extend(stray.filter_map(|(order, _)| {
        scene.cancel(order, OrderKind::Tp, "the tier wants another target")
    }));
    if !resting.iter().all(|(order, leg)| keeps(order, *leg)) {
        return cancels;
    }
    let missing = wanted.iter().filter(|(target, _)| {
        let rests = resting.iter().any(|(_, leg)| *leg == target.leg);
        !rests
            && scene
                .flight
                .is_open(LegId::TakeProfit(target.leg), scene.now)
    });
    cancels.extend(missing.map(|(target, qty)| Want::Place {
        leg: LegId::TakeProfit(target.leg),
        kind: OrderKind::Tp,
        order: CloseOrder::Limit {
            qty: *qty,
            price: target.price,
        },
        stop_reason: None,
        reason: "the tier's target does not rest",
    }));
    cancels
}

fn is_same(order: &RestingOrder, price: Price, qty: Qty) -> bool {
    let CloseOrder::Limit { price: at, .. } = order.order else {
        return false;
    };
    !rules::is_moved(price, at) && order.open_qty() == Some(qty)
}

enum Fired {
    No,
    Recently,
    Stuck,
}

impl Scene<'_> {
    fn side(&self) -> Side {
        self.snapshot.position.key.side
    }

    /// Own orders for this side, of any life.
    fn own(&self) -> impl Iterator<Item = (&RestingOrder, OrderCause)> {
        let key = &self.snapshot.position.key;
        self.snapshot.orders.iter().filter_map(|order| {
            let cause = order.client_order_id.cause(&key.symbol)?;
            let own = cause.module == Module::PositionMonitor && cause.side == key.side;
            own.then_some((order, cause))
        })
    }

    fn own_stops(&self) -> impl Iterator<Item = &RestingOrder> {
        let epoch = self.snapshot.position.epoch;
        self.own()
            .filter(move |(order, cause)| {
                let stop = cause.leg == LegId::Stop && cause.epoch == epoch;
                stop && order.is_protecting_stop()
            })
            .map(|(order, _)| order)
    }

    fn resting_targets(&self) -> impl Iterator<Item = (&RestingOrder, u8)> {
        let epoch = self.snapshot.position.epoch;
        self.own()
            .filter_map(move |(order, cause)| match cause.leg {
                LegId::TakeProfit(leg) if cause.epoch == epoch => Some((order, leg)),
                _ => None,
            })
    }

    fn best_own_stop(&self) -> Option<Price> {
        let triggers = self
            .own_stops()
            .filter_map(|order| order.order.stop_trigger());
        triggers.reduce(|a, b| self.side().tighter(a, b))
    }

    /// What limits of others leave of the position.
    fn left_by_others(&self) -> Qty {
        let key = &self.snapshot.position.key;
        let others = self.snapshot.orders.iter().filter(|order| {
            let cause = order.client_order_id.cause(&key.symbol);
            let own = cause.is_some_and(|cause| cause.module == Module::PositionMonitor);
            !own && matches!(order.order, CloseOrder::Limit { .. })
        });
        let taken = others
            .filter_map(RestingOrder::open_qty)
            .fold(Qty::ZERO, Qty::plus);
        self.snapshot.position.qty.saturating_sub(taken)
    }

    /// The tier's level, where it is enough tighter than `best`.
    fn moved_stop(&self, best: Option<Price>) -> Option<Price> {
        let position = &self.snapshot.position;
        let level = rules::tier_stop(self.tier, position, self.mark?, &self.snapshot.instrument)?;
        let better = |best| rules::is_worth_moving(self.side(), level, best);
        best.is_none_or(better).then_some(level)
    }

    /// The own stop that rests at `trigger` for the whole quantity.
    fn confirmed(&self, trigger: Price) -> Option<&RestingOrder> {
        let open = self
            .snapshot
            .instrument
            .floor_qty(self.snapshot.position.qty);
        self.own_stops().find(|order| {
            order.order.stop_trigger() == Some(trigger) && order.open_qty() == Some(open)
        })
    }

    fn place_stop(
        &self,
        trigger: Price,
        stop_reason: StopReason,
        reason: &'static str,
    ) -> Option<Want> {
        let qty = self
            .snapshot
            .instrument
            .floor_qty(self.snapshot.position.qty);
        if qty.is_zero() || !self.flight.is_open(LegId::Stop, self.now) {
            return None;
        }
        Some(Want::Place {
            leg: LegId::Stop,
            kind: match stop_reason {
                StopReason::Breakeven => OrderKind::Breakeven,
                _ => OrderKind::Sl,
            },
            order: CloseOrder::Stop { qty, trigger },
            stop_reason: Some(stop_reason),
            reason,
        })
    }

    /// Own stops that `kept` makes superfluous, as long as the whole position stays covered.
    fn sweep_stops(&self, kept: &RestingOrder) -> Vec<Want> {
        let position = &self.snapshot.position;
        let is_covered = covered(position.qty, self.side(), core::iter::once(kept)) >= position.qty;
        if !is_covered {
            return Vec::new();
        }
        let stops = self.own().filter(|(order, cause)| {
            let other = order.client_order_id != kept.client_order_id;
            other && cause.leg == LegId::Stop && order.is_protecting_stop()
        });
        stops
            .filter_map(|(order, _)| {
                self.cancel(order, OrderKind::Sl, "replaced by a confirmed stop")
            })
            .collect()
    }

    /// Cancels of all own orders that `which` names. One that is firing can't be canceled.
    fn sweep(&self, which: impl Fn(&OrderCause) -> bool, reason: &'static str) -> Vec<Want> {
        self.own()
            .filter(|(order, cause)| which(cause) && order.status != OrderStatus::Triggering)
            .filter_map(|(order, cause)| self.cancel(order, kind_of(cause.leg), reason))
            .collect()
    }

    fn cancel(&self, order: &RestingOrder, kind: OrderKind, reason: &'static str) -> Option<Want> {
        let target = order.client_order_id.clone();
        if self.flight.is_canceling(&target, self.now) {
            return None;
        }
        Some(Want::Cancel {
            target,
            conditional: order.order.stop_trigger().is_some(),
            kind,
            reason,
        })
    }

    /// Whether a stop, of whoever, has fired.
    fn fired(&self) -> Fired {
        let fired = self.snapshot.orders.iter().filter(|order| {
            order.order.stop_trigger().is_some() && order.status != OrderStatus::Accepted
        });
        match fired.map(|order| self.now.since(order.since)).max() {
            None => Fired::No,
            Some(age) if age <= FIRED_PATIENCE => Fired::Recently,
            Some(_) => Fired::Stuck,
        }
    }
}

fn tighter(side: Side, a: Option<Price>, b: Option<Price>) -> Option<Price> {
    match (a, b) {
        (Some(a), Some(b)) => Some(side.tighter(a, b)),
        (one, other) => one.or(other),
    }
}

const fn kind_of(leg: LegId) -> OrderKind {
    match leg {
        LegId::Stop => OrderKind::Sl,
        LegId::Disaster => OrderKind::HardSl,
        LegId::TakeProfit(_) => OrderKind::Tp,
        LegId::Partial(_) => OrderKind::PartialTp,
        LegId::Exit => OrderKind::EmergencyExit,
    }
}

#[cfg(test)]
mod tests;
