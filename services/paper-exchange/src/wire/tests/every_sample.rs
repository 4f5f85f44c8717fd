//! Every documented REST sample: our answer has each of its members with the same JSON type, or a
//! reason stands here.

use std::collections::BTreeSet;

use super::samples::{differences, payloads, sample};
use super::*;

/// A sample's folder and name, and the call that it shows.
type Asked = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const LIMIT: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=58000";
const REST: &str = "symbol=BTCUSDT&origClientOrderId=gw-rest";

/// Asked of an account with a long, a resting order and a conditional one.
#[rustfmt::skip]
const ASKED: [Asked; 53] = [
    ("account", "account_information_v2", "GET", "/fapi/v2/account", ""),
    ("account", "account_information_v3", "GET", "/fapi/v3/account", ""),
    ("account", "futures_account_balance_v2", "GET", "/fapi/v2/balance", ""),
    ("account", "futures_account_balance_v3", "GET", "/fapi/v3/balance", ""),
    ("account", "futures_account_configuration", "GET", "/fapi/v1/accountConfig", ""),
    ("account", "futures_trading_quantitative_rules_indicators", "GET",
     "/fapi/v1/apiTradingStatus", ""),
    ("account", "get_current_multi_assets_mode", "GET", "/fapi/v1/multiAssetsMargin", ""),
    ("account", "get_current_position_mode", "GET", "/fapi/v1/positionSide/dual", ""),
    ("account", "get_income_history", "GET", "/fapi/v1/income", ""),
    ("account", "notional_and_leverage_brackets", "GET", "/fapi/v1/leverageBracket", ""),
    ("account", "query_user_rate_limit", "GET", "/fapi/v1/rateLimit/order", ""),
    ("account", "symbol_configuration", "GET", "/fapi/v1/symbolConfig", ""),
    ("account", "user_commission_rate", "GET", "/fapi/v1/commissionRate", "symbol=BTCUSDT"),
    ("market_data", "check_server_time", "GET", "/fapi/v1/time", ""),
    ("market_data", "compressed_aggregate_trades_list", "GET", "/fapi/v1/aggTrades",
     "symbol=BTCUSDT"),
    ("market_data", "exchange_information", "GET", "/fapi/v1/exchangeInfo", ""),
    ("market_data", "get_funding_rate_history", "GET", "/fapi/v1/fundingRate", "symbol=BTCUSDT"),
    ("market_data", "get_funding_rate_info", "GET", "/fapi/v1/fundingInfo", ""),
    ("market_data", "mark_price", "GET", "/fapi/v1/premiumIndex", "symbol=BTCUSDT"),
    ("market_data", "old_trades_lookup", "GET", "/fapi/v1/historicalTrades", "symbol=BTCUSDT"),
    ("market_data", "order_book", "GET", "/fapi/v1/depth", "symbol=BTCUSDT"),
    ("market_data", "recent_trades_list", "GET", "/fapi/v1/trades", "symbol=BTCUSDT"),
    ("market_data", "symbol_order_book_ticker", "GET", "/fapi/v1/ticker/bookTicker",
     "symbol=BTCUSDT"),
    ("market_data", "symbol_price_ticker", "GET", "/fapi/v1/ticker/price", "symbol=BTCUSDT"),
    ("market_data", "symbol_price_ticker_v2", "GET", "/fapi/v2/ticker/price", "symbol=BTCUSDT"),
    ("market_data", "ticker24hr_price_change_statistics", "GET", "/fapi/v1/ticker/24hr",
     "symbol=BTCUSDT"),
    ("trade", "account_trade_list", "GET", "/fapi/v1/userTrades", "symbol=BTCUSDT"),
    ("trade", "all_orders", "GET", "/fapi/v1/allOrders", "symbol=BTCUSDT"),
    ("trade", "auto_cancel_all_open_orders", "POST", "/fapi/v1/countdownCancelAll",
     "symbol=BTCUSDT&countdownTime=100000"),
    ("trade", "cancel_algo_order", "DELETE", ALGO, "clientAlgoId=gw-sl-1"),
    ("trade", "cancel_all_algo_open_orders", "DELETE", "/fapi/v1/algoOpenOrders",
     "symbol=BTCUSDT"),
    ("trade", "cancel_all_open_orders", "DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT"),
    ("trade", "cancel_multiple_orders", "DELETE", "/fapi/v1/batchOrders",
     "symbol=BTCUSDT&origClientOrderIdList=[\"gw-rest\"]"),
    ("trade", "cancel_order", "DELETE", ORDER, REST),
    ("trade", "change_initial_leverage", "POST", "/fapi/v1/leverage",
     "symbol=ETHUSDT&leverage=7"),
    ("trade", "change_margin_type", "POST", "/fapi/v1/marginType",
     "symbol=ETHUSDT&marginType=ISOLATED"),
    ("trade", "current_all_algo_open_orders", "GET", "/fapi/v1/openAlgoOrders", ""),
    ("trade", "current_all_open_orders", "GET", "/fapi/v1/openOrders", ""),
    ("trade", "futures_tradfi_perps_contract", "POST", "/fapi/v1/stock/contract", ""),
    ("trade", "get_order_modify_history", "GET", "/fapi/v1/orderAmendment", "symbol=BTCUSDT"),
    ("trade", "modify_multiple_orders", "PUT", "/fapi/v1/batchOrders",
     "batchOrders=[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"quantity\":\"0.020\",\
      \"price\":\"58000\",\"origClientOrderId\":\"gw-rest\",\"modifyId\":1}]"),
    ("trade", "modify_order", "PUT", ORDER,
     "symbol=BTCUSDT&side=BUY&origClientOrderId=gw-rest&quantity=0.020&price=58000&modifyId=1"),
    ("trade", "new_algo_order", "POST", ALGO,
     "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&quantity=0.010&\
      triggerPrice=62000&price=62000"),
    ("trade", "new_order", "POST", ORDER, LIMIT),
    ("trade", "place_multiple_orders", "POST", "/fapi/v1/batchOrders",
     "batchOrders=[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"MARKET\",\
      \"quantity\":\"0.010\"}]"),
    ("trade", "position_information_v2", "GET", "/fapi/v2/positionRisk", ""),
    ("trade", "position_information_v3", "GET", "/fapi/v3/positionRisk", ""),
    ("trade", "query_algo_order", "GET", ALGO, "clientAlgoId=gw-sl-1"),
    ("trade", "query_all_algo_orders", "GET", "/fapi/v1/allAlgoOrders", "symbol=BTCUSDT"),
    ("trade", "query_current_open_order", "GET", "/fapi/v1/openOrder", REST),
    ("trade", "query_order", "GET", ORDER, REST),
    ("trade", "test_order", "POST", "/fapi/v1/order/test", LIMIT),
    ("user_data_streams", "start_user_data_stream", "POST", "/fapi/v1/listenKey", ""),
];

