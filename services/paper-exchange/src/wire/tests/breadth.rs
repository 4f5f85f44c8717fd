//! Batches, changes, countdowns, bars and trades on the wire.

use super::*;
use crate::venue::AccountState;

const BATCH: &str = "/fapi/v1/batchOrders";
const REST: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&\
                    price=59000&newClientOrderId=rests";

fn element(id: &str, qty: &str) -> String {
    let rest = r#""price":"59000","timeInForce":"GTC""#;
    let what = r#""symbol":"BTCUSDT","side":"BUY","type":"LIMIT""#;
    format!(r#"{{{what},{rest},"quantity":{qty},"newClientOrderId":"{id}"}}"#)
}

/// A form body as one of the clients sends it: the JSON as it is.
fn batch(venue: &mut Venue, method: &str, elements: &[String]) -> (u16, Value) {
    let mut request = WireRequest::new(method, BATCH, "");
    request.body = format!("batchOrders=[{}]", elements.join(","));
    let response = handle(venue, &request, NOW);
    let value = serde_json::from_str(&response.body).unwrap();
    (response.status, value)
}

#[test]
fn a_batch_answers_each_element_on_its_own() {
    let mut venue = venue();
    let elements = [
        element("a", "0.010"),
        element("b", "0"),
        element("c", "\"0.020\""),
    ];
    let (status, rows) = batch(&mut venue, "POST", &elements);
    assert_eq!(status, 200);
    assert_eq!(
        (&rows[0]["clientOrderId"], &rows[2]["origQty"]),
        (&"a".into(), &"0.020".into())
    );
    assert_eq!(
        (&rows[1]["code"], rows[1]["msg"].is_string()),
        (&(-4003).into(), true)
    );
    assert_eq!(venue.open_orders().count(), 2);
    let changes = [
        element("a", "0.030").replace("newClient", "origClient"),
        element("zzz", "0.030").replace("newClient", "origClient"),
    ];
    let (_, rows) = batch(&mut venue, "PUT", &changes);
    assert_eq!(
        (&rows[0]["origQty"], &rows[1]["code"]),
        (&"0.030".into(), &(-2013).into())
    );
    let list = "symbol=BTCUSDT&origClientOrderIdList=%5B%22a%22%2C%22a%22%5D";
    let rows = ok(&mut venue, "DELETE", BATCH, list);
    assert_eq!(
        (&rows[0]["status"], &rows[1]["code"]),
        (&"CANCELED".into(), &(-2011).into())
    );
    let id = venue.open_orders().next().unwrap().id;
    let rows = ok(
        &mut venue,
        "DELETE",
        BATCH,
        &format!("symbol=BTCUSDT&orderIdList=[{id}]"),
    );
    assert_eq!(rows[0]["clientOrderId"], "c");
}

/// ccxt and python-binance write them so.
#[test]
fn a_batch_is_canceled_by_lists_named_in_lower_case_too() {
    let mut venue = venue();
    batch(
        &mut venue,
        "POST",
        &[element("a", "0.010"), element("b", "0.010")],
    );
    let id = venue.open_orders().next().unwrap().id;
    for list in [
        format!("orderidlist=[{id}]"),
        "origclientorderidlist=[\"b\"]".to_owned(),
    ] {
        let query = format!("symbol=BTCUSDT&{list}");
        let rows = ok(&mut venue, "DELETE", BATCH, &query);
        assert_eq!(rows[0]["status"], "CANCELED", "{list}");
    }
    assert_eq!(venue.open_orders().count(), 0);
}

#[test]
fn a_batch_has_a_length_and_a_shape() {
    let mut venue = venue();
    let six: Vec<String> = (0..6).map(|n| element(&n.to_string(), "0.010")).collect();
    assert_eq!(batch(&mut venue, "POST", &six).1["code"], -4082);
    assert_eq!(batch(&mut venue, "POST", &[]).1["code"], -4082);
    assert_eq!(
        batch(&mut venue, "POST", &["7".to_owned()]).1["code"],
        -1130
    );
    assert_eq!(
        code(&mut venue, "POST", BATCH, "batchOrders=nonsense").1,
        -1130
    );
    assert_eq!(code(&mut venue, "POST", BATCH, "").1, -1102);
    let eleven = "symbol=BTCUSDT&orderIdList=[1,2,3,4,5,6,7,8,9,10,11]";
    assert_eq!(code(&mut venue, "DELETE", BATCH, eleven).1, -1130);
    assert_eq!(code(&mut venue, "DELETE", BATCH, "symbol=BTCUSDT").1, -1102);
}

#[test]
fn a_batch_counts_five_orders_in_ten_seconds_and_one_in_a_minute() {
    let mut venue = venue();
    let mut request = WireRequest::new("POST", BATCH, "");
    request.body = format!("batchOrders=[{}]", element("a", "0.010"));
    let response = handle(&mut venue, &request, NOW);
    let values: Vec<&str> = response
        .headers
        .iter()
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(values, ["5", "5", "1"]);
}

#[test]
fn order_counts_are_not_told_on_a_refused_order() {
    let mut venue = venue();
    let request = WireRequest::new("POST", ORDER, &REST.replace("59000", "0"));
    let response = handle(&mut venue, &request, NOW);
    let names: Vec<&str> = response.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        (response.status, names),
        (400, vec!["x-mbx-used-weight-1m"])
    );
}

