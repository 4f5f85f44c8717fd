//! Which open positions have no stop resting at the venue.

use binance::response::{AlgoAnswer, PositionRisk};
use binance::wire::{OrderSide, WirePositionSide};
use domain::Symbol;
use rust_decimal::Decimal;

use super::report::Row;

/// One row for all, or one for each position that lacks a stop or that nobody acts on.
pub fn check(positions: &[PositionRisk], algos: &[AlgoAnswer], acted_on: &[Symbol]) -> Vec<Row> {
    let open: Vec<&PositionRisk> = positions
        .iter()
        .filter(|row| !row.position_amt.is_zero())
        .collect();
    let mut rows = Vec::new();
    for position in &open {
        rows.extend(lacks(position, algos, acted_on));
    }
    if rows.is_empty() {
        let found = format!("each of {} positions is covered", open.len());
        rows.push(Row::ok("stops", found));
    }
    rows
}

fn lacks(position: &PositionRisk, algos: &[AlgoAnswer], acted_on: &[Symbol]) -> Option<Row> {
    let amount = position.position_amt;
    let name = format!("stops {} {:?}", position.symbol, position.position_side);
    let is_ours = |symbol: &Symbol| symbol.as_str() == position.symbol;
    if !acted_on.is_empty() && !acted_on.iter().any(is_ours) {
        let found = format!("{} open, but not among market.symbols", amount.normalize());
        return Some(Row::warn(&name, found));
    }
    let covered = covered(position, algos);
    let open = amount.abs();
    if open <= covered {
        return None;
    }
    let (covered, open) = (covered.normalize(), open.normalize());
    Some(Row::bad(&name, format!("{covered} of {open} has a stop")))
}

/// How much of a position its resting stops would close.
fn covered(position: &PositionRisk, algos: &[AlgoAnswer]) -> Decimal {
    let closing = match position.position_amt.is_sign_positive() {
        true => OrderSide::Sell,
        false => OrderSide::Buy,
    };
    let protects = |order: &&AlgoAnswer| {
        let is_stop = matches!(
            order.order_type.as_str(),
            "STOP_MARKET" | "TRAILING_STOP_MARKET"
        );
        // In one-way mode an order that does not reduce could open the other side instead.
        let closes = order.close_position
            || order.reduce_only
            || order.position_side != WirePositionSide::Both;
        is_stop
            && closes
            && order.symbol == position.symbol
            && order.side == closing
            && order.position_side == position.position_side
            && order.algo_status.is_resting()
    };
    let amount = |order: &AlgoAnswer| match order.close_position {
        true => position.position_amt.abs(),
        false => order.quantity,
    };
    algos
        .iter()
        .filter(protects)
        .map(amount)
        .fold(Decimal::ZERO, Decimal::saturating_add)
}

#[cfg(test)]
#[path = "stops/tests.rs"]
mod tests;
