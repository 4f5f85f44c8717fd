//! What was approved and is still to be told, logged and counted: nobody waits for that.

use bus::subjects;
use domain::intent::{OrderIntent, Wish};
use domain::mode::Mode;
use runtime::Effect;
use tracing::{info, warn};

/// An intent that was approved.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) intent: OrderIntent,
    pub(crate) is_beside_the_brain: bool,
    pub(crate) mode: Mode,
}

/// An intent that was taken up, for those who only watch: each listener of the intent itself would
/// stand in the way of the guard, which the server writes to in any order.
pub(crate) fn asked(intent: &OrderIntent) -> Effect {
    let subject = subjects::asked(&intent.module, &intent.key);
    subject.message(intent).into()
}

impl Passed {
    /// Whether an incumbent places an order beside the brain.
    pub(crate) const fn is_conflict(&self) -> bool {
        self.is_beside_the_brain && matches!(self.intent.wish, Wish::Place { .. })
    }

    /// One line.
    pub(crate) fn log(&self) {
        let intent = &self.intent;
        if self.is_conflict() {
            warn!(
                tag = "EXIT_GUARD",
                module = intent.module.name(),
                kind = %intent.kind,
                position = %intent.key,
                mode = %self.mode,
                allowed = true,
                "OWNERSHIP CONFLICT: an incumbent acts beside the brain"
            );
            return;
        }
        info!(
            tag = "EXIT_GUARD",
            module = intent.module.name(),
            kind = %intent.kind,
            position = %intent.key,
            decision_type = %intent.decision,
            reason = %intent.reason,
            confidence = %intent.confidence,
            mode = %self.mode,
            allowed = true,
            "placing"
        );
    }
}
