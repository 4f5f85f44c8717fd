//! One line per decision, with who, what, why, how sure and whether it may act.

use domain::decision::{Action, Decision};
use domain::ids::Module;
use domain::mode::Mode;
use tracing::info;

/// Logs a decision under the tag of its lane; "nothing to do" is recorded on the bus only.
pub(crate) fn log(decision: &Decision, mode: Mode) {
    if decision.action == Action::NoChange {
        return;
    }
    let live = mode == Mode::Live;
    info!(
        tag = if live { "EXIT_BRAIN_LIVE" } else { "EXIT_BRAIN_SHADOW" },
        module = Module::ExitExecutor.name(),
        position = %decision.key,
        decision_type = decision.action.name(),
        reason = %decision.reason,
        confidence = %decision.confidence,
        allowed = live,
        "Executing decision"
    );
}
