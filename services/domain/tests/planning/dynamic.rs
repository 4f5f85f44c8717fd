//! The dynamic targets: the vectors D1 to D7 and each rule (behaviour 3.6).

use domain::market::Regime;
use domain::plan::StepName;
use domain::policy::ProfileMode;
use domain::signal::RiskMode;
use domain::{Money, Side};

use super::case::{Case, targets};
use crate::common::*;

/// A long with dynamic targets. The vectors are older than the volatility step, so it is off.
fn dynamic(symbol: &str, size: &str, entry: &str, leverage: &str) -> Case {
    Case::new(symbol, Side::Long, size, entry)
        .leverage(leverage)
        .policy(|policy| {
            policy.profiles.mode = ProfileMode::Dynamic;
            policy.volatility.enabled = false;
        })
}

fn sure(case: Case, confidence: &str) -> Case {
    case.hinted(|hint| hint.signal_confidence = Some(ratio(confidence)))
}

fn d1() -> Case {
    dynamic("SOLUSDT", "100", "100", "20")
}

fn expect(case: &Case, profile: &str, legs: &[&str]) {
    let plan = case.plan();
    assert_eq!(plan.profile.as_deref(), Some(profile));
    assert_eq!(super::case::legs(&plan), legs);
}

#[test]
fn d1_high_leverage_and_a_large_position() {
    expect(
        &d1(),
        "DYNAMIC_SOLUSDT_20x",
        &[
            "SL 1 @ -0.025",
            "PARTIAL 0.4 @ 0.0084",
            "PARTIAL 0.35 @ 0.014",
            "PARTIAL 0.25 @ 0.0224",
        ],
    );
}

#[test]
fn d2_the_risk_mode_reaches_the_targets_through_the_stop() {
    expect(
        &d1().risk(RiskMode::Critical),
        "DYNAMIC_SOLUSDT_20x",
        &[
            "SL 1 @ -0.0125",
            "PARTIAL 0.4 @ 0.0042",
            "PARTIAL 0.35 @ 0.007",
            "PARTIAL 0.25 @ 0.0112",
        ],
    );
}

#[test]
fn d3_a_sure_signal() {
    expect(
        &sure(dynamic("XRPUSDT", "2000", "1", "20"), "0.85"),
        "DYNAMIC_XRPUSDT_20x",
        &[
            "SL 1 @ -0.025",
            "PARTIAL 0.4 @ 0.01092",
            "PARTIAL 0.35 @ 0.0182",
            "PARTIAL 0.25 @ 0.02912",
        ],
    );
}

#[test]
fn d4_a_large_one_at_ten_times() {
    expect(
        &sure(dynamic("BTCUSDT", "0.1", "49970", "10"), "0.90"),
        "DYNAMIC_BTCUSDT_10x",
        &[
            "SL 1 @ -0.025",
            "PARTIAL 0.4 @ 0.0156",
            "PARTIAL 0.35 @ 0.026",
            "PARTIAL 0.25 @ 0.0416",
        ],
    );
}

#[test]
fn d5_a_volatile_trend() {
    let case = dynamic("SOLUSDT", "18", "100", "15")
        .regime(Regime::Trending)
        .volatility("0.045");
    expect(
        &sure(case, "0.88"),
        "DYNAMIC_SOLUSDT_15x",
        &[
            "SL 1 @ -0.02",
            "PARTIAL 0.2 @ 0.022932",
            "PARTIAL 0.3 @ 0.03822",
            "PARTIAL 0.5 @ 0.061152",
        ],
    );
}

#[test]
fn d6_high_leverage_alone() {
    expect(
        &sure(dynamic("ETHUSDT", "0.5", "3500", "20"), "0.82"),
        "DYNAMIC_ETHUSDT_20x",
        &[
            "SL 1 @ -0.025",
            "PARTIAL 0.3 @ 0.0105",
            "PARTIAL 0.3 @ 0.0175",
            "PARTIAL 0.4 @ 0.028",
        ],
    );
}

#[test]
fn d6_the_static_profile_differs() {
    let case = sure(dynamic("ETHUSDT", "0.5", "3500", "20"), "0.82")
        .policy(|policy| policy.profiles.mode = ProfileMode::Static);
    assert_eq!(targets(&case.plan()), ["0.0125", "0.025", "0.05"]);
}

fn d7() -> Case {
    dynamic("BTCUSDT", "0.01", "10000", "10")
}

