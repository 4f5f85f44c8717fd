//! Static profiles: the vectors P1 to P7 with the ruled factors (behaviour 10.4), and who gets
//! which.

use domain::market::Regime;
use domain::plan::StepName;
use domain::plan::legs::profile::{mapping, specificity};
use domain::policy::{Mapping, Profile, ProfileLeg, ProfileMode, StepClose};
use domain::signal::RiskMode;

use super::case::{Case, targets};
use crate::common::*;

fn profiled() -> Case {
    Case::long().policy(|policy| policy.profiles.mode = ProfileMode::Static)
}

fn expect(case: &Case, profile: &str, legs: &[&str]) {
    let plan = case.plan();
    assert_eq!(plan.profile.as_deref(), Some(profile));
    assert_eq!(super::case::legs(&plan), legs);
}

#[test]
fn p1_normal() {
    expect(
        &profiled(),
        "NORMAL_DEFAULT",
        &[
            "SL 1 @ -0.025",
            "TP 0.25 @ 0.0125",
            "PARTIAL 0.25 @ 0.025",
            "PARTIAL 0.5 @ 0.05",
        ],
    );
}

#[test]
fn p2_critical() {
    expect(
        &profiled().risk(RiskMode::Critical),
        "NORMAL_DEFAULT",
        &[
            "SL 1 @ -0.0125",
            "TP 0.25 @ 0.00625",
            "PARTIAL 0.25 @ 0.0125",
            "PARTIAL 0.5 @ 0.025",
        ],
    );
}

#[test]
fn p3_conservative() {
    expect(
        &profiled().risk(RiskMode::Conservative),
        "NORMAL_DEFAULT",
        &[
            "SL 1 @ -0.0175",
            "TP 0.25 @ 0.00875",
            "PARTIAL 0.25 @ 0.0175",
            "PARTIAL 0.5 @ 0.035",
        ],
    );
}

#[test]
fn p4_volatile() {
    expect(
        &profiled().regime(Regime::Volatile),
        "VOLATILE_DEFAULT",
        &[
            "SL 1 @ -0.03",
            "TP 0.25 @ 0.012",
            "PARTIAL 0.35 @ 0.024",
            "PARTIAL 0.4 @ 0.045",
        ],
    );
}

#[test]
fn p5_trending_trails_what_is_left() {
    let case = profiled().regime(Regime::Trending);
    expect(
        &case,
        "TREND_DEFAULT",
        &[
            "SL 1 @ -0.02",
            "TP 0.15 @ 0.01",
            "PARTIAL 0.2 @ 0.02",
            "PARTIAL 0.3 @ 0.04",
            "TRAIL 0.35 @ 0.03 by 0.02",
        ],
    );
    let plan = case.plan();
    assert_eq!(plan.trail, ratio("0.02"), "the profile's own");
    let trail = plan.trail_leg().unwrap();
    assert_eq!(trail.r_multiple, Some(dec("1.5")));
    let curve: Vec<_> = trail
        .tightening
        .iter()
        .map(|row| (row.from_r, row.callback))
        .collect();
    assert_eq!(
        curve,
        [(ratio("3"), ratio("0.015")), (ratio("5"), ratio("0.01"))]
    );
    assert!(
        case.step(StepName::Legs)
            .note
            .starts_with("TREND_DEFAULT: stop at -2%"),
    );
}

#[test]
fn p6_range_bound() {
    expect(
        &profiled().regime(Regime::RangeBound),
        "RANGE_DEFAULT",
        &[
            "SL 1 @ -0.02",
            "TP 0.35 @ 0.004",
            "PARTIAL 0.35 @ 0.008",
            "PARTIAL 0.3 @ 0.014",
        ],
    );
}

#[test]
fn p7_chop() {
    expect(
        &profiled().regime(Regime::Chop),
        "CHOP_DEFAULT",
        &[
            "SL 1 @ -0.025",
            "TP 0.4 @ 0.00375",
            "PARTIAL 0.4 @ 0.00875",
            "PARTIAL 0.2 @ 0.015",
        ],
    );
}

fn map(symbol: &str, strategy: &str, regime: Regime, profile: &str) -> Mapping {
    Mapping {
        symbol: symbol.into(),
        strategy: strategy.into(),
        regime,
        profile: profile.into(),
    }
}

#[test]
fn s8_specificity_is_symbol_then_strategy_then_regime() {
    for (symbol, strategy, regime, points) in [
        ("BTCUSDT", "RL_V3", Regime::Trending, 111),
        ("BTCUSDT", "RL_V3", Regime::Normal, 110),
        ("*", "RL_V3", Regime::Trending, 11),
        ("*", "*", Regime::Trending, 1),
        ("*", "*", Regime::Normal, 0),
    ] {
        assert_eq!(specificity(&map(symbol, strategy, regime, "A")), points);
    }
}

