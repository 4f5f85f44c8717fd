//! From the policy's base distances to those of a plan: named steps in a fixed order. Each says
//! what it looked at and did; one that is off or has nothing to look at says that.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use rust_decimal::Decimal;

use super::build::PlanInputs;
use super::words::{Factor, Percent};
use super::{PlanStep, StepName};
use crate::num::Ratio;
use crate::policy::{Distances, Policy};

mod advice;
mod line;
mod market;
mod portfolio;

/// Decimals of a computed distance: a millionth of a percent is finer than any price grid.
pub(super) const SCALE: u32 = 8;
/// No step makes a distance larger than this multiple of the price. No price lies that far away,
/// and it is far below what a message can carry (1e4): a plan must stay readable.
const DISTANCE_MAX: Ratio = Ratio::new(Decimal::ONE_HUNDRED);
/// What a step says that the policy has switched off.
pub(super) const OFF: &str = "off";

type Step = fn(&PlanInputs<'_>, &Policy, Distances) -> (Distances, String);

/// The steps before the legs, in the order of computation (behaviour 3.1).
const STEPS: [(StepName, Step); 9] = [
    (StepName::Base, base),
    (StepName::Hint, advice::hint),
    (StepName::Confidence, advice::confidence),
    (StepName::Risk, portfolio::risk),
    (StepName::Regime, market::regime),
    (StepName::Volatility, market::volatility),
    (StepName::Trend, market::trend),
    (StepName::Heat, portfolio::heat),
    (StepName::Bounds, bounds),
];

/// The distances that the legs are made of, and how they came about.
#[must_use]
pub fn distances(inputs: &PlanInputs<'_>, policy: &Policy) -> (Distances, Vec<PlanStep>) {
    let mut found = policy.base;
    let mut steps = Vec::new();
    for (name, take) in STEPS {
        let (after, note) = take(inputs, policy, found);
        found = after;
        steps.push(step(name, found, note));
    }
    (found, steps)
}

pub(super) const fn step(name: StepName, after: Distances, note: String) -> PlanStep {
    PlanStep {
        name,
        target: after.target,
        stop: after.stop,
        trail: after.trail,
        note,
    }
}

/// A distance on the decimals that plans are made with.
pub(super) fn rounded(distance: Ratio) -> Ratio {
    Ratio::new(distance.get().round_dp(SCALE))
}

/// `distance` times `factor`, at most [`DISTANCE_MAX`]: the bounds cut it anyway.
pub(super) fn scaled(distance: Ratio, factor: Ratio) -> Ratio {
    let product = Ratio::new(distance.get().saturating_mul(factor.get()));
    rounded(product.min(DISTANCE_MAX))
}

fn base(_: &PlanInputs<'_>, policy: &Policy, _: Distances) -> (Distances, String) {
    let Distances {
        target,
        stop,
        trail,
    } = policy.base;
    let [target, stop, trail] = [target, stop, trail].map(Percent);
    let note = format!("target {target}, stop {stop}, trail {trail}");
    (policy.base, note)
}

fn bounds(_: &PlanInputs<'_>, policy: &Policy, from: Distances) -> (Distances, String) {
    let limits = policy.bounds;
    let after = Distances {
        target: from.target.max(limits.target_min).min(limits.target_max),
        stop: from.stop.max(limits.stop_min).min(limits.stop_max),
        trail: from.trail.max(limits.trail_min).min(limits.trail_max),
    };
    let mut words = Vec::new();
    for (what, before, now) in [
        ("target", from.target, after.target),
        ("stop", from.stop, after.stop),
        ("trail", from.trail, after.trail),
    ] {
        if before != now {
            words.push(format!("{what} {} to {}", Percent(before), Percent(now)));
        }
    }
    if words.is_empty() {
        return (after, "within bounds".into());
    }
    (after, words.join(", "))
}

/// Both distances by one factor.
fn both(from: Distances, factor: Ratio) -> Distances {
    Distances {
        target: scaled(from.target, factor),
        stop: scaled(from.stop, factor),
        ..from
    }
}

fn both_words(factor: Ratio) -> String {
    format!("target {0}, stop {0}", Factor(factor))
}
