//! A leg that closes its share at market, once the mark has crossed it; and a target that the mark
//! has left so far behind that the venue takes no limit there any more.

use alloc::format;
use alloc::vec::Vec;

use super::rest::Rest;
use super::{Finding, View};
use crate::decision::{Action, Rule, Target};
use crate::ladder::{self, Ladder, Step};
use crate::num::{Price, Qty};

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
    let is_crossed = |step: &&Step| {
        let turns = turns_at(view, step);
        turns.is_some_and(|price| view.side().target_reached(price, mark.price))
    };
    let keep = |step: &Step| ladder::keep_after(&step.target, view.position, view.instrument);
    let crossed = steps(view).iter().filter(is_crossed);
    crossed.map(|step| (step.target, keep(step))).collect()
}

fn steps<'a>(view: &View<'a>) -> &'a [Step] {
    view.ladder.map_or(&[][..], Ladder::steps)
}

/// From which mark on a leg is closed at market; one that rests from where the venue takes no limit
/// at its price any more.
fn turns_at(view: &View<'_>, step: &Step) -> Option<Price> {
    let price = step.target.price;
    if step.rests() {
        view.instrument.mark_too_far(view.side(), price)
    } else {
        Some(price)
    }
}

/// Where the answer may change: at each leg.
pub(super) fn rest(view: &View<'_>, rest: &mut Rest) {
    for price in steps(view).iter().filter_map(|step| turns_at(view, step)) {
        rest.price(Some(price.get()));
    }
}
