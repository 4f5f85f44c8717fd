//! Compares the desired protection with what the venue is observed to hold, and says what to ask
//! for. Level-triggered: a lost, late or repeated message is healed by the next comparison.

mod close;
mod rest;
mod stops;
mod take_profit;

use alloc::string::String;
use alloc::vec::Vec;

pub use close::{PARTIAL_LEG, part_due};
pub use rest::{rest, watch_fired};

use crate::decision::StopReason;
use crate::desired::Desired;
use crate::flight::Flight;
use crate::ids::{ClientOrderId, LegId, Module, OrderCause, PositionKey};
use crate::order::{CloseOrder, OrderKind, RestingOrder};
use crate::policy::Policy;
use crate::snapshot::PositionSnapshot;
use crate::time::{Span, Timestamp};

/// Time given to the cancels that free a close, before the close is sent all the same.
pub const FREE_PATIENCE: Span = Span::from_millis(500);
/// A stop that fired must have closed the position by then, or it is closed at market.
pub const TRIGGERED_PATIENCE: Span = Span::from_millis(1_500);

/// The venue expires most of what is left by itself when a position closes; the rest is swept after
/// this long.
pub const SWEEP_AFTER: Span = Span::from_millis(500);

/// What the reconciler looks at.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The venue as last observed.
    pub snapshot: &'a PositionSnapshot,
    /// What should be.
    pub desired: &'a Desired,
    /// What is on its way.
    pub flight: &'a Flight,
    /// The numbers.
    pub policy: &'a Policy,
    /// Now.
    pub now: Timestamp,
}

/// One thing to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Place an order for a leg.
    Place {
        /// Part of the protection.
        leg: LegId,
        /// What for.
        kind: OrderKind,
        /// What.
        order: CloseOrder,
    },
    /// Cancel a resting order.
    Cancel {
        /// Its name.
        target: ClientOrderId,
        /// What it was for.
        kind: OrderKind,
        /// Whether it is a conditional order.
        conditional: bool,
        /// Why, for people.
        reason: &'static str,
    },
}

impl Want {
    /// Whether a stop is to be placed.
    #[must_use]
    pub const fn is_stop(&self) -> bool {
        matches!(
            self,
            Self::Place {
                leg: LegId::Stop | LegId::Disaster,
                ..
            }
        )
    }
}

/// Says what to ask for now. Protection first, then closes, then targets, then sweeping.
#[must_use]
pub fn reconcile(scene: &Scene<'_>) -> Vec<Want> {
    let snapshot = scene.snapshot;
    if !snapshot.position.is_open() {
        let since = scene.desired.flat_since;
        let waited = since.is_some_and(|since| scene.now.since(since) >= SWEEP_AFTER);
        let due = waited && snapshot.flat_proven;
        return if due {
            stops::sweep_flat(scene)
        } else {
            Vec::new()
        };
    }
    let mut wants = stops::protect(scene);
    if scene.desired.exiting {
        wants.extend(close::exit(scene));
        // A close may be waited for, while the position changes and stop follows stop.
        wants.extend(
            stops::sweep_superseded(scene)
                .into_iter()
                .filter(is_of_stop),
        );
        return wants;
    }
    wants.extend(close::partial(scene));
    wants.extend(take_profit::ladder(scene));
    wants.extend(stops::sweep_superseded(scene));
    wants
}

const fn is_of_stop(want: &Want) -> bool {
    matches!(
        want,
        Want::Cancel {
            conditional: true,
            ..
        }
    )
}

/// Whether a stop of this life has fired and not closed the position in time: not protection any
/// more, and a reason to close at market.
#[must_use]
pub fn has_stuck_stop(snapshot: &PositionSnapshot, now: Timestamp) -> bool {
    snapshot.position.is_open() && stops::is_stuck(snapshot, now)
}

/// A resting order together with what its name says.
struct Named<'a> {
    order: &'a RestingOrder,
    cause: OrderCause,
}

impl Scene<'_> {
    fn key(&self) -> &PositionKey {
        &self.snapshot.position.key
    }

    /// Resting orders of the executor for this life.
    fn own(&self) -> impl Iterator<Item = Named<'_>> {
        self.snapshot.orders.iter().filter_map(|order| {
            let cause = self.own_cause(order)?;
            Some(Named { order, cause })
        })
    }

    /// Resting orders that bear a name of ours: of any life, of the incumbents too.
    fn named(&self) -> impl Iterator<Item = Named<'_>> {
        self.snapshot.orders.iter().filter_map(|order| {
            let cause = self.cause(order)?;
            Some(Named { order, cause })
        })
    }

    /// What the name of an order of the executor for this life says.
    fn own_cause(&self, order: &RestingOrder) -> Option<OrderCause> {
        let epoch = self.snapshot.position.epoch;
        let is_own =
            |cause: &OrderCause| cause.module == Module::ExitExecutor && cause.epoch == epoch;
        self.cause(order).filter(is_own)
    }

    /// What the name of an order of ours for this side says.
    fn cause(&self, order: &RestingOrder) -> Option<OrderCause> {
        let key = self.key();
        let cause = order.client_order_id.cause(&key.symbol)?;
        (cause.side == key.side).then_some(cause)
    }

    fn cancel(&self, order: &RestingOrder, kind: OrderKind, reason: &'static str) -> Option<Want> {
        let id = &order.client_order_id;
        if self.flight.is_canceling(id, self.now) || self.flight.has_filled(id) {
            return None;
        }
        Some(Want::Cancel {
            target: order.client_order_id.clone(),
            kind,
            conditional: order.order.stop_trigger().is_some(),
            reason,
        })
    }
}

/// What an order's leg is counted as.
#[must_use]
pub const fn kind_of(leg: LegId) -> OrderKind {
    match leg {
        LegId::Disaster => OrderKind::HardSl,
        LegId::Stop => OrderKind::Sl,
        LegId::TakeProfit(_) => OrderKind::Tp,
        LegId::Partial(_) => OrderKind::PartialTp,
        LegId::Exit => OrderKind::EmergencyExit,
    }
}

/// Words for a placement, and why its stop moves.
#[must_use]
pub fn stop_reason_for(leg: LegId, latest: Option<StopReason>) -> (Option<StopReason>, String) {
    match leg {
        LegId::Stop => (latest, "the working stop".into()),
        LegId::Disaster => (None, "the stop that needs nobody alive".into()),
        LegId::TakeProfit(_) => (None, "a target of the ladder".into()),
        LegId::Partial(_) => (None, "a part is due".into()),
        LegId::Exit => (None, "everything is to be closed".into()),
    }
}
