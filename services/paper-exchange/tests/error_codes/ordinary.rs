//! Codes about ordinary orders.

use paper_exchange::venue::{
    AccountState, PriceUpdate, ReduceOnlyPolicy, SymbolStatus, Unfillable, VenueConfig,
};

use super::desk::{ALGO, Answer, Desk, ORDER, REST, STOP, by_rule, dec};

const BUY: &str = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";
const CLOSE: &str = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.010&reduceOnly=true";
const TARGET: &str = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.010&\
                      price=61000&reduceOnly=true";

/// The resting order with one thing changed.
fn rest(from: &str, to: &str) -> Answer {
    assert!(REST.contains(from), "{from}");
    Desk::new().ask("POST", ORDER, &REST.replace(from, to))
}

fn rest_and(more: &str) -> Answer {
    Desk::new().ask("POST", ORDER, &format!("{REST}&{more}"))
}

fn in_state(state: AccountState) -> Answer {
    let mut desk = Desk::ruled(|rules| rules.account = state);
    desk.ask("POST", ORDER, BUY)
}

fn in_status(status: SymbolStatus) -> Answer {
    let mut desk = Desk::new();
    desk.venue.set_symbol_status("BTCUSDT", status).unwrap();
    desk.ask("POST", ORDER, BUY)
}

fn with_wallet(wallet: i64, quantity: &str) -> Answer {
    let mut desk = Desk::with(VenueConfig {
        wallet: wallet.into(),
        ..VenueConfig::default()
    });
    let query = BUY.replace("0.010", quantity);
    desk.ask("POST", ORDER, &query)
}

fn thin_book() -> Answer {
    let mut desk = Desk::new();
    desk.prices(PriceUpdate {
        mark: Some(dec("57000")),
        ..PriceUpdate::default()
    });
    desk.ask("POST", ORDER, BUY)
}

fn beside_a_full_target() -> Answer {
    let mut desk = Desk::with(VenueConfig {
        reduce_only_policy: ReduceOnlyPolicy::Reject,
        ..VenueConfig::default()
    })
    .long();
    desk.done("POST", ORDER, TARGET);
    desk.ask("POST", ORDER, CLOSE)
}

fn more_open_orders_than_allowed() -> Answer {
    let mut desk = Desk::filtered(|spec| spec.max_num_orders = 1);
    desk.done("POST", ORDER, REST);
    desk.ask("POST", ORDER, &REST.replace("rests", "more"))
}

fn twice() -> Answer {
    let mut desk = Desk::new();
    desk.done("POST", ORDER, REST);
    desk.ask("POST", ORDER, REST)
}

fn tradfi() -> Answer {
    let mut desk = Desk::ruled(|rules| {
        rules.tradfi.insert("BTCUSDT".to_owned());
    });
    let refused = desk.ask("POST", ORDER, BUY);
    desk.done("POST", "/fapi/v1/stock/contract", "");
    desk.done("POST", ORDER, BUY);
    refused
}

