//! Hedge mode on the wire: rows, events and refusals per leg.

use super::*;

const SHORT: &str = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.020&positionSide=SHORT";
const LONG: &str = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&positionSide=LONG";

fn both_legs() -> Venue {
    let mut venue = venue_with(VenueConfig {
        hedge: true,
        ..VenueConfig::default()
    });
    ok(&mut venue, "POST", ORDER, LONG);
    ok(&mut venue, "POST", ORDER, SHORT);
    venue
}

fn sides(rows: &Value, symbol: &str) -> Vec<(String, String)> {
    let rows = rows.as_array().unwrap().iter();
    let rows = rows.filter(|row| row["symbol"] == symbol);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.map(|row| (text(row, "positionSide"), text(row, "positionAmt")))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected.iter().map(|(a, b)| ((*a).into(), (*b).into()));
    owned.collect()
}

#[test]
fn position_risk_shows_three_rows_and_a_short_is_negative() {
    let mut venue = both_legs();
    let three = pairs(&[("BOTH", "0.000"), ("LONG", "0.010"), ("SHORT", "-0.020")]);
    for path in ["/fapi/v2/positionRisk", "/fapi/v3/positionRisk"] {
        let rows = ok(&mut venue, "GET", path, "symbol=BTCUSDT");
        assert_eq!(sides(&rows, "BTCUSDT"), three, "{path}");
    }
    let flat = pairs(&[("BOTH", "0.000"), ("LONG", "0.000"), ("SHORT", "0.000")]);
    let rows = ok(&mut venue, "GET", "/fapi/v2/positionRisk", "");
    assert_eq!(sides(&rows, "ETHUSDT"), flat);
    let rows = ok(&mut venue, "GET", "/fapi/v3/positionRisk", "");
    assert!(sides(&rows, "ETHUSDT").is_empty());
}

#[test]
fn the_account_shows_three_rows_in_v2_and_the_live_legs_in_v3() {
    let mut venue = both_legs();
    let v2 = ok(&mut venue, "GET", "/fapi/v2/account", "");
    let three = pairs(&[("BOTH", "0.000"), ("LONG", "0.010"), ("SHORT", "-0.020")]);
    assert_eq!(sides(&v2["positions"], "BTCUSDT"), three);
    let v3 = ok(&mut venue, "GET", "/fapi/v3/account", "");
    let live = pairs(&[("LONG", "0.010"), ("SHORT", "-0.020")]);
    assert_eq!(sides(&v3["positions"], "BTCUSDT"), live);
}

#[test]
fn hedge_mode_wants_a_leg_and_no_reduce_only_flag() {
    let mut venue = both_legs();
    let order = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.005";
    assert_eq!(code(&mut venue, "POST", ORDER, order), (400, -4061));
    assert_eq!(code(&mut venue, "POST", ALGO, STOP), (400, -4061));
    let reduce = format!("{order}&positionSide=LONG&reduceOnly=true");
    assert_eq!(code(&mut venue, "POST", ORDER, &reduce), (400, -1106));
    let unknown = format!("{order}&positionSide=UP");
    assert_eq!(code(&mut venue, "POST", ORDER, &unknown), (400, -4060));
    let mut one_way = super::venue();
    assert_eq!(code(&mut one_way, "POST", ORDER, LONG), (400, -4061));
}

#[test]
fn orders_trades_and_events_name_their_leg() {
    let mut venue = both_legs();
    venue.take_events();
    let stop = ok(
        &mut venue,
        "POST",
        ALGO,
        &format!("{STOP}&positionSide=LONG"),
    );
    assert_eq!(stop["positionSide"], "LONG");
    let close = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.005&positionSide=SHORT\
                 &newOrderRespType=RESULT";
    let close = ok(&mut venue, "POST", ORDER, close);
    assert_eq!(
        (&close["positionSide"], &close["reduceOnly"]),
        (&"SHORT".into(), &true.into())
    );
    let trades = ok(&mut venue, "GET", "/fapi/v1/userTrades", "symbol=BTCUSDT");
    assert_eq!(trades[2]["positionSide"], "SHORT");
    let events = venue.take_events();
    let events: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(&user_event_json(event)).unwrap())
        .collect();
    assert_eq!(events[0]["o"]["ps"], "LONG");
    let fill = events.iter().find(|e| e["o"]["x"] == "TRADE").unwrap();
    assert_eq!(
        (&fill["o"]["ps"], &fill["o"]["R"]),
        (&"SHORT".into(), &true.into())
    );
    let account = events.iter().find(|e| e["e"] == "ACCOUNT_UPDATE").unwrap();
    let row = &account["a"]["P"][0];
    assert_eq!(
        (&row["ps"], &row["pa"]),
        (&"SHORT".into(), &"-0.015".into())
    );
}