#[test]
fn a_changed_order_comes_back_with_its_number_and_is_remembered() {
    let mut venue = venue();
    ok(&mut venue, "POST", ORDER, REST);
    let change = "symbol=BTCUSDT&side=BUY&origClientOrderId=rests&quantity=0.020&price=59100&\
                  modifyId=7";
    let order = ok(&mut venue, "PUT", ORDER, change);
    assert_eq!(
        (&order["origQty"], &order["price"], &order["modifyId"]),
        (&"0.020".into(), &"59100.00".into(), &7.into())
    );
    assert!(order.get("avgPrice").is_none());
    let without_price = change.replace("&price=59100", "");
    assert_eq!(code(&mut venue, "PUT", ORDER, &without_price), (400, -1102));
    let rows = ok(
        &mut venue,
        "GET",
        "/fapi/v1/orderAmendment",
        "symbol=BTCUSDT",
    );
    assert_eq!(
        rows[0]["amendment"],
        serde_json::json!({
            "price": {"before": "59000", "after": "59100"},
            "origQty": {"before": "0.01", "after": "0.02"},
            "count": 1,
            "modifyId": 7,
        })
    );
}

#[test]
fn a_countdown_comes_back_as_text_and_cancels_when_it_is_over() {
    let mut venue = venue();
    ok(&mut venue, "POST", ORDER, REST);
    let path = "/fapi/v1/countdownCancelAll";
    let answer = ok(
        &mut venue,
        "POST",
        path,
        "symbol=BTCUSDT&countdownTime=1000",
    );
    assert_eq!(answer["countdownTime"], "1000");
    assert_eq!(code(&mut venue, "POST", path, "symbol=BTCUSDT").1, -1102);
    venue.advance(NOW + 1_000);
    assert_eq!(venue.open_orders().count(), 0);
}

#[test]
fn an_inactive_account_says_that_it_cannot_trade() {
    let mut config = VenueConfig::default();
    config.rules.account = AccountState::Inactive;
    let mut inactive = venue_with(config);
    for path in ["/fapi/v2/account", "/fapi/v1/accountConfig"] {
        assert_eq!(
            ok(&mut inactive, "GET", path, "")["canTrade"],
            false,
            "{path}"
        );
        assert_eq!(
            ok(&mut venue(), "GET", path, "")["canTrade"],
            true,
            "{path}"
        );
    }
}

#[test]
fn the_switch_brings_the_old_members_back() {
    let mut config = VenueConfig::default();
    config.rules.legacy_order_fields = true;
    let order = ok(&mut venue_with(config), "POST", ORDER, BUY);
    assert_eq!(
        (&order["avgPrice"], &order["cumQuote"]),
        (&"60000.10".into(), &"600.001".into())
    );
}

#[test]
fn a_tested_order_is_answered_whole_and_not_placed() {
    let mut venue = venue();
    let order = ok(&mut venue, "POST", "/fapi/v1/order/test", REST);
    assert_eq!(
        (&order["status"], &order["avgPrice"]),
        (&"NEW".into(), &"0.00".into())
    );
    assert_eq!(venue.all_orders().count(), 0);
}

#[test]
fn old_orders_are_forgotten_sooner_when_nothing_was_filled() {
    const DAY_MS: i64 = 86_400_000;
    let mut venue = long();
    ok(&mut venue, "POST", ORDER, REST);
    let unfilled = "symbol=BTCUSDT&origClientOrderId=rests";
    let filled = format!(
        "symbol=BTCUSDT&orderId={}",
        venue.all_orders().next().unwrap().id
    );
    let mut at = |days: i64, method: &str, query: &str| {
        let request = WireRequest::new(method, ORDER, query);
        handle(&mut venue, &request, NOW + days * DAY_MS + 1).status
    };
    assert_eq!(at(4, "GET", unfilled), 200);
    assert_eq!(at(2, "DELETE", unfilled), 200);
    assert_eq!((at(2, "GET", unfilled), at(3, "GET", unfilled)), (200, 400));
    assert_eq!((at(89, "GET", &filled), at(90, "GET", &filled)), (200, 400));
}

