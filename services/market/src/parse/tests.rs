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
const BOOK: &str = concat!(
    r#"{"e":"bookTicker","u":400900217,"E":1795178173912,"T":1795178173911,"s":"BTCUSDT","#,
    r#""ps":"BTCUSDT","b":"60000.10","B":"3.210","a":"60000.20","A":"4.066","st":1}"#,
);
const TICKER: &str = concat!(
    r#"{"e":"24hrMiniTicker","E":1795178173912,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"#,
    r#""c":"60000.10","o":"59000.00","h":"61000.00","l":"58000.00","v":"200000.5","#,
    r#""q":"12000000000.25"}"#,
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
fn a_book_is_read_as_documented() {
    let Ok(MarketEvent::Book(book)) = parse(BOOK) else {
        panic!("{:?}", parse(BOOK));
    };
    assert_eq!(book.symbol.as_str(), "BTCUSDT");
    assert_eq!(book.bid.to_string(), "60000.1");
    assert_eq!(book.ask.to_string(), "60000.2");
}

#[test]
fn the_volume_of_a_day_is_in_quote_currency() {
    let Ok(MarketEvent::Volume(volume)) = parse(TICKER) else {
        panic!("{:?}", parse(TICKER));
    };
    assert_eq!(volume.quote_volume.to_string(), "12000000000.25");
    let nothing = TICKER.replace("12000000000.25", "0");
    assert!(matches!(parse(&nothing), Ok(MarketEvent::Volume(volume))
        if volume.quote_volume == Money::new(Decimal::ZERO)));
}

#[test]
fn a_funding_rate_may_be_negative_or_absent_or_empty() {
    let rate = |text: &str| mark(&DOCUMENTED.replace(r#""r":"0.00010000""#, text)).funding_rate;
    let is = |text: &str| Ok(Some(Ratio::new(text.parse().unwrap())));
    assert_eq!(rate(r#""r":"0.00010000""#), is("0.0001"));
    assert_eq!(rate(r#""r":"-0.02""#), is("-0.02"));
    assert_eq!(rate(r#""r":"0""#), is("0"));
    for unset in [r#""r":"""#, r#""r":null"#, r#""x":1"#] {
        assert_eq!(rate(unset), Ok(None), "{unset}");
    }
}

#[test]
fn an_unusable_funding_rate_is_named_and_leaves_the_mark_whole() {
    for (text, shown) in [
        (r#""abc""#, "markPriceUpdate.r is \"abc\""),
        (r#""0.0501""#, "markPriceUpdate.r is \"0.0501\""),
        (r#""-0.0501""#, "markPriceUpdate.r is \"-0.0501\""),
        ("0.0001", "markPriceUpdate.r is 0.0001"),
    ] {
        let event = mark(&DOCUMENTED.replace(r#""0.00010000""#, text));
        assert_eq!(event.mark_price.to_string(), "60001.15");
        let error = event.funding_rate.unwrap_err().to_string();
        assert!(error.contains(shown), "{error} lacks {shown}");
    }
}

#[test]
fn a_crossed_or_empty_book_is_refused_by_field() {
    for (find, replace, field) in [
        ("60000.20", "60000.10", "bookTicker.a"),
        ("60000.20", "60000.00", "bookTicker.a"),
        ("60000.20", "0.00", "bookTicker.a"),
        ("60000.10", "0.00", "bookTicker.b"),
        ("60000.10", "-1", "bookTicker.b"),
        (r#""60000.10""#, "null", "bookTicker.b"),
        (r#""s":"BTCUSDT""#, r#""s":"B.T""#, "bookTicker.s"),
    ] {
        let error = parse(&BOOK.replace(find, replace)).unwrap_err();
        assert_eq!(error.counter(), field, "{error}");
    }
}

#[test]
fn an_implausible_volume_is_refused_by_field() {
    for volume in [r#""-1""#, r#""1000000000000001""#, r#""x""#, "5", "null"] {
        let error = parse(&TICKER.replace(r#""12000000000.25""#, volume)).unwrap_err();
        assert_eq!(error.counter(), "24hrMiniTicker.q", "{error}");
    }
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
        r#"{"e":"aggTrade","s":"BTCUSDT","p":"60000.10","q":"0.100"}"#,
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
