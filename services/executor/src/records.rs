//! One line per decision: who, what, by which rule, why, how sure, and whether it may act.

use domain::decision::{Action, Decision};
use domain::mode::Mode;
use tracing::info;

/// Logs a decision under the tag of its lane; "nothing to do" is recorded on the bus only.
/// `allowed` says whether the executor may ask for what it decided.
pub(crate) fn log(decision: &Decision, mode: Mode, allowed: bool) {
    if decision.action == Action::NoChange {
        return;
    }
    let (tag, words) = if mode == Mode::Live {
        ("EXIT_BRAIN_LIVE", "Executing decision")
    } else {
        ("EXIT_BRAIN_SHADOW", "Would execute decision")
    };
    info!(
        tag,
        module = decision.module.name(),
        position = %decision.key,
        epoch = %decision.epoch,
        decision_type = decision.action.name(),
        rule = %decision.rule,
        reason = %decision.reason,
        confidence = %decision.confidence,
        plan_id = decision.plan_id.map(tracing::field::display),
        mode = %mode,
        allowed,
        "{words}"
    );
}

#[cfg(test)]
mod tests;
