//! Every cell of the parameter table, and the property that nothing can open a position.

use super::*;
use PositionMode::{Hedge, OneWay};
use PositionSide::{Long, Short};
use proptest::prelude::*;

const ID: &str = "x1";

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn sent(mode: PositionMode, side: PositionSide, close: VenueClose) -> (&'static str, String) {
    let call = place(mode, side, "BTCUSDT", ID, close).unwrap();
    assert_eq!(
        (call.method, call.security, call.orders),
        (Method::Post, Security::Signed, 1)
    );
    let pairs: Vec<String> = call
        .params
        .iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    (call.path, pairs.join("&"))
}

fn cells() -> [VenueClose; 4] {
    let (qty, price, trigger) = (dec("0.010"), dec("60000.10"), dec("58000.00"));
    [
        VenueClose::Market { qty },
        VenueClose::Limit { qty, price },
        VenueClose::Stop { qty, trigger },
        VenueClose::DisasterStop { trigger },
    ]
}

/// Middle and end of the expected parameters; the start (symbol, side) is built by the test.
const SHAPES: [(&str, &str, &str); 4] = [
    (
        "/fapi/v1/order",
        "type=MARKET&quantity=0.01&newOrderRespType=RESULT",
        "newClientOrderId=x1",
    ),
    (
        "/fapi/v1/order",
        "type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000.1",
        "newClientOrderId=x1",
    ),
    (
        "/fapi/v1/algoOrder",
        "type=STOP_MARKET&triggerPrice=58000&workingType=MARK_PRICE&quantity=0.01",
        "clientAlgoId=x1",
    ),
    (
        "/fapi/v1/algoOrder",
        "type=STOP_MARKET&triggerPrice=58000&workingType=MARK_PRICE",
        "clientAlgoId=x1",
    ),
];

#[test]
fn every_cell_of_mode_side_and_order_has_its_literal_parameters() {
    for (mode, side, head, flag) in [
        (OneWay, Long, "symbol=BTCUSDT&side=SELL", "reduceOnly=true&"),
        (OneWay, Short, "symbol=BTCUSDT&side=BUY", "reduceOnly=true&"),
        (
            Hedge,
            Long,
            "symbol=BTCUSDT&side=SELL&positionSide=LONG",
            "",
        ),
        (
            Hedge,
            Short,
            "symbol=BTCUSDT&side=BUY&positionSide=SHORT",
            "",
        ),
    ] {
        for (close, (path, middle, end)) in cells().into_iter().zip(SHAPES) {
            let algo = if path.ends_with("algoOrder") {
                "algoType=CONDITIONAL&"
            } else {
                ""
            };
            let disaster = matches!(close, VenueClose::DisasterStop { .. });
            let flag = if disaster {
                "closePosition=true&"
            } else {
                flag
            };
            let expected = format!("{head}&{algo}{middle}&{flag}{end}");
            assert_eq!(
                sent(mode, side, close),
                (path, expected),
                "{mode:?} {side:?} {close:?}"
            );
        }
    }
}

#[test]
fn stops_and_market_closes_go_before_profit_taking() {
    let flags: Vec<bool> = cells()
        .into_iter()
        .map(|close| {
            place(OneWay, Long, "BTCUSDT", ID, close)
                .unwrap()
                .protective
        })
        .collect();
    assert_eq!(flags, [true, false, true, true]);
}

#[test]
fn a_number_that_is_not_above_zero_is_refused_by_name() {
    let (one, zero, minus) = (Decimal::ONE, Decimal::ZERO, dec("-0.001"));
    for (close, field) in [
        (VenueClose::Market { qty: zero }, "quantity"),
        (
            VenueClose::Limit {
                qty: one,
                price: minus,
            },
            "price",
        ),
        (
            VenueClose::Limit {
                qty: minus,
                price: one,
            },
            "quantity",
        ),
        (
            VenueClose::Stop {
                qty: zero,
                trigger: one,
            },
            "quantity",
        ),
        (
            VenueClose::Stop {
                qty: one,
                trigger: minus,
            },
            "triggerPrice",
        ),
        (VenueClose::DisasterStop { trigger: zero }, "triggerPrice"),
    ] {
        let error = place(OneWay, Long, "BTCUSDT", ID, close).unwrap_err();
        assert!(
            matches!(error, BuildError::NotPositive { field: f, .. } if f == field),
            "{error}"
        );
    }
}

#[test]
fn names_the_venue_would_refuse_are_refused_here() {
    let close = VenueClose::Market { qty: Decimal::ONE };
    let long = "a".repeat(CLIENT_ID_MAX + 1);
    for id in ["", "a b", "a#b", "ä", long.as_str()] {
        let error = place(OneWay, Long, "BTCUSDT", id, close).unwrap_err();
        assert!(
            matches!(error, BuildError::ClientId { .. }),
            "{id}: {error}"
        );
    }
    assert_eq!(place(OneWay, Long, "", ID, close), Err(BuildError::Symbol));
    let longest = "aZ9.:/_-".repeat(5)[..CLIENT_ID_MAX].to_owned();
    assert!(place(OneWay, Long, "BTCUSDT", &longest, close).is_ok());
}

#[test]
fn very_small_and_very_large_numbers_are_sent_as_plain_digits() {
    let close = VenueClose::Limit {
        qty: dec("1000000000000.000"),
        price: dec("0.0000000100"),
    };
    let (_, text) = sent(OneWay, Long, close);
    assert!(
        text.contains("quantity=1000000000000&price=0.00000001"),
        "{text}"
    );
}

fn any_close() -> impl Strategy<Value = VenueClose> {
    let number =
        || (any::<i64>(), 0u32..=18).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    prop_oneof![
        number().prop_map(|qty| VenueClose::Market { qty }),
        (number(), number()).prop_map(|(qty, price)| VenueClose::Limit { qty, price }),
        (number(), number()).prop_map(|(qty, trigger)| VenueClose::Stop { qty, trigger }),
        number().prop_map(|trigger| VenueClose::DisasterStop { trigger }),
    ]
}

proptest! {
    #[test]
    fn nothing_that_can_be_built_could_open_or_increase_a_position(
        hedge: bool,
        long: bool,
        id in "[.A-Z:/a-z0-9_-]{0,40}",
        close in any_close(),
    ) {
        let mode = if hedge { Hedge } else { OneWay };
        let side = if long { Long } else { Short };
        let Ok(call) = place(mode, side, "BTCUSDT", &id, close) else { return Ok(()) };
        let closes_all = call.param("closePosition") == Some("true");
        prop_assert_eq!(call.param("side"), Some(if long { "SELL" } else { "BUY" }));
        if hedge {
            let held = if long { "LONG" } else { "SHORT" };
            prop_assert_eq!(call.param("positionSide"), Some(held));
            prop_assert_eq!(call.param("reduceOnly"), None);
        } else {
            prop_assert_eq!(call.param("positionSide"), None);
            prop_assert!(closes_all ^ (call.param("reduceOnly") == Some("true")));
        }
        prop_assert_eq!(closes_all, call.param("quantity").is_none());
        for name in ["quantity", "price", "triggerPrice"] {
            let Some(text) = call.param(name) else { continue };
            prop_assert!(text.bytes().all(|b| b.is_ascii_digit() || b == b'.'), "{}", text);
            prop_assert!(text.parse::<Decimal>().unwrap() > Decimal::ZERO);
        }
        let mut names: Vec<_> = call.params.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        prop_assert_eq!(names.len(), all, "a name is sent twice");
    }
}