#[test]
fn d7_nothing_special() {
    expect(
        &d7(),
        "DYNAMIC_BTCUSDT_10x",
        &[
            "SL 1 @ -0.025",
            "PARTIAL 0.3 @ 0.015",
            "PARTIAL 0.3 @ 0.025",
            "PARTIAL 0.4 @ 0.04",
        ],
    );
    assert_eq!(
        d7().step(StepName::Legs).note,
        "DYNAMIC_BTCUSDT_10x: stop at -2.5%, 30% market at 1.5%, 30% market at 2.5%, \
         40% market at 4%"
    );
}

/// First target and first size after one more fact, beside 1.5 % and 0.3 of D7.
#[test]
fn each_rule_holds_from_its_border_on() {
    let volume = |text: &str| {
        let volume = Some(Money::new(dec(text)));
        d7().with(|case| case.context.quote_volume_24h = volume)
    };
    let rows = [
        (d7().leverage("15"), "0.3 @ 0.0105"),
        (d7().leverage("14.99"), "0.3 @ 0.015"),
        (d7().leverage("5"), "0.3 @ 0.0195"),
        (d7().leverage("5.01"), "0.3 @ 0.015"),
        (dynamic("BTCUSDT", "0.2", "10000", "10"), "0.4 @ 0.012"),
        (dynamic("BTCUSDT", "0.19999", "10000", "10"), "0.3 @ 0.015"),
        (d7().volatility("0.035"), "0.3 @ 0.021"),
        (d7().volatility("0.034"), "0.3 @ 0.015"),
        (d7().volatility("0.015"), "0.3 @ 0.01125"),
        (d7().volatility("0"), "0.3 @ 0.015"),
        (sure(d7(), "0.6"), "0.3 @ 0.01125"),
        (sure(d7(), "0.61"), "0.3 @ 0.015"),
        (sure(d7(), "0.85"), "0.3 @ 0.0195"),
        (volume("99999"), "0.45 @ 0.012"),
        (volume("100000"), "0.3 @ 0.015"),
        (d7().mark("10050"), "0.3 @ 0.012"),
        (d7().mark("10049"), "0.3 @ 0.015"),
    ];
    for (case, first) in rows {
        assert_eq!(case.legs()[1], format!("PARTIAL {first}"));
    }
}

#[test]
fn a_later_rule_about_sizes_replaces_an_earlier_one() {
    let sizes = |case: &Case| {
        let plan = case.plan();
        let sizes = plan.target_legs().map(|leg| leg.size.to_string());
        sizes.collect::<Vec<_>>()
    };
    let large = dynamic("BTCUSDT", "1", "10000", "10");
    assert_eq!(sizes(&large), ["0.4", "0.35", "0.25"]);
    let trending = large.regime(Regime::Trending);
    assert_eq!(sizes(&trending), ["0.2", "0.3", "0.5"]);
    let thin = trending.with(|case| case.context.quote_volume_24h = Some(Money::new(dec("1"))));
    assert_eq!(sizes(&thin), ["0.45", "0.35", "0.2"]);
}

#[test]
fn rough_regimes_bring_the_targets_nearer() {
    // 1.5 % x 0.7 in units of 2.5 %, times the regime's own stop.
    for (regime, first) in [
        (Regime::Volatile, "0.0126"),
        (Regime::RangeBound, "0.0084"),
        (Regime::Chop, "0.015"),
    ] {
        assert_eq!(targets(&d7().regime(regime).plan())[0], first);
    }
}

#[test]
fn distances_are_bounded_before_they_become_multiples() {
    let low = d7().policy(|policy| policy.profiles.dynamic.distances[0] = ratio("0.004"));
    assert_eq!(targets(&low.plan())[0], "0.005");
    let high = d7().policy(|policy| policy.profiles.dynamic.distances[2] = ratio("0.2"));
    assert_eq!(targets(&high.plan())[2], "0.1");
}

#[test]
fn where_it_cannot_be_computed_the_static_profile_holds() {
    let case = d7().policy(|policy| policy.profiles.dynamic.max_loss = ratio("0"));
    assert_eq!(case.plan().profile.as_deref(), Some("NORMAL_DEFAULT"));
    let note = case.step(StepName::Legs).note;
    assert!(
        note.starts_with("no dynamic targets: NORMAL_DEFAULT: stop"),
        "{note}"
    );
}

#[test]
fn a_locked_profit_keeps_the_dynamic_targets() {
    let legs = d7().mark("10200").legs();
    assert_eq!(legs[0], "SL 1 @ 0.002");
    assert_eq!(legs[1], "PARTIAL 0.3 @ 0.012");
}
