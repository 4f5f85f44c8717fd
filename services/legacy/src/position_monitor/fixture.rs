//! A position of one contract and what rests for it, to be put together by the tests.

use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::instrument::{Instrument, LotFilter};
use domain::num::Money;
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::snapshot::PositionSnapshot;
use domain::{Account, Epoch, Module, Position, PositionKey, Price, Qty, Side, Symbol, Timestamp};
use rust_decimal::Decimal;

pub(crate) const EPOCH: Epoch = Epoch(1_795_178_160_000);

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

pub(crate) fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_178_160_000 + millis)
}

pub(crate) fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

pub(crate) fn key(side: Side) -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: symbol(),
        side,
    }
}

/// One coin from 1,000 at 10x: 1 % of price is 10 % of margin.
pub(crate) fn open(side: Side) -> PositionSnapshot {
    let lot = LotFilter {
        step: dec("0.001"),
        min: qty("0.001"),
        max: qty("1000"),
    };
    PositionSnapshot {
        position: Position {
            key: key(side),
            epoch: EPOCH,
            qty: qty("1"),
            initial_qty: qty("1"),
            entry_price: price("1000"),
            leverage: Decimal::TEN,
            opened_at: at(0),
        },
        instrument: Instrument {
            symbol: symbol(),
            tick_size: dec("0.1"),
            lot,
            market_lot: lot,
            min_notional: Money::new(dec("5")),
        },
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: at(0),
    }
}

pub(crate) fn id(module: Module, side: Side, leg: LegId, generation: u32) -> ClientOrderId {
    let cause = OrderCause {
        module,
        side,
        epoch: EPOCH,
        leg,
        generation,
    };
    ClientOrderId::derive(&symbol(), &cause)
}

pub(crate) fn resting(client_order_id: ClientOrderId, order: CloseOrder) -> RestingOrder {
    RestingOrder {
        client_order_id,
        order,
        status: OrderStatus::Accepted,
        filled_qty: Qty::ZERO,
        since: at(0),
    }
}

pub(crate) fn own_stop(side: Side, generation: u32, of: &str, trigger: &str) -> RestingOrder {
    let id = id(Module::PositionMonitor, side, LegId::Stop, generation);
    let order = CloseOrder::Stop {
        qty: qty(of),
        trigger: price(trigger),
    };
    resting(id, order)
}

pub(crate) fn own_target(side: Side, leg: u8, of: &str, at: &str) -> RestingOrder {
    let id = id(Module::PositionMonitor, side, LegId::TakeProfit(leg), 1);
    let order = CloseOrder::Limit {
        qty: qty(of),
        price: price(at),
    };
    resting(id, order)
}
