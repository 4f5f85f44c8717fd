//! Faults of what decides: the life of plans, stops and the ways out.

use alloc::format;

use rust_decimal::Decimal;

use super::range::{
    CHANGE, DISTANCE, DISTANCE_OR_NONE, MARGIN_GAIN, MARGIN_LOSS, PART, PATIENCE, POSITION_AGE,
    PRICE_AGE, PRICE_GAIN, SMALL_STEP, VALIDITY,
};
use super::{Check, LEVERAGE_MAX, Number};
use crate::policy::{Emergency, Plans, Policy};

impl Check {
    pub(super) fn protection(&mut self, policy: &Policy) {
        self.plans(&policy.plans);
        self.stops(policy);
        self.breakeven(policy);
        self.profit_lock(policy);
        let trigger = policy.trailing.trigger_pct.get();
        self.number("trailing.trigger_pct", trigger, &PRICE_GAIN);
        self.emergency(&policy.emergency);
    }

    fn plans(&mut self, plans: &Plans) {
        self.span("plans.valid", plans.valid, VALIDITY);
        self.number(
            "plans.volatility_step",
            plans.volatility_step.get(),
            &CHANGE,
        );
        self.number("plans.trend_step", plans.trend_step.get(), &CHANGE);
        self.number("plans.heat_step", plans.heat_step.get(), &PART);
    }

    fn stops(&mut self, policy: &Policy) {
        let stops = policy.stops;
        let loss = self.number(
            "stops.margin_loss_max",
            stops.margin_loss_max.get(),
            &DISTANCE,
        );
        let nearest = self.number("stops.distance_min", stops.distance_min.get(), &DISTANCE);
        // Without any leverage the floor lies at the whole of it: nearer, nothing could be held.
        self.below(&nearest, &loss);
        let leverage = stops.unknown_leverage;
        self.whole("stops.unknown_leverage", leverage, (1, LEVERAGE_MAX));
        let step = stops.replace_step_min.get();
        self.number("stops.replace_step_min", step, &SMALL_STEP);
        self.span("stops.grace", stops.grace, PATIENCE);
        self.span("stops.tick_age_max", stops.tick_age_max, PRICE_AGE);
    }

    fn breakeven(&mut self, policy: &Policy) {
        let breakeven = policy.breakeven;
        let trigger = breakeven.trigger_pct.get();
        let trigger = self.number("breakeven.trigger_pct", trigger, &PRICE_GAIN);
        let buffer = self.number("breakeven.buffer", breakeven.buffer.get(), &SMALL_STEP);
        let fee_known = super::range::COST.contains(policy.costs.taker_fee.get());
        if !buffer.usable || !fee_known {
            return;
        }
        let offset = policy.breakeven_offset().get() * Decimal::ONE_HUNDRED;
        self.rule(&trigger, trigger.value > offset, || {
            let offset = offset.normalize();
            format!("must be above {offset}, where the stop would go: fees and breakeven.buffer")
        });
    }

    /// At its trigger the price must have come as far as the stop is to go, even at the highest
    /// leverage that is not closed as too high.
    fn profit_lock(&mut self, policy: &Policy) {
        let lock = policy.profit_lock;
        let trigger = lock.trigger_margin_pct.get();
        let trigger = self.number("profit_lock.trigger_margin_pct", trigger, &MARGIN_GAIN);
        let offset = self.number("profit_lock.offset", lock.offset.get(), &DISTANCE_OR_NONE);
        let leverage = highest_leverage(policy);
        if let Some(leverage) = leverage.filter(|_| trigger.usable) {
            let price = trigger.value / Decimal::ONE_HUNDRED / leverage;
            self.rule(&offset, offset.value <= price, || {
                let (at, leverage) = (price.normalize(), leverage.normalize());
                format!(
                    "must be at most {at}: with {leverage}x, the most that stops.margin_loss_max \
                     and stops.distance_min allow, the price is no farther at the trigger"
                )
            });
        }
    }

    fn emergency(&mut self, emergency: &Emergency) {
        let mut loss = |name: &str, value: Decimal| -> Number {
            self.number(format!("emergency.{name}"), value, &MARGIN_LOSS)
        };
        let crash = loss("crash_margin_pct", emergency.crash_margin_pct.get());
        let age = loss("age_margin_pct", emergency.age_margin_pct.get());
        let guard = loss(
            "loss_guard_margin_pct",
            emergency.loss_guard_margin_pct.get(),
        );
        // Beyond the guard, the other two would never be asked.
        self.below(&guard, &crash);
        self.below(&guard, &age);
        self.span("emergency.age_max", emergency.age_max, POSITION_AGE);
    }
}

/// The highest leverage at which a maximum-loss floor can be held, where the numbers tell it.
fn highest_leverage(policy: &Policy) -> Option<Decimal> {
    let (loss, nearest) = (policy.stops.margin_loss_max, policy.stops.distance_min);
    let usable = [loss, nearest].iter().all(|it| DISTANCE.contains(it.get()));
    let ratio = loss.get().checked_div(nearest.get()).filter(|_| usable)?;
    Some(ratio.clamp(Decimal::ONE, Decimal::from(LEVERAGE_MAX)))
}
