//! What outside advice may do to the distances.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::line::line;
use super::{OFF, scaled};
use crate::num::Ratio;
use crate::plan::build::PlanInputs;
use crate::plan::words::{Factor, Percent};
use crate::policy::{Distances, Policy};
use crate::signal::RlHint;

/// Distances of a trusted hint replace the base ones. Below the gate only its stop counts, and only
/// where it tightens (behaviour 10.21). A hint that tells no confidence is trusted.
pub(super) fn hint(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    from: Distances,
) -> (Distances, String) {
    let Some(hint) = inputs.hint else {
        return (from, "no hint".into());
    };
    let gate = policy.hints.confidence_min;
    match hint.confidence {
        Some(told) if told < gate => weak(hint, from, &format!("confidence {told} below {gate}")),
        Some(told) => trusted(hint, from, &format!("confidence {told}")),
        None => trusted(hint, from, "no confidence told"),
    }
}

/// A distance of nothing or less is no advice; one beyond the whole price counts as the whole of
/// it, and the bounds cut that.
fn usable(value: Option<Ratio>) -> Option<Ratio> {
    let told = value.filter(|value| *value > Ratio::ZERO);
    told.map(|value| value.min(Ratio::ONE))
}

fn trusted(hint: &RlHint, from: Distances, words: &str) -> (Distances, String) {
    let [target, stop, trail] = [hint.take_profit, hint.stop_loss, hint.trail].map(usable);
    let after = Distances {
        target: target.unwrap_or(from.target),
        stop: stop.unwrap_or(from.stop),
        trail: trail.unwrap_or(from.trail),
    };
    let told = [("target", target), ("stop", stop), ("trail", trail)];
    let told: Vec<String> = told
        .iter()
        .filter_map(|(what, value)| Some(format!("{what} {}", Percent((*value)?))))
        .collect();
    let told = if told.is_empty() {
        "no distance told".into()
    } else {
        told.join(", ")
    };
    (after, format!("{words}: {told}"))
}

fn weak(hint: &RlHint, from: Distances, words: &str) -> (Distances, String) {
    match usable(hint.stop_loss) {
        Some(stop) if stop < from.stop => {
            let after = Distances { stop, ..from };
            let note = format!("{words}: only its stop {}, which is tighter", Percent(stop));
            (after, note)
        }
        Some(_) | None => (from, format!("{words}: dropped")),
    }
}

/// The target by the entry signal's confidence, or the hint's own where the signal told none
/// (behaviour 10.22).
pub(super) fn confidence(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    from: Distances,
) -> (Distances, String) {
    let scaling = policy.confidence;
    if !scaling.enabled {
        return (from, OFF.into());
    }
    let told = inputs
        .hint
        .and_then(|hint| hint.signal_confidence.or(hint.confidence));
    let Some(told) = told else {
        return (from, "no confidence told".into());
    };
    let (none, full) = ((Ratio::ZERO, scaling.low), (Ratio::ONE, scaling.high));
    let factor = line(told.get(), none, full);
    let after = Distances {
        target: scaled(from.target, factor),
        ..from
    };
    let note = format!("confidence {told}: target {}", Factor(factor));
    (after, note)
}
