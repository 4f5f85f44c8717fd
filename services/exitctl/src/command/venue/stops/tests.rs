//! What counts as a stop for a position.

use binance::response;

use super::super::report::Verdict;
use super::*;

fn position(side: &str, amount: &str) -> Vec<PositionRisk> {
    let text = format!(
        r#"[{{"symbol":"BTCUSDT","positionSide":"{side}","positionAmt":"{amount}",
            "entryPrice":"60000","markPrice":"60000","updateTime":1}}]"#
    );
    response::position_risk(&text).unwrap()
}

fn stop(side: &str, kind: &str, qty: &str, flags: &str) -> Vec<AlgoAnswer> {
    let text = format!(
        r#"[{{"algoId":1,"clientAlgoId":"a","orderType":"{kind}","symbol":"BTCUSDT",
            "side":"SELL","positionSide":"{side}","quantity":"{qty}","algoStatus":"NEW",
            {flags}"createTime":1,"updateTime":1}}]"#
    );
    response::open_algo_orders(&text).unwrap()
}

fn verdict(positions: &[PositionRisk], algos: &[AlgoAnswer]) -> Verdict {
    let rows = check(positions, algos, &[]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].verdict
}

#[test]
fn a_position_is_covered_by_a_stop_that_closes_all_of_it() {
    let long = position("BOTH", "0.5");
    let whole = r#""closePosition":true,"#;
    let reduces = r#""reduceOnly":true,"#;
    assert_eq!(verdict(&long, &[]), Verdict::Bad);
    assert_eq!(
        verdict(&long, &stop("BOTH", "STOP_MARKET", "0", whole)),
        Verdict::Ok
    );
    assert_eq!(
        verdict(&long, &stop("BOTH", "STOP_MARKET", "0.5", reduces)),
        Verdict::Ok
    );
    assert_eq!(
        verdict(&long, &stop("BOTH", "STOP_MARKET", "0.4", reduces)),
        Verdict::Bad
    );
    assert_eq!(
        verdict(&long, &stop("BOTH", "STOP_MARKET", "0.5", "")),
        Verdict::Bad
    );
    let target = stop("BOTH", "TAKE_PROFIT_MARKET", "0", whole);
    assert_eq!(verdict(&long, &target), Verdict::Bad);
}

#[test]
fn a_stop_of_the_other_leg_or_the_other_side_covers_nothing() {
    let stop = stop("LONG", "STOP_MARKET", "0.5", "");
    assert_eq!(verdict(&position("LONG", "0.5"), &stop), Verdict::Ok);
    assert_eq!(verdict(&position("SHORT", "-0.5"), &stop), Verdict::Bad);
}

#[test]
fn a_position_of_a_symbol_that_nobody_acts_on_is_told() {
    let others = [Symbol::new("ETHUSDT").unwrap()];
    let rows = check(&position("BOTH", "0.5"), &[], &others);
    assert_eq!(rows[0].verdict, Verdict::Warn);
}

#[test]
fn without_positions_nothing_lacks() {
    assert_eq!(verdict(&position("BOTH", "0"), &[]), Verdict::Ok);
}
