//! What rests for one position, as one module sees it: its own orders, and those of others.

use domain::ids::{LegId, OrderCause};
use domain::order::{CloseOrder, RestingOrder};
use domain::snapshot::{PositionSnapshot, covered};
use domain::{Module, Price, Qty, Ratio, Side};

/// The orders of a picture, seen by a module.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a> {
    /// Who looks.
    pub module: &'a Module,
    /// At what.
    pub snapshot: &'a PositionSnapshot,
}

impl<'a> Books<'a> {
    /// The position's side.
    #[must_use]
    pub const fn side(self) -> Side {
        self.snapshot.position.key.side
    }

    /// Own orders for this side, of any life.
    pub fn own(self) -> impl Iterator<Item = (&'a RestingOrder, OrderCause)> {
        let side = self.side();
        self.caused()
            .filter(move |(_, cause)| cause.module == *self.module && cause.side == side)
    }

    /// Own stops of this life that protect.
    pub fn own_stops(self) -> impl Iterator<Item = &'a RestingOrder> {
        let epoch = self.snapshot.position.epoch;
        self.own()
            .filter(move |(order, cause)| {
                let stop = cause.leg == LegId::Stop && cause.epoch == epoch;
                stop && order.is_protecting_stop()
            })
            .map(|(order, _)| order)
    }

    /// The executor's working stops of this life that protect.
    pub fn executor_stops(self) -> impl Iterator<Item = &'a RestingOrder> {
        self.executors().filter_map(|(order, cause)| {
            let is_stop = cause.leg == LegId::Stop && order.is_protecting_stop();
            is_stop.then_some(order)
        })
    }

    /// What the executor has for this life.
    pub fn executors(self) -> impl Iterator<Item = (&'a RestingOrder, OrderCause)> {
        let (side, epoch) = (self.side(), self.snapshot.position.epoch);
        self.caused().filter(move |(_, cause)| {
            let whose = (&cause.module, cause.side, cause.epoch);
            whose == (&Module::ExitExecutor, side, epoch)
        })
    }

    /// Own take-profits of this life, with their numbers.
    pub fn own_targets(self) -> impl Iterator<Item = (&'a RestingOrder, u8)> {
        let epoch = self.snapshot.position.epoch;
        self.own()
            .filter_map(move |(order, cause)| match cause.leg {
                LegId::TakeProfit(leg) if cause.epoch == epoch => Some((order, leg)),
                _ => None,
            })
    }

    /// The tightest stop that protects, whoever's.
    #[must_use]
    pub fn best_stop(self) -> Option<Price> {
        let orders = self.snapshot.orders.iter();
        self.tightest(orders.filter(|order| order.is_protecting_stop()))
    }

    /// Whether stops cover the whole position. One that a former life left lies at any level: it
    /// protects until it is replaced, and it is to be replaced.
    #[must_use]
    pub fn is_covered(self) -> bool {
        let position = &self.snapshot.position;
        let valid = self.snapshot.orders.iter().filter(|order| {
            let cause = order.client_order_id.cause(&position.key.symbol);
            cause.is_none_or(|cause| cause.epoch == position.epoch)
        });
        covered(position.qty, valid) >= position.qty
    }

    /// Whether an open position is known not to be covered.
    #[must_use]
    pub fn is_bare(self) -> bool {
        self.snapshot.complete && self.snapshot.position.is_open() && !self.is_covered()
    }

    /// What limits of strangers and of the brain leave of the position.
    #[must_use]
    pub fn left_by_strangers(self) -> Qty {
        self.left_by(|module| !module.is_some_and(Module::is_legacy))
    }

    /// What is left of `share` of the initial quantity, where that is closed before the rest.
    #[must_use]
    pub fn rest_of(self, share: Ratio) -> Qty {
        let position = &self.snapshot.position;
        let whole = position.initial_qty.share(share);
        whole.saturating_sub(position.closed_qty())
    }

    /// What limits of everybody else leave of the position.
    #[must_use]
    pub fn left_by_others(self) -> Qty {
        self.left_by(|module| module != Some(self.module))
    }

    fn left_by(self, counts: impl Fn(Option<&Module>) -> bool) -> Qty {
        let symbol = &self.snapshot.position.key.symbol;
        let theirs = self.snapshot.orders.iter().filter(|order| {
            let cause = order.client_order_id.cause(symbol);
            let module = cause.as_ref().map(|cause| &cause.module);
            counts(module) && matches!(order.order, CloseOrder::Limit { .. })
        });
        let taken = theirs
            .filter_map(RestingOrder::open_qty)
            .fold(Qty::ZERO, Qty::plus);
        self.snapshot.position.qty.saturating_sub(taken)
    }

    /// Orders that bear a name of ours, with what the name says.
    pub(crate) fn caused(self) -> impl Iterator<Item = (&'a RestingOrder, OrderCause)> {
        let symbol = &self.snapshot.position.key.symbol;
        self.snapshot
            .orders
            .iter()
            .filter_map(move |order| Some((order, order.client_order_id.cause(symbol)?)))
    }

    /// The tightest trigger among `orders`.
    pub(crate) fn tightest(self, orders: impl Iterator<Item = &'a RestingOrder>) -> Option<Price> {
        let side = self.side();
        orders
            .filter_map(|order| order.order.stop_trigger())
            .reduce(|a, b| side.tighter(a, b))
    }
}
