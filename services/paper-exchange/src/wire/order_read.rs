//! What a request says about an order.

use rust_decimal::Decimal;
use serde_json::Value;

use super::params::Params;
use crate::venue::{
    NewOrder, OrderKind, OrderRef, PositionSide, PriceMatch, Side, StpMode, Terms, TimeInForce,
    Venue, VenueError,
};

/// Rows when no limit is sent.
const DEFAULT_LIMIT: i64 = 500;
/// Most rows of one answer.
const MAX_LIMIT: i64 = 1_000;
/// Kinds that moved to the algo service in December 2025.
const CONDITIONAL: [&str; 5] = [
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
];

/// Time range and row limit of a history query.
pub(super) struct Range {
    start_ms: i64,
    end_ms: i64,
    limit: usize,
}

impl Range {
    pub(super) fn read(params: &Params) -> Result<Self, VenueError> {
        let limit = params
            .int("limit")?
            .unwrap_or(DEFAULT_LIMIT)
            .clamp(1, MAX_LIMIT);
        Ok(Self {
            start_ms: params.int("startTime")?.unwrap_or(i64::MIN),
            end_ms: params.int("endTime")?.unwrap_or(i64::MAX),
            limit: usize::try_from(limit).unwrap_or(1),
        })
    }

    /// Refuses a range that is longer than the venue looks through at once.
    pub(super) fn within(self, most_ms: i64) -> Result<Self, VenueError> {
        let open = self.start_ms == i64::MIN || self.end_ms == i64::MAX;
        if open || self.end_ms.saturating_sub(self.start_ms) <= most_ms {
            return Ok(self);
        }
        let hours = most_ms / 3_600_000;
        let text = format!(
            "Lookup interval is too big. More than {hours} hours between startTime and endTime."
        );
        Err(VenueError::new(-1127, text))
    }

    pub(super) fn holds(&self, at_ms: i64) -> bool {
        (self.start_ms..=self.end_ms).contains(&at_ms)
    }

    pub(super) fn newest(&self, mut rows: Vec<Value>) -> Value {
        let skip = rows.len().saturating_sub(self.limit);
        Value::Array(rows.split_off(skip))
    }

    pub(super) fn oldest(&self, mut rows: Vec<Value>) -> Value {
        rows.truncate(self.limit);
        Value::Array(rows)
    }
}

/// The symbol, when one is sent; it must exist.
pub(super) fn known_symbol<'a>(
    venue: &Venue,
    params: &'a Params,
) -> Result<Option<&'a str>, VenueError> {
    let symbol = params.get("symbol");
    if let Some(symbol) = symbol {
        venue.book(symbol)?;
    }
    Ok(symbol)
}

/// The side; -1117 when it is no side.
pub(super) fn read_side(params: &Params) -> Result<Side, VenueError> {
    let text = params.need("side")?;
    Side::parse(text).ok_or_else(|| VenueError::new(-1117, "Invalid side."))
}

/// Absent means BOTH; hedge mode takes only LONG and SHORT, and no `reduceOnly` beside them.
pub(super) fn read_position_side(
    venue: &Venue,
    params: &Params,
) -> Result<PositionSide, VenueError> {
    let side = match params.get("positionSide") {
        None => PositionSide::Both,
        Some(text) => PositionSide::parse(text)
            .ok_or_else(|| VenueError::new(-4060, "Invalid position side."))?,
    };
    if venue.is_hedge() == (side == PositionSide::Both) {
        return Err(VenueError::wrong_position_side());
    }
    if venue.is_hedge() && params.get("reduceOnly").is_some() {
        return Err(VenueError::not_required("reduceonly"));
    }
    Ok(side)
}

