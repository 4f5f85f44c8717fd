//! Faults of the steps from base distances to those of a plan.

use super::range::{BELOW_ALL, COST, DISTANCE, FACTOR, SHARE, SMALLEST, TIGHTENING, WIDENING};
use super::{Check, Number};
use crate::policy::{Bounds, ConfidenceScaling, Costs, Policy, RiskFactors, VolatilityScaling};

/// Most funding payments that a position is assumed to live through: a month of them.
const FUNDINGS_MAX: u16 = 90;

impl Check {
    pub(super) fn distances(&mut self, policy: &Policy) {
        let base = policy.base;
        self.number("base.target", base.target.get(), &DISTANCE);
        self.number("base.stop", base.stop.get(), &DISTANCE);
        let trail = self.number("base.trail", base.trail.get(), &DISTANCE);
        let hints = policy.hints;
        self.number("hints.confidence_min", hints.confidence_min.get(), &SHARE);
        let default = hints.confidence_default.get();
        self.number("hints.confidence_default", default, &SHARE);
        self.confidence(&policy.confidence);
        self.risk(&policy.risk);
        self.regimes(policy);
        self.volatility(&policy.volatility);
        let trend = policy.trend;
        self.number("trend.target_with", trend.target_with.get(), &SHARE);
        // All of it would leave no stop distance.
        self.number("trend.stop_against", trend.stop_against.get(), &BELOW_ALL);
        let heat = policy.heat;
        // The line to a heat of 1 needs a length.
        self.number("heat.from", heat.from.get(), &BELOW_ALL);
        self.number(
            "heat.factor_at_full",
            heat.factor_at_full.get(),
            &TIGHTENING,
        );
        self.bounds(&policy.bounds, &trail);
        self.costs(&policy.costs);
    }

    fn confidence(&mut self, scaling: &ConfidenceScaling) {
        let low = self.number("confidence.low", scaling.low.get(), &FACTOR);
        let high = self.number("confidence.high", scaling.high.get(), &FACTOR);
        self.at_most(&low, &high);
    }

    /// A stricter mode never widens.
    fn risk(&mut self, risk: &RiskFactors) {
        let conservative = self.number("risk.conservative", risk.conservative.get(), &TIGHTENING);
        let critical = self.number("risk.critical", risk.critical.get(), &TIGHTENING);
        let ess_active = self.number("risk.ess_active", risk.ess_active.get(), &TIGHTENING);
        self.at_most(&critical, &conservative);
        self.at_most(&ess_active, &critical);
    }

    fn regimes(&mut self, policy: &Policy) {
        let regimes = policy.regimes;
        for (target, stop, row) in [
            (
                "regimes.normal.target",
                "regimes.normal.stop",
                regimes.normal,
            ),
            (
                "regimes.volatile.target",
                "regimes.volatile.stop",
                regimes.volatile,
            ),
            (
                "regimes.trending.target",
                "regimes.trending.stop",
                regimes.trending,
            ),
            (
                "regimes.range_bound.target",
                "regimes.range_bound.stop",
                regimes.range_bound,
            ),
            ("regimes.chop.target", "regimes.chop.stop", regimes.chop),
            ("regimes.crash.target", "regimes.crash.stop", regimes.crash),
        ] {
            self.number(target, row.target.get(), &FACTOR);
            self.number(stop, row.stop.get(), &FACTOR);
        }
    }

    /// Distances never shrink where volatility grows.
    fn volatility(&mut self, scaling: &VolatilityScaling) {
        let low = self.number("volatility.low", scaling.low.get(), &DISTANCE);
        let reference = self.number("volatility.reference", scaling.reference.get(), &DISTANCE);
        let high = self.number("volatility.high", scaling.high.get(), &DISTANCE);
        self.below(&low, &reference);
        self.below(&reference, &high);
        self.number(
            "volatility.low_factor",
            scaling.low_factor.get(),
            &TIGHTENING,
        );
        self.number(
            "volatility.high_factor",
            scaling.high_factor.get(),
            &WIDENING,
        );
    }

    fn bounds(&mut self, bounds: &Bounds, trail: &Number) {
        let target_min = self.number("bounds.target_min", bounds.target_min.get(), &SMALLEST);
        let target_max = self.number("bounds.target_max", bounds.target_max.get(), &DISTANCE);
        self.at_most(&target_min, &target_max);
        let stop_min = self.number("bounds.stop_min", bounds.stop_min.get(), &SMALLEST);
        let stop_max = self.number("bounds.stop_max", bounds.stop_max.get(), &DISTANCE);
        self.at_most(&stop_min, &stop_max);
        let trail_min = self.number("bounds.trail_min", bounds.trail_min.get(), &SMALLEST);
        let trail_max = self.number("bounds.trail_max", bounds.trail_max.get(), &DISTANCE);
        self.at_most(&trail_min, &trail_max);
        // No step of a plan changes the trailing distance: what the bounds cut was never meant.
        if trail_min.value <= trail_max.value {
            self.at_most(trail, &trail_max);
            let holds = trail_min.value <= trail.value;
            self.ordered(trail, &trail_min, holds, "must not be below");
        }
    }

    fn costs(&mut self, costs: &Costs) {
        self.number("costs.taker_fee", costs.taker_fee.get(), &COST);
        self.number("costs.spread_default", costs.spread_default.get(), &COST);
        self.whole("costs.fundings", costs.fundings.into(), (0, FUNDINGS_MAX));
    }
}
