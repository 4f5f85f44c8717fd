//! Faults of the default ladder, and what ladder and profiles have in common.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use rust_decimal::Decimal;

use super::range::{ACTIVATION, MULTIPLE, PART, Range};
use super::{Check, Number, listed, quoted};
use crate::decision::TARGETS_MAX;
use crate::num::Ratio;
use crate::policy::{Basis, Policy, StepClose, TrailActivation};

/// Most steps of a ladder and legs of a profile; with stop and trail they fit a plan's message.
const STEPS_MAX: usize = 8;

/// One step of a ladder or one leg of a profile.
pub(super) struct Step {
    pub(super) multiple: Ratio,
    pub(super) size: Ratio,
}

impl Check {
    pub(super) fn ladder(&mut self, policy: &Policy) {
        let ladder = &policy.ladder;
        let reach = match ladder.basis {
            Basis::Target => Reach::new("bounds.target_max", policy.bounds.target_max),
            Basis::Risk => Reach::new("bounds.stop_max", policy.bounds.stop_max),
        };
        let activation = self.activation(&ladder.activation, &reach);
        let steps: Vec<Step> = ladder
            .steps
            .iter()
            .map(|step| Step {
                multiple: step.target_multiple,
                size: step.size,
            })
            .collect();
        self.steps("ladder.steps", "target_multiple", &steps, &reach);
        self.begins(policy, &activation);
        let last = ladder.steps.len().saturating_sub(1);
        let trails = |(index, _): &(usize, _)| *index != last;
        for (index, step) in ladder.steps.iter().enumerate().filter(trails) {
            if step.close == StepClose::Trail {
                let field = format!("ladder.steps.{index}.close");
                self.fault(&field, quoted(&"trail"), "only the last step may trail");
            }
        }
        // A trailing step rests as a limit where the regime forbids trailing.
        let rests = |close| matches!(close, StepClose::Limit | StepClose::Trail);
        let resting = ladder.steps.iter().filter(|step| rests(step.close)).count();
        self.resting("ladder.steps", resting);
    }

    fn activation(&mut self, activation: &TrailActivation, reach: &Reach) -> Number {
        let (name, value) = match activation {
            TrailActivation::OfFirstTarget(share) => ("of_first_target", share),
            TrailActivation::TargetMultiple(multiple) => ("target_multiple", multiple),
        };
        let field = format!("ladder.activation.{name}");
        let number = self.number(field, value.get(), &ACTIVATION);
        if matches!(activation, TrailActivation::TargetMultiple(_)) {
            self.reaches(&number, reach);
        }
        number
    }

    /// What trails begins to before the target that it stands for: beyond, it hardly ever would.
    fn begins(&mut self, policy: &Policy, activation: &Number) {
        let ladder = &policy.ladder;
        let (Some(first), Some(last)) = (ladder.steps.first(), ladder.steps.last()) else {
            return;
        };
        let unit = match ladder.activation {
            TrailActivation::OfFirstTarget(_) => first.target_multiple.get(),
            TrailActivation::TargetMultiple(_) => Decimal::ONE,
        };
        let nominal = last.target_multiple.get();
        let usable = MULTIPLE.contains(unit) && MULTIPLE.contains(nominal);
        let begins = activation.value.checked_mul(unit);
        let holds = begins.is_some_and(|begins| begins <= nominal);
        let trails = last.close == StepClose::Trail;
        self.rule(activation, holds || !usable || !trails, || {
            let most = nominal.checked_div(unit).unwrap_or_default();
            let most = most.round_dp(4).normalize();
            format!("must be at most {most}: trailing would begin beyond the last step's multiple")
        });
    }

    /// Their number, each step by itself, the multiples ascending, the sizes within the whole.
    pub(super) fn steps(&mut self, field: &str, multiple: &str, steps: &[Step], reach: &Reach) {
        if !(1..=STEPS_MAX).contains(&steps.len()) {
            let why = format!("must be 1 to {STEPS_MAX}");
            self.fault(field, format!("{} of them", steps.len()), why);
            return;
        }
        let mut each = |name: &str, range: &Range, value: fn(&Step) -> Ratio| -> Vec<Number> {
            let steps = steps.iter().enumerate();
            steps
                .map(|(index, step)| {
                    let field = format!("{field}.{index}.{name}");
                    self.number(field, value(step).get(), range)
                })
                .collect()
        };
        let multiples = each(multiple, &MULTIPLE, |step| step.multiple);
        let sizes = each("size", &PART, |step| step.size);
        self.ascending(&multiples);
        for number in &multiples {
            self.reaches(number, reach);
        }
        if let Some(sum) = Self::sum(&sizes).filter(|sum| *sum > Decimal::ONE) {
            let sum = sum.normalize();
            let why = format!("the sizes add up to {sum}: 1 at most; what is left has no target");
            self.fault(field, listed(&sizes), why);
        }
    }

    /// No more limits rest at once than the executor keeps.
    pub(super) fn resting(&mut self, field: &str, count: usize) {
        if count > TARGETS_MAX {
            let why = format!("at most {TARGETS_MAX} targets rest at once: close some at market");
            self.fault(field, format!("{count} limits"), why);
        }
    }

    /// The farthest target of a short must have a price above zero.
    pub(super) fn reaches(&mut self, multiple: &Number, reach: &Reach) {
        let holds = multiple.value.checked_mul(reach.distance);
        let holds = holds.is_some_and(|farthest| farthest < Decimal::ONE);
        self.rule(multiple, holds || !reach.usable(), || {
            let (field, distance) = (&reach.field, reach.distance.normalize());
            format!("times {field} (\"{distance}\") must be below 1: no short has a price beyond")
        });
    }
}

/// The largest distance that a multiple is a multiple of.
pub(super) struct Reach {
    field: String,
    distance: Decimal,
}

impl Reach {
    pub(super) fn new(field: &str, distance: Ratio) -> Self {
        Self {
            field: field.to_string(),
            distance: distance.get(),
        }
    }

    fn usable(&self) -> bool {
        super::range::DISTANCE.contains(self.distance)
    }
}
