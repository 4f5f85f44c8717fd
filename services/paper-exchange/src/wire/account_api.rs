//! Account, balance, configuration and their setters.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::num::{money, pad, plain};
use super::order_read::known_symbol;
use super::params::{Params, invalid};
use super::position_api::{isolated_margin, max_notional, signed_notional};
use crate::venue::{AccountTotals, Book, Bracket, Position, Venue, VenueError};

/// `GET /fapi/v2/account`: all symbols.
pub(super) fn account_v2(venue: &Venue, now_ms: i64) -> Result<Value, VenueError> {
    let totals = venue.account_totals();
    let mut map = totals_map(&totals);
    for (name, value) in [
        ("feeTier", json!(0)),
        ("feeBurn", json!(false)),
        ("canTrade", json!(venue.can_trade())),
        ("canDeposit", json!(true)),
        ("canWithdraw", json!(true)),
        ("updateTime", json!(0)),
        ("multiAssetsMargin", json!(false)),
        ("tradeGroupId", json!(-1)),
    ] {
        map.insert(name.to_owned(), value);
    }
    let mut asset = asset_map(&totals, now_ms);
    asset.insert("marginAvailable".to_owned(), json!(true));
    map.insert("assets".to_owned(), json!([asset]));
    let rows: Vec<Value> = venue
        .books
        .values()
        .flat_map(|book| book.legs.rows(venue.is_hedge()).map(move |leg| (book, leg)))
        .map(|(book, leg)| account_row_v2(venue, book, leg))
        .collect();
    map.insert("positions".to_owned(), Value::Array(rows));
    Ok(Value::Object(map))
}

/// `GET /fapi/v3/account`: only live positions.
pub(super) fn account_v3(venue: &Venue, now_ms: i64) -> Result<Value, VenueError> {
    let totals = venue.account_totals();
    let mut map = totals_map(&totals);
    map.insert("assets".to_owned(), json!([asset_map(&totals, now_ms)]));
    let books = venue.books.values();
    let live = books.flat_map(|book| book.legs.open().map(move |leg| account_row_v3(book, leg)));
    map.insert("positions".to_owned(), live.collect());
    Ok(Value::Object(map))
}

/// `GET /fapi/v2/balance` and v3.
pub(super) fn balance(venue: &Venue, now_ms: i64) -> Result<Value, VenueError> {
    let totals = venue.account_totals();
    Ok(json!([{
        "accountAlias": "PaPeR",
        "asset": "USDT",
        "balance": money(totals.wallet),
        "crossWalletBalance": money(totals.cross_wallet),
        "crossUnPnl": money(totals.cross_unrealized),
        "availableBalance": money(totals.available),
        "maxWithdrawAmount": money(totals.available),
        "marginAvailable": true,
        "updateTime": now_ms,
    }]))
}

/// `GET /fapi/v1/symbolConfig`.
pub(super) fn symbol_config(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = known_symbol(venue, params)?;
    let books = venue.books.values();
    let wanted = books.filter(|book| symbol.is_none_or(|symbol| symbol == book.spec.symbol));
    let row = |book: &Book| {
        json!({
            "symbol": book.spec.symbol,
            "marginType": if book.isolated { "ISOLATED" } else { "CROSSED" },
            "isAutoAddMargin": false,
            "leverage": book.leverage,
            "maxNotionalValue": max_notional(book),
        })
    };
    Ok(Value::Array(wanted.map(row).collect()))
}

/// `GET /fapi/v1/accountConfig`.
pub(super) fn account_config(venue: &Venue) -> Value {
    json!({
        "feeTier": 0,
        "canTrade": venue.can_trade(),
        "canDeposit": true,
        "canWithdraw": true,
        "dualSidePosition": venue.is_hedge(),
        "updateTime": 0,
        "multiAssetsMargin": false,
        "tradeGroupId": -1,
    })
}

/// `POST /fapi/v1/positionSide/dual`.
pub(super) fn set_dual(
    venue: &mut Venue,
    params: &Params,
    now_ms: i64,
) -> Result<Value, VenueError> {
    params.need("dualSidePosition")?;
    if venue.config().rules.coin_margined_open {
        let text = "Position mode change requires syncing UM and CM. Please close the COIN-M \
                    positions and orders first.";
        return Err(VenueError::new(-4531, text));
    }
    venue.set_hedge(params.flag("dualSidePosition")?, now_ms)?;
    Ok(json!({"code": 200, "msg": "success"}))
}

/// `POST /fapi/v1/stock/contract`: signs the TradFi agreement.
pub(super) fn sign_tradfi(venue: &mut Venue) -> Value {
    venue.sign_tradfi();
    json!({"code": 200, "msg": "success"})
}

/// `POST /fapi/v1/leverage`.
pub(super) fn leverage(
    venue: &mut Venue,
    params: &Params,
    now_ms: i64,
) -> Result<Value, VenueError> {
    let symbol = params.symbol()?;
    let wanted = params
        .int("leverage")?
        .ok_or_else(|| VenueError::mandatory("leverage"))?;
    venue.set_leverage(symbol, u32::try_from(wanted).unwrap_or(0), now_ms)?;
    let most = max_notional(venue.book(symbol)?);
    Ok(json!({"leverage": wanted, "maxNotionalValue": most, "symbol": symbol}))
}

