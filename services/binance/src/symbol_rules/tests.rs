//! Filters as the venue sends them.

use super::*;

const BTC: &str = r#"{"symbol":"BTCUSDT","status":"TRADING","pricePrecision":2,"filters":[
 {"filterType":"PRICE_FILTER","tickSize":"0.10","minPrice":"556.80","maxPrice":"4529764"},
 {"filterType":"LOT_SIZE","stepSize":"0.001","minQty":"0.001","maxQty":"1000"},
 {"filterType":"MARKET_LOT_SIZE","stepSize":"0.001","minQty":"0.001","maxQty":"120"},
 {"filterType":"MAX_NUM_ORDERS","limit":200},
 {"filterType":"MIN_NOTIONAL","notional":"50"},
 {"filterType":"PERCENT_PRICE","multiplierUp":"1.0500","multiplierDown":"0.9500",
  "multiplierDecimal":"4"}]}"#;

fn info(symbols: &str) -> ExchangeInfo {
    exchange_info(&format!(r#"{{"timezone":"UTC","symbols":[{symbols}]}}"#)).unwrap()
}

#[test]
fn the_filters_become_rules() {
    let read = info(BTC);
    let btc = &read.symbols["BTCUSDT"];
    let dec = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(
        (btc.tick, btc.step, btc.market_step),
        (dec("0.1"), dec("0.001"), dec("0.001"))
    );
    assert_eq!(
        (btc.min_price, btc.max_price),
        (dec("556.8"), dec("4529764"))
    );
    assert_eq!((btc.min_qty, btc.max_qty), (dec("0.001"), dec("1000")));
    assert_eq!((btc.market_min, btc.market_max), (dec("0.001"), dec("120")));
    assert_eq!((btc.min_notional, btc.is_trading()), (dec("50"), true));
    assert_eq!(
        (btc.percent_up, btc.percent_down),
        (dec("1.05"), dec("0.95"))
    );
}

#[test]
fn one_strange_symbol_is_named_and_does_not_hide_the_others() {
    for (from, to, field) in [
        ("MIN_NOTIONAL", "NOTIONAL", "MIN_NOTIONAL"),
        (
            r#""tickSize":"0.10""#,
            r#""tickSize":"0""#,
            "PRICE_FILTER.tickSize",
        ),
        (
            r#""maxQty":"120""#,
            r#""maxQty":"many""#,
            "MARKET_LOT_SIZE.maxQty",
        ),
        (r#""status":"TRADING","#, "", "."),
    ] {
        let odd = BTC.replace("BTCUSDT", "ODDUSDT").replace(from, to);
        let read = info(&format!("{odd},{BTC}"));
        assert_eq!(read.symbols.keys().collect::<Vec<_>>(), ["BTCUSDT"]);
        let (name, error) = &read.unread[0];
        assert_eq!(
            (name.as_str(), error.field.as_str()),
            ("ODDUSDT", field),
            "{error}"
        );
    }
}

#[test]
fn an_answer_that_is_no_exchange_info_is_an_error() {
    assert!(exchange_info(r#"{"code":-1003,"msg":"x"}"#).is_err());
}

#[test]
fn the_venues_limits_are_read_and_strange_rows_say_nothing() {
    let text = r#"{"symbols":[],"rateLimits":[
        {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},
        {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300},
        {"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":"many"},
        {"rateLimitType":"RAW_REQUESTS","interval":"DAY","intervalNum":1,"limit":1}, 7]}"#;
    let expected = RateLimits {
        weight_1m: Some(6_000),
        orders_10s: Some(300),
        orders_1m: None,
    };
    assert_eq!(exchange_info(text).unwrap().limits, expected);
    let none = exchange_info(r#"{"symbols":[],"rateLimits":null}"#).unwrap();
    assert_eq!(none.limits, RateLimits::default());
}
