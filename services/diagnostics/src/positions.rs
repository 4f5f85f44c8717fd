//! The answer to "what is open, and what protects it": a pure function of the model.

use domain::Timestamp;
use domain::order::{CloseOrder, RestingOrder};
use domain::snapshot::PositionSnapshot;
use proto::wire::{PositionList, PositionStatus, PositionsRequest};

use crate::asked::Asked;
use crate::model::ReadModel;
use crate::model::positions::is_unprotected;

/// The open positions that `asked` is about, as known at `now`.
#[must_use]
pub fn positions(model: &ReadModel, asked: &PositionsRequest, now: Timestamp) -> PositionList {
    let which = Asked {
        symbol: asked.symbol.as_deref(),
        side: asked.side.as_deref(),
        ..Asked::default()
    };
    let asked_for = |it: &&PositionSnapshot| which.covers(&it.position.key);
    let row = |snapshot| position(model, snapshot, now);
    PositionList {
        positions: model.positions.iter().filter(asked_for).map(row).collect(),
    }
}

/// One open position and what protects it.
fn position(model: &ReadModel, snapshot: &PositionSnapshot, now: Timestamp) -> PositionStatus {
    let position = &snapshot.position;
    PositionStatus {
        account: position.key.account.to_string(),
        symbol: position.key.symbol.to_string(),
        side: position.key.side.to_string(),
        qty: position.qty.to_string(),
        entry_price: position.entry_price.to_string(),
        protected_qty: snapshot.protected_qty().to_string(),
        stop_prices: snapshot.orders.iter().filter_map(stop_price).collect(),
        take_profits: snapshot
            .orders
            .iter()
            .map(|it| u64::from(is_target(it)))
            .sum(),
        unprotected: is_unprotected(snapshot, now),
        plan_id: model.plans.id_of(snapshot).map(|id| id.to_string()),
    }
}

/// The trigger of a stop that protects.
fn stop_price(order: &RestingOrder) -> Option<String> {
    let stop = order.is_protecting_stop().then_some(order.order)?;
    stop.stop_trigger().map(|trigger| trigger.to_string())
}

/// Whether it is a take-profit.
const fn is_target(order: &RestingOrder) -> bool {
    matches!(order.order, CloseOrder::Limit { .. })
}
