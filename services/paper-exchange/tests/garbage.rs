//! Nonsense on the wire and on the streams is answered, never fatal, and changes no invariant.

use paper_exchange::venue::{NewOrder, PriceUpdate, Side, Venue, VenueConfig};
use paper_exchange::wire::{WireRequest, handle};
use proptest::prelude::*;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PATCH"];
const PATHS: [&str; 20] = [
    "/fapi/v1/order",
    "/fapi/v1/algoOrder",
    "/fapi/v1/openOrders",
    "/fapi/v1/allOrders",
    "/fapi/v1/allOpenOrders",
    "/fapi/v1/openAlgoOrders",
    "/fapi/v1/allAlgoOrders",
    "/fapi/v1/algoOpenOrders",
    "/fapi/v1/userTrades",
    "/fapi/v1/klines",
    "/fapi/v1/depth",
    "/fapi/v1/leverage",
    "/fapi/v1/marginType",
    "/fapi/v1/ticker/24hr",
    "/fapi/v1/order/test",
    "/fapi/v1/listenKey",
    "/fapi/v1/positionSide/dual",
    "/fapi/v2/positionRisk",
    "/fapi/v3/account",
    "/",
];
const NAMES: [&str; 20] = [
    "symbol",
    "side",
    "type",
    "quantity",
    "price",
    "triggerPrice",
    "timeInForce",
    "algoType",
    "closePosition",
    "reduceOnly",
    "newClientOrderId",
    "clientAlgoId",
    "orderId",
    "algoId",
    "timestamp",
    "recvWindow",
    "limit",
    "interval",
    "leverage",
    "fromId",
];
const VALUES: [&str; 32] = [
    "BTCUSDT",
    "BUY",
    "SELL",
    "LIMIT",
    "MARKET",
    "STOP_MARKET",
    "TAKE_PROFIT_MARKET",
    "CONDITIONAL",
    "GTC",
    "IOC",
    "GTE_GTC",
    "true",
    "false",
    "0.010",
    "60000",
    "59000.1",
    "0",
    "-1",
    "1e400",
    "0.0000000000000000000000000001",
    "79228162514264337593543950335",
    "-79228162514264337593543950335",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "1m",
    "NaN",
    "%00",
    "%FF",
    "a=b",
    "",
    "x%20y",
];

fn pair() -> impl Strategy<Value = String> {
    (
        prop::sample::select(&NAMES[..]),
        prop::sample::select(&VALUES[..]),
    )
        .prop_map(|(name, value)| format!("{name}={value}"))
}

/// A request that is mostly wrong, but now and then nearly right.
fn request() -> impl Strategy<Value = WireRequest> {
    let likely = prop::sample::select(vec![
        "symbol=BTCUSDT&side=SELL&type=MARKET",
        "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01",
        "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET",
        "",
    ]);
    let method = prop::sample::select(&METHODS[..]);
    let path = prop::sample::select(&PATHS[..]);
    let pairs = prop::collection::vec(pair(), 0..8);
    (method, path, likely, pairs, "[ -~]{0,12}").prop_map(|(method, path, likely, pairs, tail)| {
        let mut request = WireRequest::new(method, path, likely);
        request.query.push('&');
        request.query.push_str(&pairs.join("&"));
        request.body = tail;
        request
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..<_>::default() })]

    #[test]
    fn every_request_is_answered_with_json(
        requests in prop::collection::vec(request(), 1..30),
        now_ms in prop::sample::select(vec![0, 1_795_178_173_912_i64, i64::MAX / 4]),
    ) {
        let mut venue = Venue::new(VenueConfig::default());
        venue.on_price("BTCUSDT", PriceUpdate::at(60_000.into()), now_ms).expect("plausible");
        let entry = NewOrder::market("BTCUSDT", Side::Buy, 1.into());
        venue.place_order(entry, now_ms).expect("enough margin");
        for request in requests {
            let response = handle(&mut venue, &request, now_ms);
            let value = serde_json::from_str::<serde_json::Value>(&response.body);
            prop_assert!(value.is_ok(), "{}", response.body);
            prop_assert!((200..600).contains(&response.status));
        }
    }
}