#[test]
fn trades_are_told_from_an_id_on_or_the_newest() {
    let mut venue = venue();
    for price in 60_001..60_010 {
        venue
            .on_price("BTCUSDT", PriceUpdate::at(price.into()), NOW)
            .unwrap();
    }
    let mut get = |path: &str, query: &str| {
        let query = format!("symbol=BTCUSDT&{query}");
        ok(&mut venue, "GET", &format!("/fapi/v1/{path}"), &query)
    };
    let newest = get("aggTrades", "limit=2");
    assert_eq!(
        (newest.as_array().unwrap().len(), &newest[1]["a"]),
        (2, &10.into())
    );
    assert!(newest[1]["p"] == "60009.00" && newest[1]["m"] == false);
    assert_eq!(get("aggTrades", "fromId=3&limit=2")[0]["a"], 3);
    assert_eq!(get("trades", "limit=1")[0]["id"], 10);
    assert_eq!(get("historicalTrades", "fromId=4")[0]["id"], 4);
    let window = format!("startTime={}&endTime={NOW}", NOW - 3_600_001);
    let too_long = format!("symbol=BTCUSDT&{window}");
    assert_eq!(
        code(&mut venue, "GET", "/fapi/v1/aggTrades", &too_long).1,
        -1127
    );
    assert_eq!(
        code(
            &mut venue,
            "GET",
            "/fapi/v1/trades",
            "symbol=BTCUSDT&limit=1001"
        )
        .1,
        -1130
    );
}

#[test]
fn marks_and_indices_have_bars_too() {
    let mut venue = venue();
    let update = PriceUpdate {
        mark: Some(61_000.into()),
        index: Some(60_500.into()),
        ..PriceUpdate::default()
    };
    venue.on_price("BTCUSDT", update, NOW).unwrap();
    let mut high = |path: &str, name: &str| {
        let query = format!("{name}=BTCUSDT&interval=1m&contractType=PERPETUAL");
        ok(&mut venue, "GET", &format!("/fapi/v1/{path}"), &query)[0][2].clone()
    };
    assert_eq!(high("klines", "symbol"), "60000");
    assert_eq!(high("continuousKlines", "pair"), "60000");
    assert_eq!(high("markPriceKlines", "symbol"), "61000");
    assert_eq!(high("indexPriceKlines", "pair"), "60500");
}

#[test]
fn a_trailing_stop_shows_its_activation_and_distance() {
    let mut venue = long();
    let query = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&\
                 quantity=0.010&callbackRate=1.5&activatePrice=61000&reduceOnly=true";
    venue.take_events();
    let algo = ok(&mut venue, "POST", ALGO, query);
    assert_eq!(
        (&algo["activatePrice"], &algo["callbackRate"]),
        (&"61000.00".into(), &"1.5".into())
    );
    let event: Value = serde_json::from_str(&user_event_json(&venue.take_events()[0])).unwrap();
    let order = &event["o"];
    assert_eq!(
        (&order["ia"], &order["AP"]),
        (&false.into(), &"61000".into())
    );
    let reached = query.replace("activatePrice=61000", "triggerPrice=59000");
    assert_eq!(code(&mut venue, "POST", ALGO, &reached), (400, -2021));
}

#[test]
fn a_stop_limit_shows_its_price_and_its_child_is_a_limit() {
    let mut venue = long();
    let query = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&quantity=0.010&\
                 price=57500&triggerPrice=58000&reduceOnly=true&clientAlgoId=sl";
    let algo = ok(&mut venue, "POST", ALGO, query);
    assert_eq!(
        (&algo["price"], &algo["orderType"]),
        (&"57500.00".into(), &"STOP".into())
    );
    venue
        .on_price("BTCUSDT", PriceUpdate::at(58_000.into()), NOW)
        .unwrap();
    let algo = ok(&mut venue, "GET", ALGO, "clientAlgoId=sl");
    assert_eq!(
        (&algo["actualType"], &algo["algoStatus"]),
        (&"LIMIT".into(), &"FINISHED".into())
    );
}
