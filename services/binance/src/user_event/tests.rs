//! Events as the venue sends them; `samples` reads recorded ones as well.

use super::*;

const ORDER: &str = r#"{"e":"ORDER_TRADE_UPDATE","T":10,"E":11,"o":{"s":"SOLUSDT","c":"bot-1",
 "S":"BUY","o":"LIMIT","f":"GTC","q":"21.26","p":"85.67","ap":"0","sp":"0","x":"NEW","X":"NEW",
 "i":8389765739703625592,"l":"0","z":"0","L":"0","T":10,"t":0,"b":"2520.672","a":"0","m":false,
 "R":true,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"SHORT","cp":false,"rp":"0","er":"0"}}"#;

const ALGO: &str = r#"{"e":"ALGO_UPDATE","T":10,"E":11,"o":{"caid":"a1","aid":4000001910701524,
 "at":"CONDITIONAL","o":"STOP_MARKET","s":"DOTUSDT","S":"BUY","ps":"BOTH","f":"GTC","q":"5",
 "X":"CANCELED","ai":"","tp":"1.1637","p":"0","R":false,"tt":0,"gtd":0,"ia":false}}"#;

fn order_of(text: &str) -> OrderUpdate {
    match user_event(text).unwrap() {
        UserEvent::Order(update) => *update,
        other => panic!("{other:?}"),
    }
}

fn algo_of(text: &str) -> AlgoUpdate {
    match user_event(text).unwrap() {
        UserEvent::Algo(update) => *update,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_order_without_a_fee_is_no_fill() {
    let update = order_of(ORDER);
    assert_eq!((update.event_ms, update.transact_ms), (11, 10));
    let order = update.order;
    assert_eq!(order.order_id, 8_389_765_739_703_625_592);
    assert_eq!(
        (order.fee, order.is_fill(), order.reduce_only),
        (None, false, true)
    );
    assert_eq!(order.position_side, WirePositionSide::Short);
}

#[test]
fn only_a_traded_quantity_above_zero_is_a_fill() {
    let trade = ORDER.replace(r#""x":"NEW""#, r#""x":"TRADE""#);
    assert!(!order_of(&trade).order.is_fill());
    let filled = trade.replace(r#""l":"0""#, r#""l":"2""#);
    assert!(order_of(&filled).order.is_fill());
    let canceled = filled.replace(r#""x":"TRADE""#, r#""x":"CANCELED""#);
    assert!(!order_of(&canceled).order.is_fill());
}

#[test]
fn a_close_made_by_the_venue_is_told_by_its_client_id() {
    for (id, expected) in [
        ("autoclose-123", Some(ForcedClose::Liquidation)),
        ("adl_autoclose", Some(ForcedClose::AutoDeleveraging)),
        ("settlement_autoclose-1", Some(ForcedClose::Settlement)),
        ("delivery_autoclose-1", Some(ForcedClose::Settlement)),
        ("my-autoclose-1", None),
    ] {
        assert_eq!(
            order_of(&ORDER.replace("bot-1", id)).order.forced_close(),
            expected,
            "{id}"
        );
    }
}

#[test]
fn a_canceled_stop_is_read_though_half_its_fields_are_missing() {
    let order = algo_of(ALGO).order;
    assert_eq!(
        (order.status, order.close_position),
        (AlgoStatus::Canceled, None)
    );
    assert_eq!((order.child_order_id, order.filled_qty), (None, None));
}

#[test]
fn a_fired_stop_names_its_child_as_a_64_bit_number() {
    let text = ALGO.replace(
        r#""ai":"""#,
        r#""ai":"88937381063","ap":"0.1","aq":"5","act":"MARKET""#,
    );
    let order = algo_of(&text).order;
    assert_eq!(order.child_order_id, Some(88_937_381_063));
    assert_eq!(order.filled_qty, Some(Decimal::from(5)));
}

#[test]
fn a_wrapped_event_reads_like_a_bare_one() {
    let wrapped = format!(r#"{{"stream":"key","data":{ORDER}}}"#);
    assert_eq!(user_event(&wrapped), user_event(ORDER));
}

#[test]
fn the_small_events_are_told_apart() {
    let leverage = r#"{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1,"ac":{"s":"BTCUSDT","l":25}}"#;
    let expected = ConfigUpdate::Leverage {
        symbol: "BTCUSDT".to_owned(),
        leverage: 25,
    };
    assert_eq!(user_event(leverage), Ok(UserEvent::Config(expected)));
    let multi = r#"{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1,"ai":{"j":true}}"#;
    assert_eq!(
        user_event(multi),
        Ok(UserEvent::Config(ConfigUpdate::Account))
    );
    let expired = r#"{"e":"listenKeyExpired","E":1,"listenKey":"k"}"#;
    assert_eq!(user_event(expired), Ok(UserEvent::ListenKeyExpired));
    assert_eq!(
        user_event(r#"{"e":"TRADE_LITE"}"#),
        Ok(UserEvent::TradeLite)
    );
    let grid = r#"{"e":"GRID_UPDATE","gu":{}}"#;
    assert_eq!(
        user_event(grid),
        Ok(UserEvent::Other("GRID_UPDATE".to_owned()))
    );
    let call = r#"{"e":"MARGIN_CALL","E":1,"cw":"3","p":[{"s":"ETHUSDT","ps":"LONG","pa":"1.3",
     "mt":"CROSSED","iw":"0","mp":"187.1","up":"-1","mm":"1.6"}]}"#;
    let UserEvent::MarginCall(rows) = user_event(call).unwrap() else {
        panic!("{call}")
    };
    assert_eq!(
        (rows.len(), rows[0].amount.to_string()),
        (1, "1.3".to_owned())
    );
}

#[test]
fn a_funding_payment_names_its_symbol() {
    let text = r#"{"e":"ACCOUNT_UPDATE","T":1,"E":2,"a":{"m":"FUNDING_FEE","S":"BTCUSDT",
     "B":[{"a":"USDT","wb":"10","cw":"10","bc":"-0.5"}]}}"#;
    let UserEvent::Account(update) = user_event(text).unwrap() else {
        panic!("{text}")
    };
    assert_eq!(update.change.funding_symbol.as_deref(), Some("BTCUSDT"));
    assert!(update.change.positions.is_empty());
}

#[test]
fn a_broken_event_names_its_field() {
    for (text, field) in [
        ("{}".to_owned(), "`e`"),
        ("[]".to_owned(), "`e`"),
        ("no json".to_owned(), "`.`"),
        (r#"{"e":"ALGO_UPDATE","E":1,"T":1}"#.to_owned(), "`o`"),
        (ORDER.replace(r#""E":11,"#, ""), "`E`"),
        (ORDER.replace(r#""z":"0""#, r#""z":"x""#), "`o.z`"),
        (ALGO.replace(r#""ai":"""#, r#""ai":"x""#), "`o.ai`"),
    ] {
        let error = user_event(&text).unwrap_err().to_string();
        assert!(error.contains(field), "{field}: {error}");
    }
}
