//! Faults of what decides: the life of plans, stops and the ways out.

use alloc::format;

use rust_decimal::Decimal;

use super::range::{
    CHANGE, COST, DISTANCE, DISTANCE_OR_NONE, LAST_LOSS, LOSS_SHARE, MARGIN_GAIN, MARGIN_LOSS,
    PART, PATIENCE, POSITION_AGE, PRICE_AGE, PRICE_GAIN, REPLACE_STEP, Range, SMALL_STEP, VALIDITY,
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
            &LOSS_SHARE,
        );
        let nearest = self.number("stops.distance_min", stops.distance_min.get(), &DISTANCE);
        // Without any leverage the floor lies at the whole of it: nearer, nothing could be held.
        self.below(&nearest, &loss);
        let step = stops.replace_step_min.get();
        self.number("stops.replace_step_min", step, &REPLACE_STEP);
        self.span("stops.grace", stops.grace, PATIENCE);
        self.span("stops.tick_age_max", stops.tick_age_max, PRICE_AGE);
    }

    fn breakeven(&mut self, policy: &Policy) {
        let breakeven = policy.breakeven;
        let trigger = breakeven.trigger_pct.get();
        let trigger = self.number("breakeven.trigger_pct", trigger, &PRICE_GAIN);
        let buffer = self.number("breakeven.buffer", breakeven.buffer.get(), &SMALL_STEP);
        let Some(offset) = breakeven_offset(policy).filter(|_| buffer.usable) else {
            return;
        };
        let offset = offset * Decimal::ONE_HUNDRED;
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
        let Some(leverage) = highest_leverage(policy).filter(|_| trigger.usable) else {
            return;
        };
        let price = trigger.value / Decimal::ONE_HUNDRED / leverage;
        let times = leverage.normalize();
        self.rule(&offset, offset.value <= price, || {
            let at = price.normalize();
            format!(
                "must be at most {at}: with {times}x, the most that stops.margin_loss_max \
                 and stops.distance_min allow, the price is no farther at the trigger"
            )
        });
        // The stop goes to breakeven where that is farther than the offset.
        let breakeven = breakeven_offset(policy).filter(|_| offset.value <= price);
        let breakeven = breakeven.unwrap_or_default();
        self.rule(&trigger, breakeven <= price, || {
            let least = (breakeven * Decimal::ONE_HUNDRED * leverage).normalize();
            let at = breakeven.normalize();
            format!(
                "must be at least {least}: breakeven lies at {at}, and with {times}x, the most \
                 that stops.margin_loss_max and stops.distance_min allow, the price must get there"
            )
        });
    }

    fn emergency(&mut self, emergency: &Emergency) {
        let mut loss = |name: &str, value: Decimal, range: &Range| -> Number {
            self.number(format!("emergency.{name}"), value, range)
        };
        let crash = emergency.crash_margin_pct.get();
        let crash = loss("crash_margin_pct", crash, &MARGIN_LOSS);
        let age = loss(
            "age_margin_pct",
            emergency.age_margin_pct.get(),
            &MARGIN_LOSS,
        );
        let guard = emergency.loss_guard_margin_pct.get();
        let guard = loss("loss_guard_margin_pct", guard, &LAST_LOSS);
        // Beyond the guard, the other two would never be asked.
        self.below(&guard, &crash);
        self.below(&guard, &age);
        self.span("emergency.age_max", emergency.age_max, POSITION_AGE);
    }
}

/// Where a close costs nothing, where the numbers tell it.
fn breakeven_offset(policy: &Policy) -> Option<Decimal> {
    let known = SMALL_STEP.contains(policy.breakeven.buffer.get())
        && COST.contains(policy.costs.taker_fee.get());
    known.then(|| policy.breakeven_offset().get())
}

/// The highest leverage at which a maximum-loss floor can be held, where the numbers tell it.
fn highest_leverage(policy: &Policy) -> Option<Decimal> {
    let (loss, nearest) = (policy.stops.margin_loss_max, policy.stops.distance_min);
    let usable = LOSS_SHARE.contains(loss.get()) && DISTANCE.contains(nearest.get());
    let ratio = loss.get().checked_div(nearest.get()).filter(|_| usable)?;
    Some(ratio.clamp(Decimal::ONE, Decimal::from(LEVERAGE_MAX)))
}
