//! Our answers against recorded and documented samples: same members, same JSON types.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::venue::EventBody;

/// The folder of the samples, which is optional.
pub(super) fn payloads() -> PathBuf {
    let root = std::env::var_os("EXIT_BRAIN_DATA")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    root.join("payloads")
}

/// A sample, or `None` where the optional data folder is absent.
pub(super) fn sample(name: &str) -> Option<Value> {
    let text = fs::read_to_string(payloads().join(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Differences between a sample and our answer: members missing or of another type.
pub(super) fn differences(sample: &Value, ours: &Value, at: &str, out: &mut Vec<String>) {
    if kind(sample) != kind(ours) {
        out.push(format!(
            "{at}: sample {}, ours {}",
            kind(sample),
            kind(ours)
        ));
        return;
    }
    match (sample, ours) {
        (Value::Object(sample), Value::Object(ours)) => {
            for (name, value) in sample {
                match ours.get(name) {
                    Some(our) => differences(value, our, &format!("{at}.{name}"), out),
                    None => out.push(format!("{at}.{name}: missing")),
                }
            }
        }
        (Value::Array(sample), Value::Array(ours)) => {
            if let (Some(sample), Some(ours)) = (sample.first(), ours.first()) {
                differences(sample, ours, &format!("{at}[0]"), out);
            }
        }
        _ => {}
    }
}

/// Members that only old trailing orders carry.
const TRAILING_ONLY: [&str; 2] = [".activatePrice: missing", ".priceRate: missing"];

fn assert_like(name: &str, ours: &Value) {
    let Some(sample) = sample(name) else { return };
    let mut out = Vec::new();
    differences(&sample, ours, "", &mut out);
    out.retain(|difference| {
        !TRAILING_ONLY
            .iter()
            .any(|allowed| difference.ends_with(allowed))
    });
    assert!(out.is_empty(), "{name}: {out:#?}");
}

#[test]
fn rest_answers_have_the_documented_members_and_types() {
    let mut venue = long();
    let algo = ok(&mut venue, "POST", ALGO, STOP);
    let mut get = |path: &str, query: &str| ok(&mut venue, "GET", path, query);
    let account = "documented/rest_api/account_api";
    let trade = "documented/rest_api/trade_api";
    assert_like(&format!("{trade}/new_algo_order.json"), &algo);
    for (file, path, query) in [
        ("account_information_v2", "/fapi/v2/account", ""),
        ("account_information_v3", "/fapi/v3/account", ""),
        ("futures_account_balance_v2", "/fapi/v2/balance", ""),
        (
            "futures_account_configuration",
            "/fapi/v1/accountConfig",
            "",
        ),
        ("symbol_configuration", "/fapi/v1/symbolConfig", ""),
        (
            "user_commission_rate",
            "/fapi/v1/commissionRate",
            "symbol=BTCUSDT",
        ),
        (
            "get_current_position_mode",
            "/fapi/v1/positionSide/dual",
            "",
        ),
    ] {
        assert_like(&format!("{account}/{file}.json"), &get(path, query));
    }
    for (file, path, query) in [
        ("position_information_v2", "/fapi/v2/positionRisk", ""),
        ("position_information_v3", "/fapi/v3/positionRisk", ""),
        (
            "account_trade_list",
            "/fapi/v1/userTrades",
            "symbol=BTCUSDT",
        ),
        ("query_algo_order", ALGO, "clientAlgoId=gw-sl-1"),
        (
            "current_all_algo_open_orders",
            "/fapi/v1/openAlgoOrders",
            "",
        ),
        (
            "query_all_algo_orders",
            "/fapi/v1/allAlgoOrders",
            "symbol=BTCUSDT",
        ),
    ] {
        assert_like(&format!("{trade}/{file}.json"), &get(path, query));
    }
    assert_like(
        "live-captures/exchange_info_btcusdt_excerpt_20260930.json",
        &get("/fapi/v1/exchangeInfo", ""),
    );
    let gone = ok(&mut venue, "DELETE", ALGO, "clientAlgoId=gw-sl-1");
    assert_like(&format!("{trade}/cancel_algo_order.json"), &gone);
}

#[test]
fn market_answers_have_the_documented_members_and_types() {
    let mut venue = venue();
    let mut get = |path: &str, query: &str| ok(&mut venue, "GET", path, query);
    let market = "documented/rest_api/market_data_api";
    for (file, path, query) in [
        ("check_server_time", "/fapi/v1/time", ""),
        ("mark_price", "/fapi/v1/premiumIndex", "symbol=BTCUSDT"),
        ("order_book", "/fapi/v1/depth", "symbol=BTCUSDT"),
        (
            "symbol_order_book_ticker",
            "/fapi/v1/ticker/bookTicker",
            "symbol=BTCUSDT",
        ),
        (
            "symbol_price_ticker",
            "/fapi/v1/ticker/price",
            "symbol=BTCUSDT",
        ),
        (
            "ticker24hr_price_change_statistics",
            "/fapi/v1/ticker/24hr",
            "symbol=BTCUSDT",
        ),
    ] {
        assert_like(&format!("{market}/{file}.json"), &get(path, query));
    }
}

#[test]
fn order_answers_have_the_documented_members_and_types() {
    let mut venue = long();
    let trade = "documented/rest_api/trade_api";
    let rest = "symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=0.004&price=61000&timeInForce=GTC&\
                reduceOnly=true&newClientOrderId=gw-tp-1";
    let order = ok(&mut venue, "POST", ORDER, rest);
    assert_like(&format!("{trade}/new_order.json"), &order);
    let by_id = "symbol=BTCUSDT&origClientOrderId=gw-tp-1";
    for (file, path, query) in [
        ("query_order", ORDER, by_id),
        ("query_current_open_order", "/fapi/v1/openOrder", by_id),
        ("current_all_open_orders", "/fapi/v1/openOrders", ""),
        ("all_orders", "/fapi/v1/allOrders", "symbol=BTCUSDT"),
    ] {
        assert_like(
            &format!("{trade}/{file}.json"),
            &ok(&mut venue, "GET", path, query),
        );
    }
    let gone = ok(&mut venue, "DELETE", ORDER, by_id);
    assert_like(&format!("{trade}/cancel_order.json"), &gone);
}

/// The last event of that name after a round trip with a stop.
fn event(name: &str, wanted: impl Fn(&EventBody) -> bool) -> Value {
    let mut venue = long();
    ok(&mut venue, "POST", ALGO, STOP);
    ok(&mut venue, "DELETE", ALGO, "clientAlgoId=gw-sl-1");
    let events = venue.take_events();
    let event = events
        .iter()
        .find(|e| e.body.name() == name && wanted(&e.body))
        .unwrap();
    serde_json::from_str(&user_event_json(event)).unwrap()
}

fn algo_event(status: &str) -> Value {
    event("ALGO_UPDATE", |body| match body {
        EventBody::Algo(algo) => algo.status.wire() == status,
        _ => false,
    })
}

#[test]
fn user_events_have_the_captured_members_and_types() {
    assert_like(
        "live-captures/prod_trade_lite_20260919.json",
        &event("TRADE_LITE", |_| true),
    );
    assert_like(
        "live-captures/testnet_account_update_20260912.json",
        &event("ACCOUNT_UPDATE", |_| true),
    );
    assert_like(
        "live-captures/prod_order_trade_update_new_hedge_20260521.json",
        &event("ORDER_TRADE_UPDATE", |_| true),
    );
    assert_like(
        "live-captures/testnet_algo_update_new_closeposition_20260912.json",
        &algo_event("NEW"),
    );
    assert_like(
        "live-captures/prod_algo_update_canceled_20260919.json",
        &algo_event("CANCELED"),
    );
}

#[test]
fn a_canceled_algo_event_lacks_the_members_that_the_capture_lacks() {
    let canceled = algo_event("CANCELED");
    for name in ["V", "wt", "pm", "cp", "pP"] {
        assert!(canceled["o"].get(name).is_none(), "{name}");
        assert!(algo_event("NEW")["o"].get(name).is_some(), "{name}");
    }
}

#[test]
fn market_events_are_texts_where_prices_are_and_numbers_where_times_are() {
    let venue = venue();
    let read = |text: Option<String>| serde_json::from_str::<Value>(&text.unwrap()).unwrap();
    let mark = read(mark_price_json(&venue, "BTCUSDT", NOW));
    let documented = "documented/websocket_streams/market_api";
    let ending = "should_handle_incoming_message.json";
    assert_like(&format!("{documented}/mark_price_stream_{ending}"), &mark);
    assert_eq!(
        (&mark["p"], &mark["E"]),
        (&"60000.00000000".into(), &NOW.into())
    );
    let book = read(book_ticker_json(&venue, "BTCUSDT", NOW));
    assert_eq!(
        (&book["b"], &book["a"]),
        (&"60000.00".into(), &"60000.10".into())
    );
    let ticker = read(mini_ticker_json(&venue, "BTCUSDT", NOW));
    assert_like(
        &format!("{documented}/individual_symbol_mini_ticker_stream_{ending}"),
        &ticker,
    );
    assert!(ticker["q"].is_string() && ticker["q"] != "0");
    let btc = venue.book("BTCUSDT").unwrap();
    let newest = btc.tape.trades().next().unwrap();
    let trade = read(Some(agg_trade_json(btc, newest, NOW)));
    assert_like(
        &format!("{documented}/aggregate_trade_streams_{ending}"),
        &trade,
    );
    assert!(trade["a"].is_u64() && trade["q"].is_string() && trade["m"] == true);
    let bar = latest_bars(&venue, "BTCUSDT", "1m").pop().unwrap();
    let kline = |continuous| read(kline_json(&venue, "BTCUSDT", "1m", &bar, continuous, NOW));
    assert_like(
        &format!("{documented}/kline_candlestick_streams_{ending}"),
        &kline(false),
    );
    assert!(kline(false)["k"]["o"].is_string() && kline(false)["k"]["x"] == false);
    let continuous = format!("{documented}/continuous_contract_kline_candlestick_streams_{ending}");
    assert_like(&continuous, &kline(true));
    let day = read(ticker_json(&venue, "BTCUSDT", NOW));
    assert_like(
        &format!("{documented}/individual_symbol_ticker_streams_{ending}"),
        &day,
    );
    let ids = UpdateIds {
        first: 157,
        last: 160,
        before: 149,
    };
    let depth = read(Some(depth_json(btc, &Levels::of(btc, 5), ids, NOW)));
    let public = "documented/websocket_streams/public_api";
    assert_like(
        &format!("{public}/diff_book_depth_streams_{ending}"),
        &depth,
    );
    assert_eq!(depth["b"].as_array().unwrap().len(), 5);
    assert!(mark_price_json(&venue, "NOPE", NOW).is_none());
}
