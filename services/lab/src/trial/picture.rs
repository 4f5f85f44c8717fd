//! The venue's books as the gateway would tell them: position, filters, and everything that rests.

use domain::ids::ClientOrderId;
use domain::instrument::{Instrument, LotFilter, PercentPrice};
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::{Money, Price, Qty, Symbol, Timestamp};
use paper_exchange::venue::{
    AlgoOrder, AlgoStatus, Order, OrderKind, OrderStatus as VenueStatus, SymbolSpec, Venue,
};
use rust_decimal::Decimal;

pub(super) fn instrument(symbol: &Symbol, spec: &SymbolSpec) -> Option<Instrument> {
    let lot = |max: Decimal| {
        Some(LotFilter {
            step: spec.step_size,
            min: Qty::new(spec.min_qty).ok()?,
            max: Qty::new(max).ok()?,
        })
    };
    let instrument = Instrument {
        symbol: symbol.clone(),
        tick_size: spec.tick_size,
        lot: lot(spec.max_qty)?,
        market_lot: lot(spec.max_market_qty)?,
        min_notional: Money::new(spec.min_notional),
        percent_price: PercentPrice::told(spec.multiplier_up, spec.multiplier_down),
    };
    instrument.checked().ok()
}

/// What rests, of both books, in the order of the venue's ids.
pub(super) fn resting(venue: &Venue, symbol: &str) -> Vec<RestingOrder> {
    let ordinary = venue.open_orders_of(symbol).filter_map(of_order);
    let conditional = venue.open_algos_of(symbol).filter_map(of_algo);
    ordinary.chain(conditional).collect()
}

fn of_order(order: &Order) -> Option<RestingOrder> {
    let qty = Qty::new(order.qty).ok()?;
    let shape = match order.kind {
        OrderKind::Market => CloseOrder::Market { qty },
        OrderKind::Limit => CloseOrder::Limit {
            qty,
            price: Price::new(order.price).ok()?,
        },
    };
    Some(RestingOrder {
        client_order_id: ClientOrderId::new(&order.client_id).ok()?,
        order: shape,
        status: order_status(order.status),
        filled_qty: Qty::new(order.filled).ok()?,
        since: Timestamp::from_millis(order.updated_ms),
    })
}

fn of_algo(algo: &AlgoOrder) -> Option<RestingOrder> {
    let trigger = Price::new(algo.trigger_price).ok()?;
    let shape = match algo.close_position {
        true => CloseOrder::DisasterStop { trigger },
        false => CloseOrder::Stop {
            qty: Qty::new(algo.qty).ok()?,
            trigger,
        },
    };
    Some(RestingOrder {
        client_order_id: ClientOrderId::new(&algo.client_id).ok()?,
        order: shape,
        status: algo_status(algo),
        filled_qty: Qty::new(algo.filled).ok()?,
        since: Timestamp::from_millis(algo.updated_ms),
    })
}

pub(super) const fn order_status(status: VenueStatus) -> OrderStatus {
    match status {
        VenueStatus::New => OrderStatus::Accepted,
        VenueStatus::PartiallyFilled => OrderStatus::PartiallyFilled,
        VenueStatus::Filled => OrderStatus::Filled,
        VenueStatus::Canceled => OrderStatus::Canceled,
        VenueStatus::Expired | VenueStatus::ExpiredInMatch => OrderStatus::Expired,
    }
}

/// FINISHED says that the child has ended; only its fill says whether anything was done.
pub(super) fn algo_status(algo: &AlgoOrder) -> OrderStatus {
    match algo.status {
        AlgoStatus::New => OrderStatus::Accepted,
        AlgoStatus::Triggering => OrderStatus::Triggering,
        AlgoStatus::Triggered => OrderStatus::Triggered,
        AlgoStatus::Finished if algo.filled.is_zero() => OrderStatus::Expired,
        AlgoStatus::Finished => OrderStatus::Filled,
        AlgoStatus::Canceled => OrderStatus::Canceled,
        AlgoStatus::Rejected => OrderStatus::Rejected,
        AlgoStatus::Expired => OrderStatus::Expired,
    }
}
