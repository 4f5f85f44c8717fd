//! Frames as documented and as recorded, and frames that nobody should have sent.

use super::*;

const DOCUMENTED: &str = concat!(
    r#"{"e":"markPriceUpdate","E":1795178174000,"s":"BTCUSDT","p":"60001.15000000","#,
    r#""i":"60000.62659091","P":"60000.25641265","r":"0.00010000","#,
    r#""ap":"60000.90000000","T":1795190400000,"st":1}"#,
);
const RECORDED_2023: &str = concat!(
    r#"{"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","#,
    r#""E":1680652701000,"s":"BTCUSDT","p":"28147.27373413","P":"28142.15563565","#,
    r#""i":"28159.75642857","r":"0.00002754","T":1680652800000}}"#,
);
const TRADE: &str = concat!(
    r#"{"e":"aggTrade","E":1795178173912,"s":"BTCUSDT","a":5933014,"p":"60000.10","#,
    r#""q":"0.100","nq":"0.100","f":100,"l":105,"T":1795178173910,"m":true,"st":1}"#,
);

fn mark(frame: &str) -> MarkEvent {
    match parse(frame) {
        Ok(MarketEvent::Mark(event)) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_raw_mark_is_read_as_documented() {
    let event = mark(DOCUMENTED);
    assert_eq!(event.symbol.as_str(), "BTCUSDT");
    assert_eq!(event.mark_price.to_string(), "60001.15");
    assert_eq!(event.index_price.unwrap().to_string(), "60000.62659091");
    assert_eq!(event.event_at.millis(), 1_795_178_174_000);
}

#[test]
fn a_combined_mark_of_2023_is_read_as_recorded() {
    let event = mark(RECORDED_2023);
    assert_eq!(event.mark_price.to_string(), "28147.27373413");
    assert_eq!(event.event_at.millis(), 1_680_652_701_000);
}

#[test]
fn a_trade_is_read_as_documented() {
    let Ok(MarketEvent::Trade(trade)) = parse(TRADE) else {
        panic!("{:?}", parse(TRADE));
    };
    assert_eq!(trade.price.to_string(), "60000.1");
    assert_eq!(trade.qty.to_string(), "0.1");
}

#[test]
fn an_index_price_of_zero_is_none() {
    for index in [r#""0.00000000""#, r#""""#, "null"] {
        let frame = DOCUMENTED.replace(r#""60000.62659091""#, index);
        assert_eq!(mark(&frame).index_price, None, "{index}");
    }
}

#[test]
fn events_that_are_not_known_are_tolerated() {
    for frame in [
        r#"{"stream":"x@depth","data":{"e":"depthUpdate","s":[1],"p":{}}}"#,
        r#"{"e":"somethingNew"}"#,
        r#"{"data":[{"e":"markPriceUpdate"}]}"#,
        "[]",
        "17",
    ] {
        assert_eq!(parse(frame), Ok(MarketEvent::Other), "{frame}");
    }
}

#[test]
fn answers_to_control_frames_are_told_apart() {
    assert_eq!(parse(r#"{"result":null,"id":1}"#), Ok(MarketEvent::Reply));
    let refusal = parse(r#"{"code":2,"msg":"Invalid request: unknown stream"}"#);
    assert!(matches!(refusal, Ok(MarketEvent::Refused(words)) if words.contains("Invalid")));
}

#[test]
fn a_bad_field_is_named_with_its_value() {
    for (find, replace, named) in [
        (
            r#""60001.15000000""#,
            r#""0""#,
            "markPriceUpdate.p is \"0\"",
        ),
        (
            r#""60001.15000000""#,
            r#""NaN""#,
            "markPriceUpdate.p is \"NaN\"",
        ),
        (
            r#""60001.15000000""#,
            "60001.15",
            "markPriceUpdate.p is 60001.15",
        ),
        (
            r#""60001.15000000""#,
            r#""-5""#,
            "markPriceUpdate.p is \"-5\"",
        ),
        (
            r#""60001.15000000""#,
            r#""1000000001""#,
            "markPriceUpdate.p",
        ),
        (
            r#""60000.62659091""#,
            r#""abc""#,
            "markPriceUpdate.i is \"abc\"",
        ),
        ("1795178174000", "0", "markPriceUpdate.E is 0"),
        ("1795178174000", "1.5", "markPriceUpdate.E is 1.5"),
        (
            r#""BTCUSDT""#,
            r#""BTC.USDT""#,
            "markPriceUpdate.s is \"BTC.USDT\"",
        ),
        (r#""s":"BTCUSDT","#, "", "markPriceUpdate.s is missing"),
    ] {
        let frame = DOCUMENTED.replace(find, replace);
        let error = parse(&frame).unwrap_err().to_string();
        assert!(error.contains(named), "{error} lacks {named}");
    }
}

#[test]
fn a_mark_that_came_by_another_symbols_stream_is_refused() {
    let frame = RECORDED_2023.replace("btcusdt@", "ethusdt@");
    assert_eq!(parse(&frame).unwrap_err().counter(), "markPriceUpdate.s");
}

#[test]
fn garbage_is_an_error_and_never_a_panic() {
    let deep = "[".repeat(100_000);
    let long = " ".repeat(FRAME_LEN_MAX + 1);
    for frame in ["", "{", "nul", "\u{0}", &deep, &long] {
        assert!(parse(frame).is_err());
    }
    for cut in (0..DOCUMENTED.len()).filter(|at| DOCUMENTED.is_char_boundary(*at)) {
        assert!(parse(&DOCUMENTED[..cut]).is_err(), "cut at {cut}");
    }
}
