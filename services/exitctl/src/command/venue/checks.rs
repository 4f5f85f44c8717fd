//! The checks, as pure functions of what the venue answered.

use binance::response::{AccountConfig, SymbolConfig};
use binance::symbol_rules::{ExchangeInfo, RateLimits, SymbolRules};
use binance::{PositionMode, Reaction, reaction};
use domain::{Symbol, Timestamp};
use runtime::config;

use super::report::Row;

/// The venue takes a signing time that is less than this ahead of its own (section 1.4 of the
/// wire contract).
const AHEAD_MS_MAX: i64 = 1_000;

/// Our clock and the venue's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Venue minus ours.
    pub offset_ms: i64,
    round_trip_ms: i64,
}

impl Clock {
    /// The venue read its clock about halfway between question and answer.
    pub fn new(asked: Timestamp, answered: Timestamp, venue_ms: i64) -> Self {
        let round_trip_ms = answered.since(asked).millis();
        Self {
            offset_ms: venue_ms - asked.millis() - round_trip_ms / 2,
            round_trip_ms,
        }
    }
}

/// The gateway measures and corrects, so a clock that is off is only a warning; a way that takes
/// longer than a request is valid is none.
pub fn clock(clock: Clock, recv_window_ms: u32) -> Row {
    const NAME: &str = "clock";
    let Clock {
        offset_ms,
        round_trip_ms,
    } = clock;
    let window = i64::from(recv_window_ms);
    let found = format!(
        "the venue is {offset_ms} ms ahead, an answer takes {round_trip_ms} ms, \
         recv_window_ms is {window}"
    );
    if round_trip_ms >= window {
        return Row::bad(NAME, format!("{found}: requests arrive too late"));
    }
    // Ours behind by the offset ages a request; ours ahead makes it come from the future.
    let is_fine = offset_ms + round_trip_ms < window && -offset_ms < AHEAD_MS_MAX;
    match is_fine {
        true => Row::ok(NAME, found),
        false => Row::warn(NAME, format!("{found}: the gateway corrects it; mend NTP")),
    }
}

/// The limits that the gateway will go by.
pub fn limits(limits: RateLimits) -> Row {
    const NAME: &str = "limits";
    let all = (limits.weight_1m, limits.orders_10s, limits.orders_1m);
    let (Some(weight), Some(ten), Some(minute)) = all else {
        return Row::warn(
            NAME,
            "not all told: the documented ones will be used".into(),
        );
    };
    let orders = format!("{ten} orders in 10 s, {minute} in a minute");
    Row::ok(NAME, format!("weight {weight} a minute, {orders}"))
}

/// Each configured symbol: listed, readable, traded.
pub fn symbols(info: &ExchangeInfo, wanted: &[Symbol]) -> Vec<Row> {
    if wanted.is_empty() {
        let (read, unread) = (info.symbols.len(), info.unread.len());
        let found = format!("none configured: all {read} are acted on, {unread} are unreadable");
        return vec![Row::ok("symbols", found)];
    }
    wanted
        .iter()
        .map(|symbol| one_symbol(info, symbol.as_str()))
        .collect()
}

fn one_symbol(info: &ExchangeInfo, symbol: &str) -> Row {
    let name = format!("symbol {symbol}");
    if let Some(rules) = info.symbols.get(symbol) {
        return match rules.is_trading() {
            true => Row::ok(&name, filters(rules)),
            false => Row::warn(&name, format!("is {}; {}", rules.status, filters(rules))),
        };
    }
    let unread = info.unread.iter().find(|(known, _)| known == symbol);
    Row::bad(
        &name,
        match unread {
            Some((_, error)) => error.to_string(),
            None => "the venue does not list it".into(),
        },
    )
}

fn filters(rules: &SymbolRules) -> String {
    let SymbolRules {
        tick,
        step,
        min_qty,
        market_max,
        min_notional,
        ..
    } = rules;
    let tick = tick.normalize();
    let (step, least) = (step.normalize(), min_qty.normalize());
    let (most, notional) = (market_max.normalize(), min_notional.normalize());
    format!(
        "tick {tick}, step {step}, least {least}, at market up to {most}, notional from {notional}"
    )
}

/// The key works; what it and the account may do.
pub fn account(account: &AccountConfig, kind: &str) -> Vec<Row> {
    let may_trade = match account.can_trade {
        true => Row::ok("trading", "the account may trade".into()),
        false => Row::bad("trading", "the account may not trade".into()),
    };
    let margin = match account.multi_assets_margin {
        false => Row::ok("assets mode", "single-asset".into()),
        true => {
            let found = "multi-assets: liquidation depends on all assets and positions together";
            Row::warn("assets mode", found.into())
        }
    };
    let rights = "whether this key may place orders or withdraw, and from which addresses, can't \
                  be read here: see the key's page at the venue; it should not be able to withdraw";
    vec![
        Row::ok("key", format!("{kind}, accepted for reading")),
        Row::unknown("rights of the key", rights.into()),
        may_trade,
        margin,
    ]
}

/// What the account is in against what the settings say; the gateway ends where they differ.
pub fn position_mode(found: PositionMode, expected: config::PositionMode) -> Row {
    let same = matches!(
        (found, expected),
        (PositionMode::OneWay, config::PositionMode::OneWay)
            | (PositionMode::Hedge, config::PositionMode::Hedge)
    );
    let text = format!("the account is in {found:?}, venue.position_mode is {expected:?}");
    match same {
        true => Row::ok("position mode", text),
        false => Row::bad("position mode", text),
    }
}

/// Leverage and margin type of each configured symbol.
pub fn leverages(rows: &[SymbolConfig], wanted: &[Symbol]) -> Vec<Row> {
    if wanted.is_empty() {
        return vec![Row::ok(
            "leverage",
            format!("told for {} symbols", rows.len()),
        )];
    }
    let one = |symbol: &Symbol| {
        let name = format!("leverage {symbol}");
        match rows.iter().find(|row| row.symbol == symbol.as_str()) {
            Some(row) => Row::ok(&name, format!("{}, {}", row.leverage, row.margin_type)),
            None => Row::warn(&name, "not told: 50 will be assumed".into()),
        }
    };
    wanted.iter().map(one).collect()
}

/// Whether a list could be read, and how long it is.
pub fn read<T>(name: &str, list: Result<&T, &String>, count: impl Fn(&T) -> usize) -> Row {
    match list {
        Ok(list) => Row::ok(name, format!("{} open", count(list))),
        Err(why) => Row::bad(name, why.clone()),
    }
}

/// A refusal in our words.
pub fn refused(code: i32) -> String {
    let meaning = match (code, reaction(code)) {
        (-2014 | -2015, _) => "key, its rights or this address",
        (-1022, _) => "the secret does not belong to the key",
        (_, Reaction::ResyncClock) => "the signing time",
        (_, Reaction::BackOff) => "a limit",
        _ => "see the table of codes in the runbook",
    };
    format!("refused with {code} ({meaning})")
}

#[cfg(test)]
#[path = "checks/tests.rs"]
mod tests;
