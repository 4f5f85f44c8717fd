//! What a check looks at, and the questions that it asks of it.

use domain::decision::StopReason;
use domain::flight::Flight;
use domain::ids::{LegId, OrderCause};
use domain::order::{CloseOrder, OrderKind, OrderStatus, RestingOrder};
use domain::snapshot::{PositionSnapshot, covered};
use domain::{Module, Price, Qty, Side, Span, Timestamp};

use super::Want;
use crate::position_monitor::rules::{self, Tier};

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
    /// Whether the brain does not act: what it left at the end of a life is swept too.
    pub inherits: bool,
    /// Now.
    pub now: Timestamp,
}

/// Whether a stop has fired.
pub(super) enum Fired {
    /// None has.
    No,
    /// It may still close the position.
    Recently,
    /// It should have closed it by now.
    Stuck,
}

impl Scene<'_> {
    pub(super) fn side(&self) -> Side {
        self.snapshot.position.key.side
    }

    /// Own orders for this side, of any life.
    pub(super) fn own(&self) -> impl Iterator<Item = (&RestingOrder, OrderCause)> {
        let key = &self.snapshot.position.key;
        self.snapshot.orders.iter().filter_map(|order| {
            let cause = order.client_order_id.cause(&key.symbol)?;
            let own = cause.module == Module::PositionMonitor && cause.side == key.side;
            own.then_some((order, cause))
        })
    }

    /// Whether stops of this life, or of others, cover the position. One of ours that a former
    /// life left lies at any level: it protects until it is replaced, and it is to be replaced.
    pub(super) fn is_covered(&self) -> bool {
        let position = &self.snapshot.position;
        let former = |order: &RestingOrder| {
            let cause = order.client_order_id.cause(&position.key.symbol);
            cause.is_some_and(|cause| {
                cause.module == Module::PositionMonitor && cause.epoch != position.epoch
            })
        };
        let valid = self.snapshot.orders.iter().filter(|order| !former(order));
        covered(position.qty, valid) >= position.qty
    }

    pub(super) fn own_stops(&self) -> impl Iterator<Item = &RestingOrder> {
        let epoch = self.snapshot.position.epoch;
        self.own()
            .filter(move |(order, cause)| {
                let stop = cause.leg == LegId::Stop && cause.epoch == epoch;
                stop && order.is_protecting_stop()
            })
            .map(|(order, _)| order)
    }

    pub(super) fn resting_targets(&self) -> impl Iterator<Item = (&RestingOrder, u8)> {
        let epoch = self.snapshot.position.epoch;
        self.own()
            .filter_map(move |(order, cause)| match cause.leg {
                LegId::TakeProfit(leg) if cause.epoch == epoch => Some((order, leg)),
                _ => None,
            })
    }

    pub(super) fn best_own_stop(&self) -> Option<Price> {
        let triggers = self
            .own_stops()
            .filter_map(|order| order.order.stop_trigger());
        triggers.reduce(|a, b| self.side().tighter(a, b))
    }

    /// What limits of others leave of the position.
    pub(super) fn left_by_others(&self) -> Qty {
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
    pub(super) fn moved_stop(&self, best: Option<Price>) -> Option<Price> {
        let position = &self.snapshot.position;
        let level = rules::tier_stop(self.tier, position, self.mark?, &self.snapshot.instrument)?;
        let better = |best| rules::is_worth_moving(self.side(), level, best);
        best.is_none_or(better).then_some(level)
    }

    /// The own stop that rests at `trigger` for the whole quantity.
    pub(super) fn confirmed(&self, trigger: Price) -> Option<&RestingOrder> {
        let open = self
            .snapshot
            .instrument
            .floor_qty(self.snapshot.position.qty);
        self.own_stops().find(|order| {
            order.order.stop_trigger() == Some(trigger) && order.open_qty() == Some(open)
        })
    }

    pub(super) fn place_stop(
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
    pub(super) fn sweep_stops(&self, kept: &RestingOrder) -> Vec<Want> {
        let position = &self.snapshot.position;
        let is_covered = covered(position.qty, core::iter::once(kept)) >= position.qty;
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
    pub(super) fn sweep(
        &self,
        which: impl Fn(&OrderCause) -> bool,
        reason: &'static str,
    ) -> Vec<Want> {
        self.own()
            .filter(|(order, cause)| which(cause) && order.status != OrderStatus::Triggering)
            .filter_map(|(order, cause)| self.cancel(order, kind_of(cause.leg), reason))
            .collect()
    }

    /// After the end of a life: everything of ours, and what a brain that no longer acts has left.
    /// Its close-position stop expires by itself.
    pub(super) fn sweep_ended(&self) -> Vec<Want> {
        let key = &self.snapshot.position.key;
        let left = self.snapshot.orders.iter().filter_map(|order| {
            let cause = order.client_order_id.cause(&key.symbol)?;
            let expires = matches!(order.order, CloseOrder::DisasterStop { .. });
            let ended = cause.module == Module::ExitExecutor && cause.side == key.side && !expires;
            (self.inherits && ended).then_some((order, cause))
        });
        let left = left.filter(|(order, _)| order.status != OrderStatus::Triggering);
        let reason = "left by an owner that no longer acts";
        let left = left.filter_map(|(order, cause)| self.cancel(order, kind_of(cause.leg), reason));
        let mut wants = self.sweep(|_| true, "the position is closed");
        wants.extend(left);
        wants
    }

    pub(super) fn cancel(
        &self,
        order: &RestingOrder,
        kind: OrderKind,
        reason: &'static str,
    ) -> Option<Want> {
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
    pub(super) fn fired(&self) -> Fired {
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

pub(super) fn tighter(side: Side, a: Option<Price>, b: Option<Price>) -> Option<Price> {
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
