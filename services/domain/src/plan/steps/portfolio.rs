//! What the portfolio's risk does to the distances.

use alloc::format;
use alloc::string::String;

use super::line::line;
use super::{OFF, both, both_words};
use crate::num::Ratio;
use crate::plan::build::PlanInputs;
use crate::plan::words::Percent;
use crate::policy::{Distances, Policy};

/// Both distances by the risk mode (behaviour 3.2).
pub(super) fn risk(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    from: Distances,
) -> (Distances, String) {
    let factor = policy.risk(inputs.risk);
    let note = format!("{}: {}", inputs.risk, both_words(factor));
    (both(from, factor), note)
}

/// Both distances tighten once more than a part of the risk budget is in use (M092).
pub(super) fn heat(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    from: Distances,
) -> (Distances, String) {
    let heat = policy.heat;
    if !heat.enabled {
        return (from, OFF.into());
    }
    let Some(told) = inputs.heat else {
        return (from, "no heat told".into());
    };
    let cool = (heat.from, Ratio::ONE);
    let factor = line(told.get(), cool, (Ratio::ONE, heat.factor_at_full));
    let used = Percent(told);
    let note = format!("{used} of the risk budget in use: {}", both_words(factor));
    (both(from, factor), note)
}
