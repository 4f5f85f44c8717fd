//! A leg that closes its share at market, once the mark has crossed it.

use alloc::format;
use alloc::vec::Vec;

use super::rest::Rest;
use super::{Finding, View};
use crate::decision::{Action, Rule, Target};
use crate::ladder::{self, Ladder, Step};
use crate::num::Qty;

/// The nearest crossed leg that leaves less open than what was decided. The level of what is to
/// remain tells whether it is done, so it can't fire twice.
pub(super) fn decide(view: &View<'_>) -> Option<Finding> {
    let mark = view.mark?.price;
    let known = view.desired.keep.unwrap_or(view.position.qty);
    let due = |(_, keep): &(Target, Qty)| *keep < known.min(view.position.qty);
    let (target, keep) = reached(view).into_iter().find(due)?;
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

/// What the plan leaves open at this mark; none where no leg that closes at market is crossed.
#[must_use]
pub fn level_reached(view: &View<'_>) -> Option<Qty> {
    reached(view).last().map(|(_, keep)| *keep)
}

/// The crossed legs that close at market, nearest first, and what each leaves open.
fn reached(view: &View<'_>) -> Vec<(Target, Qty)> {
    let Some(mark) = view.mark else {
        return Vec::new();
    };
    let is_crossed =
        |(target, _): &(Target, Qty)| view.side().target_reached(target.price, mark.price);
    let mut legs = at_market(view);
    legs.retain(is_crossed);
    legs
}

/// The legs that close at market, nearest first, and what each leaves open.
fn at_market(view: &View<'_>) -> Vec<(Target, Qty)> {
    let steps = view.ladder.map_or(&[][..], Ladder::steps);
    let at_market = steps.iter().filter(|step| !step.rests());
    let keep = |step: &Step| ladder::keep_after(&step.target, view.position, view.instrument);
    at_market.map(|step| (step.target, keep(step))).collect()
}

/// Where the answer may change: at each leg.
pub(super) fn rest(view: &View<'_>, rest: &mut Rest) {
    for (target, _) in at_market(view) {
        rest.price(Some(target.price.get()));
    }
}
