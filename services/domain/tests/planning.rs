//! The eleven planning tests the owner names (M142); the vectors and rules in detail beside them.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

mod planning {
    pub mod case;
    mod challenge;
    mod conversions;
    mod costs;
    mod dynamic;
    mod identity;
    mod ladder;
    mod profiles;
    mod properties;
    mod random;
    mod steps;
}

use common::*;
use domain::Ratio;
use domain::Side;
use domain::market::{Regime, regime_of};
use domain::plan::convert::{to_dynamic_tpsl, to_partial_exit_config, to_trailing_config};
use domain::plan::{ExitPlan, LegKind, Strategy};
use domain::policy::Policy;
use domain::signal::RiskMode;
use planning::case::Case;

fn offsets(plan: &ExitPlan, kind: LegKind) -> Vec<String> {
    plan.legs_of(kind)
        .map(|leg| leg.offset.unwrap().to_string())
        .collect()
}

#[test]
fn m142_01_a_normal_plan_has_ladder_stop_and_trail() {
    let plan = Case::long().plan();
    assert_eq!(plan.strategy, Strategy::StandardLadder);
    assert_eq!(plan.legs.len(), 4);
    assert_eq!(offsets(&plan, LegKind::TakeProfit), ["0.015", "0.03"]);
    assert_eq!(offsets(&plan, LegKind::Stop), ["-0.025"]);
    let trail = plan.trail_leg().unwrap();
    assert_eq!(
        (trail.size, trail.callback),
        (ratio("0.5"), Some(ratio("0.015")))
    );
    assert_eq!(trail.offset, Some(ratio("0.0075")));
    assert_eq!(plan.confidence, ratio("0.75"));
    assert_eq!(plan.stop_leg().unwrap().trigger_price, Some(price("48750")));
}

#[test]
fn m142_02_a_critical_plan_is_strictly_tighter() {
    let normal = Case::long().plan();
    let critical = Case::long().risk(RiskMode::Critical).plan();
    assert!(critical.target < normal.target && critical.stop < normal.stop);
    assert_eq!(offsets(&critical, LegKind::TakeProfit), ["0.0075", "0.015"]);
    assert_eq!(offsets(&critical, LegKind::Stop), ["-0.0125"]);
}

#[test]
fn m142_03_hints_of_the_policy_shape_the_plan() {
    let plan = Case::short().advice("0.05", "0.02", "0.85").plan();
    assert_eq!(offsets(&plan, LegKind::TakeProfit), ["0.025", "0.05"]);
    assert_eq!(offsets(&plan, LegKind::Stop), ["-0.02"]);
    assert_eq!(plan.trail_leg().unwrap().offset, Some(ratio("0.0125")));
    assert_eq!(plan.stop_leg().unwrap().trigger_price, Some(price("3060")));
    assert_eq!(plan.confidence, ratio("0.85"));
}

#[test]
fn m142_04_the_emergency_stop_system_means_close_now() {
    let plan = Case::long().risk(RiskMode::EssActive).plan();
    assert_eq!(plan.strategy, Strategy::EmergencyExit);
    assert_eq!(plan.legs.len(), 1);
    assert!(plan.is_emergency());
    assert_eq!(plan.legs[0].size, Ratio::ONE);
}

#[test]
fn m142_05_a_profit_above_ten_percent_of_margin_is_locked() {
    // Leverage 5, price +3.6 %: +18 % of margin.
    let plan = Case::long().regime(Regime::Trending).mark("51800").plan();
    assert_eq!(plan.strategy, Strategy::ProfitLock);
    assert_eq!(offsets(&plan, LegKind::Stop), ["0.002"]);
    assert!(
        plan.legs_of(LegKind::TakeProfit).count() > 0,
        "targets are kept"
    );
}

#[test]
fn m142_06_dynamic_tpsl_gets_first_target_stop_and_trail() {
    let plan = Case::long().plan();
    let converted = to_dynamic_tpsl(&plan, &Policy::default()).unwrap();
    assert_eq!(converted.tp_percent, ratio("0.015"));
    assert_eq!(converted.sl_percent, ratio("0.025"));
    assert_eq!(converted.trail_percent, ratio("0.015"));
    assert!(converted.partial_tp);
    assert_eq!(converted.rationale, plan.reason);
}

#[test]
fn m142_07_the_trailing_config_has_callback_activation_and_size() {
    let plan = Case::long().plan();
    let config = to_trailing_config(&plan, &Policy::default()).unwrap();
    assert_eq!(config.callback_pct, ratio("0.015"));
    assert_eq!(config.activation_pct, ratio("0.0075"));
    assert_eq!(config.size_pct, ratio("0.5"));
}

#[test]
fn m142_08_a_plan_that_may_not_trail_has_no_trailing_config() {
    let plan = Case::long().regime(Regime::Volatile).plan();
    assert_eq!(to_trailing_config(&plan, &Policy::default()), None);
    assert_eq!(
        offsets(&plan, LegKind::TakeProfit),
        ["0.018", "0.036", "0.072"]
    );
}

#[test]
fn m142_09_partial_exits_come_nearest_first() {
    let plan = Case::long().regime(Regime::Volatile).plan();
    let rows = to_partial_exit_config(&plan);
    assert_eq!(rows.len(), 3);
    assert!(
        rows.windows(2)
            .all(|pair| pair[0].trigger_pct < pair[1].trigger_pct)
    );
    assert!(rows.iter().all(|row| row.kind == LegKind::TakeProfit));
}

#[test]
fn m142_10_the_context_of_a_long_has_its_profit_on_margin() {
    let mut long = position("BTCUSDT", Side::Long, "1.5", "50000");
    long.leverage = dec("10");
    assert_eq!(long.pnl_pct_margin(price("51000")).get(), dec("20"));
    assert_eq!(long.unrealized(price("51000")).get(), dec("1500"));
    assert_eq!(regime_of(ratio("0.02"), dec("0")), Regime::Normal);
}

#[test]
fn m142_11_the_context_of_a_short_is_signed_correctly() {
    let mut short = position("ETHUSDT", Side::Short, "10", "3000");
    short.leverage = dec("5");
    assert_eq!(
        short.pnl_pct_margin(price("2900")).get().round_dp(2),
        dec("16.67")
    );
    assert_eq!(short.unrealized(price("2900")).get(), dec("1000"));
    assert!(short.pnl_pct_price(price("3100")).get() < dec("0"));
}
