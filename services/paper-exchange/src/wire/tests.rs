//! The wire texts: JSON types, codes, signatures.

mod account;
mod breadth;
mod every_sample;
mod hedge;
mod money;
mod samples;
mod signing;
mod ws_api;

use serde_json::Value;

use super::*;
use crate::venue::{PriceUpdate, VenueConfig};

const NOW: i64 = 1_795_178_173_912;

fn venue() -> Venue {
    venue_with(VenueConfig::default())
}

fn venue_with(config: VenueConfig) -> Venue {
    let mut venue = Venue::new(config);
    venue
        .on_price("BTCUSDT", PriceUpdate::at(60_000.into()), NOW)
        .unwrap();
    venue
}

fn call(venue: &mut Venue, method: &str, path: &str, query: &str) -> (u16, Value) {
    let response = handle(venue, &WireRequest::new(method, path, query), NOW);
    (
        response.status,
        serde_json::from_str(&response.body).unwrap(),
    )
}

fn ok(venue: &mut Venue, method: &str, path: &str, query: &str) -> Value {
    let (status, value) = call(venue, method, path, query);
    assert_eq!(status, 200, "{value}");
    value
}

fn code(venue: &mut Venue, method: &str, path: &str, query: &str) -> (u16, i64) {
    let (status, value) = call(venue, method, path, query);
    (status, value["code"].as_i64().unwrap())
}

const ORDER: &str = "/fapi/v1/order";
const ALGO: &str = "/fapi/v1/algoOrder";
const BUY: &str = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&newOrderRespType=RESULT";
const STOP: &str = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&\
                    triggerPrice=58000&workingType=MARK_PRICE&closePosition=true&\
                    clientAlgoId=gw-sl-1";

fn long() -> Venue {
    let mut venue = venue();
    ok(&mut venue, "POST", ORDER, BUY);
    venue
}

#[test]
fn shape_errors_have_their_own_codes() {
    let mut venue = venue();
    let mut post = |query: &str| code(&mut venue, "POST", ORDER, query).1;
    assert_eq!(post("symbol=BTCUSDT&type=MARKET&quantity=1"), -1102);
    assert_eq!(post("symbol=NOPE&side=BUY&type=MARKET&quantity=1"), -1121);
    assert_eq!(post("symbol=BTCUSDT&side=UP&type=MARKET&quantity=1"), -1117);
    assert_eq!(post("symbol=BTCUSDT&side=BUY&type=WHAT&quantity=1"), -1116);
    assert_eq!(
        post("symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=1"),
        -4120
    );
    assert_eq!(
        post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timeInForce=GTC"),
        -1106
    );
    assert_eq!(
        post("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=60000"),
        -1102
    );
    assert_eq!(
        post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=x"),
        -1100
    );
    assert_eq!(
        post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e-2"),
        -1100
    );
    assert_eq!(
        post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.2.3"),
        -1130
    );
    assert_eq!(
        post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&positionSide=LONG"),
        -4061
    );
    assert_eq!(
        post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=99999999999999999999999"),
        -4005
    );
}

#[test]
fn an_unknown_path_is_not_found() {
    assert_eq!(
        code(&mut venue(), "GET", "/fapi/v9/order", ""),
        (404, -5000)
    );
    assert_eq!(code(&mut venue(), "PATCH", ORDER, ""), (404, -5000));
}

#[test]
fn parameters_may_come_in_query_and_body_and_the_query_wins() {
    let mut venue = venue();
    let mut request = WireRequest::new("POST", ORDER, "symbol=BTCUSDT&side=BUY");
    request.body = "side=SELL&type=MARKET&quantity=0.01".to_owned();
    assert_eq!(handle(&mut venue, &request, NOW).status, 200);
    assert!(venue.position("BTCUSDT").unwrap().qty.is_sign_positive());
}

#[test]
fn an_ack_shows_new_and_a_result_shows_the_final_state() {
    let ack = BUY.replace("RESULT", "ACK");
    assert_eq!(ok(&mut venue(), "POST", ORDER, &ack)["status"], "NEW");
    let result = ok(&mut venue(), "POST", ORDER, BUY);
    assert_eq!(
        (&result["status"], &result["executedQty"]),
        (&"FILLED".into(), &"0.010".into())
    );
    assert!(result.get("avgPrice").is_none() && result.get("cumQuote").is_none());
    assert!(result["orderId"].as_u64().unwrap() > 1 << 53);
}

#[test]
fn a_query_adds_the_average_price() {
    let mut venue = long();
    let id = venue.all_orders().next().unwrap().id;
    let order = ok(
        &mut venue,
        "GET",
        ORDER,
        &format!("symbol=BTCUSDT&orderId={id}"),
    );
    assert_eq!(order["avgPrice"], "60000.10");
    assert_eq!(
        code(&mut venue, "GET", ORDER, "symbol=BTCUSDT&orderId=7"),
        (400, -2013)
    );
    assert_eq!(
        code(&mut venue, "GET", ORDER, "symbol=BTCUSDT"),
        (400, -1102)
    );
}

#[test]
fn an_open_order_query_knows_only_open_orders() {
    let mut venue = long();
    let id = venue.all_orders().next().unwrap().id;
    let query = format!("symbol=BTCUSDT&orderId={id}");
    assert_eq!(
        code(&mut venue, "GET", "/fapi/v1/openOrder", &query),
        (400, -2013)
    );
    let rest = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=59000&timeInForce=GTC";
    let id = ok(&mut venue, "POST", ORDER, rest)["orderId"]
        .as_u64()
        .unwrap();
    let query = format!("symbol=BTCUSDT&orderId={id}");
    assert_eq!(
        ok(&mut venue, "GET", "/fapi/v1/openOrder", &query)["status"],
        "NEW"
    );
}

