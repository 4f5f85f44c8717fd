//! The eleven planning tests the owner names (M142), and the worked examples of the ladder.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::*;
use domain::market::{MarketContext, Regime, regime_of};
use domain::plan::build::{PlanError, PlanInputs, build};
use domain::plan::convert::{to_dynamic_tpsl, to_partial_exit_config, to_trailing_config};
use domain::plan::{ExitPlan, LegKind, Strategy};
use domain::policy::Policy;
use domain::signal::{RiskMode, RlHint};
use domain::{Position, Qty, Ratio, Side, Timestamp};

struct Case {
    position: Position,
    regime: Regime,
    risk: RiskMode,
    hint: Option<RlHint>,
    mark: Option<&'static str>,
}

impl Case {
    fn new(position: Position) -> Self {
        Self {
            position,
            regime: Regime::Normal,
            risk: RiskMode::Normal,
            hint: None,
            mark: None,
        }
    }

    fn plan(&self) -> ExitPlan {
        let mut context = MarketContext::unknown(self.position.key.symbol.clone(), NOW);
        context.regime = self.regime;
        let inputs = PlanInputs {
            position: &self.position,
            mark_price: self.mark.map(price),
            context: &context,
            hint: self.hint.as_ref(),
            risk: self.risk,
        };
        build(&inputs, &Policy::default(), NOW).unwrap()
    }
}

fn btc_long() -> Position {
    position("BTCUSDT", Side::Long, "0.1", "50000")
}

fn eth_short() -> Position {
    position("ETHUSDT", Side::Short, "1", "3000")
}

fn hint(confidence: &str) -> Option<RlHint> {
    Some(RlHint {
        symbol: symbol("ETHUSDT"),
        take_profit: Some(ratio("0.05")),
        stop_loss: Some(ratio("0.02")),
        trail: None,
        confidence: Some(ratio(confidence)),
        at: NOW,
    })
}

fn offsets(plan: &ExitPlan, kind: LegKind) -> Vec<String> {
    plan.legs_of(kind)
        .map(|leg| leg.offset.unwrap().to_string())
        .collect()
}

#[test]
fn m142_01_a_normal_plan_has_ladder_stop_and_trail() {
    let plan = Case::new(btc_long()).plan();
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
    let normal = Case::new(btc_long()).plan();
    let critical = Case {
        risk: RiskMode::Critical,
        ..Case::new(btc_long())
    }
    .plan();
    assert!(critical.target < normal.target && critical.stop < normal.stop);
    assert_eq!(offsets(&critical, LegKind::TakeProfit), ["0.0075", "0.015"]);
    assert_eq!(offsets(&critical, LegKind::Stop), ["-0.0125"]);
}

#[test]
fn m142_03_hints_of_the_policy_shape_the_plan() {
    let plan = Case {
        hint: hint("0.85"),
        ..Case::new(eth_short())
    }
    .plan();
    assert_eq!(offsets(&plan, LegKind::TakeProfit), ["0.025", "0.05"]);
    assert_eq!(offsets(&plan, LegKind::Stop), ["-0.02"]);
    assert_eq!(plan.trail_leg().unwrap().offset, Some(ratio("0.0125")));
    assert_eq!(plan.stop_leg().unwrap().trigger_price, Some(price("3060")));
    assert_eq!(plan.confidence, ratio("0.85"));
}

#[test]
fn m142_04_the_emergency_stop_system_means_close_now() {
    let plan = Case {
        risk: RiskMode::EssActive,
        ..Case::new(btc_long())
    }
    .plan();
    assert_eq!(plan.strategy, Strategy::EmergencyExit);
    assert_eq!(plan.legs.len(), 1);
    assert!(plan.is_emergency());
    assert_eq!(plan.legs[0].size, Ratio::ONE);
}

#[test]
fn m142_05_a_profit_above_ten_percent_of_margin_is_locked() {
    // Leverage 5, price +3.6 %: +18 % of margin.
    let case = Case {
        mark: Some("51800"),
        regime: Regime::Trending,
        ..Case::new(btc_long())
    };
    let plan = case.plan();
    assert_eq!(plan.strategy, Strategy::ProfitLock);
    assert_eq!(offsets(&plan, LegKind::Stop), ["0.002"]);
    assert!(
        plan.legs_of(LegKind::TakeProfit).count() > 0,
        "targets are kept"
    );
}

