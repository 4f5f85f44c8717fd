//! The WebSocket API: shapes, ids, signatures, sessions, shared counters.

use serde_json::json;

use super::*;
use crate::wire::ws_api::{WsSession, answer_frame};

fn frame(venue: &mut Venue, session: &mut WsSession, text: &str) -> Value {
    let answer = answer_frame(session, text, NOW, venue, |venue, request| {
        handle(venue, request, NOW)
    });
    assert_eq!(answer.fate, Fate::Answered);
    serde_json::from_str(&answer.text).unwrap()
}

fn ask(venue: &mut Venue, method: &str, params: &Value) -> Value {
    let text = json!({"id": 1, "method": method, "params": params}).to_string();
    frame(venue, &mut WsSession::new("", NOW), &text)
}

fn market_buy() -> Value {
    json!({"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 0.010,
        "newOrderRespType": "RESULT", "newClientOrderId": "ws-1"})
}

#[test]
fn an_order_is_placed_asked_for_and_cancelled() {
    let mut venue = venue();
    let placed = ask(&mut venue, "order.place", &market_buy());
    assert_eq!((&placed["id"], &placed["status"]), (&json!(1), &json!(200)));
    assert_eq!(placed["result"]["status"], "FILLED");
    assert_eq!(placed["result"]["clientOrderId"], "ws-1");
    let limit = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.01",
        "price": 50000.0, "timeInForce": "GTC"});
    let limit = ask(&mut venue, "order.place", &limit);
    assert_eq!(limit["result"]["price"], "50000.00");
    let id = json!({"symbol": "BTCUSDT", "orderId": limit["result"]["orderId"]});
    let asked = ask(&mut venue, "order.status", &id);
    assert_eq!(asked["result"]["status"], "NEW");
    assert!(asked["result"]["avgPrice"].is_string());
    let cancelled = ask(&mut venue, "order.cancel", &id);
    assert_eq!(cancelled["result"]["status"], "CANCELED");
    let again = ask(&mut venue, "order.cancel", &id);
    assert_eq!(
        (&again["status"], &again["error"]["code"]),
        (&json!(400), &json!(-2011))
    );
}

#[test]
fn conditional_orders_go_by_their_own_method() {
    let mut venue = long();
    let stop = json!({"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET",
        "algoType": "CONDITIONAL", "triggerPrice": "58000", "stopPrice": 58000,
        "closePosition": true, "clientAlgoId": "ws-stop"});
    let refused = ask(&mut venue, "order.place", &stop);
    assert_eq!(refused["error"]["code"], -4120);
    let placed = ask(&mut venue, "algoOrder.place", &stop);
    assert_eq!(placed["result"]["orderType"], "STOP_MARKET");
    assert_eq!(placed["result"]["closePosition"], true);
    let cancelled = ask(
        &mut venue,
        "algoOrder.cancel",
        &json!({"clientAlgoId": "ws-stop"}),
    );
    assert_eq!(cancelled["result"]["code"], "200");
    assert_eq!(cancelled["result"]["msg"], "success");
}

#[test]
fn every_method_of_the_contract_answers() {
    let mut venue = long();
    let symbol = json!({"symbol": "BTCUSDT"});
    for method in [
        "ping",
        "time",
        "depth",
        "ticker.price",
        "ticker.book",
        "account.position",
        "v2/account.position",
        "account.balance",
        "v2/account.balance",
        "account.status",
        "v2/account.status",
        "session.status",
        "session.logout",
        "userDataStream.start",
        "userDataStream.ping",
        "userDataStream.stop",
    ] {
        let answer = ask(&mut venue, method, &symbol);
        assert_eq!(answer["status"], 200, "{method}: {answer}");
    }
    let unknown = ask(&mut venue, "order.dance", &symbol);
    assert_eq!(
        (&unknown["status"], &unknown["error"]["code"]),
        (&json!(404), &json!(-5000))
    );
    let time = ask(&mut venue, "time", &json!({}));
    assert_eq!(time["result"]["serverTime"], NOW);
    let positions = ask(&mut venue, "account.position", &json!({}));
    assert!(positions["result"][0]["leverage"].is_string());
    let positions = ask(&mut venue, "v2/account.position", &json!({}));
    assert!(positions["result"][0]["leverage"].is_null());
}

