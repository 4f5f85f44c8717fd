//! A symbol whose rules or status change while clients are connected.

use super::*;

const ENTRY: &str = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.01&price=59000\
                     &timeInForce=GTC";

/// What the socket is told next about a contract.
async fn next_contract(socket: &mut Socket) -> Value {
    loop {
        let told = next(socket).await;
        if told["e"] == "contractInfo" {
            return told;
        }
    }
}

async fn listed_status(venue: &Running) -> Value {
    let info = venue.get("/fapi/v1/exchangeInfo").await;
    let mut rows = info["symbols"].as_array().unwrap().iter();
    rows.find(|row| row["symbol"] == "BTCUSDT").unwrap()["status"].clone()
}

#[tokio::test]
async fn a_symbol_that_is_halted_or_closed_takes_no_entry_and_says_so_everywhere() {
    let venue = Running::start("manual").await;
    let price = json!({"symbol": "BTCUSDT", "price": 60_000});
    assert_eq!(venue.post("/paper/price", &price).await.0, 200);
    let streams = "/market/ws/!contractInfo/!markPrice@arr@1s";
    let mut socket = venue.connect(streams).await;
    // With the first marks the contracts were looked at, too: a change shows from now on.
    next(&mut socket).await;
    for (status, code) in [
        ("TRADING_HALT", Some(-4140)),
        ("CLOSE", Some(-4141)),
        ("TRADING", None),
    ] {
        let wish = json!({"symbol": "BTCUSDT", "status": status});
        assert_eq!(venue.post("/paper/symbol", &wish).await.0, 200);
        let told = next_contract(&mut socket).await;
        assert_eq!(
            (&told["s"], &told["cs"]),
            (&"BTCUSDT".into(), &status.into())
        );
        assert_eq!(listed_status(&venue).await, status);
        let (_, answer) = venue.post(ENTRY, &Value::Null).await;
        assert_eq!(answer["code"].as_i64(), code, "{answer}");
    }
    for bad in [
        json!({"symbol": "BTCUSDT", "status": "ASLEEP"}),
        json!({"symbol": "NOSUCH", "status": "CLOSE"}),
    ] {
        assert_eq!(venue.post("/paper/symbol", &bad).await.0, 400, "{bad}");
    }
    venue.end().await;
}

#[tokio::test]
async fn a_filter_beyond_all_reason_is_refused_and_the_venue_lives_on() {
    let venue = Running::start("manual").await;
    let price = json!({"symbol": "BTCUSDT", "price": 60_000});
    assert_eq!(venue.post("/paper/price", &price).await.0, 200);
    let wild = json!({"symbol": "BTCUSDT", "multiplier_up": "70000000000000000000000000000"});
    assert_eq!(venue.post("/paper/symbol", &wild).await.0, 400);
    let tiny = json!({"symbol": "BTCUSDT", "price": "0.0000000000000000000001"});
    assert_eq!(venue.post("/paper/price", &tiny).await.0, 400);
    let (status, _) = venue.post(ENTRY, &Value::Null).await;
    assert_eq!(status, 200);
    venue.end().await;
}
