//! One line per decision: who, what, by which rule, why, how sure, and whether it may act.

use domain::decision::{Action, Decision};
use domain::mode::Mode;
use domain::shadow::is_news;
use tracing::info;

/// What of SHADOW's decisions about one life is said: what is news after the last one.
#[derive(Debug, Default)]
pub(crate) struct ShadowNews(Option<Decision>);

impl ShadowNews {
    /// The news among `decisions`, in their order.
    pub(crate) fn of(&mut self, decisions: Vec<Decision>) -> Vec<Decision> {
        let mut news = Vec::new();
        for decision in decisions {
            if is_news(self.0.as_ref(), &decision) {
                self.0 = Some(decision.clone());
                news.push(decision);
            }
        }
        news
    }
}

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
