//! Answers as the venue sends them, and what is required of them.

use super::super::PositionMode;
use super::*;

/// Answer of POST order, state of 2026-11: no average price, no quote total.
const ORDER: &str = r#"{"orderId":8389765739703625592,"symbol":"BTCUSDT","status":"FILLED",
 "clientOrderId":"gw-1","price":"0","origQty":"0.010","executedQty":"0.010","cumQty":"0.010",
 "timeInForce":"GTC","type":"MARKET","origType":"MARKET","reduceOnly":true,"closePosition":false,
 "side":"SELL","positionSide":"BOTH","stopPrice":"0","workingType":"CONTRACT_PRICE",
 "priceProtect":false,"goodTillDate":0,"updateTime":1795178173912}"#;

/// Answer of POST algoOrder for a close-position stop.
const ALGO: &str = r#"{"algoId":4000001910701524,"clientAlgoId":"gw-sl-1","algoType":"CONDITIONAL",
 "orderType":"STOP_MARKET","symbol":"BTCUSDT","side":"SELL","positionSide":"BOTH",
 "timeInForce":"GTE_GTC","quantity":"0","algoStatus":"NEW","triggerPrice":"58000.00","price":"0",
 "icebergQuantity":"null","workingType":"MARK_PRICE","closePosition":true,"priceProtect":false,
 "reduceOnly":true,"activatePrice":"","callbackRate":"","createTime":1795178173912,
 "updateTime":1795178173912,"triggerTime":0,"goodTillDate":0}"#;

/// A positionRisk v3 row of a short in hedge mode.
const RISK: &str = r#"[{"symbol":"ADAUSDT","positionSide":"SHORT","positionAmt":"-30",
 "entryPrice":"0.385","breakEvenPrice":"0.385077","markPrice":"0.41047590",
 "unRealizedProfit":"-0.76427700","liquidationPrice":"0","isolatedMargin":"0",
 "notional":"-12.31427700","marginAsset":"USDT","adl":2,"updateTime":1720736417660}]"#;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn an_order_answer_without_average_price_is_read_with_its_whole_id() {
    let read = order(ORDER).unwrap();
    assert_eq!(read.order_id, 8_389_765_739_703_625_592);
    assert_eq!((read.status, read.avg_price), (OrderStatus::Filled, None));
    assert_eq!((read.executed_qty, read.reduce_only), (dec("0.010"), true));
    let old = ORDER.replace(r#""price":"0""#, r#""price":"0","avgPrice":"60000.5""#);
    assert_eq!(order(&old).unwrap().avg_price, Some(dec("60000.5")));
}

#[test]
fn a_missing_or_misshapen_field_we_rely_on_is_named() {
    for (from, to, field) in [
        (r#""status":"FILLED","#, "", "status"),
        (
            r#""executedQty":"0.010""#,
            r#""executedQty":"?""#,
            "executedQty",
        ),
        (r#""side":"SELL""#, r#""side":"HOLD""#, "side"),
        (
            r#""positionSide":"BOTH""#,
            r#""positionSide":"NET""#,
            "positionSide",
        ),
        ("8389765739703625592", "8389765739703625592.5", "orderId"),
    ] {
        let error = order(&ORDER.replace(from, to)).unwrap_err();
        assert!(error.to_string().contains(field), "{field}: {error}");
    }
}

#[test]
fn an_algo_answer_is_read_before_and_after_its_trigger() {
    let resting = algo_order(ALGO).unwrap();
    assert_eq!(
        (resting.algo_status, resting.actual_order_id),
        (AlgoStatus::New, None)
    );
    assert_eq!(
        (resting.trigger_price, resting.close_position),
        (Some(dec("58000")), true)
    );
    let child = r#""algoStatus":"FINISHED","actualOrderId":"8389765739703625592",
     "actualPrice":"57990.1","actualQty":"0.01""#;
    let fired = ALGO.replace(r#""algoStatus":"NEW""#, child);
    let fired = algo_order(&fired).unwrap();
    assert_eq!(fired.actual_order_id, Some(8_389_765_739_703_625_592));
    assert_eq!(
        (fired.actual_qty, fired.algo_status.is_final()),
        (Some(dec("0.01")), true)
    );
}

#[test]
fn a_cancel_answer_has_its_code_as_text_or_number() {
    for code in [r#""200""#, "200"] {
        let body = format!(r#"{{"algoId":1,"clientAlgoId":"a","code":{code},"msg":"success"}}"#);
        assert_eq!(algo_cancel(&body).unwrap().code.as_deref(), Some("200"));
    }
}

#[test]
fn one_unreadable_row_makes_the_whole_position_list_unread() {
    let read = position_risk(RISK).unwrap();
    assert_eq!(
        (read[0].position_amt, read[0].position_side),
        (dec("-30"), WirePositionSide::Short)
    );
    let two = format!(
        "[{},{}]",
        RISK.trim_matches(['[', ']']),
        r#"{"symbol":"X"}"#
    );
    let error = position_risk(&two).unwrap_err();
    assert!(error.field.starts_with("[1]"), "{error}");
    assert!(
        position_risk(r#"{"code":-1,"msg":"x"}"#).is_err(),
        "an error is not an empty list"
    );
}

#[test]
fn small_answers_are_read() {
    assert_eq!(
        position_mode(r#"{"dualSidePosition":true}"#),
        Ok(PositionMode::Hedge)
    );
    assert_eq!(
        position_mode(r#"{"dualSidePosition":false}"#),
        Ok(PositionMode::OneWay)
    );
    assert!(position_mode(r#"{"dualSidePosition":"true"}"#).is_err());
    assert_eq!(
        server_time(r#"{"serverTime":1499827319559}"#),
        Ok(1_499_827_319_559)
    );
    assert_eq!(listen_key(r#"{"listenKey":"abc"}"#), Ok("abc".to_owned()));
    assert!(listen_key(r#"{"listenKey":""}"#).is_err());
    let rate = r#"{"symbol":"A","makerCommissionRate":"0.0002","takerCommissionRate":"0.0005"}"#;
    assert_eq!(
        commission_rate(rate).unwrap().taker_commission_rate,
        dec("0.0005")
    );
    let mark =
        r#"{"symbol":"A","markPrice":"1.5","indexPrice":"1.4","lastFundingRate":"","time":7}"#;
    assert_eq!(premium_index(mark).unwrap().last_funding_rate, None);
}