#[test]
fn s8_the_most_special_mapping_wins_and_the_first_of_equals() {
    let rows = [
        map("*", "*", Regime::Normal, "any"),
        map("*", "*", Regime::Trending, "trend"),
        map("*", "*", Regime::Trending, "trend again"),
        map("*", "SWING", Regime::Normal, "swing"),
        map("ETHUSDT", "*", Regime::Normal, "eth"),
        map("ETHUSDT", "SWING", Regime::Trending, "all three"),
    ];
    for (symbol, strategy, regime, expected) in [
        ("BTCUSDT", "RL_V3", Regime::Crash, "any"),
        ("BTCUSDT", "RL_V3", Regime::Trending, "trend"),
        ("BTCUSDT", "SWING", Regime::Trending, "swing"),
        ("ETHUSDT", "SWING", Regime::Chop, "eth"),
        ("ETHUSDT", "SWING", Regime::Trending, "all three"),
    ] {
        let found = mapping(&rows, symbol, strategy, regime).unwrap();
        assert_eq!(found.profile, expected, "{symbol} {strategy} {regime}");
    }
    assert_eq!(mapping(&rows[3..], "BTCUSDT", "X", Regime::Normal), None);
}

#[test]
fn the_hint_names_the_strategy_that_the_profile_is_for() {
    let case = profiled()
        .policy(|policy| {
            let row = map("*", "SWING", Regime::Normal, "CHOP_DEFAULT");
            policy.profiles.mapping.push(row);
        })
        .hinted(|hint| {
            hint.strategy = Some("SWING".into());
            hint.confidence = Some(ratio("0.1"));
        });
    let plan = case.plan();
    assert_eq!(plan.strategy_id, "SWING");
    assert_eq!(plan.profile.as_deref(), Some("CHOP_DEFAULT"));
    let untold = Case { hint: None, ..case }.plan();
    assert_eq!(untold.profile.as_deref(), Some("NORMAL_DEFAULT"));
}

#[test]
fn without_its_profile_a_plan_falls_back_to_normal_and_then_to_the_ladder() {
    let missing = profiled().policy(|policy| {
        policy.profiles.mapping = vec![map("BTCUSDT", "*", Regime::Normal, "GONE")];
    });
    assert_eq!(
        missing.plan().profile.as_deref(),
        Some("NORMAL_DEFAULT"),
        "named but not there"
    );
    let unmapped = profiled().policy(|policy| policy.profiles.mapping.clear());
    assert_eq!(unmapped.plan().profile.as_deref(), Some("NORMAL_DEFAULT"));
    let bare = missing.policy(|policy| policy.profiles.table.clear());
    let plan = bare.plan();
    assert_eq!(plan.profile, None);
    assert_eq!(super::case::legs(&plan), Case::long().legs());
    let note = bare.step(StepName::Legs).note;
    assert!(
        note.starts_with("no profile, not even NORMAL_DEFAULT; ladder of the target: stop"),
        "{note}"
    );
}

#[test]
fn what_the_regime_forbids_to_trail_is_left_to_the_stop() {
    let case = profiled().regime(Regime::RangeBound).policy(|policy| {
        policy.profiles.mapping = vec![map("*", "*", Regime::Normal, "TREND_DEFAULT")];
    });
    let plan = case.plan();
    assert_eq!(plan.trail_leg(), None);
    assert_eq!(targets(&plan), ["0.01", "0.02", "0.04"]);
    let note = case.step(StepName::Legs).note;
    assert!(
        note.starts_with("TREND_DEFAULT (35% left to the stop): "),
        "{note}"
    );
}

#[test]
fn one_percent_is_too_little_to_trail() {
    let rest = |size: &str| {
        let case = profiled().policy(|policy| {
            let normal = policy.profiles.table.last_mut().unwrap();
            assert_eq!(normal.name, "NORMAL_DEFAULT");
            let leg = ProfileLeg {
                r_multiple: ratio("1"),
                size: ratio(size),
                close: StepClose::Limit,
            };
            normal.legs = vec![leg];
        });
        case.plan().trail_leg().map(|leg| leg.size)
    };
    assert_eq!(rest("0.99"), None);
    assert_eq!(rest("0.989"), Some(ratio("0.011")));
}

#[test]
fn s6_prices_of_one_and_two_r() {
    let prices = |case: Case| {
        let plan = case
            .policy(|policy| {
                policy.profiles.mode = ProfileMode::Static;
                let leg = |r_multiple| ProfileLeg {
                    r_multiple: ratio(r_multiple),
                    size: ratio("0.5"),
                    close: StepClose::Limit,
                };
                policy.profiles.table = vec![Profile {
                    name: "NORMAL_DEFAULT".into(),
                    legs: vec![leg("1"), leg("2")],
                    trailing: None,
                }];
            })
            .hinted(|hint| hint.stop_loss = Some(ratio("0.02")))
            .plan();
        let prices = plan.target_legs().map(|leg| leg.trigger_price.unwrap());
        prices.map(|price| price.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(prices(Case::long()), ["51000", "52000"]);
    let short = Case::new("BTCUSDT", domain::Side::Short, "0.1", "50000");
    assert_eq!(prices(short), ["49000", "48000"]);
}
