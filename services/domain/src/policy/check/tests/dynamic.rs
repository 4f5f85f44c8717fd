//! The dynamic calculation and `CHALLENGE_100`.

use super::*;
use crate::policy::DynamicTp;
use crate::policy::profile::Band;

fn dynamic(policy: &mut Policy) -> &mut DynamicTp {
    &mut policy.profiles.dynamic
}

#[test]
fn dynamic_sizes_are_a_whole_and_distances_ascend() {
    each_alone(&[
        (
            |it| dynamic(it).distances[0] = ratio("0"),
            "profiles.dynamic.distances.0",
            "above 0",
        ),
        (
            |it| dynamic(it).distances[1] = ratio("0.015"),
            "profiles.dynamic.distances.1",
            "above profiles.dynamic.distances.0",
        ),
        (
            |it| dynamic(it).sizes[2] = ratio("0.3"),
            "profiles.dynamic.sizes",
            "add up to 1, not 0.9",
        ),
        (
            |it| dynamic(it).large_sizes[0] = ratio("0.5"),
            "profiles.dynamic.large_sizes",
            "not 1.1",
        ),
        (
            |it| dynamic(it).trending_sizes[1] = ratio("0"),
            "profiles.dynamic.trending_sizes.1",
            "above 0",
        ),
        (
            |it| dynamic(it).thin_sizes[2] = ratio("0.1"),
            "profiles.dynamic.thin_sizes",
            "not 0.9",
        ),
        (
            |it| dynamic(it).distance_min = ratio("0.2"),
            "profiles.dynamic.distance_min",
            "not be above",
        ),
        (
            |it| dynamic(it).distance_max = ratio("10"),
            "profiles.dynamic.distance_max",
            "below 1",
        ),
        (
            |it| dynamic(it).max_loss = ratio("0.005"),
            "profiles.dynamic.distance_max",
            "no short has a price beyond",
        ),
        (
            |it| dynamic(it).max_loss = ratio("0"),
            "profiles.dynamic.max_loss",
            "above 0",
        ),
    ]);
}

#[test]
fn dynamic_rules_have_borders_and_factors() {
    fn no_factor(band: &mut Band) {
        band.low_factor = Ratio::ZERO;
    }
    each_alone(&[
        (
            |it| dynamic(it).leverage.low = ratio("0"),
            "profiles.dynamic.leverage.low",
            "1 or more",
        ),
        (
            |it| dynamic(it).leverage.high = ratio("126"),
            "profiles.dynamic.leverage.high",
            "125",
        ),
        (
            |it| dynamic(it).leverage.low = ratio("15"),
            "profiles.dynamic.leverage.low",
            "below",
        ),
        (
            |it| no_factor(&mut dynamic(it).leverage),
            "profiles.dynamic.leverage.low_factor",
            "above 0",
        ),
        (
            |it| dynamic(it).volatility.high = ratio("3.5"),
            "profiles.dynamic.volatility.high",
            "below 1",
        ),
        (
            |it| dynamic(it).volatility.low = ratio("0.04"),
            "profiles.dynamic.volatility.low",
            "below",
        ),
        (
            |it| dynamic(it).volatility.high_factor = ratio("11"),
            "profiles.dynamic.volatility.high_factor",
            "at most 10",
        ),
        (
            |it| dynamic(it).confidence.high = ratio("85"),
            "profiles.dynamic.confidence.high",
            "at most 1",
        ),
        (
            |it| dynamic(it).confidence.low = ratio("0.9"),
            "profiles.dynamic.confidence.low",
            "below",
        ),
    ]);
}

#[test]
fn each_dynamic_rule_has_a_factor_and_its_own_border() {
    each_alone(&[
        (
            |it| dynamic(it).large_notional = money("0"),
            "profiles.dynamic.large_notional",
            "above 0",
        ),
        (
            |it| dynamic(it).large_factor = ratio("0"),
            "profiles.dynamic.large_factor",
            "above 0",
        ),
        (
            |it| dynamic(it).volatility_default = ratio("2.5"),
            "profiles.dynamic.volatility_default",
            "below 1",
        ),
        (
            |it| dynamic(it).trending_factor = ratio("0"),
            "profiles.dynamic.trending_factor",
            "above 0",
        ),
        (
            |it| dynamic(it).rough_factor = ratio("-1"),
            "profiles.dynamic.rough_factor",
            "above 0",
        ),
        (
            |it| dynamic(it).thin_volume = money("1000000000001"),
            "profiles.dynamic.thin_volume",
            "at most 1000000000000",
        ),
        (
            |it| dynamic(it).thin_factor = ratio("0"),
            "profiles.dynamic.thin_factor",
            "above 0",
        ),
        (
            |it| dynamic(it).profit_margin_pct = margin_pct("0"),
            "profiles.dynamic.profit_margin_pct",
            "above 0",
        ),
        (
            |it| dynamic(it).profit_factor = ratio("0"),
            "profiles.dynamic.profit_factor",
            "above 0",
        ),
    ]);
}

#[test]
fn a_challenge_risks_a_part_of_the_equity() {
    each_alone(&[
        (
            |it| it.profiles.challenge.risk_per_trade = ratio("1.5"),
            "profiles.challenge.risk_per_trade",
            "below 1",
        ),
        (
            |it| it.profiles.challenge.equity_default = money("-100"),
            "profiles.challenge.equity_default",
            "above 0",
        ),
        (
            |it| it.profiles.challenge.stop_r_max = ratio("0"),
            "profiles.challenge.stop_r_max",
            "above 0",
        ),
        (
            |it| it.profiles.challenge.stop_atr = ratio("200"),
            "profiles.challenge.stop_atr",
            "at most 100",
        ),
        (
            |it| it.profiles.challenge.liquidation_buffer = ratio("0.051"),
            "profiles.challenge.liquidation_buffer",
            "at most 0.05",
        ),
        (
            |it| it.profiles.challenge.target_r = ratio("0"),
            "profiles.challenge.target_r",
            "above 0",
        ),
        (
            |it| it.profiles.challenge.target_size = ratio("30"),
            "profiles.challenge.target_size",
            "at most 1",
        ),
        (
            |it| it.profiles.challenge.trail_atr = ratio("0"),
            "profiles.challenge.trail_atr",
            "above 0",
        ),
        (
            |it| it.profiles.challenge.atr_default = ratio("0"),
            "profiles.challenge.atr_default",
            "above 0",
        ),
        (
            |it| it.profiles.challenge.time_stop = Span::from_millis(999),
            "profiles.challenge.time_stop",
            "\"1s\" to",
        ),
    ]);
}
