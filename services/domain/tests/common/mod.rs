//! Builders shared by the domain's tests.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "not every test file uses every builder"
)]

use domain::instrument::{Instrument, LotFilter};
use domain::{Account, Epoch, Money, Position, PositionKey, Price, Qty, Ratio, Side};
use domain::{Symbol, Timestamp};
use rust_decimal::Decimal;

pub const NOW: Timestamp = Timestamp::from_millis(1_795_178_173_912);

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

pub fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

pub fn ratio(text: &str) -> Ratio {
    Ratio::new(dec(text))
}

pub fn symbol(name: &str) -> Symbol {
    Symbol::new(name).unwrap()
}

pub fn key(name: &str, side: Side) -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: symbol(name),
        side,
    }
}

pub fn position(name: &str, side: Side, size: &str, entry: &str) -> Position {
    Position {
        key: key(name, side),
        epoch: Epoch(1_795_178_173_912),
        qty: qty(size),
        initial_qty: qty(size),
        entry_price: price(entry),
        leverage: dec("5"),
        opened_at: NOW,
    }
}

pub fn instrument(name: &str, tick: &str, step: &str) -> Instrument {
    let lot = LotFilter {
        step: dec(step),
        min: qty(step),
        max: qty("1000"),
    };
    Instrument {
        symbol: symbol(name),
        tick_size: dec(tick),
        lot,
        market_lot: lot,
        min_notional: Money::new(dec("5")),
        percent_price: None,
    }
}
