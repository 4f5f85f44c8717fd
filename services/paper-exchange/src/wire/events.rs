//! User events as the venue's JSON texts (section 6 of the wire contract).

use serde_json::{Map, Value, json};

use super::num::plain;
use crate::venue::{
    AccountReason, AccountUpdate, AlgoOrder, AlgoStatus, EventBody, MarginCall, MarginCallRow,
    OrderUpdate, VenueEvent,
};

/// The text of one user event, raw (not wrapped for a combined socket).
#[must_use]
pub fn user_event_json(event: &VenueEvent) -> String {
    let mut map = match &event.body {
        EventBody::Order(update) => wrap("o", order_update(update)),
        EventBody::TradeLite(update) => trade_lite(update),
        EventBody::Account(account) => wrap("a", account_update(account)),
        EventBody::Algo(algo) => wrap("o", Value::Object(algo_update(algo))),
        EventBody::MarginCall(call) => margin_call(call),
        EventBody::Leverage { symbol, leverage } => wrap("ac", json!({"s": symbol, "l": leverage})),
    };
    map.insert("e".to_owned(), json!(event.body.name()));
    map.insert("E".to_owned(), json!(event.event_ms));
    // Documented: a margin call has no engine time.
    if !matches!(event.body, EventBody::MarginCall(_)) {
        map.insert("T".to_owned(), json!(event.engine_ms));
    }
    Value::Object(map).to_string()
}

/// The `e` member of an event.
#[must_use]
pub const fn event_name(event: &VenueEvent) -> &'static str {
    event.body.name()
}

fn wrap(name: &str, value: Value) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert(name.to_owned(), value);
    map
}

fn order_update(update: &OrderUpdate) -> Value {
    let order = &update.order;
    let trade = update.trade.as_ref();
    let of_trade = |value: Option<rust_decimal::Decimal>| plain(value.unwrap_or_default());
    let mut value = json!({
        "s": order.symbol,
        "c": order.client_id,
        "S": order.side.wire(),
        "o": order.kind.wire(),
        "f": order.time_in_force.wire(),
        "q": plain(order.qty),
        "p": plain(order.price),
        "ap": plain(order.avg_price()),
        "sp": "0",
        "x": update.execution.wire(),
        "X": order.status.wire(),
        "i": order.id,
        "l": of_trade(trade.map(|t| t.qty)),
        "z": plain(order.filled),
        "L": of_trade(trade.map(|t| t.price)),
        "n": of_trade(trade.map(|t| t.fee)),
        "N": "USDT",
        "T": order.updated_ms,
        "t": trade.map_or(0, |t| t.id),
        "b": plain(update.bid_notional),
        "a": plain(update.ask_notional),
        "m": trade.is_some_and(|t| t.maker),
        "R": order.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": order.kind.wire(),
        "ps": order.position_side.wire(),
        "cp": false,
        "rp": of_trade(trade.map(|t| t.realized)),
        "pP": false,
        "si": 0,
        "ss": 0,
        "V": order.terms.stp.wire(),
        "pm": order.terms.price_match.wire(),
        "gtd": order.terms.good_till_ms,
        "er": order.expiry_reason.to_string(),
    });
    // Only after a change that carried a number.
    if let (Some(id), Value::Object(map)) = (order.modified.modify_id, &mut value) {
        map.insert("M".to_owned(), json!(id.to_string()));
    }
    value
}

fn trade_lite(update: &OrderUpdate) -> Map<String, Value> {
    let order = &update.order;
    let trade = update.trade.as_ref();
    let value = json!({
        "s": order.symbol,
        "q": plain(order.qty),
        "p": plain(order.price),
        "m": trade.is_some_and(|t| t.maker),
        "c": order.client_id,
        "S": order.side.wire(),
        "L": plain(trade.map(|t| t.price).unwrap_or_default()),
        "l": plain(trade.map(|t| t.qty).unwrap_or_default()),
        "t": trade.map_or(0, |t| t.id),
        "i": order.id,
    });
    into_map(value)
}

