//! Base distances, hints, factors, bounds, costs.

use super::*;

#[test]
fn a_distance_is_a_fraction_above_zero() {
    each_alone(&[
        (|it| it.base.target = ratio("0"), "base.target", "above 0"),
        (|it| it.base.target = ratio("3"), "base.target", "below 1"),
        (|it| it.base.stop = ratio("-0.02"), "base.stop", "above 0"),
        (|it| it.base.stop = ratio("1"), "base.stop", "below 1"),
        (|it| it.base.trail = ratio("0"), "base.trail", "above 0"),
        (|it| it.base.trail = ratio("1.5"), "base.trail", "below 1"),
    ]);
}

#[test]
fn a_confidence_is_a_share() {
    each_alone(&[
        (
            |it| it.hints.confidence_min = ratio("-0.1"),
            "hints.confidence_min",
            "0 or more",
        ),
        (
            |it| it.hints.confidence_min = ratio("50"),
            "hints.confidence_min",
            "at most 1",
        ),
        (
            |it| it.hints.confidence_default = ratio("1.1"),
            "hints.confidence_default",
            "at most 1",
        ),
        (
            |it| it.hints.confidence_default = ratio("-1"),
            "hints.confidence_default",
            "0 or more",
        ),
        (
            |it| it.confidence.low = ratio("0"),
            "confidence.low",
            "above 0",
        ),
        (
            |it| it.confidence.high = ratio("11"),
            "confidence.high",
            "at most 10",
        ),
        (
            |it| it.confidence.low = ratio("1.6"),
            "confidence.low",
            "above confidence.high",
        ),
    ]);
}

#[test]
fn a_stricter_risk_mode_never_widens() {
    each_alone(&[
        (
            |it| it.risk.conservative = ratio("1.1"),
            "risk.conservative",
            "at most 1",
        ),
        (
            |it| it.risk.critical = ratio("0"),
            "risk.critical",
            "above 0",
        ),
        (
            |it| it.risk.critical = ratio("0.8"),
            "risk.critical",
            "above risk.conservative",
        ),
        (
            |it| it.risk.ess_active = ratio("2"),
            "risk.ess_active",
            "at most 1",
        ),
        (
            |it| it.risk.ess_active = ratio("0.6"),
            "risk.ess_active",
            "above risk.critical",
        ),
    ]);
}

#[test]
fn a_regime_has_factors() {
    each_alone(&[
        (
            |it| it.regimes.normal.target = ratio("0"),
            "regimes.normal.target",
            "above 0",
        ),
        (
            |it| it.regimes.normal.stop = ratio("11"),
            "regimes.normal.stop",
            "at most 10",
        ),
        (
            |it| it.regimes.volatile.target = ratio("-1"),
            "regimes.volatile.target",
            "above 0",
        ),
        (
            |it| it.regimes.volatile.stop = ratio("120"),
            "regimes.volatile.stop",
            "at most 10",
        ),
        (
            |it| it.regimes.trending.target = ratio("0"),
            "regimes.trending.target",
            "above 0",
        ),
        (
            |it| it.regimes.trending.stop = ratio("0"),
            "regimes.trending.stop",
            "above 0",
        ),
        (
            |it| it.regimes.range_bound.target = ratio("0"),
            "regimes.range_bound.target",
            "above 0",
        ),
        (
            |it| it.regimes.range_bound.stop = ratio("0"),
            "regimes.range_bound.stop",
            "above 0",
        ),
        (
            |it| it.regimes.chop.target = ratio("0"),
            "regimes.chop.target",
            "above 0",
        ),
        (
            |it| it.regimes.chop.stop = ratio("0"),
            "regimes.chop.stop",
            "above 0",
        ),
        (
            |it| it.regimes.crash.target = ratio("0"),
            "regimes.crash.target",
            "above 0",
        ),
        (
            |it| it.regimes.crash.stop = ratio("0"),
            "regimes.crash.stop",
            "above 0",
        ),
    ]);
}

