//! A leg that closes its share at market, once the mark has crossed it.

use alloc::format;

use super::{Finding, View};
use crate::decision::{Action, Rule};
use crate::ladder;
use crate::plan::LegKind;

/// The nearest crossed leg that is not closed yet. Whether it is done is told by the level of what
/// is open, so it can't fire twice.
pub(super) fn decide(view: &View<'_>) -> Option<Finding> {
    let mark = view.mark_price?;
    let steps = ladder::steps(view.plan?, view.position, view.instrument);
    let crossed = steps.iter().filter(|step| {
        let price = step.target.price;
        step.kind == LegKind::Partial && view.side().target_reached(price, mark)
    });
    crossed
        .map(|step| {
            let keep = ladder::keep_after(step, view.position, view.instrument);
            (step.target, keep)
        })
        .find(|(_, keep)| {
            let is_new = view.desired.keep.is_none_or(|known| *keep < known);
            *keep < view.position.qty && is_new
        })
        .map(|(target, keep)| Finding {
            rule: Rule::Partial,
            action: Action::PartialClose {
                leg: target.leg,
                fraction: target.size,
                keep,
            },
            reason: format!("leg {} at {} reached by {mark}", target.leg, target.price),
        })
}
