//! The default legs: 25 % and 25 % at multiples of the target, 50 % trailing (behaviour 3.3).

use alloc::vec::Vec;

use super::{Draft, Frame, Set};
use crate::num::Ratio;
use crate::plan::steps::scaled;
use crate::policy::{Basis, LadderStep, StepClose, TrailActivation};

/// The ladder of the policy in multiples of the target or, where it says so, of the stop (T02).
pub(super) fn set(frame: &Frame<'_>) -> Set {
    let ladder = &frame.policy.ladder;
    let (unit, note) = match ladder.basis {
        Basis::Target => (frame.found.target, "ladder of the target"),
        Basis::Risk => (frame.found.stop, "ladder of the stop"),
    };
    let drafts: Vec<Draft> = ladder
        .steps
        .iter()
        .map(|step| draft(frame, step, unit))
        .collect();
    Set {
        drafts,
        distances: frame.found,
        profile: None,
        time_stop: None,
        note: note.into(),
    }
}

fn draft(frame: &Frame<'_>, step: &LadderStep, unit: Ratio) -> Draft {
    let nominal = scaled(unit, step.target_multiple);
    let trails = step.close == StepClose::Trail && frame.may_trail();
    let draft = if trails {
        Draft::trail(step.size, activation(frame, unit), frame.found.trail)
    } else {
        // Where the regime forbids trailing, what would trail rests at its nominal target.
        frame.target(step.close, step.size, nominal)
    };
    Draft {
        target_multiple: multiple(frame, step, nominal),
        ..draft
    }
}

/// What the leg stands for in multiples of the target, whatever the ladder's own unit.
fn multiple(frame: &Frame<'_>, step: &LadderStep, nominal: Ratio) -> Option<Ratio> {
    match frame.policy.ladder.basis {
        Basis::Target => Some(step.target_multiple),
        Basis::Risk => {
            let multiple = nominal.get().checked_div(frame.found.target.get());
            multiple.map(Ratio::new)
        }
    }
}

fn activation(frame: &Frame<'_>, unit: Ratio) -> Ratio {
    let ladder = &frame.policy.ladder;
    match ladder.activation {
        TrailActivation::TargetMultiple(multiple) => scaled(unit, multiple),
        TrailActivation::OfFirstTarget(share) => {
            let first = ladder.steps.first();
            let nominal = first.map_or(unit, |step| scaled(unit, step.target_multiple));
            scaled(nominal.max(frame.floor.distance), share)
        }
    }
}
