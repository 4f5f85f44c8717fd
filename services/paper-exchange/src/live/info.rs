//! Filters of the real venue: its exchangeInfo as ours.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{LiveError, MAX_SYMBOLS};
use crate::venue::SymbolSpec;

/// The whole answer comes within this, or it is asked again.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// Largest answer, bytes: production's has some 2 MB.
const MAX_BODY_BYTES: usize = 32 << 20;
/// Questions before giving up: a venue that is away at the start is told, not waited for.
const MAX_TRIES: usize = 4;

/// The rules of these symbols, in their order.
///
/// # Errors
/// See [`LiveError`].
pub async fn fetch_specs(rest: &str, symbols: &[String]) -> Result<Vec<SymbolSpec>, LiveError> {
    if MAX_SYMBOLS < symbols.len() {
        let asked = symbols.len();
        return Err(LiveError::TooManySymbols { asked });
    }
    let url = format!("{}/fapi/v1/exchangeInfo", rest.trim_end_matches('/'));
    let backoff = ExponentialBuilder::default()
        .with_jitter()
        .with_max_times(MAX_TRIES - 1);
    let body = (|| fetch(&url)).retry(backoff).await;
    let unreachable = |reason| LiveError::Unreachable {
        url: url.clone(),
        reason,
    };
    let body = body.map_err(unreachable)?;
    let info: Value =
        serde_json::from_str(&body).map_err(|error| unreachable(error.to_string()))?;
    let spec = |symbol: &String| {
        spec_of(&info, symbol).ok_or_else(|| LiveError::UnknownSymbol {
            symbol: symbol.clone(),
        })
    };
    symbols.iter().map(spec).collect()
}

async fn fetch(url: &str) -> Result<String, String> {
    let client = reqwest::Client::builder().timeout(ANSWER_MAX).build();
    let client = client.map_err(|error| error.to_string())?;
    let sent = client.get(url).send().await;
    let answer = sent.map_err(|error| error.to_string())?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("HTTP {status}"));
    }
    let length = answer
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    if length.is_some_and(|length| MAX_BODY_BYTES < length) {
        return Err(format!("more than {MAX_BODY_BYTES} bytes"));
    }
    answer.text().await.map_err(|error| error.to_string())
}

/// A symbol that is traded, as the answer tells it; what it does not tell is as built in.
pub(super) fn spec_of(info: &Value, symbol: &str) -> Option<SymbolSpec> {
    let rows = info["symbols"].as_array()?;
    let row = rows.iter().find(|row| row["symbol"] == symbol)?;
    if row["status"]
        .as_str()
        .is_some_and(|status| status != "TRADING")
    {
        return None;
    }
    let filter = |kind: &str, member: &str| -> Option<Decimal> {
        let filters = row["filters"].as_array()?;
        let filter = filters.iter().find(|filter| filter["filterType"] == kind)?;
        filter[member].as_str()?.parse().ok()
    };
    let int = |member: &str| {
        row[member]
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
    };
    let known = SymbolSpec::named_or_generic(symbol);
    let positive = |value: Option<Decimal>| value.filter(|value| Decimal::ZERO < *value);
    Some(SymbolSpec {
        price_precision: int("pricePrecision").unwrap_or(known.price_precision),
        quantity_precision: int("quantityPrecision").unwrap_or(known.quantity_precision),
        tick_size: positive(filter("PRICE_FILTER", "tickSize"))?,
        min_price: filter("PRICE_FILTER", "minPrice").unwrap_or(known.min_price),
        max_price: positive(filter("PRICE_FILTER", "maxPrice")).unwrap_or(known.max_price),
        step_size: positive(filter("LOT_SIZE", "stepSize"))?,
        min_qty: filter("LOT_SIZE", "minQty").unwrap_or(known.min_qty),
        max_qty: positive(filter("LOT_SIZE", "maxQty")).unwrap_or(known.max_qty),
        max_market_qty: positive(filter("MARKET_LOT_SIZE", "maxQty"))
            .unwrap_or(known.max_market_qty),
        min_notional: filter("MIN_NOTIONAL", "notional").unwrap_or(known.min_notional),
        multiplier_up: positive(filter("PERCENT_PRICE", "multiplierUp"))
            .unwrap_or(known.multiplier_up),
        multiplier_down: filter("PERCENT_PRICE", "multiplierDown").unwrap_or(known.multiplier_down),
        trigger_protect: row["triggerProtect"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .unwrap_or(known.trigger_protect),
        ..known
    })
}
