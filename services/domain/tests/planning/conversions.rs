//! Plans in the incumbents' own terms (behaviour 3.8), and what can't be told in them.

use domain::market::Regime;
use domain::plan::LegKind;
use domain::plan::convert::{
    NoDistances, TrailingConfig, to_dynamic_tpsl, to_partial_exit_config, to_trailing_config,
};
use domain::policy::{LadderStep, Policy, ProfileMode, StepClose};
use domain::signal::RiskMode;
use serde::Deserialize;
use serde::de::value::{Error, MapDeserializer};

use super::case::Case;
use crate::common::*;

/// A ladder of limits and a trail, in multiples of a target that is told.
fn ladder(target: &str, steps: &[(&str, &str, StepClose)]) -> Case {
    Case::long().policy(|policy| {
        policy.base.target = ratio(target);
        policy.ladder.steps = steps
            .iter()
            .map(|(multiple, size, close)| LadderStep {
                target_multiple: ratio(multiple),
                size: ratio(size),
                close: *close,
            })
            .collect();
    })
}

#[test]
fn s9_m095_a_plan_as_dynamic_take_profit_and_stop() {
    let plan = Case::long()
        .policy(|policy| policy.base.trail = ratio("0.02"))
        .plan();
    let told = to_dynamic_tpsl(&plan, &Policy::default()).unwrap();
    assert_eq!(
        (told.tp_percent, told.sl_percent, told.trail_percent),
        (ratio("0.015"), ratio("0.025"), ratio("0.02"))
    );
    assert!(told.partial_tp);
    assert_eq!(told.rationale, plan.reason);
    assert_eq!(told.confidence, ratio("0.75"));
}

#[test]
fn s10_m095_the_trail_of_a_plan() {
    let case = ladder(
        "0.02",
        &[
            ("1", "0.5", StepClose::Limit),
            ("2", "0.5", StepClose::Trail),
        ],
    );
    let told = to_trailing_config(&case.plan(), &Policy::default()).unwrap();
    assert_eq!(
        told,
        TrailingConfig {
            callback_pct: ratio("0.015"),
            activation_pct: ratio("0.01"),
            size_pct: ratio("0.5"),
        }
    );
    let single = to_dynamic_tpsl(&case.plan(), &Policy::default()).unwrap();
    assert!(!single.partial_tp, "one target is not a ladder");
}

#[test]
fn s11_m095_the_partial_exits_of_a_plan() {
    let case = ladder(
        "0.05",
        &[
            ("0.2", "0.3", StepClose::Limit),
            ("0.5", "0.3", StepClose::Limit),
            ("1", "0.4", StepClose::Limit),
        ],
    );
    let rows = to_partial_exit_config(&case.plan());
    let told: Vec<_> = rows.iter().map(|row| row.trigger_pct.to_string()).collect();
    assert_eq!(told, ["0.01", "0.025", "0.05"]);
    assert!(rows.iter().all(|row| row.kind == LegKind::TakeProfit));
}

#[test]
fn parts_that_close_at_market_are_targets_like_the_others() {
    let case = Case::long()
        .regime(Regime::Trending)
        .policy(|policy| policy.profiles.mode = ProfileMode::Static);
    let plan = case.plan();
    let told = to_dynamic_tpsl(&plan, &case.policy).unwrap();
    assert_eq!(told.tp_percent, ratio("0.01"));
    assert!(told.partial_tp);
    let kinds: Vec<_> = to_partial_exit_config(&plan)
        .iter()
        .map(|row| (row.kind, row.trigger_pct.to_string(), row.trail_callback))
        .collect();
    assert_eq!(
        kinds,
        [
            (LegKind::TakeProfit, "0.01".to_string(), None),
            (LegKind::Partial, "0.02".to_string(), None),
            (LegKind::Trail, "0.03".to_string(), Some(ratio("0.02"))),
            (LegKind::Partial, "0.04".to_string(), None),
        ]
    );
    let hard = case.policy(|policy| policy.profiles.mode = ProfileMode::Dynamic);
    let told = to_dynamic_tpsl(&hard.plan(), &hard.policy).unwrap();
    assert_eq!(
        told.tp_percent,
        hard.plan().target_legs().next().unwrap().offset.unwrap()
    );
}

#[test]
fn a_trail_without_a_place_of_its_own_comes_last_and_begins_at_half_the_target() {
    let mut plan = Case::long().plan();
    plan.legs[3].offset = None;
    let rows = to_partial_exit_config(&plan);
    assert_eq!(rows[2].trigger_pct, ratio("999"));
    let told = to_trailing_config(&plan, &Policy::default()).unwrap();
    assert_eq!(told.activation_pct, ratio("0.0075"));
}

#[test]
fn an_emergency_is_never_told_as_distances() {
    let plan = Case::long().risk(RiskMode::EssActive).plan();
    let refused = to_dynamic_tpsl(&plan, &Policy::default()).unwrap_err();
    assert_eq!(refused, NoDistances::Emergency { plan: plan.id });
    assert!(refused.to_string().contains("close now"));
    assert_eq!(to_trailing_config(&plan, &Policy::default()), None);
    assert!(to_partial_exit_config(&plan).is_empty());
}

#[test]
fn a_stop_beyond_entry_is_never_told_as_a_distance_on_the_loss_side() {
    let plan = Case::long().mark("60000").plan();
    let refused = to_dynamic_tpsl(&plan, &Policy::default()).unwrap_err();
    let offset = ratio("0.002");
    assert_eq!(
        refused,
        NoDistances::Locked {
            plan: plan.id,
            offset
        }
    );
    assert!(refused.to_string().contains("0.002 beyond entry"));
}

#[test]
fn trailing_numbers_are_understood_by_the_names_of_the_owners_sample() {
    let read = |names: [&'static str; 2]| {
        let [callback, activation] = names;
        let fields = [
            (callback, "0.015"),
            (activation, "0.01"),
            ("size_pct", "0.5"),
        ];
        let map = MapDeserializer::<_, Error>::new(fields.into_iter());
        TrailingConfig::deserialize(map)
    };
    let own = read(["callback_pct", "activation_pct"]).unwrap();
    assert_eq!(own.callback_pct, ratio("0.015"));
    let sample = read(["trail_callback", "activation_threshold_pct"]);
    assert_eq!(sample, Ok(own));
    assert!(read(["trail_callback", "activation"]).is_err());
}
