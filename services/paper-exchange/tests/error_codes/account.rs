//! Codes about the account's settings.

use paper_exchange::venue::VenueConfig;

use super::desk::{Answer, Desk, ORDER, REST, by_rule};

const DUAL: &str = "/fapi/v1/positionSide/dual";
const MARGIN: &str = "/fapi/v1/marginType";
const LEVERAGE: &str = "/fapi/v1/leverage";
const ISOLATED: &str = "symbol=BTCUSDT&marginType=ISOLATED";
const HEDGE: &str = "dualSidePosition=true";

fn with_an_order(path: &str, query: &str) -> Answer {
    let mut desk = Desk::new();
    desk.done("POST", ORDER, REST);
    desk.ask("POST", path, query)
}

/// Long ten of BTCUSDT at a leverage of 50, with this wallet.
fn large(wallet: i64, margin_type: &str, leverage: &str) -> Answer {
    let mut desk = Desk::with(VenueConfig {
        wallet: wallet.into(),
        ..VenueConfig::default()
    });
    if margin_type == "ISOLATED" {
        desk.done("POST", MARGIN, ISOLATED);
    }
    desk.done("POST", LEVERAGE, "symbol=BTCUSDT&leverage=50");
    desk.done(
        "POST",
        ORDER,
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=10",
    );
    desk.ask(
        "POST",
        LEVERAGE,
        &format!("symbol=BTCUSDT&leverage={leverage}"),
    )
}

by_rule! {
    a_leverage_that_the_position_is_too_large_for: -2027 => large(20_000, "CROSSED", "125");
    a_leverage_that_the_margin_is_too_small_for: -2028 => large(20_000, "CROSSED", "2");
    a_smaller_leverage_of_an_isolated_position: -4161 => large(200_000, "ISOLATED", "10");
    a_leverage_that_no_symbol_has: -4028 => {
        Desk::new().ask("POST", LEVERAGE, "symbol=BTCUSDT&leverage=126")
    };
    a_margin_type_that_is_set_already: -4046 => {
        Desk::new().ask("POST", MARGIN, &ISOLATED.replace("ISOLATED", "CROSSED"))
    };
    a_margin_type_beside_open_orders: -4047 => with_an_order(MARGIN, ISOLATED);
    a_margin_type_beside_a_position: -4048 => Desk::new().long().ask("POST", MARGIN, ISOLATED);
    a_position_mode_that_is_set_already: -4059 => {
        Desk::new().ask("POST", DUAL, "dualSidePosition=false")
    };
    a_position_mode_beside_open_orders: -4067 => with_an_order(DUAL, HEDGE);
    a_position_mode_beside_a_position: -4068 => Desk::new().long().ask("POST", DUAL, HEDGE);
    a_position_mode_beside_a_coin_margined_position: -4531 => {
        let mut desk = Desk::ruled(|rules| rules.coin_margined_open = true);
        desk.ask("POST", DUAL, HEDGE)
    };
}
