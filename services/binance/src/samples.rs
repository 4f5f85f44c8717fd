//! Reads every recorded payload of `../shared/data` that this adapter may meet, where present.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::response;
use super::symbol_rules::exchange_info;
use super::user_event::{UserEvent, user_event};
use super::wire::ParseError;

/// Event names that only the user-data stream has.
const USER_EVENTS: [&str; 7] = [
    "ORDER_TRADE_UPDATE",
    "TRADE_LITE",
    "ACCOUNT_UPDATE",
    "ALGO_UPDATE",
    "ACCOUNT_CONFIG_UPDATE",
    "MARGIN_CALL",
    "listenKeyExpired",
];
/// There are 49 event files; fewer read ones would mean that the search went wrong.
const EVENTS_AT_LEAST: usize = 45;

/// The folder beside the workspace, or `None` with a line saying so.
fn payloads() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/payloads");
    if !root.is_dir() {
        // Kept out of the product: absent in a plain checkout.
        std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no ../shared/data\n").ok()?;
        return None;
    }
    Some(root)
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
}

/// A file holds one event, a list of events, or something else.
fn events_of(text: &str) -> Vec<Value> {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Vec::new();
    };
    let all = match value {
        Value::Array(rows) => rows,
        one => vec![one],
    };
    let is_ours = |v: &Value| {
        let event = v.get("data").unwrap_or(v);
        event
            .get("e")
            .and_then(Value::as_str)
            .is_some_and(|e| USER_EVENTS.contains(&e))
    };
    all.into_iter().filter(is_ours).collect()
}

#[test]
fn every_recorded_user_event_is_read_and_none_is_unknown() {
    let Some(root) = payloads() else { return };
    let mut files = Vec::new();
    json_files(&root, &mut files);
    let mut read = 0;
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        for event in events_of(&text) {
            let parsed = user_event(&event.to_string());
            let fine = matches!(&parsed, Ok(event) if !matches!(event, UserEvent::Other(_)));
            assert!(fine, "{}: {parsed:?}", path.display());
            read += 1;
        }
    }
    assert!(read >= EVENTS_AT_LEAST, "only {read} events found");
}

fn reads<T>(path: &str, reader: impl Fn(&str) -> Result<T, ParseError>) -> Option<T> {
    let text = fs::read_to_string(payloads()?.join(path)).unwrap();
    match reader(&text) {
        Ok(value) => Some(value),
        Err(error) => panic!("{path}: {error}"),
    }
}

#[test]
fn every_recorded_answer_the_gateway_may_meet_is_read() {
    let trade = |name: &str| format!("documented/rest_api/trade_api/{name}.json");
    for name in ["new_order", "query_order", "cancel_order"] {
        reads(&trade(name), response::order);
    }
    for name in ["new_algo_order", "query_algo_order"] {
        reads(&trade(name), response::algo_order);
    }
    reads(&trade("cancel_algo_order"), response::algo_cancel);
    reads(&trade("current_all_open_orders"), response::open_orders);
    reads(
        &trade("current_all_algo_open_orders"),
        response::open_algo_orders,
    );
    reads(&trade("position_information_v3"), response::position_risk);
    reads(&trade("account_trade_list"), response::user_trades);
    let account = |name: &str| format!("documented/rest_api/account_api/{name}.json");
    reads(&account("symbol_configuration"), response::symbol_config);
    reads(
        &account("get_current_position_mode"),
        response::position_mode,
    );
    reads(&account("user_commission_rate"), response::commission_rate);
    reads(
        "documented/rest_api/market_data_api/mark_price.json",
        response::premium_index,
    );
    reads(
        "documented/rest_api/market_data_api/check_server_time.json",
        response::server_time,
    );
    let key = "documented/rest_api/user_data_streams_api/start_user_data_stream.json";
    reads(key, response::listen_key);
    let fixture = |name: &str| format!("fixtures/py_http/http_futures_account_{name}.json");
    reads(&fixture("orders"), response::open_orders);
    reads(&fixture("trades"), response::user_trades);
    reads(&fixture("positions_hedge"), response::position_risk);
    reads(
        "fixtures/rust/open_algo_orders.json",
        response::open_algo_orders,
    );
}

#[test]
fn recorded_rules_of_every_symbol_are_read() {
    for path in [
        "live-captures/exchange_info_btcusdt_excerpt_20260930.json",
        "exchangeInfo_usdm_2021-07-21_full.json",
    ] {
        let Some(info) = reads(path, exchange_info) else {
            return;
        };
        assert_eq!(info.unread, [], "{path}");
        assert!(info.symbols.contains_key("BTCUSDT"), "{path}");
    }
}
