//! `/paper/...`: what a test or a launcher asks of this venue and no real venue has.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::rest::{respond, stopping};
use super::{Command, Shared};
use crate::faults::FaultPlan;
use crate::venue::{Order, PositionSide, Side, VenueError};
use crate::wire::WireResponse;
use crate::world::OpenWish;

/// `POST /paper/open`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    symbol: String,
    side: String,
    #[serde(deserialize_with = "text_or_number")]
    qty: Decimal,
    leverage: Option<u32>,
    #[serde(rename = "positionSide")]
    position_side: Option<String>,
}

/// `POST /paper/price`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    symbol: String,
    #[serde(deserialize_with = "text_or_number")]
    price: Decimal,
}

/// `POST /paper/funding`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Funding {
    symbol: String,
    #[serde(default, deserialize_with = "maybe_text_or_number")]
    rate: Option<Decimal>,
    hours: Option<i64>,
}

/// `POST /paper/symbol`: new filters, and the status as `exchangeInfo` names it.
#[derive(Debug, Deserialize)]
struct Listing {
    symbol: String,
    #[serde(flatten)]
    change: BTreeMap<String, Value>,
}

/// `POST /paper/close`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Close {
    symbol: String,
    #[serde(rename = "positionSide")]
    position_side: Option<String>,
}

/// `GET /paper/report`.
pub(super) async fn report(State(shared): State<Shared>) -> Response {
    ask(&shared, Command::Report, |report| ok(&report)).await
}

/// `POST /paper/open`.
pub(super) async fn open(State(shared): State<Shared>, body: Bytes) -> Response {
    let Open {
        symbol,
        side,
        qty,
        leverage,
        position_side,
    } = match read(&body) {
        Ok(open) => open,
        Err(error) => return refused(&error),
    };
    let Some(side) = Side::parse(&side) else {
        return refused(&VenueError::new(-1117, "Invalid side: write BUY or SELL."));
    };
    let leg = match leg(position_side.as_deref()) {
        Ok(leg) => leg,
        Err(error) => return refused(&error),
    };
    let wish = OpenWish {
        symbol,
        side,
        leg,
        qty,
        leverage,
    };
    let command = |reply| Command::Open { wish, reply };
    ask(&shared, command, ordered).await
}

/// `POST /paper/price`.
pub(super) async fn price(State(shared): State<Shared>, body: Bytes) -> Response {
    let Price { symbol, price } = match read(&body) {
        Ok(price) => price,
        Err(error) => return refused(&error),
    };
    let command = |reply| Command::Price {
        symbol,
        price,
        reply,
    };
    ask(&shared, command, done).await
}

/// `POST /paper/funding`.
pub(super) async fn funding(State(shared): State<Shared>, body: Bytes) -> Response {
    let Funding {
        symbol,
        rate,
        hours,
    } = match read(&body) {
        Ok(funding) => funding,
        Err(error) => return refused(&error),
    };
    let command = |reply| Command::Funding {
        symbol,
        rate,
        hours,
        reply,
    };
    ask(&shared, command, done).await
}

/// `POST /paper/close`.
pub(super) async fn close(State(shared): State<Shared>, body: Bytes) -> Response {
    let Close {
        symbol,
        position_side,
    } = match read(&body) {
        Ok(close) => close,
        Err(error) => return refused(&error),
    };
    let leg = match leg(position_side.as_deref()) {
        Ok(leg) => leg,
        Err(error) => return refused(&error),
    };
    let command = |reply| Command::Close { symbol, leg, reply };
    ask(&shared, command, ordered).await
}

/// `POST /paper/adl`: a position is closed as auto-deleveraging does.
pub(super) async fn deleverage(State(shared): State<Shared>, body: Bytes) -> Response {
    let Close {
        symbol,
        position_side,
    } = match read(&body) {
        Ok(close) => close,
        Err(error) => return refused(&error),
    };
    let leg = match leg(position_side.as_deref()) {
        Ok(leg) => leg,
        Err(error) => return refused(&error),
    };
    let command = |reply| Command::Deleverage { symbol, leg, reply };
    ask(&shared, command, done).await
}

/// `POST /paper/symbol`.
pub(super) async fn symbol(State(shared): State<Shared>, body: Bytes) -> Response {
    let Listing { symbol, change } = match read(&body) {
        Ok(listing) => listing,
        Err(error) => return refused(&error),
    };
    let change = match serde_json::from_value(json!(change)) {
        Ok(change) => Box::new(change),
        Err(error) => {
            let text = format!("The body: {error}");
            return refused(&VenueError::new(-1130, text));
        }
    };
    let command = |reply| Command::Filters {
        symbol,
        change,
        reply,
    };
    ask(&shared, command, done).await
}

/// `POST /paper/faults`.
pub(super) async fn faults(State(shared): State<Shared>, body: Bytes) -> Response {
    let plan: FaultPlan = match read(&body) {
        Ok(plan) => plan,
        Err(error) => return refused(&error),
    };
    let command = |reply| Command::Faults(Box::new(plan), reply);
    ask(&shared, command, |()| ok(&json!({"ok": true}))).await
}

async fn ask<T>(
    shared: &Shared,
    command: impl FnOnce(oneshot::Sender<T>) -> Command,
    render: impl FnOnce(T) -> Response,
) -> Response {
    let (reply, answer) = oneshot::channel();
    if shared.commands.send(command(reply)).await.is_err() {
        return stopping();
    }
    answer.await.map_or_else(|_| stopping(), render)
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, VenueError> {
    let parsed = serde_json::from_slice(body);
    parsed.map_err(|error| VenueError::new(-1130, format!("The body: {error}")))
}

/// The leg that a request names, if it names one.
fn leg(text: Option<&str>) -> Result<Option<PositionSide>, VenueError> {
    let parse = |text| {
        let text: &str = text;
        let unknown = || VenueError::new(-4060, "Invalid position side: BOTH, LONG or SHORT.");
        PositionSide::parse(text).ok_or_else(unknown)
    };
    text.map(parse).transpose()
}

fn ordered(result: Result<Order, VenueError>) -> Response {
    match result {
        Ok(order) => ok(&json!({
            "symbol": order.symbol,
            "orderId": order.id,
            "clientOrderId": order.client_id,
            "side": order.side.wire(),
            "status": order.status.wire(),
            "executedQty": order.filled.to_string(),
            "avgPrice": order.avg_price().normalize().to_string(),
        })),
        Err(error) => refused(&error),
    }
}

fn done(result: Result<(), VenueError>) -> Response {
    match result {
        Ok(()) => ok(&json!({"ok": true})),
        Err(error) => refused(&error),
    }
}

fn ok(value: &Value) -> Response {
    respond(WireResponse {
        status: 200,
        body: value.to_string(),
        ..WireResponse::default()
    })
}

fn refused(error: &VenueError) -> Response {
    respond(WireResponse::error(400, error))
}

/// A decimal written as text or as a number.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = match &value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse()
        .map_err(|_| serde::de::Error::custom(format!("{text:?} is not a decimal")))
}

/// The same, where it may be absent.
fn maybe_text_or_number<'de, D>(deserializer: D) -> Result<Option<Decimal>, D::Error>
where
    D: Deserializer<'de>,
{
    text_or_number(deserializer).map(Some)
}
