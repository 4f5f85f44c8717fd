//! Positions, instruments, resting orders, and the snapshot that holds them all.

use domain::ids::PositionKey;
use domain::instrument::{Instrument, LotFilter, PercentPrice};
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::position::{Position, Side};
use domain::snapshot::PositionSnapshot;

use crate::body::Body;
use crate::error::WireError;
use crate::read;
use crate::wire;

/// Most orders of a snapshot: the venue allows 200 open orders and 10 conditional ones a symbol.
pub(crate) const ORDERS_MAX: usize = 1_000;
/// Highest leverage: the venue's highest is 150.
const LEVERAGE_MAX: i64 = 500;

read::enumeration!(Side, wire::Side, write_side, read_side, {
    Long => Long,
    Short => Short,
});
read::enumeration!(OrderStatus, wire::OrderStatus, write_status, read_status, {
    Submitting => Submitting,
    Unknown => Unknown,
    Accepted => Accepted,
    Triggering => Triggering,
    Triggered => Triggered,
    PartiallyFilled => PartiallyFilled,
    Filled => Filled,
    Canceled => Canceled,
    Expired => Expired,
    Rejected => Rejected,
});

pub(crate) fn write_key(key: &PositionKey) -> wire::PositionKey {
    wire::PositionKey {
        account: Some(key.account.to_string()),
        symbol: Some(key.symbol.to_string()),
        side: write_side(key.side),
    }
}

pub(crate) fn read_key(message: wire::PositionKey) -> Result<PositionKey, WireError> {
    Ok(PositionKey {
        account: read::account("account", message.account)?,
        symbol: read::symbol("symbol", message.symbol)?,
        side: read_side("side", message.side)?,
    })
}

fn write_position(position: &Position) -> wire::Position {
    wire::Position {
        key: Some(write_key(&position.key)),
        epoch: Some(position.epoch.0),
        qty: Some(position.qty.to_string()),
        initial_qty: Some(position.initial_qty.to_string()),
        entry_price: Some(position.entry_price.to_string()),
        leverage: read::written(position.leverage),
        opened_at: Some(position.opened_at.micros()),
    }
}

fn read_position(message: wire::Position) -> Result<Position, WireError> {
    Ok(Position {
        key: read::nested("key", message.key, read_key)?,
        epoch: read::epoch("epoch", message.epoch)?,
        qty: read::qty("qty", message.qty)?,
        initial_qty: read::qty("initial_qty", message.initial_qty)?,
        entry_price: read::price("entry_price", message.entry_price)?,
        leverage: read::decimal_in("leverage", message.leverage, 1, LEVERAGE_MAX)?,
        opened_at: read::time("opened_at", message.opened_at)?,
    })
}

fn write_lot(lot: &LotFilter) -> wire::LotFilter {
    wire::LotFilter {
        step: read::written(lot.step),
        min: Some(lot.min.to_string()),
        max: Some(lot.max.to_string()),
    }
}

fn read_lot(message: wire::LotFilter) -> Result<LotFilter, WireError> {
    Ok(LotFilter {
        step: read::step("step", message.step)?,
        min: read::qty("min", message.min)?,
        max: read::qty("max", message.max)?,
    })
}

fn write_instrument(instrument: &Instrument) -> wire::Instrument {
    wire::Instrument {
        symbol: Some(instrument.symbol.to_string()),
        tick_size: read::written(instrument.tick_size),
        lot: Some(write_lot(&instrument.lot)),
        market_lot: Some(write_lot(&instrument.market_lot)),
        min_notional: Some(instrument.min_notional.to_string()),
        percent_price: instrument.percent_price.map(write_percent),
    }
}

fn write_percent(percent: PercentPrice) -> wire::PercentPrice {
    wire::PercentPrice {
        up: read::written(percent.up),
        down: read::written(percent.down),
    }
}

fn read_percent(message: wire::PercentPrice) -> Result<PercentPrice, WireError> {
    Ok(PercentPrice {
        up: read::step("up", message.up)?,
        down: read::step("down", message.down)?,
    })
}

