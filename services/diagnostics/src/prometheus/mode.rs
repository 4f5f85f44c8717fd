//! The mode in force, and the flags behind it.

use domain::Timestamp;
use domain::mode::{EXIT_BRAIN_V3_LIVE_ROLLOUT, EXIT_EXECUTOR_MODE, EXIT_MODE, Flags};

use super::Page;
use crate::model::ReadModel;

pub(super) fn mode(page: &mut Page, model: &ReadModel, now: Timestamp) {
    let effective = model.effective_mode(now);
    let text = effective.map_or_else(|| "UNKNOWN".into(), |mode| mode.to_string());
    let revision = model.said.as_ref().map_or(0, |said| said.revision);
    page.info("effective_mode", "The mode in force", vec![("mode", text)]);
    page.gauge("mode_revision", "Revision of the mode in force", revision);
    let flags = model.flags(now).map(|flags| states(&flags));
    let labels = flags.into_iter().flatten();
    let set = labels.map(|(flag, value)| (vec![("flag", flag.into()), ("value", value)], 1));
    page.gauges("flag_state", "Flags of the running system", set.collect());
}

fn states(flags: &Flags) -> [(&'static str, String); 3] {
    [
        (EXIT_MODE, flags.exit_mode.to_string()),
        (EXIT_EXECUTOR_MODE, flags.executor_mode.to_string()),
        (EXIT_BRAIN_V3_LIVE_ROLLOUT, flags.rollout.to_string()),
    ]
}
