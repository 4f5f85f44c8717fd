//! Account answers: which symbols they list and what types their members have.

use super::*;

#[test]
fn position_risk_v2_lists_all_symbols_and_v3_only_live_ones() {
    let mut venue = long();
    let v2 = ok(&mut venue, "GET", "/fapi/v2/positionRisk", "");
    assert_eq!(v2.as_array().unwrap().len(), venue.symbols().count());
    let v3 = ok(&mut venue, "GET", "/fapi/v3/positionRisk", "");
    assert_eq!(v3.as_array().unwrap().len(), 1);
    let row = &v3[0];
    assert_eq!(
        (&row["positionAmt"], &row["positionSide"]),
        (&"0.010".into(), &"BOTH".into())
    );
    assert!(row.get("leverage").is_none() && row["adl"].is_i64());
    let one = ok(&mut venue, "GET", "/fapi/v2/positionRisk", "symbol=BTCUSDT");
    assert_eq!(
        (&one[0]["leverage"], &one[0]["isAutoAddMargin"]),
        (&"20".into(), &"false".into())
    );
}

#[test]
fn leverage_is_a_number_in_symbol_config_and_text_in_account_v2() {
    let mut venue = venue();
    let answer = ok(
        &mut venue,
        "POST",
        "/fapi/v1/leverage",
        "symbol=BTCUSDT&leverage=7",
    );
    assert_eq!(answer["leverage"], 7);
    let config = ok(&mut venue, "GET", "/fapi/v1/symbolConfig", "symbol=BTCUSDT");
    assert_eq!(
        (&config[0]["leverage"], &config[0]["marginType"]),
        (&7.into(), &"CROSSED".into())
    );
    let account = ok(&mut venue, "GET", "/fapi/v2/account", "");
    let row = account["positions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["symbol"] == "BTCUSDT");
    assert_eq!(row.unwrap()["leverage"], "7");
    assert_eq!(
        code(
            &mut venue,
            "POST",
            "/fapi/v1/leverage",
            "symbol=BTCUSDT&leverage=200"
        )
        .1,
        -4028
    );
}

#[test]
fn account_v3_lists_only_live_positions() {
    let account = ok(&mut long(), "GET", "/fapi/v3/account", "");
    assert_eq!(account["positions"].as_array().unwrap().len(), 1);
    assert!(account["totalWalletBalance"].is_string());
}

/// ccxt takes an asset with `updateTime` 0 for one that was never held, and skips it.
#[test]
fn the_margin_asset_of_a_fresh_account_is_one_that_is_held() {
    for path in ["/fapi/v2/account", "/fapi/v3/account"] {
        let account = ok(&mut venue(), "GET", path, "");
        let held_since = account["assets"][0]["updateTime"].as_i64();
        assert!(held_since > Some(0), "{path}");
    }
}

#[test]
fn the_position_mode_switches_only_without_orders_and_positions() {
    let mut venue = venue();
    let path = "/fapi/v1/positionSide/dual";
    assert_eq!(ok(&mut venue, "GET", path, "")["dualSidePosition"], false);
    assert_eq!(
        code(&mut venue, "POST", path, "dualSidePosition=false").1,
        -4059
    );
    let set = |venue: &mut Venue| ok(venue, "POST", path, "dualSidePosition=true");
    assert_eq!(set(&mut venue)["code"], 200);
    assert_eq!(ok(&mut venue, "GET", path, "")["dualSidePosition"], true);
    let config = ok(&mut venue, "GET", "/fapi/v1/accountConfig", "");
    assert_eq!(config["dualSidePosition"], true);
    let mut long = long();
    assert_eq!(
        code(&mut long, "POST", path, "dualSidePosition=true").1,
        -4068
    );
    ok(&mut long, "POST", ALGO, STOP);
    assert_eq!(
        code(&mut long, "POST", path, "dualSidePosition=true").1,
        -4067
    );
}

#[test]
fn margin_type_answers_no_change_like_the_venue() {
    let path = "/fapi/v1/marginType";
    let query = "symbol=BTCUSDT&marginType=CROSSED";
    assert_eq!(code(&mut venue(), "POST", path, query), (400, -4046));
    let query = "symbol=BTCUSDT&marginType=ISOLATED";
    assert_eq!(ok(&mut venue(), "POST", path, query)["code"], 200);
}

#[test]
fn user_trades_page_forward_from_an_id() {
    let mut venue = long();
    for _ in 0..4 {
        ok(&mut venue, "POST", ORDER, BUY);
    }
    let path = "/fapi/v1/userTrades";
    let all = ok(&mut venue, "GET", path, "symbol=BTCUSDT");
    assert_eq!(all.as_array().unwrap().len(), 5);
    let second = all[1]["id"].as_u64().unwrap();
    let page = ok(
        &mut venue,
        "GET",
        path,
        &format!("symbol=BTCUSDT&fromId={second}&limit=2"),
    );
    assert_eq!(
        (page.as_array().unwrap().len(), page[0]["id"].as_u64()),
        (2, Some(second))
    );
    let newest = ok(&mut venue, "GET", path, "symbol=BTCUSDT&limit=2");
    assert_eq!(newest[1]["id"], all[4]["id"]);
    let later = format!("symbol=BTCUSDT&startTime={}", NOW + 1);
    assert!(
        ok(&mut venue, "GET", path, &later)
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_listen_key_is_kept_until_it_is_closed() {
    let mut venue = venue();
    let path = "/fapi/v1/listenKey";
    assert_eq!(code(&mut venue, "PUT", path, ""), (400, -1125));
    let first = ok(&mut venue, "POST", path, "");
    assert_eq!(ok(&mut venue, "POST", path, ""), first);
    assert_eq!(ok(&mut venue, "PUT", path, ""), first);
    assert_eq!(ok(&mut venue, "DELETE", path, ""), serde_json::json!({}));
    assert_eq!(code(&mut venue, "DELETE", path, ""), (400, -1125));
}

#[test]
fn bars_are_merged_into_longer_intervals() {
    let mut venue = venue();
    let minute = 60_000;
    for (n, price) in [(1, 61_000), (2, 59_000), (3, 60_500)] {
        let update = PriceUpdate::at(price.into());
        venue.on_price("BTCUSDT", update, NOW + n * minute).unwrap();
    }
    let path = "/fapi/v1/klines";
    let bars = ok(&mut venue, "GET", path, "symbol=BTCUSDT&interval=1m");
    assert_eq!(bars.as_array().unwrap().len(), 4);
    let day = ok(&mut venue, "GET", path, "symbol=BTCUSDT&interval=1d");
    let row = &day[0];
    assert_eq!(
        (&row[2], &row[3], &row[4]),
        (&"61000".into(), &"59000".into(), &"60500".into())
    );
    assert!(row[0].is_i64() && row[11] == "0");
    assert_eq!(
        code(&mut venue, "GET", path, "symbol=BTCUSDT&interval=7m").1,
        -1120
    );
}