/// `POST /fapi/v1/marginType`.
pub(super) fn margin_type(venue: &mut Venue, params: &Params) -> Result<Value, VenueError> {
    let isolated = match params.need("marginType")? {
        "ISOLATED" => true,
        "CROSSED" => false,
        _ => return Err(invalid("marginType")),
    };
    venue.set_isolated(params.symbol()?, isolated)?;
    Ok(json!({"code": 200, "msg": "success"}))
}

/// `GET /fapi/v1/commissionRate`.
pub(super) fn commission_rate(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    Ok(json!({
        "symbol": symbol,
        "makerCommissionRate": pad(venue.config.maker_fee, 6),
        "takerCommissionRate": pad(venue.config.taker_fee, 6),
        "rpiCommissionRate": "0.000050",
    }))
}

/// `GET /fapi/v1/leverageBracket`: numbers, not texts.
pub(super) fn leverage_bracket(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = known_symbol(venue, params)?;
    // Written as they are, never through a float.
    let number =
        |value: Decimal| serde_json::from_str::<Value>(&plain(value)).unwrap_or_else(|_| json!(0));
    let bracket = |bracket: &Bracket| {
        json!({
            "bracket": bracket.number,
            "initialLeverage": bracket.leverage,
            "notionalCap": bracket.cap,
            "notionalFloor": bracket.floor,
            "maintMarginRatio": number(bracket.rate),
            "cum": number(bracket.cum),
        })
    };
    let row = |book: &Book| {
        let brackets: Vec<Value> = book.brackets.iter().map(bracket).collect();
        json!({"symbol": book.spec.symbol, "brackets": brackets})
    };
    let books = venue.books.values();
    let wanted = books.filter(|book| symbol.is_none_or(|symbol| symbol == book.spec.symbol));
    Ok(Value::Array(wanted.map(row).collect()))
}

fn totals_map(totals: &AccountTotals) -> Map<String, Value> {
    let margin_balance = totals.wallet + totals.unrealized;
    let pairs = [
        (
            "totalInitialMargin",
            totals.initial_margin + totals.order_margin,
        ),
        ("totalMaintMargin", totals.maint_margin),
        ("totalWalletBalance", totals.wallet),
        ("totalUnrealizedProfit", totals.unrealized),
        ("totalMarginBalance", margin_balance),
        ("totalPositionInitialMargin", totals.initial_margin),
        ("totalOpenOrderInitialMargin", totals.order_margin),
        ("totalCrossWalletBalance", totals.cross_wallet),
        ("totalCrossUnPnl", totals.cross_unrealized),
        ("availableBalance", totals.available),
        ("maxWithdrawAmount", totals.available),
    ];
    money_map(&pairs)
}

/// One asset; an `updateTime` of 0 would say that the account never held any of it.
fn asset_map(totals: &AccountTotals, now_ms: i64) -> Map<String, Value> {
    let pairs = [
        ("walletBalance", totals.wallet),
        ("unrealizedProfit", totals.unrealized),
        ("marginBalance", totals.wallet + totals.unrealized),
        ("maintMargin", totals.maint_margin),
        ("initialMargin", totals.initial_margin + totals.order_margin),
        ("positionInitialMargin", totals.initial_margin),
        ("openOrderInitialMargin", totals.order_margin),
        ("crossWalletBalance", totals.cross_wallet),
        ("crossUnPnl", totals.cross_unrealized),
        ("availableBalance", totals.available),
        ("maxWithdrawAmount", totals.available),
    ];
    let mut map = money_map(&pairs);
    map.insert("asset".to_owned(), json!("USDT"));
    map.insert("updateTime".to_owned(), json!(now_ms));
    map
}

fn money_map(pairs: &[(&str, Decimal)]) -> Map<String, Value> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(money(*value))))
        .collect()
}

fn account_row_v2(venue: &Venue, book: &Book, position: &Position) -> Value {
    let spec = &book.spec;
    let (bid, ask) = venue.open_notional(&spec.symbol, position.leg);
    let order_margin = venue.order_margin(book, position.leg);
    json!({
        "symbol": spec.symbol,
        "initialMargin": money(book.initial_margin(position) + order_margin),
        "maintMargin": money(book.maint_margin(position)),
        "unrealizedProfit": money(position.unrealized(book.market.mark)),
        "positionInitialMargin": money(book.initial_margin(position)),
        "openOrderInitialMargin": money(order_margin),
        "leverage": book.leverage.to_string(),
        "isolated": book.isolated,
        "entryPrice": plain(position.entry),
        "breakEvenPrice": plain(position.break_even(venue.config.taker_fee)),
        "maxNotional": max_notional(book),
        "bidNotional": plain(bid),
        "askNotional": plain(ask),
        "positionSide": position.leg.wire(),
        "positionAmt": pad(position.qty, spec.quantity_precision),
        "notional": plain(signed_notional(book, position)),
        "isolatedWallet": plain(position.isolated_wallet),
        "updateTime": position.updated_ms,
    })
}

fn account_row_v3(book: &Book, position: &Position) -> Value {
    let spec = &book.spec;
    let margin = book.initial_margin(position);
    let isolated = isolated_margin(book, position);
    json!({
        "symbol": spec.symbol,
        "positionSide": position.leg.wire(),
        "positionAmt": pad(position.qty, spec.quantity_precision),
        "unrealizedProfit": money(position.unrealized(book.market.mark)),
        "isolatedMargin": money(isolated),
        "notional": plain(signed_notional(book, position)),
        "isolatedWallet": plain(position.isolated_wallet),
        "initialMargin": money(margin),
        "maintMargin": money(book.maint_margin(position)),
        "updateTime": position.updated_ms,
    })
}
