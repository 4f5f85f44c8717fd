//! positionRisk v2 and v3.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::num::{money, pad, plain};
use super::order_read::known_symbol;
use super::params::Params;
use crate::venue::{Book, Position, Venue, VenueError};

/// Largest notional at the symbol's leverage, as text.
pub(super) fn max_notional(book: &Book) -> String {
    book.max_notional(book.leverage)
        .unwrap_or_default()
        .to_string()
}

/// Margin of an isolated leg with its unrealised profit; zero with cross margin.
pub(super) fn isolated_margin(book: &Book, position: &Position) -> Decimal {
    if book.isolated {
        position.isolated_wallet + position.unrealized(book.market.mark)
    } else {
        Decimal::ZERO
    }
}

/// `GET /fapi/v2/positionRisk`: all symbols, flat ones too.
pub(super) fn risk_v2(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = known_symbol(venue, params)?;
    let books = venue.books.values().filter(|book| is_wanted(book, symbol));
    Ok(books
        .flat_map(|book| book.legs.rows(venue.is_hedge()).map(move |leg| (book, leg)))
        .map(|(book, leg)| row_v2(venue, book, leg))
        .collect())
}

/// `GET /fapi/v3/positionRisk`: only symbols with a position or open orders.
pub(super) fn risk_v3(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = known_symbol(venue, params)?;
    let live = |book: &&Book| !book.legs.is_flat() || !book.open_orders.is_empty();
    let books = venue
        .books
        .values()
        .filter(|book| is_wanted(book, symbol))
        .filter(live);
    Ok(books
        .flat_map(|book| book.legs.rows(venue.is_hedge()).map(move |leg| (book, leg)))
        .map(|(book, leg)| row_v3(venue, book, leg))
        .collect())
}

fn is_wanted(book: &Book, symbol: Option<&str>) -> bool {
    symbol.is_none_or(|symbol| symbol == book.spec.symbol)
}

/// Signed notional of a leg at the mark.
pub(super) fn signed_notional(book: &Book, position: &Position) -> Decimal {
    position.qty * book.market.mark
}

fn row_v2(venue: &Venue, book: &Book, position: &Position) -> Value {
    let spec = &book.spec;
    let margin = isolated_margin(book, position);
    json!({
        "symbol": spec.symbol,
        "positionAmt": pad(position.qty, spec.quantity_precision),
        "entryPrice": plain(position.entry),
        "breakEvenPrice": plain(position.break_even(venue.config.taker_fee)),
        "markPrice": money(book.market.mark),
        "unRealizedProfit": money(position.unrealized(book.market.mark)),
        "liquidationPrice": pad(venue.liquidation_price(book, position), spec.price_precision),
        "leverage": book.leverage.to_string(),
        "maxNotionalValue": max_notional(book),
        "marginType": if book.isolated { "isolated" } else { "cross" },
        "isolatedMargin": money(margin),
        "isAutoAddMargin": "false",
        "positionSide": position.leg.wire(),
        "notional": plain(signed_notional(book, position)),
        "isolatedWallet": plain(position.isolated_wallet),
        "updateTime": position.updated_ms,
    })
}

fn row_v3(venue: &Venue, book: &Book, position: &Position) -> Value {
    let spec = &book.spec;
    let (bid, ask) = venue.open_notional(&spec.symbol, position.leg);
    let margin = book.initial_margin(position);
    let order_margin = venue.order_margin(book, position.leg);
    let isolated = isolated_margin(book, position);
    json!({
        "symbol": spec.symbol,
        "positionSide": position.leg.wire(),
        "positionAmt": pad(position.qty, spec.quantity_precision),
        "entryPrice": plain(position.entry),
        "breakEvenPrice": plain(position.break_even(venue.config.taker_fee)),
        "markPrice": money(book.market.mark),
        "unRealizedProfit": money(position.unrealized(book.market.mark)),
        "liquidationPrice": pad(venue.liquidation_price(book, position), spec.price_precision),
        "isolatedMargin": plain(isolated),
        "notional": plain(signed_notional(book, position)),
        "marginAsset": "USDT",
        "isolatedWallet": plain(position.isolated_wallet),
        "initialMargin": money(margin + order_margin),
        "maintMargin": money(book.maint_margin(position)),
        "positionInitialMargin": money(margin),
        "openOrderInitialMargin": money(order_margin),
        "adl": 2,
        "bidNotional": plain(bid),
        "askNotional": plain(ask),
        "updateTime": position.updated_ms,
    })
}
