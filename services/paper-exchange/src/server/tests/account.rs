//! The account over a socket: both legs of hedge mode, changed filters, auto-deleveraging.

use super::*;

async fn open(venue: &Running, side: &str) {
    let body = json!({"symbol": "BTCUSDT", "side": side, "qty": "0.01"});
    let answer = venue.post("/paper/open", &body).await;
    assert_eq!(answer.0, 200, "{}", answer.1);
}

/// A venue at 60000 in hedge mode with a long and a short.
async fn hedged() -> Running {
    let venue = Running::start("manual").await;
    let price = json!({"symbol": "BTCUSDT", "price": 60_000});
    venue.post("/paper/price", &price).await;
    let url = "/fapi/v1/positionSide/dual?dualSidePosition=true";
    venue.send(reqwest::Method::POST, url, String::new()).await;
    open(&venue, "BUY").await;
    open(&venue, "SELL").await;
    venue
}

async fn amounts(venue: &Running) -> Vec<(String, String)> {
    let rows = venue.get("/fapi/v3/positionRisk?symbol=BTCUSDT").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (text(&row["positionSide"]), text(&row["positionAmt"])))
        .filter(|(_, amount)| amount != "0.000")
        .collect()
}

#[tokio::test]
async fn in_hedge_mode_each_leg_is_opened_and_closed_by_itself() {
    let venue = hedged().await;
    let both = [
        ("LONG".into(), "0.010".into()),
        ("SHORT".into(), "-0.010".into()),
    ];
    assert_eq!(amounts(&venue).await, both);
    let unnamed = json!({"symbol": "BTCUSDT"});
    assert_eq!(venue.post("/paper/close", &unnamed).await.1["code"], -4061);
    let long = json!({"symbol": "BTCUSDT", "positionSide": "LONG"});
    assert_eq!(venue.post("/paper/close", &long).await.0, 200);
    assert_eq!(amounts(&venue).await, both[1..]);
    assert_eq!(venue.post("/paper/adl", &unnamed).await.0, 200);
    assert!(amounts(&venue).await.is_empty());
    venue.end().await;
}

#[tokio::test]
async fn changed_filters_are_shown_and_hold_at_once() {
    let venue = Running::start("manual").await;
    let price = json!({"symbol": "BTCUSDT", "price": 60_000});
    venue.post("/paper/price", &price).await;
    let change = json!({"symbol": "BTCUSDT", "tick_size": "0.5", "min_notional": 100});
    assert_eq!(venue.post("/paper/symbol", &change).await.0, 200);
    let info = venue.get("/fapi/v1/exchangeInfo").await;
    let symbols = info["symbols"].as_array().unwrap();
    let bitcoin = symbols.iter().find(|it| it["symbol"] == "BTCUSDT").unwrap();
    assert_eq!(bitcoin["filters"][0]["tickSize"], "0.5");
    assert_eq!(bitcoin["filters"][4]["notional"], "100");
    let unknown = json!({"symbol": "BTCUSDT", "tick": "1"});
    assert_eq!(venue.post("/paper/symbol", &unknown).await.1["code"], -1130);
    venue.end().await;
}

#[tokio::test]
async fn the_hours_of_funding_are_set_beside_its_rate() {
    let venue = Running::start("manual").await;
    let set = json!({"symbol": "BTCUSDT", "hours": 1});
    assert_eq!(venue.post("/paper/funding", &set).await.0, 200);
    let set = json!({"symbol": "BTCUSDT", "rate": "0.001", "hours": 5});
    assert_eq!(venue.post("/paper/funding", &set).await.1["code"], -4001);
    let info = venue.get("/fapi/v1/fundingInfo").await;
    let rows = info.as_array().unwrap();
    let bitcoin = rows.iter().find(|it| it["symbol"] == "BTCUSDT").unwrap();
    assert_eq!(bitcoin["fundingIntervalHours"], 1);
    venue.end().await;
}