#[test]
fn m142_06_dynamic_tpsl_gets_first_target_stop_and_trail() {
    let plan = Case::new(btc_long()).plan();
    let converted = to_dynamic_tpsl(&plan, &Policy::default());
    assert_eq!(converted.tp_percent, ratio("0.015"));
    assert_eq!(converted.sl_percent, ratio("0.025"));
    assert_eq!(converted.trail_percent, ratio("0.015"));
    assert!(converted.partial_tp);
    assert_eq!(converted.rationale, plan.reason);
}

#[test]
fn m142_07_the_trailing_config_has_callback_activation_and_size() {
    let plan = Case::new(btc_long()).plan();
    let config = to_trailing_config(&plan, &Policy::default()).unwrap();
    assert_eq!(config.callback_pct, ratio("0.015"));
    assert_eq!(config.activation_pct, ratio("0.0075"));
    assert_eq!(config.size_pct, ratio("0.5"));
}

#[test]
fn m142_08_a_plan_that_may_not_trail_has_no_trailing_config() {
    let plan = Case {
        regime: Regime::Volatile,
        ..Case::new(btc_long())
    }
    .plan();
    assert_eq!(to_trailing_config(&plan, &Policy::default()), None);
    assert_eq!(
        offsets(&plan, LegKind::TakeProfit),
        ["0.018", "0.036", "0.072"]
    );
}

#[test]
fn m142_09_partial_exits_come_nearest_first() {
    let plan = Case {
        regime: Regime::Volatile,
        ..Case::new(btc_long())
    }
    .plan();
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

/// E3 to E8 with the ruled factors: first two targets, third (fixed) or none, stop.
#[test]
fn the_worked_examples_of_the_ladder_come_out() {
    let rows: [(Case, &[&str], &str); 5] = [
        (
            Case {
                hint: hint("0.4"),
                ..Case::new(eth_short())
            },
            &["0.015", "0.03"],
            "-0.02",
        ),
        (
            Case {
                risk: RiskMode::Conservative,
                ..Case::new(btc_long())
            },
            &["0.0105", "0.021"],
            "-0.0175",
        ),
        (
            Case {
                regime: Regime::Volatile,
                ..Case::new(btc_long())
            },
            &["0.018", "0.036", "0.072"],
            "-0.03",
        ),
        (
            Case {
                regime: Regime::Trending,
                ..Case::new(btc_long())
            },
            &["0.0225", "0.045"],
            "-0.02",
        ),
        (
            Case {
                regime: Regime::RangeBound,
                ..Case::new(btc_long())
            },
            &["0.012", "0.024", "0.048"],
            "-0.02",
        ),
    ];
    for (case, targets, stop) in rows {
        let plan = case.plan();
        assert_eq!(offsets(&plan, LegKind::TakeProfit), targets);
        assert_eq!(offsets(&plan, LegKind::Stop), [stop]);
        let closed: rust_decimal::Decimal = plan
            .legs
            .iter()
            .filter(|leg| leg.kind != LegKind::Stop)
            .map(|leg| leg.size.get())
            .sum();
        assert_eq!(closed, dec("1"), "the ladder closes everything once");
    }
}

#[test]
fn weak_advice_can_tighten_but_never_widen() {
    let mut wide = hint("0.4");
    if let Some(hint) = wide.as_mut() {
        hint.stop_loss = Some(ratio("0.049"));
    }
    let plan = Case {
        hint: wide,
        ..Case::new(eth_short())
    }
    .plan();
    assert_eq!(plan.stop, ratio("0.025"));
}

#[test]
fn a_flat_position_has_no_plan_and_the_same_inputs_have_the_same_plan() {
    let mut flat = btc_long();
    flat.qty = Qty::ZERO;
    let context = MarketContext::unknown(symbol("BTCUSDT"), NOW);
    let inputs = |position| PlanInputs {
        position,
        mark_price: None,
        context: &context,
        hint: None,
        risk: RiskMode::Normal,
    };
    let refused = build(&inputs(&flat), &Policy::default(), Timestamp::default());
    assert!(matches!(refused, Err(PlanError::Flat { .. })));
    let long = btc_long();
    let once = build(&inputs(&long), &Policy::default(), NOW).unwrap();
    let twice = build(&inputs(&long), &Policy::default(), NOW).unwrap();
    assert_eq!(once, twice);
}