by_rule! {
    a_cancel_of_an_unknown_order: -2011 => {
        Desk::new().ask("DELETE", ORDER, "symbol=BTCUSDT&orderId=1")
    };
    a_query_of_an_unknown_order: -2013 => {
        Desk::new().ask("GET", ORDER, "symbol=BTCUSDT&orderId=1")
    };
    an_entry_with_an_empty_wallet: -2018 => with_wallet(0, "0.010");
    an_entry_beyond_the_margin: -2019 => with_wallet(100, "1");
    a_market_order_without_a_market: -2020 => {
        Desk::unpriced(VenueConfig::default()).ask("POST", ORDER, BUY)
    };
    a_reduce_only_order_without_a_position: -2022 => Desk::new().ask("POST", ORDER, CLOSE);
    an_order_while_the_account_is_liquidated: -2023 => in_state(AccountState::Liquidation);
    more_open_orders_than_the_symbol_takes: -2025 => more_open_orders_than_allowed();
    a_price_of_zero: -4001 => rest("59000", "0");
    a_price_beyond_all: -4002 => rest("59000", "6000000");
    a_quantity_of_zero: -4003 => rest("0.010", "0");
    a_quantity_below_the_minimum: -4004 => {
        Desk::filtered(|spec| spec.min_qty = dec("0.020")).ask("POST", ORDER, REST)
    };
    a_quantity_above_the_maximum: -4005 => rest("0.010", "1001");
    a_price_below_the_minimum: -4013 => {
        Desk::filtered(|spec| spec.min_price = dec("59500")).ask("POST", ORDER, REST)
    };
    a_price_between_ticks: -4014 => rest("59000", "59000.05");
    a_client_id_that_is_too_long: -4015 => rest("rests", &"a".repeat(37));
    a_buy_far_above_the_mark: -4016 => rest("59000", "63000.1");
    a_sell_far_below_the_mark: -4024 => {
        Desk::new().ask("POST", ORDER, &REST.replace("BUY", "SELL").replace("59000", "56999.9"))
    };
    a_quantity_between_steps: -4023 => {
        Desk::filtered(|spec| spec.step_size = dec("0.003")).ask("POST", ORDER, REST)
    };
    more_decimals_than_the_symbol_has: -1111 => rest("0.010", "0.0101");
    an_order_of_an_account_that_may_only_reduce: -4087 => in_state(AccountState::ReduceOnly);
    an_order_of_an_account_that_may_nothing: -4088 => in_state(AccountState::Barred);
    an_order_of_an_inactive_account: -4109 => in_state(AccountState::Inactive);
    an_order_in_the_cooling_off_period: -4192 => in_state(AccountState::CoolingOff);
    an_entry_against_a_quantitative_rule: -4400 => in_state(AccountState::QuantitativeRule);
    an_entry_on_top_of_a_large_position: -4401 => in_state(AccountState::LargePosition);
    a_tradfi_order_before_the_agreement_is_signed: -4411 => tradfi();
    a_client_id_of_an_open_order: -4116 => twice();
    a_close_beside_a_full_target_under_the_policy: -4118 => beside_a_full_target();
    a_market_order_far_from_the_mark: -4131 => thin_book();
    an_entry_in_a_symbol_that_pauses: -4140 => in_status(SymbolStatus::TradingHalt);
    an_order_in_a_closed_symbol: -4141 => in_status(SymbolStatus::Close);
    an_order_below_the_least_notional: -4164 => rest("0.010&price=59000", "0.001&price=49000");
    fill_or_kill_without_the_size_under_the_switch: -5021 => {
        let mut desk = Desk::ruled(|rules| rules.fill_or_kill = Unfillable::Reject);
        desk.ask("POST", ORDER, &REST.replace("GTC", "FOK"))
    };
    post_only_that_would_take_under_the_switch: -5022 => {
        let mut desk = Desk::ruled(|rules| rules.post_only = Unfillable::Reject);
        desk.ask("POST", ORDER, &REST.replace("GTC", "GTX").replace("59000", "60001"))
    };
    a_price_match_that_does_not_exist: -5037 => rest_and("priceMatch=BEST");
    a_price_match_of_a_market_order: -5038 => {
        Desk::new().ask("POST", ORDER, &format!("{BUY}&priceMatch=QUEUE"))
    };
    a_self_trade_prevention_that_does_not_exist: -5039 => {
        rest_and("selfTradePreventionMode=EXPIRE_ALL")
    };
    a_good_till_date_that_is_too_near: -5040 => {
        Desk::new().ask("POST", ORDER, &format!("{}&goodTillDate=1", REST.replace("GTC", "GTD")))
    };
    a_price_match_without_a_book: -5041 => {
        let query = REST.replace("price=59000", "priceMatch=QUEUE");
        Desk::unpriced(VenueConfig::default()).ask("POST", ORDER, &query)
    };
    a_position_side_that_does_not_exist: -4060 => rest_and("positionSide=UP");
    a_position_side_of_the_other_mode: -4061 => rest_and("positionSide=LONG");
    a_reduce_only_flag_that_is_no_flag: -4062 => rest_and("reduceOnly=perhaps");
}

#[test]
fn an_account_state_holds_for_conditional_orders_too() {
    let mut desk = Desk::new().long();
    desk.venue.set_account_state(AccountState::Barred);
    assert_eq!(desk.ask("POST", ALGO, STOP), (400, -4088));
}