/// Asked of an account without anything, after a listen key was made.
#[rustfmt::skip]
const ASKED_FLAT: [Asked; 2] = [
    ("trade", "change_position_mode", "POST", "/fapi/v1/positionSide/dual",
     "dualSidePosition=true"),
    ("user_data_streams", "keepalive_user_data_stream", "PUT", "/fapi/v1/listenKey", ""),
];

const NOT_NEEDED: &str = "no part of the contract: neither the gateway nor the clients ask for it";

/// Samples of calls that are not answered, and why.
const NOT_ASKED: [(&str, &str); 28] = [
    ("get_bnb_burn_status", NOT_NEEDED),
    ("toggle_bnb_burn_on_futures_trade", NOT_NEEDED),
    ("get_download_id_for_futures_order_history", NOT_NEEDED),
    ("get_download_id_for_futures_trade_history", NOT_NEEDED),
    (
        "get_download_id_for_futures_transaction_history",
        NOT_NEEDED,
    ),
    ("get_futures_order_history_download_link_by_id", NOT_NEEDED),
    ("get_futures_trade_download_link_by_id", NOT_NEEDED),
    (
        "get_futures_transaction_history_download_link_by_id",
        NOT_NEEDED,
    ),
    ("adl_risk", NOT_NEEDED),
    ("asset_index", NOT_NEEDED),
    ("basis", NOT_NEEDED),
    ("composite_index_symbol_information", NOT_NEEDED),
    ("long_short_ratio", NOT_NEEDED),
    ("open_interest", NOT_NEEDED),
    ("open_interest_statistics", NOT_NEEDED),
    ("quarterly_contract_settlement_price", NOT_NEEDED),
    ("query_index_price_constituents", NOT_NEEDED),
    ("query_insurance_fund_balance_snapshot", NOT_NEEDED),
    (
        "rpi_order_book",
        "RPI orders rest here like any other: there is no book of their own",
    ),
    ("taker_buy_sell_volume", NOT_NEEDED),
    ("top_trader_long_short_ratio_accounts", NOT_NEEDED),
    ("top_trader_long_short_ratio_positions", NOT_NEEDED),
    ("trading_schedule", NOT_NEEDED),
    (
        "change_multi_assets_mode",
        "one asset: the mode cannot be changed",
    ),
    ("get_position_margin_change_history", NOT_NEEDED),
    ("modify_isolated_position_margin", NOT_NEEDED),
    ("position_adl_quantile_estimation", NOT_NEEDED),
    (
        "users_force_orders",
        "liquidations are told by the streams and by allOrders",
    ),
];

