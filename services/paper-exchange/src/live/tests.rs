//! Frames, filters and staleness of the real market.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::venue::{Venue, VenueConfig};
use crate::wire::WireRequest;

const NOW: i64 = 1_795_178_173_912;
const MARK: &str = r#"{"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate",
    "E":1795178174000,"s":"BTCUSDT","p":"60001.15000000","i":"60000.62659091",
    "P":"60000.25641265","r":"0.00010000","ap":"60000.90000000","T":1795190400000,"st":1}}"#;
const BOOK: &str = r#"{"e":"bookTicker","u":400900217,"E":1795178173912,"T":1795178173911,
    "s":"BTCUSDT","ps":"BTCUSDT","b":"60000.10","B":"3.210","a":"60000.20","A":"4.066","st":1}"#;
const TRADE: &str = r#"{"e":"aggTrade","E":1795178173912,"s":"BTCUSDT","a":5933014,"p":"60000.10",
    "q":"0.100","nq":"0.100","f":100,"l":105,"T":1795178173910,"m":true,"st":1}"#;
const DEPTH: &str = r#"{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"U":157,
    "u":160,"pu":149,"b":[["60000.0","2"],["59999.0","2"]],"a":[["60001.0","1"],["60003.0","1"]]}"#;

fn read(text: &str) -> Option<LiveUpdate> {
    frames::read(text).unwrap()
}

