//! What the venue demands of prices and quantities, per symbol, out of exchangeInfo.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::wire::{ParseError, decimal, parse, parse_value};

/// Rules of one symbol. Precision fields of the venue are not used: they are not the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolRules {
    /// Symbol.
    pub symbol: String,
    /// `TRADING`, `SETTLING`, … as sent.
    pub status: String,
    /// Smallest step of a price.
    pub tick: Decimal,
    /// Lowest price.
    pub min_price: Decimal,
    /// Highest price.
    pub max_price: Decimal,
    /// Smallest step of a quantity.
    pub step: Decimal,
    /// Lowest quantity.
    pub min_qty: Decimal,
    /// Highest quantity of a limit order.
    pub max_qty: Decimal,
    /// Smallest step of a market quantity.
    pub market_step: Decimal,
    /// Lowest market quantity.
    pub market_min: Decimal,
    /// Highest market quantity; more must be split.
    pub market_max: Decimal,
    /// Floor of price × quantity; reduce-only orders are exempt.
    pub min_notional: Decimal,
    /// A buy price may be at most mark × this.
    pub percent_up: Decimal,
    /// A sell price must be at least mark × this.
    pub percent_down: Decimal,
}

impl SymbolRules {
    /// True when orders are taken.
    #[must_use]
    pub fn is_trading(&self) -> bool {
        self.status == "TRADING"
    }
}

/// The venue's limits; none for one that it did not tell, or told in another form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Request weight of the address in a minute.
    pub weight_1m: Option<u32>,
    /// Orders of the account in 10 s.
    pub orders_10s: Option<u32>,
    /// Orders of the account in a minute.
    pub orders_1m: Option<u32>,
}

/// Symbols and limits of one exchangeInfo answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExchangeInfo {
    /// Readable symbols by name.
    pub symbols: BTreeMap<String, SymbolRules>,
    /// Symbols that could not be read: one strange symbol must not hide the others. To be counted
    /// and shown.
    pub unread: Vec<(String, ParseError)>,
    /// The venue's limits.
    pub limits: RateLimits,
}

impl ExchangeInfo {
    /// Whether the answer speaks of `symbol`, readable or not.
    #[must_use]
    pub fn lists(&self, symbol: &str) -> bool {
        self.symbols.contains_key(symbol) || self.unread.iter().any(|(name, _)| name == symbol)
    }
}

/// GET exchangeInfo.
///
/// # Errors
/// [`ParseError`] when the answer as a whole is not readable.
pub fn exchange_info(body: &str) -> Result<ExchangeInfo, ParseError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Info {
        symbols: Vec<Value>,
        #[serde(default)]
        rate_limits: Value,
    }
    let info: Info = parse("exchange info", body)?;
    let mut read = ExchangeInfo {
        limits: rate_limits(&info.rate_limits),
        ..ExchangeInfo::default()
    };
    for value in info.symbols {
        let name = value
            .get("symbol")
            .and_then(Value::as_str)
            .unwrap_or("?")
            .to_owned();
        match rules(value) {
            Ok(rules) => drop(read.symbols.insert(name, rules)),
            Err(error) => read.unread.push((name, error)),
        }
    }
    Ok(read)
}

/// The rows of `rateLimits` that we know; others, and strange ones, say nothing.
fn rate_limits(rows: &Value) -> RateLimits {
    let mut limits = RateLimits::default();
    for row in rows.as_array().into_iter().flatten() {
        let word = |name| row.get(name).and_then(Value::as_str);
        let number = |name| row.get(name).and_then(Value::as_u64);
        let limit = number("limit").and_then(|limit| u32::try_from(limit).ok());
        match (
            word("rateLimitType"),
            word("interval"),
            number("intervalNum"),
        ) {
            (Some("REQUEST_WEIGHT"), Some("MINUTE"), Some(1)) => limits.weight_1m = limit,
            (Some("ORDERS"), Some("SECOND"), Some(10)) => limits.orders_10s = limit,
            (Some("ORDERS"), Some("MINUTE"), Some(1)) => limits.orders_1m = limit,
            _ => {}
        }
    }
    limits
}

const WHAT: &str = "symbol rules";

#[derive(Deserialize)]
struct RawSymbol {
    symbol: String,
    status: String,
    filters: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceFilter {
    #[serde(deserialize_with = "decimal")]
    tick_size: Decimal,
    #[serde(deserialize_with = "decimal")]
    min_price: Decimal,
    #[serde(deserialize_with = "decimal")]
    max_price: Decimal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LotFilter {
    #[serde(deserialize_with = "decimal")]
    step_size: Decimal,
    #[serde(deserialize_with = "decimal")]
    min_qty: Decimal,
    #[serde(deserialize_with = "decimal")]
    max_qty: Decimal,
}

#[derive(Deserialize)]
struct NotionalFilter {
    #[serde(deserialize_with = "decimal")]
    notional: Decimal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PercentFilter {
    #[serde(deserialize_with = "decimal")]
    multiplier_up: Decimal,
    #[serde(deserialize_with = "decimal")]
    multiplier_down: Decimal,
}

fn rules(value: Value) -> Result<SymbolRules, ParseError> {
    let raw: RawSymbol = parse_value(WHAT, value)?;
    let price: PriceFilter = filter(&raw.filters, "PRICE_FILTER")?;
    let lot: LotFilter = filter(&raw.filters, "LOT_SIZE")?;
    let market: LotFilter = filter(&raw.filters, "MARKET_LOT_SIZE")?;
    let notional: NotionalFilter = filter(&raw.filters, "MIN_NOTIONAL")?;
    let percent: PercentFilter = filter(&raw.filters, "PERCENT_PRICE")?;
    for (name, step) in [
        ("PRICE_FILTER.tickSize", price.tick_size),
        ("LOT_SIZE.stepSize", lot.step_size),
        ("MARKET_LOT_SIZE.stepSize", market.step_size),
    ] {
        if step <= Decimal::ZERO {
            return Err(ParseError::new(
                WHAT,
                name,
                format!("is {step}, must be above zero"),
            ));
        }
    }
    Ok(SymbolRules {
        symbol: raw.symbol,
        status: raw.status,
        tick: price.tick_size,
        min_price: price.min_price,
        max_price: price.max_price,
        step: lot.step_size,
        min_qty: lot.min_qty,
        max_qty: lot.max_qty,
        market_step: market.step_size,
        market_min: market.min_qty,
        market_max: market.max_qty,
        min_notional: notional.notional,
        percent_up: percent.multiplier_up,
        percent_down: percent.multiplier_down,
    })
}

fn filter<T: serde::de::DeserializeOwned>(
    filters: &[Value],
    name: &'static str,
) -> Result<T, ParseError> {
    let found = filters
        .iter()
        .find(|f| f.get("filterType").and_then(Value::as_str) == Some(name));
    let value = found.ok_or_else(|| ParseError::new(WHAT, name, "filter is missing"))?;
    parse_value(WHAT, value.clone())
        .map_err(|e| ParseError::new(WHAT, &format!("{name}.{}", e.field), e.why))
}

#[cfg(test)]
#[path = "symbol_rules/tests.rs"]
mod tests;
