//! What identifies a plan: everything that it was made from, and nothing else.

use domain::market::{ContextSource, Regime};
use domain::plan::build::{PlanError, PlanInputs, build};
use domain::policy::ProfileMode;
use domain::signal::RiskMode;
use domain::{Epoch, Money, Qty, Span, Timestamp};

use super::case::Case;
use crate::common::*;

fn told() -> Case {
    Case::long()
        .volatility("0.02")
        .trend("0.1")
        .heat("0.2")
        .equity("1000")
        .advice("0.05", "0.02", "0.8")
}

#[test]
fn m094_every_input_that_matters_makes_another_plan() {
    type Change = fn(&mut Case);
    let changes: [(&str, Change); 21] = [
        ("epoch", |case| case.position.epoch = Epoch(7)),
        ("entry", |case| case.position.entry_price = price("50001")),
        ("leverage", |case| case.position.leverage = dec("6")),
        ("opened", |case| case.position.initial_qty = qty("0.2")),
        ("risk", |case| case.risk = RiskMode::Conservative),
        ("heat", |case| case.heat = Some(ratio("0.3"))),
        ("no heat", |case| case.heat = None),
        ("equity", |case| case.equity = Some(Money::new(dec("999")))),
        ("volatility", |case| {
            case.context.volatility = ratio("0.021");
        }),
        ("trend", |case| case.context.trend = dec("0.2")),
        ("regime", |case| case.context.regime = Regime::Chop),
        ("source", |case| {
            case.context.source = ContextSource::Default;
        }),
        ("atr", |case| case.context.atr = Some(ratio("0.01"))),
        ("spread", |case| case.context.spread = Some(ratio("0.0001"))),
        ("funding", |case| {
            case.context.funding_rate = Some(ratio("0.0001"));
        }),
        ("volume", |case| {
            case.context.quote_volume_24h = Some(Money::new(dec("5")));
        }),
        ("no hint", |case| case.hint = None),
        ("strategy", |case| {
            case.hint.as_mut().unwrap().strategy = Some("SWING".into());
        }),
        ("signal confidence", |case| {
            case.hint.as_mut().unwrap().signal_confidence = Some(ratio("0.7"));
        }),
        ("trail", |case| {
            case.hint.as_mut().unwrap().trail = Some(ratio("0.01"));
        }),
        ("locked", |case| case.mark = Some(price("60000"))),
    ];
    let plan = told().plan();
    for (what, change) in changes {
        let other = told().with(change).plan();
        assert_ne!(plan.inputs_digest, other.inputs_digest, "{what}");
        assert_ne!(plan.id, other.id, "{what}");
    }
    let other = told().policy(|policy| policy.base.trail = ratio("0.014"));
    assert_ne!(plan.id, other.plan().id, "policy");
}

#[test]
fn m094_dates_and_a_mark_that_decides_nothing_make_no_other_plan() {
    let later = Timestamp::from_millis(1_795_178_999_000);
    let plan = told().plan();
    let same = told().mark("50500").with(|case| {
        case.context.at = later;
        case.hint.as_mut().unwrap().at = later;
    });
    assert_eq!(same.plan(), plan);
    let closed = told().with(|case| case.position.qty = qty("0.05")).plan();
    assert_eq!(closed, plan, "a closed part");
}

#[test]
fn equal_numbers_make_equal_plans_however_they_are_written() {
    let plain = told().plan();
    let padded = told()
        .leverage("5.000")
        .trend("0.1000")
        .heat("0.2000")
        .equity("1000.00")
        .advice("0.0500", "0.020", "0.80");
    assert_eq!(padded.plan(), plain);
}

#[test]
fn the_mark_counts_for_a_dynamic_plan_once_it_is_in_profit() {
    let dynamic = |mark: &str| {
        let case = told().policy(|policy| policy.profiles.mode = ProfileMode::Dynamic);
        case.mark(mark).plan().inputs_digest
    };
    assert_eq!(dynamic("50000"), dynamic("50400"));
    assert_ne!(dynamic("50400"), dynamic("50500"), "5 % of margin");
}

#[test]
fn a_flat_position_has_no_plan() {
    let case = Case::long().with(|case| case.position.qty = Qty::ZERO);
    let inputs = PlanInputs {
        position: &case.position,
        mark_price: None,
        context: &case.context,
        hint: None,
        risk: RiskMode::Normal,
        heat: None,
        equity: None,
        is_equity_old: false,
    };
    let refused = build(&inputs, &case.policy, NOW).unwrap_err();
    assert!(matches!(refused, PlanError::Flat { .. }));
    assert_eq!(
        refused.to_string(),
        "position main.BTCUSDT.LONG is flat: nothing to plan"
    );
}

#[test]
fn a_leg_without_a_price_is_refused_by_name() {
    let case = Case::short()
        .advice("0.15", "0.02", "0.9")
        .policy(|policy| policy.ladder.steps[1].target_multiple = ratio("7"));
    let inputs = PlanInputs {
        position: &case.position,
        mark_price: None,
        context: &case.context,
        hint: case.hint.as_ref(),
        risk: RiskMode::Normal,
        heat: None,
        equity: None,
        is_equity_old: false,
    };
    let refused = build(&inputs, &case.policy, NOW).unwrap_err().to_string();
    assert_eq!(
        refused,
        "leg TakeProfit of main.ETHUSDT.SHORT at offset 1.05 from entry 3000 has no price above 0"
    );
}

#[test]
fn a_plan_holds_for_a_day_and_says_why_it_is() {
    let plan = Case::long().plan();
    assert_eq!(plan.expires_at, NOW + Span::from_hours(24));
    assert_eq!(plan.reason, "ladder in a NORMAL market, risk mode NORMAL");
    let locked = Case::long()
        .mark("60000")
        .policy(|policy| policy.profiles.mode = ProfileMode::Static);
    assert_eq!(
        locked.plan().reason,
        "profit lock on NORMAL_DEFAULT in a NORMAL market, risk mode NORMAL"
    );
}