/// Ends of differences that are right, and why.
const ALLOWED: [(&str, &str); 9] = [
    (
        ".notionalCoef: missing",
        "only of symbols whose brackets were scaled",
    ),
    (
        ".settlePlan: missing",
        "only in older documents (section 2.1)",
    ),
    (
        ".activatePrice: missing",
        "old trailing orders, which are conditional orders now",
    ),
    (
        ".priceRate: missing",
        "old trailing orders, which are conditional orders now",
    ),
    (
        "[0].code: missing",
        "an element of a batch is an order or an error, never both",
    ),
    (
        "[0].msg: missing",
        "an element of a batch is an order or an error, never both",
    ),
    (
        ".indicators.ACCOUNT: missing",
        "no indicator is ever locked here",
    ),
    (
        ".indicators.BTCUSDT: missing",
        "no indicator is ever locked here",
    ),
    (
        ".indicators.ETHUSDT: missing",
        "no indicator is ever locked here",
    ),
];

fn check(venue: &mut Venue, asked: &Asked, faults: &mut Vec<String>) {
    let (folder, file, method, path, query) = asked;
    let Some(sample) = sample(&format!("documented/rest_api/{folder}_api/{file}.json")) else {
        return;
    };
    let (status, ours) = call(venue, method, path, query);
    if status != 200 {
        faults.push(format!("{file}: {status} {ours}"));
        return;
    }
    let mut out = Vec::new();
    differences(&sample, &ours, "", &mut out);
    // The sample melts all filters into one.
    out.retain(|found| !found.contains(".filters[0]."));
    out.retain(|found| !ALLOWED.iter().any(|(end, _)| found.ends_with(end)));
    faults.extend(out.iter().map(|found| format!("{file}: {found}")));
}

#[test]
fn each_answer_has_every_member_of_its_sample_with_the_same_type() {
    let mut faults = Vec::new();
    for asked in &ASKED {
        let mut venue = long();
        ok(&mut venue, "POST", ALGO, STOP);
        let rest = format!("{LIMIT}&newClientOrderId=gw-rest");
        ok(&mut venue, "POST", ORDER, &rest);
        let change = "symbol=BTCUSDT&side=BUY&origClientOrderId=gw-rest&quantity=0.010&\
                      price=58001";
        ok(&mut venue, "PUT", ORDER, change);
        check(&mut venue, asked, &mut faults);
    }
    for asked in &ASKED_FLAT {
        let mut venue = venue();
        ok(&mut venue, "POST", "/fapi/v1/listenKey", "");
        check(&mut venue, asked, &mut faults);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_documented_sample_is_left_out() {
    let asked = ASKED.iter().chain(&ASKED_FLAT).map(|asked| asked.1);
    let listed: BTreeSet<&str> = asked
        .chain(NOT_ASKED.iter().map(|(file, _)| *file))
        .collect();
    let mut missing = Vec::new();
    for folder in ["account", "market_data", "trade", "user_data_streams"] {
        let folder = payloads().join(format!("documented/rest_api/{folder}_api"));
        let Ok(files) = std::fs::read_dir(folder) else {
            return;
        };
        for file in files {
            let name = file.unwrap().file_name().into_string().unwrap();
            let name = name.trim_end_matches(".json").to_owned();
            if !listed.contains(name.as_str()) {
                missing.push(name);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "neither asked nor left out with a reason: {missing:#?}"
    );
}