/// A new LIMIT or MARKET order.
pub(super) fn read_order(venue: &Venue, params: &Params) -> Result<NewOrder, VenueError> {
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let side = read_side(params)?;
    let kind = read_kind(params.need("type")?)?;
    let position_side = read_position_side(venue, params)?;
    if params.flag("closePosition")? {
        return Err(VenueError::new(
            -4136,
            "Target strategy invalid for orderType,closePosition",
        ));
    }
    let qty = params
        .decimal("quantity")?
        .ok_or_else(|| VenueError::mandatory("quantity"))?;
    let mut new = NewOrder::market(symbol, side, qty).on_leg(position_side);
    new.kind = kind;
    new.reduce_only = read_reduce_only(params)?;
    new.client_id = params.get("newClientOrderId").map(str::to_owned);
    new.terms = read_terms(params)?;
    if kind == OrderKind::Market {
        if new.terms.price_match != PriceMatch::None {
            let text = "Price match only supported for order type: LIMIT, STOP AND TAKE_PROFIT";
            return Err(VenueError::new(-5038, text));
        }
        let forbidden = ["timeInForce", "price"]
            .into_iter()
            .find(|n| params.get(n).is_some());
        return match forbidden {
            Some(name) => Err(VenueError::not_required(&name.to_lowercase())),
            None => Ok(new),
        };
    }
    new.time_in_force = read_limit_tif(params.need("timeInForce")?)?;
    new.price = read_price(params, new.terms.price_match)?;
    Ok(new)
}

/// The limit, or zero where a price match gives it; never both.
pub(super) fn read_price(params: &Params, price_match: PriceMatch) -> Result<Decimal, VenueError> {
    match (params.decimal("price")?, price_match) {
        (Some(price), PriceMatch::None) => Ok(price),
        (None, PriceMatch::None) => Err(VenueError::mandatory("price")),
        (Some(_), _) => Err(VenueError::not_required("price")),
        (None, _) => Ok(Decimal::ZERO),
    }
}

/// The reduce-only flag; -4062 when it is none.
pub(super) fn read_reduce_only(params: &Params) -> Result<bool, VenueError> {
    let text = "Invalid or improper reduceOnly value.";
    params
        .flag("reduceOnly")
        .map_err(|_| VenueError::new(-4062, text))
}

/// Price match, self-trade prevention and good-till date.
pub(super) fn read_terms(params: &Params) -> Result<Terms, VenueError> {
    let stp = match params.get("selfTradePreventionMode") {
        None => StpMode::ExpireMaker,
        Some(text) => StpMode::parse(text)
            .ok_or_else(|| VenueError::new(-5039, "Invalid self trade prevention mode"))?,
    };
    Ok(Terms {
        price_match: read_price_match(params)?,
        stp,
        good_till_ms: params.int("goodTillDate")?.unwrap_or_default(),
    })
}

/// The price match; -5037 when it is none.
pub(super) fn read_price_match(params: &Params) -> Result<PriceMatch, VenueError> {
    match params.get("priceMatch") {
        None => Ok(PriceMatch::None),
        Some(text) => {
            PriceMatch::parse(text).ok_or_else(|| VenueError::new(-5037, "Invalid price match"))
        }
    }
}

fn read_kind(text: &str) -> Result<OrderKind, VenueError> {
    if CONDITIONAL.contains(&text) {
        let text = "Order type not supported for this endpoint. Please use the Algo Order API \
                    endpoints instead.";
        return Err(VenueError::new(-4120, text));
    }
    OrderKind::parse(text).ok_or_else(|| VenueError::new(-1116, "Invalid orderType."))
}

fn read_limit_tif(text: &str) -> Result<TimeInForce, VenueError> {
    let tif = TimeInForce::parse(text).filter(|tif| *tif != TimeInForce::GteGtc);
    tif.ok_or_else(|| VenueError::new(-1115, "Invalid timeInForce."))
}

/// The order by one of its ids; the venue's wins.
pub(super) fn order_ref(params: &Params) -> Result<OrderRef<'_>, VenueError> {
    if let Some(id) = params.id("orderId")? {
        return Ok(OrderRef::Id(id));
    }
    let client = params.get("origClientOrderId").map(OrderRef::Client);
    let text = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!";
    client.ok_or_else(|| VenueError::new(-1102, text))
}