fn read_instrument(message: wire::Instrument) -> Result<Instrument, WireError> {
    let instrument = Instrument {
        symbol: read::symbol("symbol", message.symbol)?,
        tick_size: read::step("tick_size", message.tick_size)?,
        lot: read::nested("lot", message.lot, read_lot)?,
        market_lot: read::nested("market_lot", message.market_lot, read_lot)?,
        min_notional: read::money("min_notional", message.min_notional)?,
        percent_price: message
            .percent_price
            .map(|it| read::nested("percent_price", Some(it), read_percent))
            .transpose()?,
    };
    let refuse = |field: &str, value: String, why: &str| WireError::value(field, &value, why);
    instrument
        .checked()
        .map_err(|fault| refuse(fault.field, fault.value.to_string(), fault.why))
}

pub(crate) fn write_close(order: &CloseOrder) -> wire::CloseOrder {
    use wire::close_order::Order;
    let order = match order {
        CloseOrder::Market { qty } => Order::Market(wire::MarketClose {
            qty: Some(qty.to_string()),
        }),
        CloseOrder::Limit { qty, price } => Order::Limit(wire::LimitClose {
            qty: Some(qty.to_string()),
            price: Some(price.to_string()),
        }),
        CloseOrder::Stop { qty, trigger } => Order::Stop(wire::StopClose {
            qty: Some(qty.to_string()),
            trigger: Some(trigger.to_string()),
        }),
        CloseOrder::DisasterStop { trigger } => Order::DisasterStop(wire::DisasterStop {
            trigger: Some(trigger.to_string()),
        }),
    };
    wire::CloseOrder { order: Some(order) }
}

pub(crate) fn read_close(message: wire::CloseOrder) -> Result<CloseOrder, WireError> {
    use wire::close_order::Order;
    Ok(match read::required("order", message.order)? {
        Order::Market(order) => CloseOrder::Market {
            qty: read::qty("market.qty", order.qty)?,
        },
        Order::Limit(order) => CloseOrder::Limit {
            qty: read::qty("limit.qty", order.qty)?,
            price: read::price("limit.price", order.price)?,
        },
        Order::Stop(order) => CloseOrder::Stop {
            qty: read::qty("stop.qty", order.qty)?,
            trigger: read::price("stop.trigger", order.trigger)?,
        },
        Order::DisasterStop(order) => CloseOrder::DisasterStop {
            trigger: read::price("disaster_stop.trigger", order.trigger)?,
        },
    })
}

pub(crate) fn write_resting(order: &RestingOrder) -> wire::RestingOrder {
    wire::RestingOrder {
        client_order_id: Some(order.client_order_id.to_string()),
        order: Some(write_close(&order.order)),
        status: write_status(order.status),
        filled_qty: Some(order.filled_qty.to_string()),
        since: Some(order.since.micros()),
    }
}

pub(crate) fn read_resting(message: wire::RestingOrder) -> Result<RestingOrder, WireError> {
    Ok(RestingOrder {
        client_order_id: read::client_order_id("client_order_id", message.client_order_id)?,
        order: read::nested("order", message.order, read_close)?,
        status: read_status("status", message.status)?,
        filled_qty: read::qty("filled_qty", message.filled_qty)?,
        since: read::time("since", message.since)?,
    })
}

impl Body for PositionSnapshot {
    const NAME: &'static str = "PositionSnapshot";
    type Message = wire::PositionSnapshot;

    fn to_message(&self) -> wire::PositionSnapshot {
        wire::PositionSnapshot {
            position: Some(write_position(&self.position)),
            instrument: Some(write_instrument(&self.instrument)),
            orders: self.orders.iter().map(write_resting).collect(),
            complete: self.complete,
            flat_proven: self.flat_proven,
            sequence: Some(self.sequence),
            at: Some(self.at.micros()),
            fence: self.fence,
        }
    }

    fn from_message(message: wire::PositionSnapshot) -> Result<Self, WireError> {
        let position = read::nested("position", message.position, read_position)?;
        let instrument = read::nested("instrument", message.instrument, read_instrument)?;
        if instrument.symbol != position.key.symbol {
            let why = format!("not the position's symbol {}", position.key.symbol);
            let symbol = instrument.symbol.as_str();
            return Err(WireError::value("instrument.symbol", symbol, why));
        }
        Ok(Self {
            position,
            instrument,
            orders: read::list("orders", message.orders, ORDERS_MAX, read_resting)?,
            complete: message.complete,
            flat_proven: message.flat_proven,
            sequence: read::required("sequence", message.sequence)?,
            at: read::time("at", message.at)?,
            fence: message.fence,
        })
    }
}
