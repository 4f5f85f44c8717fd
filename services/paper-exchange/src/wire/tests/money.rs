//! Funding, incomes, brackets, margin calls and liquidations on the wire.

use super::*;

/// A full eight hours after `NOW`.
const DUE: i64 = 1_795_190_400_000;

fn events(venue: &mut Venue) -> Vec<Value> {
    let events = venue.take_events();
    let json = events.iter().map(user_event_json);
    json.map(|text| serde_json::from_str(&text).unwrap())
        .collect()
}

fn thin_long() -> Venue {
    let mut venue = venue_with(VenueConfig {
        wallet: 400.into(),
        ..VenueConfig::default()
    });
    let buy = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.100";
    ok(&mut venue, "POST", ORDER, buy);
    venue.take_events();
    venue
}

fn price(venue: &mut Venue, at: i64) {
    let update = PriceUpdate::at(at.into());
    venue.on_price("BTCUSDT", update, NOW).unwrap();
}

#[test]
fn a_funding_payment_with_cross_margin_tells_the_balance_change_and_the_symbol() {
    let mut venue = long();
    venue.advance(NOW);
    venue.take_events();
    venue.advance(DUE);
    let told = events(&mut venue);
    let account = &told[0]["a"];
    assert_eq!(
        (&account["m"], &account["S"], &account["B"][0]["bc"]),
        (&"FUNDING_FEE".into(), &"BTCUSDT".into(), &"-0.06".into())
    );
    assert_eq!(account["P"], serde_json::json!([]));
}

#[test]
fn income_lists_fees_profits_and_funding_and_can_be_narrowed() {
    let mut venue = long();
    venue.advance(NOW);
    venue.advance(DUE);
    let all = ok(&mut venue, "GET", "/fapi/v1/income", "");
    let kinds: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["incomeType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["COMMISSION", "FUNDING_FEE"]);
    let row = &all[1];
    assert_eq!(
        (&row["income"], &row["asset"], &row["time"], &row["tradeId"]),
        (
            &"-0.06000000".into(),
            &"USDT".into(),
            &DUE.into(),
            &"".into()
        )
    );
    assert!(row["tranId"].is_u64());
    let one = ok(
        &mut venue,
        "GET",
        "/fapi/v1/income",
        "incomeType=COMMISSION",
    );
    assert_eq!(one.as_array().unwrap().len(), 1);
    let none = ok(&mut venue, "GET", "/fapi/v1/income", "symbol=ETHUSDT");
    assert_eq!(none, serde_json::json!([]));
}

#[test]
fn funding_history_and_interval_are_public() {
    let mut venue = long();
    venue.advance(NOW);
    venue.advance(DUE);
    let rows = ok(&mut venue, "GET", "/fapi/v1/fundingRate", "symbol=BTCUSDT");
    assert_eq!(
        (&rows[0]["fundingRate"], &rows[0]["fundingTime"]),
        (&"0.00010000".into(), &DUE.into())
    );
    venue.set_funding_hours("BTCUSDT", 4, NOW).unwrap();
    let index = ok(&mut venue, "GET", "/fapi/v1/premiumIndex", "symbol=BTCUSDT");
    let four_hours = NOW - NOW.rem_euclid(14_400_000) + 14_400_000;
    assert_eq!(index["nextFundingTime"], four_hours);
    let info = ok(&mut venue, "GET", "/fapi/v1/fundingInfo", "");
    let row = info
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["symbol"] == "BTCUSDT");
    assert_eq!(row.unwrap()["fundingIntervalHours"], 4);
}

#[test]
fn leverage_brackets_are_numbers_and_follow_one_another() {
    let mut venue = venue();
    let rows = ok(
        &mut venue,
        "GET",
        "/fapi/v1/leverageBracket",
        "symbol=BTCUSDT",
    );
    let brackets = rows[0]["brackets"].as_array().unwrap();
    assert!(3 < brackets.len());
    for pair in brackets.windows(2) {
        assert_eq!(pair[0]["notionalCap"], pair[1]["notionalFloor"]);
    }
    for name in ["bracket", "initialLeverage", "maintMarginRatio", "cum"] {
        assert!(brackets[1][name].is_number(), "{name}");
    }
    assert_eq!(brackets[1]["cum"], 300);
}

#[test]
fn the_fee_rates_are_those_of_the_account() {
    let mut venue = venue_with(VenueConfig {
        maker_fee: "0.0001".parse().unwrap(),
        taker_fee: "0.00035".parse().unwrap(),
        ..VenueConfig::default()
    });
    let rates = ok(
        &mut venue,
        "GET",
        "/fapi/v1/commissionRate",
        "symbol=BTCUSDT",
    );
    assert_eq!(
        (&rates["makerCommissionRate"], &rates["takerCommissionRate"]),
        (&"0.000100".into(), &"0.000350".into())
    );
}

#[test]
fn a_margin_call_has_the_documented_members() {
    let mut venue = thin_long();
    price(&mut venue, 56_270);
    let told = events(&mut venue);
    let call = told
        .iter()
        .find(|event| event["e"] == "MARGIN_CALL")
        .unwrap();
    assert!(call["cw"].is_string() && call.get("T").is_none());
    let row = &call["p"][0];
    assert_eq!(
        (&row["s"], &row["ps"], &row["mt"], &row["pa"]),
        (
            &"BTCUSDT".into(),
            &"BOTH".into(),
            &"CROSSED".into(),
            &"0.1".into()
        )
    );
    for name in ["iw", "mp", "up", "mm"] {
        assert!(row[name].is_string(), "{name}");
    }
}

#[test]
fn a_liquidation_is_told_as_calculated_and_never_as_a_trade() {
    let mut venue = thin_long();
    price(&mut venue, 56_000);
    let told = events(&mut venue);
    let orders: Vec<&Value> = told
        .iter()
        .filter(|event| event["e"] == "ORDER_TRADE_UPDATE")
        .map(|event| &event["o"])
        .collect();
    let state = |order: &Value| (order["x"].clone(), order["X"].clone());
    assert_eq!(state(orders[0]), ("CALCULATED".into(), "NEW".into()));
    let last = orders.last().unwrap();
    assert_eq!(state(last), ("CALCULATED".into(), "FILLED".into()));
    assert_eq!((&last["o"], &last["f"]), (&"LIMIT".into(), &"IOC".into()));
    assert!(told.iter().all(|event| event["e"] != "TRADE_LITE"));
}

#[test]
fn an_isolated_position_shows_its_margin_and_its_liquidation_price() {
    let mut venue = venue();
    let isolated = "symbol=BTCUSDT&marginType=ISOLATED";
    ok(&mut venue, "POST", "/fapi/v1/marginType", isolated);
    ok(&mut venue, "POST", ORDER, BUY);
    let rows = ok(&mut venue, "GET", "/fapi/v2/positionRisk", "symbol=BTCUSDT");
    let row = &rows[0];
    assert_eq!(
        (
            &row["marginType"],
            &row["isolatedWallet"],
            &row["isolatedMargin"]
        ),
        (
            &"isolated".into(),
            &"30.00005".into(),
            &"29.99905000".into()
        )
    );
    // Entry 60000.1 less a twentieth, over 1 less the rate of 0.4 %.
    assert_eq!(row["liquidationPrice"], "57229.01");
}