#[test]
fn the_frames_of_the_contract_are_read() {
    let number = |text: &str| text.parse::<Decimal>().unwrap();
    let symbol = || "BTCUSDT".to_owned();
    let book = LiveUpdate::Book {
        symbol: symbol(),
        bid: number("60000.10"),
        ask: number("60000.20"),
    };
    assert_eq!(read(BOOK), Some(book));
    let mark = LiveUpdate::Mark {
        symbol: symbol(),
        mark: number("60001.15"),
        index: number("60000.62659091"),
        funding: number("0.0001"),
    };
    assert_eq!(read(MARK), Some(mark));
    let trade = LiveUpdate::Trade {
        symbol: symbol(),
        price: number("60000.10"),
        qty: number("0.1"),
    };
    assert_eq!(read(TRADE), Some(trade));
    let depth = LiveUpdate::Depth {
        symbol: symbol(),
        notional: number("360002"),
        span: number("3"),
    };
    assert_eq!(read(DEPTH), Some(depth));
    assert_eq!(read(r#"{"result":null,"id":1}"#), None);
    assert_eq!(
        read(&BOOK.replace("60000.20", "59000")),
        None,
        "a crossed book"
    );
    for broken in [
        "",
        "[]",
        "nonsense",
        r#"{"e":"bookTicker"}"#,
        r#"{"data":7}"#,
    ] {
        assert!(frames::read(broken).is_err(), "{broken}");
    }
}

/// A recorded payload, or `None` where the optional data folder is absent.
fn sample(name: &str) -> Option<String> {
    let root = std::env::var_os("EXIT_BRAIN_DATA")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    std::fs::read_to_string(root.join("payloads").join(name)).ok()
}

#[test]
fn recorded_payloads_are_read() {
    let folder = "documented/websocket_streams";
    for name in [
        "public_api/individual_symbol_book_ticker_streams_should_handle_incoming_message.json",
        "market_api/mark_price_stream_should_handle_incoming_message.json",
        "market_api/aggregate_trade_streams_should_handle_incoming_message.json",
        "public_api/partial_book_depth_streams_should_handle_incoming_message.json",
    ] {
        let Some(text) = sample(&format!("{folder}/{name}")) else {
            return;
        };
        assert!(read(&text).is_some(), "{name}");
    }
    let Some(info) = sample("live-captures/exchange_info_btcusdt_excerpt_20260930.json") else {
        return;
    };
    let spec = info::spec_of(&serde_json::from_str(&info).unwrap(), "BTCUSDT").unwrap();
    assert_eq!(
        (spec.price_precision, spec.tick_size),
        (2, Decimal::new(10, 2))
    );
    assert_eq!(
        (spec.max_price, spec.min_notional),
        (4_529_764.into(), 50.into())
    );
}

#[test]
fn filters_are_taken_over_and_a_halted_symbol_is_not() {
    let info = |status: &str| {
        json!({"symbols": [{"symbol": "NEWUSDT", "status": status, "pricePrecision": 5,
            "quantityPrecision": 1, "triggerProtect": "0.1500", "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.00010", "minPrice": "0.5",
                "maxPrice": "99"},
            {"filterType": "LOT_SIZE", "stepSize": "0.5", "minQty": "1.5", "maxQty": "700"},
            {"filterType": "MARKET_LOT_SIZE", "maxQty": "70"},
            {"filterType": "MIN_NOTIONAL", "notional": "7"},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.1", "multiplierDown": "0.9"}]}]})
    };
    let spec = info::spec_of(&info("TRADING"), "NEWUSDT").unwrap();
    assert_eq!(
        (spec.step_size, spec.min_qty),
        (Decimal::new(5, 1), Decimal::new(15, 1))
    );
    assert_eq!((spec.max_qty, spec.max_market_qty), (700.into(), 70.into()));
    assert_eq!(
        (spec.multiplier_up, spec.trigger_protect),
        (Decimal::new(11, 1), Decimal::new(15, 2))
    );
    assert!(info::spec_of(&info("SETTLING"), "NEWUSDT").is_none());
    assert!(info::spec_of(&info("TRADING"), "OLDUSDT").is_none());
    assert!(info::spec_of(&Value::Null, "NEWUSDT").is_none());
}

fn live() -> (Venue, LiveState) {
    let state = LiveState::new("ws://host", &["BTCUSDT".to_owned()], 1_000);
    (Venue::new(VenueConfig::default()), state)
}

fn news(text: &str) -> LiveInput {
    LiveInput::News(vec![read(text).unwrap()], 0)
}

fn order(symbol: &str) -> WireRequest {
    let query = format!("symbol={symbol}&side=BUY&type=MARKET&quantity=1");
    WireRequest::new("POST", "/fapi/v1/order", &query)
}

#[test]
fn a_price_reaches_the_venue_only_while_book_and_mark_are_fresh() {
    let (mut venue, mut state) = live();
    state.on(&mut venue, news(MARK), NOW);
    assert!(!venue.market("BTCUSDT").unwrap().is_known());
    assert!(state.gate(&order("BTCUSDT"), NOW).is_some());
    state.on(&mut venue, news(BOOK), NOW + 500);
    let market = venue.market("BTCUSDT").unwrap();
    assert_eq!(
        (market.bid, market.mark),
        (Decimal::new(6_000_010, 2), Decimal::new(6_000_115, 2))
    );
    assert!(state.gate(&order("BTCUSDT"), NOW + 500).is_none());
    // The mark is old by now: the book moves and the venue does not.
    let moved = BOOK.replace("60000.10", "59000.00");
    state.on(&mut venue, news(&moved), NOW + 1_001);
    assert_eq!(venue.market("BTCUSDT").unwrap().bid, market.bid);
    assert!(state.is_stale("BTCUSDT", NOW + 1_001));
    state.on(&mut venue, news(MARK), NOW + 1_002);
    assert_eq!(venue.market("BTCUSDT").unwrap().bid, 59_000.into());
}

#[test]
fn stale_prices_refuse_what_would_trade_and_nothing_else() {
    let (mut venue, mut state) = live();
    let refused = state.gate(&order("BTCUSDT"), NOW).unwrap();
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("-2020"), "{}", refused.body);
    assert!(state.gate(&order("ETHUSDT"), NOW).is_none(), "not followed");
    let batch = WireRequest::new(
        "POST",
        "/fapi/v1/batchOrders",
        "batchOrders=[{\"symbol\":\"BTCUSDT\"}]",
    );
    assert!(state.gate(&batch, NOW).is_some());
    let cancel = WireRequest::new("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&orderId=1");
    assert!(state.gate(&cancel, NOW).is_none());
    state.on(&mut venue, news(MARK), NOW);
    state.on(&mut venue, news(BOOK), NOW);
    assert!(state.gate(&order("BTCUSDT"), NOW).is_none());
    state.on(&mut venue, LiveInput::Down(LiveRoute::Public), NOW);
    assert!(
        state.gate(&order("BTCUSDT"), NOW).is_some(),
        "a lost connection knows nothing"
    );
    let report = state.report(NOW);
    assert_eq!(report["symbols"]["BTCUSDT"]["stale"], true);
    assert_eq!(
        (&report["refused_as_stale"], &report["connections_lost"]),
        (&json!(3), &json!(1))
    );
}

#[test]
fn trades_and_the_depth_of_the_book_are_taken_over() {
    let (mut venue, mut state) = live();
    for text in [MARK, BOOK, TRADE, DEPTH] {
        state.on(&mut venue, news(text), NOW);
    }
    let trade = venue
        .book("BTCUSDT")
        .unwrap()
        .tape
        .trades()
        .next_back()
        .unwrap();
    assert_eq!(
        (trade.price, trade.qty),
        (Decimal::new(6_000_010, 2), Decimal::new(1, 1))
    );
    let market = venue.market("BTCUSDT").unwrap();
    assert_eq!(
        market.ask,
        Decimal::new(6_000_020, 2),
        "a trade does not move the book"
    );
    let per_tick = venue.book("BTCUSDT").unwrap().level_notional;
    assert_eq!(per_tick.round(), 12_000.into());
}