#[test]
fn close_position_orders_look_as_the_venue_shows_them() {
    let mut venue = long();
    let algo = ok(&mut venue, "POST", ALGO, STOP);
    assert_eq!(algo["orderType"], "STOP_MARKET");
    assert_eq!(algo["timeInForce"], "GTE_GTC");
    assert_eq!(
        (&algo["quantity"], &algo["closePosition"]),
        (&"0".into(), &true.into())
    );
    assert_eq!(algo["icebergQuantity"], "null");
    assert_eq!(code(&mut venue, "POST", ALGO, STOP), (400, -4116));
    assert_eq!(
        code(&mut venue, "POST", ALGO, &STOP.replace("sl-1", "sl-2")),
        (400, -4130)
    );
    let list = ok(&mut venue, "GET", "/fapi/v1/openAlgoOrders", "");
    assert_eq!(
        (list.as_array().unwrap().len(), &list[0]["actualOrderId"]),
        (1, &"".into())
    );
    assert!(
        ok(&mut venue, "GET", "/fapi/v1/openOrders", "")
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_canceled_conditional_order_answers_with_a_code_in_text() {
    let mut venue = long();
    ok(&mut venue, "POST", ALGO, STOP);
    let answer = ok(&mut venue, "DELETE", ALGO, "clientAlgoId=gw-sl-1");
    assert_eq!(answer["code"], "200");
    assert_eq!(
        code(&mut venue, "DELETE", ALGO, "clientAlgoId=gw-sl-1"),
        (400, -2011)
    );
    assert_eq!(code(&mut venue, "GET", ALGO, "algoId=1"), (400, -2013));
    assert_eq!(code(&mut venue, "DELETE", ALGO, "orderId=1"), (400, -1102));
    let all = ok(
        &mut venue,
        "DELETE",
        "/fapi/v1/algoOpenOrders",
        "symbol=BTCUSDT",
    );
    assert_eq!(all["code"], 200);
}

#[test]
fn stop_price_in_place_of_trigger_price_is_a_missing_parameter() {
    let query = STOP.replace("triggerPrice", "stopPrice");
    let (_, error) = call(&mut long(), "POST", ALGO, &query);
    assert_eq!(error["code"], -1102);
    assert!(error["msg"].as_str().unwrap().contains("'triggerprice'"));
}

#[test]
fn a_triggered_order_names_its_child_in_text() {
    let mut venue = long();
    ok(&mut venue, "POST", ALGO, STOP);
    venue
        .on_price("BTCUSDT", PriceUpdate::at(57_000.into()), NOW)
        .unwrap();
    let algo = ok(&mut venue, "GET", ALGO, "clientAlgoId=gw-sl-1");
    let child = algo["actualOrderId"].as_str().unwrap();
    assert_eq!(
        (&algo["algoStatus"], &algo["actualQty"]),
        (&"FINISHED".into(), &"0.01".into())
    );
    let order = ok(
        &mut venue,
        "GET",
        ORDER,
        &format!("symbol=BTCUSDT&orderId={child}"),
    );
    assert_eq!(
        (&order["status"], &order["reduceOnly"]),
        (&"FILLED".into(), &true.into())
    );
}

#[test]
fn too_many_orders_in_ten_seconds_are_refused_with_429() {
    let mut venue = venue();
    let query = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001";
    for _ in 0..300 {
        call(&mut venue, "POST", ORDER, query);
    }
    let response = handle(&mut venue, &WireRequest::new("POST", ORDER, query), NOW);
    assert_eq!(response.status, 429);
    assert!(response.body.contains("-1015"));
    let names: Vec<&str> = response.headers.iter().map(|(name, _)| *name).collect();
    assert!(names.contains(&"retry-after") && names.contains(&"x-mbx-order-count-10s"));
}

#[test]
fn the_counters_in_the_headers_fall_back_when_their_window_is_over() {
    let mut venue = long();
    let ping = WireRequest::new("GET", "/fapi/v1/ping", "");
    let mut in_10s = |now_ms| handle(&mut venue, &ping, now_ms).headers[1].1.clone();
    assert_eq!(in_10s(NOW), "1");
    assert_eq!(in_10s(NOW + 10_000), "0");
}

#[test]
fn accepted_orders_and_errors_are_counted() {
    let mut venue = long();
    ok(&mut venue, "POST", ALGO, STOP);
    ok(&mut venue, "DELETE", ALGO, "clientAlgoId=gw-sl-1");
    code(&mut venue, "DELETE", ALGO, "clientAlgoId=gw-sl-1");
    let stats = venue.stats();
    assert_eq!((stats.total_orders, stats.errors[&-2011]), (2, 1));
    assert_eq!(
        (
            stats.by_prefix["gw"]["STOP_MARKET"],
            stats.by_prefix["gw"]["CANCEL"]
        ),
        (1, 1)
    );
}

#[test]
fn a_client_id_that_an_ended_order_had_is_allowed_and_counted() {
    let mut venue = long();
    ok(&mut venue, "POST", ALGO, STOP);
    ok(&mut venue, "DELETE", ALGO, "clientAlgoId=gw-sl-1");
    assert_eq!(venue.stats().client_ids_used_again, 0);
    ok(&mut venue, "POST", ALGO, STOP);
    assert_eq!(venue.stats().client_ids_used_again, 1);
}
