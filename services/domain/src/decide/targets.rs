//! The ladder of resting targets, as the plan in force wants it.

use alloc::format;
use alloc::vec::Vec;

use super::{Finding, View, moved};
use crate::decision::{Action, Rule, Target};
use crate::ladder;

/// The plan's ladder where it differs from the one that rests.
pub(super) fn decide(view: &View<'_>) -> Option<Finding> {
    let (plan, ladder) = (view.plan?, view.ladder?);
    let targets: Vec<Target> = ladder.targets().map(|new| kept(view, new)).collect();
    // After an addition the same ladder closes other quantities.
    let is_followed = view.desired.targets_plan.is_some() || targets.is_empty();
    if targets == view.desired.targets && is_followed {
        return None;
    }
    let reason = format!("{} targets of plan {}", targets.len(), plan.id);
    Some(Finding {
        rule: Rule::Targets,
        action: Action::UpdateTargets { targets },
        reason,
    })
}

/// `new`, or the target that it would replace: one that is done stays as it was, and one that
/// would hardly move is not worth an order.
fn kept(view: &View<'_>, new: Target) -> Target {
    let same = |old: &&Target| (old.leg, old.from, old.size) == (new.leg, new.from, new.size);
    let Some(old) = view.desired.targets.iter().find(same) else {
        return new;
    };
    let step_min = view.policy.stops.replace_step_min;
    let done = ladder::is_done(old, view.position, view.instrument);
    if done || !moved(old.price, new.price, step_min) {
        *old
    } else {
        new
    }
}
