//! Request frames are signed as the contract says; answers read as REST's would.

use super::*;
use crate::order_params::{PositionMode, PositionSide, VenueClose, place};

/// Secret of the venue's documentation.
const SECRET: &str = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

fn key() -> Credentials {
    Credentials::from_file_contents("key1", SECRET).unwrap()
}

fn signer(credentials: &Credentials) -> Signer<'_> {
    Signer {
        credentials,
        recv_window_ms: 5_000,
        venue_ms: 1_700_000_000_123,
    }
}

fn stop() -> ApiRequest {
    let close = VenueClose::DisasterStop {
        trigger: "58000.5".parse().unwrap(),
    };
    let (mode, side) = (PositionMode::OneWay, PositionSide::Long);
    place(mode, side, "BTCUSDT", "gw:1/a", close).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_signed_frame_signs_every_member_by_name_and_unescaped() {
    let key = key();
    let request = stop();
    let method = method_of(&request).unwrap();
    let frame = json(&call(7, method, &request.params, &signer(&key), false));
    assert_eq!(
        (&frame["id"], &frame["method"]),
        (&json!(7), &json!("algoOrder.place"))
    );
    let payload = "algoType=CONDITIONAL&apiKey=key1&clientAlgoId=gw:1/a&closePosition=true\
                   &recvWindow=5000&side=SELL&symbol=BTCUSDT&timestamp=1700000000123\
                   &triggerPrice=58000.5&type=STOP_MARKET&workingType=MARK_PRICE";
    assert_eq!(frame["params"]["signature"], json!(key.sign_plain(payload)));
    assert_eq!(frame["params"]["timestamp"], json!(1_700_000_000_123_i64));
    assert_eq!(frame["params"]["triggerPrice"], json!("58000.5"));
}

#[test]
fn a_session_that_is_logged_on_sends_neither_key_nor_signature() {
    let key = key();
    let request = ApiRequest::cancel_order("BTCUSDT", "gw-1");
    let text = call(1, "order.cancel", &request.params, &signer(&key), true);
    let params = &json(&text)["params"];
    assert_eq!(params["origClientOrderId"], json!("gw-1"));
    assert!(params.get("apiKey").is_none() && params.get("signature").is_none());
    assert!(params.get("timestamp").is_some());
}

#[test]
fn only_placing_and_canceling_have_a_method() {
    let cancel = ApiRequest::cancel_algo("a");
    assert_eq!(method_of(&cancel), Some("algoOrder.cancel"));
    for read in [
        ApiRequest::order("BTCUSDT", "a"),
        ApiRequest::algo_order("a"),
        ApiRequest::open_orders(None),
        ApiRequest::create_listen_key(),
    ] {
        assert_eq!(method_of(&read), None, "{read:?}");
    }
}

#[test]
fn an_answer_reads_as_its_rest_twin_with_the_counters() {
    let text = r#"{"id":3,"status":200,"result":{"algoId":9,"code":"200"},"rateLimits":[
        {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,
            "limit":2400,"count":17},
        {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300,"count":2},
        {"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200,"count":5},
        {"rateLimitType":"RAW","interval":"FORTNIGHT","count":1}, 7]}"#;
    let answer = answer(text).unwrap();
    let result = answer.result;
    assert_eq!((answer.id, result.status), (3, 200));
    assert_eq!(json(&result.body), json!({"algoId": 9, "code": "200"}));
    assert_eq!(result.used_weight, Some(17));
    assert_eq!(
        (result.order_count_10s, result.order_count_1m),
        (Some(2), Some(5))
    );
}

#[test]
fn a_refusal_reads_as_its_rest_twin() {
    let text = r#"{"id":"12","status":429,"error":{"code":-1003,"msg":"Too many requests.",
        "data":{"serverTime":1700000000000,"retryAfter":1700000001500}}}"#;
    let answer = answer(text).unwrap();
    assert_eq!((answer.id, answer.result.status), (12, 429));
    assert_eq!(answer.result.retry_after_s, Some(2));
    assert_eq!(json(&answer.result.body)["code"], json!(-1003));
    assert!(!answer.is_session_lost());
}

#[test]
fn frames_that_answer_nothing_are_no_answers() {
    for text in [
        "",
        "7",
        "[]",
        "{}",
        r#"{"id":1}"#,
        r#"{"status":200,"result":{}}"#,
        r#"{"id":null,"status":400,"error":{"code":-1013,"msg":""}}"#,
        r#"{"id":-1,"status":200}"#,
        r#"{"id":1,"status":99999}"#,
        r#"{"event":{"e":"serverShutdown"}}"#,
    ] {
        assert_eq!(answer(text), None, "{text}");
    }
}

#[test]
fn a_refused_proof_is_told_from_a_refused_order() {
    let refused = |status: u16, code: i32, msg: &str| {
        let text = json!({"id": 1, "status": status, "error": {"code": code, "msg": msg}});
        answer(&text.to_string()).unwrap().is_session_lost()
    };
    let unsigned = "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.";
    assert!(refused(400, -1102, unsigned));
    assert!(refused(
        401,
        -2015,
        "Invalid API-key, IP, or permissions for action."
    ));
    assert!(refused(
        400,
        -1022,
        "Signature for this request is not valid."
    ));
    assert!(!refused(
        400,
        -1102,
        "Mandatory parameter 'quantity' was not sent."
    ));
    assert!(!refused(400, -2021, "Order would immediately trigger."));
    assert!(!refused(503, -1022, "not a word about us"));
}