fn account_update(account: &AccountUpdate) -> Value {
    let position = account.shows_position.then(|| account_position(account));
    let mut value = json!({
        "m": account.reason.wire(),
        "B": [{
            "a": "USDT",
            "wb": plain(account.wallet),
            "cw": plain(account.cross_wallet),
            "bc": plain(account.change),
        }],
        "P": position.into_iter().collect::<Vec<Value>>(),
    });
    // Since August 2026 a funding payment names its symbol.
    if account.reason == AccountReason::FundingFee
        && let Value::Object(map) = &mut value
    {
        map.insert("S".to_owned(), json!(account.symbol));
    }
    value
}

fn account_position(account: &AccountUpdate) -> Value {
    json!({
            "s": account.symbol,
            "pa": plain(account.qty),
            "ep": plain(account.entry),
            "cr": plain(account.realized),
            "up": plain(account.unrealized),
            "mt": if account.isolated { "isolated" } else { "cross" },
            "iw": plain(account.isolated_wallet),
            "ps": account.leg.wire(),
            "ma": "USDT",
            "bep": plain(account.break_even),
    })
}

fn margin_call(call: &MarginCall) -> Map<String, Value> {
    let row = |row: &MarginCallRow| {
        json!({
            "s": row.symbol,
            "ps": row.leg.wire(),
            "pa": plain(row.qty),
            "mt": if row.isolated { "ISOLATED" } else { "CROSSED" },
            "iw": plain(row.isolated_wallet),
            "mp": plain(row.mark),
            "up": plain(row.unrealized),
            "mm": plain(row.maint_margin),
        })
    };
    let rows: Vec<Value> = call.rows.iter().map(row).collect();
    let mut map = wrap("p", json!(rows));
    if let Some(cross_wallet) = call.cross_wallet {
        map.insert("cw".to_owned(), json!(plain(cross_wallet)));
    }
    map
}

fn algo_update(algo: &AlgoOrder) -> Map<String, Value> {
    let child = algo.child_id.map(|id| id.to_string()).unwrap_or_default();
    let mut map = into_map(json!({
        "caid": algo.client_id,
        "aid": algo.id,
        "at": "CONDITIONAL",
        "o": algo.kind.wire(),
        "s": algo.symbol,
        "S": algo.side.wire(),
        "ps": algo.position_side.wire(),
        "f": algo.time_in_force.wire(),
        "q": plain(algo.qty),
        "X": algo.status.wire(),
        "ai": child,
        "tp": plain(algo.trigger_price),
        "p": plain(algo.price),
        "R": algo.reduce_only,
        "tt": algo.triggered_ms,
        "gtd": algo.terms.good_till_ms,
        "ia": algo.trailing.is_some_and(|trailing| trailing.activated),
    }));
    if let Some(trailing) = &algo.trailing {
        map.insert("AP".to_owned(), json!(plain(trailing.activate_price)));
        map.insert("cr".to_owned(), json!(plain(trailing.callback_rate)));
    }
    // Measured: CANCELED events lack these five.
    if algo.status != AlgoStatus::Canceled {
        map.insert("V".to_owned(), json!(algo.terms.stp.wire()));
        map.insert("wt".to_owned(), json!(algo.working_type.wire()));
        map.insert("pm".to_owned(), json!(algo.terms.price_match.wire()));
        map.insert("cp".to_owned(), json!(algo.close_position));
        map.insert("pP".to_owned(), json!(algo.price_protect));
    }
    if matches!(algo.status, AlgoStatus::Triggered | AlgoStatus::Finished) {
        map.insert("ap".to_owned(), json!(plain(algo.avg_price)));
        map.insert("aq".to_owned(), json!(plain(algo.filled)));
        map.insert("act".to_owned(), json!(algo.kind.child_kind().wire()));
    }
    if let Some(reason) = algo.reject_reason {
        map.insert("rm".to_owned(), json!(reason));
    }
    map
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
