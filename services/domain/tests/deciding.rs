//! The ways out, each on both sides of its threshold, for long and short.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::case::{Case, SIDES};
use domain::Span;
use domain::decision::{Action, Rule};
use domain::market::Regime;
use domain::plan::ExitPlan;
use domain::plan::build::build;
use domain::policy::ProfileMode;
use domain::signal::RiskMode;

/// The smallest span.
const MICRO: Span = Span::from_micros(1);

fn plus(span: Span, more: Span) -> Span {
    Span::from_micros(span.micros() + more.micros())
}

/// A plan of `CHALLENGE_100`: out after two hours without its target.
fn with_time_stop(side: domain::Side) -> Case {
    let mut case = Case::open(side);
    case.policy.profiles.mode = ProfileMode::Challenge100;
    case.planned()
}

fn out(case: &Case, rule: Rule) {
    let decision = case.decide();
    assert_eq!(
        (decision.rule, &decision.action),
        (rule, &Action::FullExit),
        "{decision:?}"
    );
    assert_eq!(decision.confidence, ratio("0.95"));
}

fn stays(case: &Case) {
    let decision = case.decide();
    assert_ne!(decision.action, Action::FullExit, "{decision:?}");
}

#[test]
fn the_loss_guard_closes_at_twelve_and_a_half_percent_of_margin() {
    for side in SIDES {
        for (pnl, exits) in [
            ("-12", false),
            ("-12.4999", false),
            ("-12.5", true),
            ("-12.5001", true),
            ("-12.6", true),
        ] {
            let case = Case::open(side).at_margin_pct(pnl);
            if exits {
                out(&case, Rule::LossGuard);
            } else {
                stays(&case);
            }
        }
    }
}

#[test]
fn the_loss_guard_acts_once() {
    let mut case = Case::open(domain::Side::Long).at_margin_pct("-12.6");
    let side = case.position.key.side;
    case.desired.apply(&case.decide().action, side, None);
    assert_eq!(case.decide().action, Action::NoChange);
}

#[test]
fn the_crash_rule_holds_below_five_percent_of_margin_and_only_in_a_crash() {
    for side in SIDES {
        for (regime, _) in Regime::ALL {
            for (pnl, below) in [("-4.9999", false), ("-5", false), ("-5.0001", true)] {
                let mut case = Case::open(side).at_margin_pct(pnl);
                case.regime = regime;
                if below && regime == Regime::Crash {
                    out(&case, Rule::Crash);
                } else {
                    stays(&case);
                }
            }
        }
    }
}

#[test]
fn the_age_rule_holds_after_forty_eight_hours_and_below_two_percent() {
    let limit = Span::from_hours(48);
    for side in SIDES {
        for (age, pnl, exits) in [
            (limit, "-2.0001", false),
            (plus(limit, MICRO), "-2", false),
            (plus(limit, MICRO), "-1.9999", false),
            (plus(limit, MICRO), "-2.0001", true),
        ] {
            let mut case = Case::open(side).at_margin_pct(pnl);
            case.age = age;
            if exits {
                out(&case, Rule::Age);
            } else {
                stays(&case);
            }
        }
    }
}

#[test]
fn the_time_stop_closes_what_has_reached_no_target_in_its_time() {
    let limit = Span::from_hours(2);
    for side in SIDES {
        let mut case = with_time_stop(side);
        case.age = limit;
        stays(&case);
        case.age = plus(limit, MICRO);
        out(&case, Rule::TimeStop);
        assert!(case.decide().reason.starts_with("time stop"));

        let mut hit = case.clone();
        hit.position.qty = qty("0.07");
        stays(&hit);
        hit.position.qty = qty("0.071");
        out(&hit, Rule::TimeStop);

        let mut being_hit = case.clone();
        being_hit.desired.keep = Some(qty("0.07"));
        stays(&being_hit);

        case.plan.as_mut().unwrap().time_stop = None;
        stays(&case);
    }
}

#[test]
fn a_floor_nearer_than_a_fifth_of_a_percent_cannot_be_held() {
    for side in SIDES {
        for (leverage, exits) in [("50", false), ("50.0001", true), ("125", true)] {
            let mut case = Case::open(side);
            case.position.leverage = dec(leverage);
            if exits {
                out(&case, Rule::OverLeveraged);
            } else {
                stays(&case);
            }
        }
    }
}

#[test]
fn a_stop_that_the_mark_has_passed_gets_its_grace() {
    let grace = Case::open(domain::Side::Long).policy.stops.grace;
    for side in SIDES {
        let mut case = Case::open(side);
        case.desired.stop_reached_since = Some(case.position.opened_at);
        case.age = Span::from_micros(grace.micros() - 1);
        stays(&case);
        case.age = grace;
        out(&case, Rule::StopPassed);
    }
}

