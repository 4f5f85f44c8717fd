//! What a check looks at, and the questions that it asks of it.

use domain::decision::StopReason;
use domain::flight::Flight;
use domain::handover::Closing;
use domain::ids::{LegId, OrderCause};
use domain::order::{CloseOrder, OrderKind, OrderStatus, RestingOrder};
use domain::snapshot::surplus;
use domain::{Price, Span, Timestamp};

use super::{Want, is_worth_moving};
use crate::books::Books;
use crate::fellows::Beside;
use crate::method::{StopWish, Wishes};

/// A stop that fired is given this long to close the position before it counts as stuck.
pub const FIRED_PATIENCE: Span = Span::from_millis(1_500);

/// Everything that a check looks at.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The position and what rests for it.
    pub books: Books<'a>,
    /// What was asked for and not seen yet.
    pub flight: &'a Flight,
    /// What the method wishes.
    pub wishes: &'a Wishes,
    /// The mark, where there is one young enough to decide by.
    pub mark: Option<Price>,
    /// Whether the venue said that the stop's level is behind the mark (-2021).
    pub breached: bool,
    /// Whether a fill may not be in the picture yet: then no take-profit is placed.
    pub unsettled: bool,
    /// The other incumbents: what they have a claim to, and whose leftovers are swept.
    pub beside: &'a Beside,
    /// The exit that the executor has decided and left unfinished.
    pub handed: Option<Closing>,
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
    /// The wished stop, where it is enough tighter than `best`.
    pub(super) fn moved_stop(&self, best: Option<Price>) -> Option<StopWish> {
        let side = self.books.side();
        let better =
            |stop: &StopWish| best.is_none_or(|best| is_worth_moving(side, stop.price, best));
        self.wishes.stop.filter(better)
    }

    /// Why everything is to be closed: this module wishes it, or the executor has not finished it.
    pub(crate) fn exit_reason(&self) -> Option<&'static str> {
        let is_due = |closing: Closing| self.beside.takes_over() && self.now >= closing.settled_at;
        let handed = self.handed.filter(|closing| is_due(*closing));
        let handed = handed.map(|_| "the executor has left this exit unfinished");
        self.wishes.exit.or(handed)
    }

    /// Whether the mark has reached a stop at `trigger`.
    pub(super) fn is_reached(&self, trigger: Price) -> bool {
        let side = self.books.side();
        self.mark
            .is_some_and(|mark| side.stop_reached(trigger, mark))
    }

    /// The stops that are this module's to move: its own, and what the executor has handed over
    /// where this is the incumbent that takes over.
    fn held_stops(&self) -> impl Iterator<Item = &RestingOrder> {
        let handed = self
            .beside
            .takes_over()
            .then(|| self.books.executor_stops());
        let handed = handed.into_iter().flatten();
        self.books.own_stops().chain(handed)
    }

    /// The tightest of them.
    pub(super) fn held_stop(&self) -> Option<Price> {
        self.books.tightest(self.held_stops())
    }

    /// Whether an own stop rests that is at least as tight as `trigger`, covers all that the lot
    /// size allows, and is to stay. One for more will do: it closes no more than is open.
    pub(super) fn is_confirmed(&self, trigger: Price) -> bool {
        let snapshot = self.books.snapshot;
        let open = snapshot.instrument.floor_qty(snapshot.position.qty);
        let side = self.books.side();
        self.held_stops().any(|order| {
            let at = order.order.stop_trigger();
            let is_tight = at.is_some_and(|at| !side.is_tighter(trigger, at));
            let covers = order.open_qty().is_none_or(|of| of >= open);
            is_tight && covers && !self.is_going(order)
        })
    }

    /// Whether the cancel of `order` was asked for.
    fn is_going(&self, order: &RestingOrder) -> bool {
        self.flight.cancel_since(&order.client_order_id).is_some()
    }

    pub(super) fn place_stop(&self, stop: StopWish, reason: &'static str) -> Option<Want> {
        let snapshot = self.books.snapshot;
        let qty = snapshot.instrument.floor_qty(snapshot.position.qty);
        if qty.is_zero() || !self.flight.is_open(LegId::Stop, self.now) {
            return None;
        }
        // The grid may have become coarser since the stop was wished for.
        let trigger = snapshot
            .instrument
            .round_stop(self.books.side(), stop.price)?;
        Some(Want::Place {
            leg: LegId::Stop,
            kind: kind_of_stop(stop.reason),
            order: CloseOrder::Stop { qty, trigger },
            stop_reason: Some(stop.reason),
            reason,
        })
    }

    /// Held stops of this life without which the others cover the whole position by themselves.
    pub(super) fn surplus(&self) -> Vec<&RestingOrder> {
        self.surplus_among(self.held_stops())
    }

    /// The same among own stops of any life; those of this one stay first. A full account (-4045)
    /// takes no stop of any position before such are gone.
    pub(super) fn surplus_of_any_life(&self) -> Vec<&RestingOrder> {
        let own = self.books.own();
        let stops = own.filter(|(_, cause)| cause.leg == LegId::Stop);
        self.surplus_among(stops.map(|(order, _)| order))
    }

    fn surplus_among<'s>(
        &'s self,
        stops: impl Iterator<Item = &'s RestingOrder>,
    ) -> Vec<&'s RestingOrder> {
        let position = &self.books.snapshot.position;
        let rank = |order: &RestingOrder| {
            let cause = order.client_order_id.cause(&position.key.symbol);
            u8::from(cause.is_none_or(|cause| cause.epoch != position.epoch))
        };
        let is_going = |order: &RestingOrder| self.is_going(order);
        surplus(position.key.side, position.qty, stops, rank, is_going)
    }

    /// Cancels of the executor's targets, where it acts no more: they would block a close (-4118).
    pub(super) fn sweep_handed_targets(&self) -> Vec<Want> {
        if !self.beside.inherits {
            return Vec::new();
        }
        let targets = self.books.executors().filter(|(order, cause)| {
            let is_target = matches!(cause.leg, LegId::TakeProfit(_));
            is_target && order.status != OrderStatus::Triggering
        });
        targets
            .filter_map(|(order, _)| self.cancel(order, OrderKind::Tp, "makes way for the exit"))
            .collect()
    }

    /// Cancels of superfluous stops.
    pub(super) fn sweep_stops(&self, surplus: &[&RestingOrder]) -> Vec<Want> {
        let stops = surplus.iter();
        stops
            .filter_map(|order| self.cancel(order, OrderKind::Sl, "replaced by a confirmed stop"))
            .collect()
    }

    /// Own stops of former lives, for a position that stops of this life cover.
    pub(super) fn sweep_former_stops(&self) -> Vec<Want> {
        let epoch = self.books.snapshot.position.epoch;
        let former = self.books.own().filter(|(order, cause)| {
            cause.epoch != epoch && cause.leg == LegId::Stop && order.is_protecting_stop()
        });
        former
            .filter_map(|(order, _)| self.cancel(order, OrderKind::Sl, "left by a former life"))
            .collect()
    }

    /// Cancels of all own orders that `which` names. One that is firing can't be canceled.
    pub(super) fn sweep(
        &self,
        which: impl Fn(&OrderCause) -> bool,
        reason: &'static str,
    ) -> Vec<Want> {
        self.books
            .own()
            .filter(|(order, cause)| which(cause) && order.status != OrderStatus::Triggering)
            .filter_map(|(order, cause)| self.cancel(order, kind_of(cause.leg), reason))
            .collect()
    }

    /// After the end of a life: everything of ours, and what others have left.
    pub(super) fn sweep_ended(&self) -> Vec<Want> {
        let mut wants = self.sweep(|_| true, "the position is closed");
        wants.extend(self.sweep_heritage());
        wants
    }

    /// What owners that no longer act have left of ended lives: it would cut the next one. A
    /// close-position stop expires by itself.
    pub(super) fn sweep_heritage(&self) -> Vec<Want> {
        let position = &self.books.snapshot.position;
        let left = self.books.caused().filter(|(order, cause)| {
            let theirs = self.beside.heir_of.contains(&cause.module);
            let ended = !position.is_open() || cause.epoch != position.epoch;
            let expires = matches!(order.order, CloseOrder::DisasterStop { .. });
            let can_go = !expires && order.status != OrderStatus::Triggering;
            theirs && cause.side == position.key.side && ended && can_go
        });
        let reason = "left by an owner that no longer acts";
        left.filter_map(|(order, cause)| self.cancel(order, kind_of(cause.leg), reason))
            .collect()
    }

    pub(super) fn cancel(
        &self,
        order: &RestingOrder,
        kind: OrderKind,
        reason: &'static str,
    ) -> Option<Want> {
        let target = order.client_order_id.clone();
        if self.flight.is_canceling(&target, self.now) || self.flight.has_filled(&target) {
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
        let fired = self.books.snapshot.orders.iter().filter(|order| {
            order.order.stop_trigger().is_some() && order.status != OrderStatus::Accepted
        });
        match fired.map(|order| self.now.since(order.since)).max() {
            None => Fired::No,
            Some(age) if age <= FIRED_PATIENCE => Fired::Recently,
            Some(_) => Fired::Stuck,
        }
    }
}

const fn kind_of_stop(reason: StopReason) -> OrderKind {
    match reason {
        StopReason::Breakeven => OrderKind::Breakeven,
        StopReason::Trailing => OrderKind::Trailing,
        StopReason::Initial
        | StopReason::Ratchet
        | StopReason::ProfitLock
        | StopReason::Tighter => OrderKind::Sl,
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