#[test]
fn ids_come_back_with_their_type_and_bad_frames_are_answered() {
    let (mut venue, mut session) = (venue(), WsSession::new("", NOW));
    let mut id = |id: &str| {
        let text = format!(r#"{{"id":{id},"method":"ping"}}"#);
        frame(&mut venue, &mut session, &text)["id"].clone()
    };
    assert_eq!(id("7"), json!(7));
    assert_eq!(id("\"815d5fce\""), json!("815d5fce"));
    assert_eq!(id("null"), Value::Null);
    assert_eq!(id("{}"), Value::Null);
    assert_eq!(id("1e309"), Value::Null, "no reader could take the echo");
    for text in [
        "",
        "nonsense",
        "[]",
        "{\"id\":1}",
        "{\"id\":1,\"method\":7}",
    ] {
        let answer = frame(&mut venue, &mut session, text);
        assert_eq!(answer["error"]["code"], -1013, "{text}");
    }
    let many: serde_json::Map<String, Value> =
        (0..100).map(|n| (format!("p{n}"), json!(n))).collect();
    assert_eq!(
        ask(&mut venue, "ping", &Value::Object(many))["error"]["code"],
        -1101
    );
}

#[test]
fn order_counters_are_shared_with_rest_and_can_be_left_out() {
    let mut venue = venue();
    ok(&mut venue, "POST", ORDER, BUY);
    let placed = ask(&mut venue, "order.place", &market_buy());
    let rows = placed["rateLimits"].as_array().unwrap();
    let row = |n: usize| (rows[n]["rateLimitType"].as_str(), rows[n]["count"].as_u64());
    assert_eq!(
        (row(0), row(1)),
        ((Some("ORDERS"), Some(2)), (Some("ORDERS"), Some(2)))
    );
    assert_eq!(row(2).0, Some("REQUEST_WEIGHT"));
    let ping = ask(&mut venue, "ping", &json!({}));
    assert_eq!(ping["rateLimits"].as_array().unwrap().len(), 1);
    let silent = ask(&mut venue, "ping", &json!({"returnRateLimits": false}));
    assert!(silent.get("rateLimits").is_none());
    let mut session = WsSession::new("returnRateLimits=false", NOW);
    let silent = frame(&mut venue, &mut session, r#"{"id":1,"method":"ping"}"#);
    assert!(silent.get("rateLimits").is_none());
}

#[test]
fn session_calls_weigh_two_and_a_handshake_five() {
    let mut venue = venue();
    let used = |venue: &mut Venue| {
        let text = ask(venue, "time", &json!({}))["rateLimits"][0]["count"].clone();
        text.as_u64().unwrap()
    };
    assert_eq!(used(&mut venue), 1);
    count_handshake(&mut venue, NOW).unwrap();
    assert_eq!(used(&mut venue), 7);
    ask(&mut venue, "session.status", &json!({}));
    assert_eq!(used(&mut venue), 10);
}

const SECRET: &str = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

/// A venue with both kinds of keys, and the pair of one.
fn signed() -> (Venue, ring::signature::Ed25519KeyPair) {
    use ring::signature::KeyPair as _;
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = hex::encode(pair.public_key().as_ref());
    let credentials = Credentials::new("the-key").unwrap().with_secret(SECRET);
    let credentials = credentials.with_ed25519(&public).unwrap();
    let venue = venue_with(VenueConfig {
        credentials: Some(credentials),
        ..VenueConfig::default()
    });
    (venue, pair)
}

fn hmac(payload: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    hex::encode(ring::hmac::sign(&key, payload.as_bytes()).as_ref())
}

fn ed25519(pair: &ring::signature::Ed25519KeyPair, payload: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(pair.sign(payload.as_bytes()).as_ref())
}

#[test]
fn the_signature_covers_the_parameters_by_name_as_they_are_written() {
    let (mut venue, _) = signed();
    let payload = format!(
        "apiKey=the-key&newClientOrderId=a:b/c&quantity=0.0100&reduceOnly=false&side=BUY&\
         symbol=BTCUSDT&timestamp={NOW}&type=MARKET"
    );
    let text = |signature: &str| {
        format!(
            r#"{{"id":1,"method":"order.place","params":{{"type":"MARKET","symbol":"BTCUSDT",
            "side":"BUY","quantity":0.0100,"reduceOnly":false,"newClientOrderId":"a:b/c",
            "timestamp":{NOW},"apiKey":"the-key"{signature}}}}}"#
        )
    };
    let mut code = |signature: &str| {
        let mut session = WsSession::new("", NOW);
        let answer = frame(&mut venue, &mut session, &text(signature));
        (answer["status"].as_u64(), answer["error"]["code"].as_i64())
    };
    let good = format!(r#","signature":"{}""#, hmac(&payload));
    assert_eq!(code(&good), (Some(200), None));
    assert_eq!(code(r#","signature":"00""#), (Some(400), Some(-1022)));
    assert_eq!(code(""), (Some(400), Some(-1102)));
}

#[test]
fn a_session_that_is_logged_on_needs_no_signature() {
    let (mut venue, pair) = signed();
    let mut session = WsSession::new("", NOW);
    let payload = format!("apiKey=the-key&timestamp={NOW}");
    let logon = |signature: String| {
        let params = json!({"apiKey": "the-key", "timestamp": NOW, "signature": signature});
        json!({"id": "l", "method": "session.logon", "params": params}).to_string()
    };
    let mut order = market_buy();
    order["timestamp"] = json!(NOW);
    let order = json!({"id": 2, "method": "order.place", "params": order}).to_string();
    assert_eq!(
        frame(&mut venue, &mut session, &order)["error"]["code"],
        -2014
    );
    let refused = frame(&mut venue, &mut session, &logon(hmac(&payload)));
    assert_eq!(refused["error"]["code"], -4056);
    let done = frame(&mut venue, &mut session, &logon(ed25519(&pair, &payload)));
    assert_eq!(done["result"]["apiKey"], "the-key");
    assert_eq!(done["result"]["authorizedSince"], NOW);
    assert_eq!(frame(&mut venue, &mut session, &order)["status"], 200);
    let other = order.replace("\"symbol\"", "\"apiKey\":\"other\",\"symbol\"");
    assert_eq!(
        frame(&mut venue, &mut session, &other)["error"]["code"],
        -2015
    );
    let logout = frame(
        &mut venue,
        &mut session,
        r#"{"id":3,"method":"session.logout"}"#,
    );
    assert_eq!(logout["result"]["apiKey"], Value::Null);
    assert_eq!(
        frame(&mut venue, &mut session, &order)["error"]["code"],
        -2014
    );
}
