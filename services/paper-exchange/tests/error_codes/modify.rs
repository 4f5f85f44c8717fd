//! Codes about changing orders.

use paper_exchange::venue::SymbolStatus;

use super::desk::{Answer, Desk, ORDER, REST, by_rule};

const CHANGE: &str = "symbol=BTCUSDT&side=BUY&origClientOrderId=rests&quantity=0.020&price=59100";

fn resting(mut desk: Desk) -> Desk {
    desk.done("POST", ORDER, REST);
    desk
}

/// The change with one thing changed.
fn change(from: &str, to: &str) -> Answer {
    assert!(CHANGE.contains(from), "{from}");
    resting(Desk::new()).ask("PUT", ORDER, &CHANGE.replace(from, to))
}

fn of_a_market_order() -> Answer {
    let mut desk = Desk::new();
    let market = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&newClientOrderId=rests";
    desk.done("POST", ORDER, market);
    desk.ask("PUT", ORDER, CHANGE)
}

/// Slowly enough for the order counts: 10,001 changes, forty in ten seconds.
fn too_often() -> Answer {
    let mut desk = resting(Desk::new());
    for number in 0..10_000 {
        desk.wait(250);
        let qty = if number % 2 == 0 { "0.020" } else { "0.030" };
        desk.done("PUT", ORDER, &CHANGE.replace("0.020", qty));
    }
    desk.wait(250);
    desk.ask("PUT", ORDER, &CHANGE.replace("0.020", "0.040"))
}

fn too_soon() -> Answer {
    let mut desk = resting(Desk::ruled(|rules| rules.modify_busy_ms = 100));
    desk.done("PUT", ORDER, CHANGE);
    desk.ask("PUT", ORDER, &CHANGE.replace("0.020", "0.030"))
}

by_rule! {
    a_change_while_the_symbol_pauses: -5024 => {
        let mut desk = resting(Desk::new());
        let halt = SymbolStatus::TradingHalt;
        desk.venue.set_symbol_status("BTCUSDT", halt).unwrap();
        desk.ask("PUT", ORDER, CHANGE)
    };
    a_change_of_a_market_order: -5025 => of_a_market_order();
    a_change_beyond_the_ten_thousandth: -5026 => too_often();
    a_change_of_nothing: -5027 => {
        change("quantity=0.020&price=59100", "quantity=0.010&price=59000")
    };
    a_change_below_the_least_notional: -5029 => {
        change("quantity=0.020&price=59100", "quantity=0.001&price=49000")
    };
    a_change_while_another_is_pending: -5043 => too_soon();
    a_reduce_only_change_of_a_plain_order: -5047 => change("side=BUY", "side=BUY&reduceOnly=true");
}
