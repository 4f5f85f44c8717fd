//! Codes about conditional orders.

use paper_exchange::venue::VenueConfig;

use super::desk::{ALGO, Answer, Desk, STOP, by_rule};

/// A reduce-only stop with a quantity.
const QTY_STOP: &str = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&\
                        triggerPrice=58000&quantity=0.010&reduceOnly=true";
const TRAILING: &str = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&\
                        type=TRAILING_STOP_MARKET&callbackRate=1&quantity=0.010&reduceOnly=true";
const STOP_LIMIT: &str = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&\
                          triggerPrice=58000&price=58000&quantity=0.010";

fn placed(query: &str) -> Answer {
    Desk::new().long().ask("POST", ALGO, query)
}

fn changed(query: &str, from: &str, to: &str) -> Answer {
    assert!(query.contains(from), "{from}");
    placed(&query.replace(from, to))
}

fn one_too_many() -> Answer {
    let mut desk = Desk::with(VenueConfig {
        max_algo_orders: 1,
        ..VenueConfig::default()
    })
    .long();
    desk.done("POST", ALGO, QTY_STOP);
    desk.ask("POST", ALGO, QTY_STOP)
}

fn cancel_while_triggering() -> Answer {
    let mut desk = Desk::ruled(|rules| rules.triggering_has_own_code = true).long();
    desk.done("POST", ALGO, &format!("{STOP}&clientAlgoId=stuck"));
    let id = desk.venue.open_algos().next().unwrap().id;
    desk.venue.mark_stuck(id);
    desk.price("57990");
    desk.ask("DELETE", ALGO, "clientAlgoId=stuck")
}

fn second_of_its_family() -> Answer {
    let mut desk = Desk::new().long();
    desk.done("POST", ALGO, STOP);
    desk.ask("POST", ALGO, &STOP.replace("58000", "57000"))
}

by_rule! {
    a_trigger_that_is_reached_already: -2021 => changed(STOP, "58000", "60000");
    a_trigger_of_zero: -4006 => changed(STOP, "58000", "0");
    a_trigger_beyond_all: -4007 => changed(STOP, "58000", "6000000");
    more_conditional_orders_than_allowed: -4045 => one_too_many();
    a_cancel_of_a_firing_order_under_the_switch: -4117 => cancel_while_triggering();
    a_second_close_of_the_same_family: -4130 => second_of_its_family();
    an_activation_price_of_zero: -4135 => placed(&format!("{TRAILING}&activatePrice=0"));
    a_trailing_close_position: -4136 => {
        placed(&TRAILING.replace("quantity=0.010&reduceOnly=true", "closePosition=true"))
    };
    a_close_position_with_a_quantity: -4137 => placed(&format!("{STOP}&quantity=0.010"));
    a_close_position_that_would_open: -4138 => {
        let query = STOP.replace("SELL", "BUY").replace("58000", "61000");
        Desk::hedged().ask("POST", ALGO, &format!("{query}&positionSide=LONG"))
    };
    a_stop_limit_to_buy_far_above_its_trigger: -4183 => {
        placed(&STOP_LIMIT.replace("SELL", "BUY").replace(
            "triggerPrice=58000&price=58000",
            "triggerPrice=61000&price=64050.1",
        ))
    };
    a_stop_limit_to_sell_far_below_its_trigger: -4184 => {
        changed(STOP_LIMIT, "price=58000", "price=55099.9")
    };
    a_trigger_far_above_the_mark: -4210 => {
        let query = QTY_STOP.replace("STOP_MARKET", "TAKE_PROFIT_MARKET");
        placed(&query.replace("58000", "600000.1"))
    };
    a_trigger_far_below_the_mark: -4211 => changed(QTY_STOP, "58000", "5999.9");
    a_close_position_without_a_position: -4509 => Desk::new().ask("POST", ALGO, STOP);
}