#[test]
fn volatility_has_a_rising_line() {
    each_alone(&[
        (
            |it| it.volatility.low = ratio("0"),
            "volatility.low",
            "above 0",
        ),
        (
            |it| it.volatility.low = ratio("0.02"),
            "volatility.low",
            "below volatility.reference",
        ),
        (
            |it| it.volatility.reference = ratio("2"),
            "volatility.reference",
            "below 1",
        ),
        (
            |it| it.volatility.reference = ratio("0.04"),
            "volatility.reference",
            "below volatility.high",
        ),
        (
            |it| it.volatility.high = ratio("4"),
            "volatility.high",
            "below 1",
        ),
        (
            |it| it.volatility.low_factor = ratio("1.1"),
            "volatility.low_factor",
            "at most 1",
        ),
        (
            |it| it.volatility.high_factor = ratio("0.9"),
            "volatility.high_factor",
            "1 or more",
        ),
    ]);
}

#[test]
fn trend_and_heat_leave_a_distance() {
    each_alone(&[
        (
            |it| it.trend.target_with = ratio("-0.1"),
            "trend.target_with",
            "0 or more",
        ),
        (
            |it| it.trend.target_with = ratio("20"),
            "trend.target_with",
            "at most 1",
        ),
        (
            |it| it.trend.stop_against = ratio("1"),
            "trend.stop_against",
            "below 1",
        ),
        (|it| it.heat.from = ratio("1"), "heat.from", "below 1"),
        (
            |it| it.heat.factor_at_full = ratio("0"),
            "heat.factor_at_full",
            "above 0",
        ),
        (
            |it| it.heat.factor_at_full = ratio("1.5"),
            "heat.factor_at_full",
            "at most 1",
        ),
    ]);
}

#[test]
fn the_smallest_is_not_above_the_largest() {
    each_alone(&[
        (
            |it| it.bounds.target_min = ratio("0.00001"),
            "bounds.target_min",
            "0.001 or more",
        ),
        (
            |it| it.bounds.target_min = ratio("0.16"),
            "bounds.target_min",
            "above bounds.target_max",
        ),
        (
            |it| it.bounds.target_max = ratio("15"),
            "bounds.target_max",
            "below 1",
        ),
        (
            |it| it.bounds.stop_min = ratio("0.00001"),
            "bounds.stop_min",
            "0.001 or more",
        ),
        (
            |it| it.bounds.stop_min = ratio("0.06"),
            "bounds.stop_min",
            "above bounds.stop_max",
        ),
        (
            |it| it.bounds.stop_max = ratio("1"),
            "bounds.stop_max",
            "below 1",
        ),
        (
            |it| it.bounds.trail_min = ratio("0.0009"),
            "bounds.trail_min",
            "0.001 or more",
        ),
        (
            |it| it.bounds.trail_min = ratio("0.06"),
            "bounds.trail_min",
            "above bounds.trail_max",
        ),
    ]);
}

#[test]
fn the_trailing_distance_is_within_its_bounds() {
    each_alone(&[
        (
            |it| it.base.trail = ratio("0.9"),
            "base.trail",
            "above bounds.trail_max, which is \"0.05\"",
        ),
        (
            |it| it.base.trail = ratio("0.0009"),
            "base.trail",
            "below bounds.trail_min, which is \"0.001\"",
        ),
    ]);
    each_usable(&[
        |it| it.base.trail = ratio("0.05"),
        |it| it.base.trail = ratio("0.001"),
    ]);
}

#[test]
fn a_cost_in_percent_is_found_out() {
    each_alone(&[
        (
            |it| it.costs.taker_fee = ratio("0.05"),
            "costs.taker_fee",
            "at most 0.01",
        ),
        (
            |it| it.costs.taker_fee = ratio("-0.0001"),
            "costs.taker_fee",
            "0 or more",
        ),
        (
            |it| it.costs.spread_default = ratio("0.02"),
            "costs.spread_default",
            "at most 0.01",
        ),
        (|it| it.costs.fundings = 91, "costs.fundings", "0 to 90"),
    ]);
}

#[test]
fn the_edges_are_usable() {
    each_usable(&[
        |it| it.hints.confidence_min = ratio("0"),
        |it| it.hints.confidence_default = ratio("1"),
        |it| it.confidence.high = ratio("0.5"),
        |it| it.risk.critical = ratio("0.7"),
        |it| it.regimes.trending.target = ratio("10"),
        |it| it.volatility.low_factor = ratio("1"),
        |it| it.volatility.high_factor = ratio("1"),
        |it| it.trend.stop_against = ratio("0"),
        |it| it.heat.from = ratio("0"),
        |it| it.bounds.target_min = ratio("0.15"),
        |it| it.costs.taker_fee = ratio("0"),
        |it| it.costs.fundings = 0,
    ]);
}
