//! A paper exchange that follows another one as if that were the real venue.

use super::*;
use crate::live::fetch_specs;

/// Follows `real`; its own account, its own orders.
async fn follower(real: &Running) -> Running {
    let config = Config {
        live_market: true,
        live_rest: format!("http://{}", real.host),
        live_ws: format!("ws://{}", real.host),
        live_stale_ms: 60_000,
        symbols: vec!["BTCUSDT".to_owned()],
        verify: false,
        strategy: false,
        ..Config::default()
    };
    let symbols = config.live_symbols();
    let specs = fetch_specs(&config.live_rest, &symbols).await.unwrap();
    Running::serve(config.build_live(specs, now_ms()).unwrap()).await
}

async fn set_price(venue: &Running, price: u32) {
    let price = json!({"symbol": "BTCUSDT", "price": price});
    assert_eq!(venue.post("/paper/price", &price).await.0, 200);
}

/// Waits until the follower shows this mark; the real venue repeats it each second.
async fn shows(venue: &Running, mark: &str) {
    let shown = async {
        while venue.get("/fapi/v1/premiumIndex?symbol=BTCUSDT").await["markPrice"] != mark {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, shown).await.unwrap();
}

async fn stale(venue: &Running) -> bool {
    let report = venue.get("/paper/report").await;
    report["live"]["symbols"]["BTCUSDT"]["stale"] == true
}

const BUY: &str = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01";

#[tokio::test]
async fn prices_are_followed_orders_stay_here_and_nothing_trades_while_the_market_is_lost() {
    let real = Running::start("manual").await;
    set_price(&real, 60_000).await;
    let paper = follower(&real).await;
    shows(&paper, "60000.00000000").await;
    set_price(&real, 61_000).await;
    shows(&paper, "61000.00000000").await;
    assert_eq!(paper.post(BUY, &Value::Null).await.0, 200);
    let risk = paper.get("/fapi/v3/positionRisk?symbol=BTCUSDT").await;
    assert_eq!(risk[0]["positionAmt"], "0.010");
    let risk = real.get("/fapi/v3/positionRisk?symbol=BTCUSDT").await;
    assert_eq!(risk, json!([]), "the real venue hears of no order");
    let by_hand = json!({"symbol": "BTCUSDT", "price": 1});
    assert_eq!(paper.post("/paper/price", &by_hand).await.1["code"], -1020);

    let host = real.host.clone();
    real.end().await;
    let lost = async {
        while !stale(&paper).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, lost).await.unwrap();
    let refused = paper.post(BUY, &Value::Null).await;
    assert_eq!((refused.0, &refused.1["code"]), (400, &json!(-2020)));

    // The venue comes back at the same address, and the follower finds it by itself.
    let again = Running::start_at(&host).await;
    set_price(&again, 62_000).await;
    shows(&paper, "62000.00000000").await;
    assert_eq!(paper.post(BUY, &Value::Null).await.0, 200);
    let report = paper.get("/paper/report").await;
    assert!(report["live"]["connections_lost"].as_u64().unwrap() >= 2);
    again.end().await;
    paper.end().await;
}

#[tokio::test]
async fn a_symbol_that_the_real_venue_does_not_trade_is_named() {
    let real = Running::start("manual").await;
    let rest = format!("http://{}", real.host);
    let error = fetch_specs(&rest, &["NOPEUSDT".to_owned()])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("NOPEUSDT"), "{error}");
    real.end().await;
}
