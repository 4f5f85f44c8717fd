//! Codes about the request itself: shape, key, time, limits.

use paper_exchange::venue::VenueConfig;
use paper_exchange::wire::{Credentials, WireRequest};

use super::desk::{ALGO, Answer, Desk, NOW, ORDER, REST, STOP, by_rule};

const MARKET: &str = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";

fn post(query: &str) -> Answer {
    Desk::new().ask("POST", ORDER, query)
}

/// A signed call with this key and signature.
fn signed(key: Option<&str>, signature: &str) -> Answer {
    let credentials = Credentials::new("the-key").unwrap().with_secret("secret");
    let mut desk = Desk::with(VenueConfig {
        credentials: Some(credentials),
        ..VenueConfig::default()
    });
    let query = format!("timestamp={NOW}&signature={signature}");
    let mut request = WireRequest::new("GET", "/fapi/v3/account", &query);
    request.api_key = key.map(str::to_owned);
    desk.send(&request)
}

fn after(times: usize, method: &str, path: &str, query: &str) -> Answer {
    let mut desk = Desk::new();
    for _ in 0..times {
        desk.ask(method, path, query);
    }
    desk.ask(method, path, query)
}

fn many_parameters() -> Answer {
    let names = (0..65).map(|number| format!("p{number}=1"));
    post(&names.collect::<Vec<String>>().join("&"))
}

by_rule! {
    too_much_weight_in_a_minute: -1003 => after(60, "GET", "/fapi/v1/openOrders", "");
    a_value_without_a_name: -1013 => post("=BTCUSDT");
    too_many_orders_in_ten_seconds: -1015 => after(300, "POST", ORDER, MARKET);
    an_algo_type_of_another_service: -1020 => {
        Desk::new().ask("POST", ALGO, "algoType=TWAP&symbol=BTCUSDT&side=BUY&quantity=1")
    };
    a_request_from_another_time: -1021 => post(&format!("{MARKET}&timestamp={}", NOW - 5_001));
    an_order_that_ages_inside_the_venue: -5028 => {
        let mut desk = Desk::ruled(|rules| rules.engine_delay_ms = 5_001);
        desk.ask("POST", ORDER, &format!("{MARKET}&timestamp={NOW}"))
    };
    a_wrong_signature: -1022 => signed(Some("the-key"), "00");
    a_key_that_is_missing: -2014 => signed(None, "00");
    a_key_of_somebody_else: -2015 => signed(Some("another"), "00");
    bytes_that_are_no_text: -1100 => post("symbol=%FF");
    more_parameters_than_any_call_has: -1101 => many_parameters();
    a_parameter_that_is_missing: -1102 => post("symbol=BTCUSDT&type=MARKET&quantity=1");
    a_parameter_that_no_call_reads_under_the_switch: -1104 => {
        let mut desk = Desk::ruled(|rules| rules.strict_parameters = true);
        desk.ask("POST", ORDER, &format!("{MARKET}&colour=red"))
    };
    a_parameter_that_is_empty: -1105 => post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=");
    a_parameter_that_does_not_belong: -1106 => post(&format!("{MARKET}&timeInForce=GTC"));
    a_time_in_force_that_does_not_exist: -1115 => post(&REST.replace("GTC", "NOW"));
    a_type_that_does_not_exist: -1116 => post(&REST.replace("LIMIT", "WISH"));
    a_side_that_does_not_exist: -1117 => post(&REST.replace("BUY", "UP"));
    a_symbol_that_does_not_exist: -1121 => post(&REST.replace("BTC", "NOPE"));
    a_listen_key_that_does_not_exist: -1125 => Desk::new().ask("PUT", "/fapi/v1/listenKey", "");
    a_number_in_scientific_notation: -1100 => {
        post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e-3")
    };
    a_value_that_cannot_be_read: -1130 => {
        post("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&goodTillDate=x")
    };
    a_path_that_does_not_exist: -5000 => Desk::new().ask("GET", "/fapi/v9/order", "");
    a_conditional_type_at_the_wrong_door: -4120 => {
        post(&STOP.replace("algoType=CONDITIONAL&", ""))
    };
}

#[test]
fn who_goes_on_after_429_is_banned_with_418_and_told_until_when() {
    let mut desk = Desk::new();
    let request = WireRequest::new("GET", "/fapi/v1/openOrders", "");
    let mut statuses = Vec::new();
    for _ in 0..200 {
        statuses.push(desk.send(&request));
    }
    assert_eq!(statuses[59], (200, 0));
    assert_eq!(statuses[60], (429, -1003));
    assert_eq!(statuses[199], (418, -1003));
    let response = paper_exchange::wire::handle(&mut desk.venue, &request, NOW);
    assert!(
        response.body.contains("IP banned until 1795"),
        "{}",
        response.body
    );
    let wait = response
        .headers
        .iter()
        .find(|(name, _)| *name == "retry-after");
    assert!(wait.unwrap().1.parse::<u32>().unwrap() >= 120);
}
