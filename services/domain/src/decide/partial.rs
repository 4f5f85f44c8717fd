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
    let mut crossed = (1..).zip(&steps).filter(|(_, step)| {
        let is_reached = view.side().target_reached(step.target.price, mark);
        step.kind == LegKind::Partial && is_reached
    });
    let (target, keep) = crossed.find_map(|(count, step)| {
        let keep = ladder::keep_after(steps.get(..count)?, view.position, view.instrument);
        let is_new = view.desired.keep.is_none_or(|known| keep < known);
        (keep < view.position.qty && is_new).then_some((step.target, keep))
    })?;
    Some(Finding {
        rule: Rule::Partial,
        action: Action::PartialClose {
            leg: target.leg,
            fraction: target.size,
            keep,
        },
        reason: format!("leg {} at {} reached by {mark}", target.leg, target.price),
    })
}