#[test]
fn the_emergency_needs_neither_plan_nor_price() {
    for side in SIDES {
        let mut case = Case::open(side);
        case.risk = RiskMode::EssActive;
        out(&case, Rule::EmergencyStopSystem);
        assert_eq!(case.decide().plan_id, None);

        let mut planned = Case::open(side);
        planned.plan = Some(emergency_plan(&planned));
        out(&planned, Rule::EmergencyStopSystem);
        assert_eq!(planned.decide().plan_id, planned.plan.map(|plan| plan.id));
    }
}

fn emergency_plan(case: &Case) -> ExitPlan {
    let context = domain::market::MarketContext::unknown(symbol("BTCUSDT"), NOW);
    let inputs = domain::plan::build::PlanInputs {
        position: &case.position,
        mark_price: None,
        context: &context,
        hint: None,
        risk: RiskMode::EssActive,
        heat: None,
        equity: None,
        is_equity_old: false,
    };
    build(&inputs, &case.policy, NOW).unwrap()
}

#[test]
fn what_the_operator_orders_needs_neither_plan_nor_price_and_says_who_it_was() {
    for side in SIDES {
        let mut case = Case::open(side);
        case.desired.ordered_by = Some("ada".into());
        out(&case, Rule::Operator);
        assert_eq!(case.decide().reason, "operator: ada closes everything");
        case.desired.exiting = true;
        stays(&case);
    }
}

#[test]
fn a_stop_that_hangs_or_is_refused_is_an_exit_now() {
    for side in SIDES {
        let mut hangs = Case::open(side);
        hangs.stuck = true;
        out(&hangs, Rule::StuckStop);
        let mut refused = Case::open(side);
        refused.desired.stop_refused = true;
        out(&refused, Rule::StopBreached);
    }
}

/// All of them at once, then one less each time: what comes out is their order.
#[test]
fn the_ways_out_are_asked_in_their_order() {
    let mut case = with_time_stop(domain::Side::Long).at_margin_pct("-12.6");
    case.age = Span::from_hours(49);
    case.regime = Regime::Crash;
    case.risk = RiskMode::EssActive;
    case.stuck = true;
    case.desired.stop_reached_since = Some(NOW);
    case.desired.stop_refused = true;
    case.position.leverage = dec("51");
    case.desired.ordered_by = Some("ada".into());
    out(&case, Rule::Operator);
    case.desired.ordered_by = None;
    out(&case, Rule::EmergencyStopSystem);
    case.risk = RiskMode::Critical;
    out(&case, Rule::StuckStop);
    case.stuck = false;
    out(&case, Rule::OverLeveraged);
    case.position.leverage = dec("5");
    out(&case, Rule::StopPassed);
    case.desired.stop_reached_since = None;
    out(&case, Rule::StopBreached);
    case.desired.stop_refused = false;
    out(&case, Rule::LossGuard);
    case = case.at_margin_pct("-6.3");
    out(&case, Rule::Crash);
    assert!(case.decide().reason.contains("emergency"));
    case.regime = Regime::Normal;
    out(&case, Rule::Age);
    case = case.at_margin_pct("-1");
    out(&case, Rule::TimeStop);
}

#[test]
fn a_price_is_needed_only_where_a_loss_is_judged() {
    let mut case = Case::open(domain::Side::Long);
    case.age = Span::from_hours(49);
    case.regime = Regime::Crash;
    stays(&case);
}

#[test]
fn what_is_closed_or_being_closed_is_left_alone() {
    for side in SIDES {
        let mut flat = Case::open(side).planned().at_margin_pct("-20");
        flat.position.qty = qty("0");
        flat.risk = RiskMode::EssActive;
        assert_eq!(flat.decide().action, Action::NoChange);
        let mut exiting = Case::open(side).planned().at_margin_pct("20");
        exiting.desired.exiting = true;
        assert_eq!(exiting.decide().action, Action::NoChange);
    }
}

#[test]
fn a_plan_that_works_changes_nothing() {
    let mut case = Case::open(domain::Side::Long);
    case.position = position("BTCUSDT", domain::Side::Long, "0.1", "95000");
    case.position.leverage = dec("1");
    case.regime = Regime::Volatile;
    case.desired.stop = Some(price("93000"));
    let mut case = case.planned();
    case.mark = Some(price("96000"));
    let decision = case.decide();
    assert_eq!(decision.action, Action::NoChange);
    assert_eq!(decision.rule, Rule::PlanWorking);
    assert!(decision.reason.contains("plan is working"));
    assert_eq!(decision.confidence, ratio("0.7"));
    assert_eq!(decision.plan_id, case.plan.map(|plan| plan.id));
}

#[test]
fn every_rule_has_a_name_that_leads_back_to_it() {
    for (rule, name) in Rule::ALL {
        assert_eq!(rule.to_string(), name);
        assert_eq!(name.parse::<Rule>().unwrap(), rule);
    }
}
