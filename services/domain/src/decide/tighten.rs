//! Rules that tighten the stop: profit lock, breakeven, ratchet, trailing, a tighter plan.

use alloc::format;
use alloc::vec::Vec;
use rust_decimal::Decimal;

use super::rest::{Rest, at_margin_pct, at_price_pct};
use super::{Finding, View, moved, trailing};
use crate::decision::{Rule, StopReason};
use crate::ladder::{self, Step};
use crate::num::{Price, PricePct, Ratio};
use crate::position::{Side, Valued};

/// The profile whose stop goes to breakeven as soon as its target is closed (behaviour 4.7).
const CHALLENGE: &str = "CHALLENGE_100";

/// Where a rule would have the stop.
struct Candidate {
    rule: Rule,
    why: StopReason,
    price: Option<Price>,
    /// Smallest improvement that is worth a new order.
    step_min: Ratio,
}

/// The first tightening rule whose stop is better than the one in force and not yet passed by the
/// mark.
pub(super) fn decide(view: &View<'_>) -> Option<Finding> {
    let mark = view.mark?;
    let current = view.desired.stop?;
    candidates(view, mark).into_iter().find_map(|candidate| {
        let Candidate { rule, why, .. } = candidate;
        let price = view.instrument.round_stop(view.side(), candidate.price?)?;
        let is_better = view.side().is_tighter(price, current)
            && moved(current, price, candidate.step_min)
            && !view.side().stop_reached(price, mark.price);
        let words = || {
            let pnl = mark.profit.get().round_dp(2);
            format!("SL adjustment ({why}): pnl={pnl}%")
        };
        is_better.then(|| Finding::move_stop(rule, price, why, words()))
    })
}

fn candidates(view: &View<'_>, mark: Valued) -> [Candidate; 5] {
    let hits = hits(view);
    let candidate = |rule, why, price, step_min| Candidate {
        rule,
        why,
        price,
        step_min,
    };
    let any = |rule, why, price| candidate(rule, why, price, Ratio::ZERO);
    let large = |rule, why, price| {
        let step_min = view.policy.stops.replace_step_min;
        candidate(rule, why, price, step_min)
    };
    let lock = profit_lock(view, mark.profit);
    let even = breakeven(view, mark.profit, hits);
    let trailed = trailing::stop(view, mark);
    [
        any(Rule::ProfitLock, StopReason::ProfitLock, lock),
        any(Rule::Breakeven, StopReason::Breakeven, even),
        any(Rule::Ratchet, StopReason::Ratchet, ratchet(view, hits)),
        large(Rule::Trailing, StopReason::Trailing, trailed),
        large(Rule::TighterPlan, StopReason::Tighter, planned(view)),
    ]
}

/// Above so much profit on margin the stop goes beyond entry, whatever plan there is (T03).
fn profit_lock(view: &View<'_>, profit: PricePct) -> Option<Price> {
    let policy = &view.policy.profit_lock;
    let is_reached = view.position.on_margin(profit) > policy.trigger_margin_pct;
    is_reached.then(|| locked(view)).flatten()
}

/// The stop of the profit lock.
fn locked(view: &View<'_>) -> Option<Price> {
    let offset = view.policy.profit_lock.offset;
    view.beyond_entry(offset.max(view.policy.breakeven_offset()))
}

/// Above so much profit on price the stop goes to entry and costs (T19).
fn breakeven(view: &View<'_>, profit: PricePct, hits: usize) -> Option<Price> {
    let in_profit = profit > view.policy.breakeven.trigger_pct;
    let profile = view.ladder_plan().and_then(|it| it.profile.as_deref());
    let is_reached = in_profit || (profile == Some(CHALLENGE) && hits > 0);
    let offset = view.policy.breakeven_offset();
    is_reached.then(|| view.beyond_entry(offset)).flatten()
}

/// After the first target the entry; after the second the price of the first (behaviour 4.5).
fn ratchet(view: &View<'_>, hits: usize) -> Option<Price> {
    match hits {
        _ if !view.policy.stops.ratchet => None,
        0 => None,
        1 => Some(view.position.entry_price),
        _ => view.desired.first_hit,
    }
}

/// How many targets of the plan are closed; of the ladder that rests, where its plan has run out.
/// A plan for another entry or size does not tell.
fn hits(view: &View<'_>) -> usize {
    if view.position.closed_qty().is_zero() {
        return 0;
    }
    let hits = |steps: &[Step]| ladder::hits(steps, view.position, view.instrument);
    match (view.plan, view.ladder) {
        (_, Some(ladder)) => hits(ladder.steps()),
        (None, None) if view.desired.targets_plan.is_some() => {
            let resting = view.desired.targets.iter().copied().map(Step::resting);
            hits(&resting.collect::<Vec<_>>())
        }
        _ => 0,
    }
}

fn planned(view: &View<'_>) -> Option<Price> {
    view.plan?.stop_leg()?.trigger_price
}

/// Where the answer may change: at the first mark at which a rule that has a better stop holds, and
/// has left that stop behind.
pub(super) fn rest(view: &View<'_>, rest: &mut Rest) {
    let (Some(mark), Some(current)) = (view.mark, view.desired.stop) else {
        return;
    };
    let mut fixed = |price: Option<Price>, step_min: Ratio, from: Option<Decimal>| {
        let rounded = price.and_then(|price| view.instrument.round_stop(view.side(), price));
        let is_better = |price: &Price| {
            view.side().is_tighter(*price, current) && moved(current, *price, step_min)
        };
        let farther = |stop: Decimal, from: Decimal| match view.side() {
            Side::Long => stop.max(from),
            Side::Short => stop.min(from),
        };
        if let Some(stop) = rounded.filter(is_better) {
            rest.price(from.map(|from| farther(stop.get(), from)));
        }
    };
    let (lock, even) = (&view.policy.profit_lock, &view.policy.breakeven);
    let lock_from = at_margin_pct(view, lock.trigger_margin_pct.get());
    fixed(locked(view), Ratio::ZERO, lock_from);
    let even_at = view.beyond_entry(view.policy.breakeven_offset());
    let is_taken = breakeven(view, PricePct::ZERO, hits(view)).is_some();
    let even_from = at_price_pct(view, even.trigger_pct.get());
    let at = |price: Option<Price>| price.map(Price::get);
    fixed(
        even_at,
        Ratio::ZERO,
        if is_taken { at(even_at) } else { even_from },
    );
    let ratcheted = ratchet(view, hits(view));
    fixed(ratcheted, Ratio::ZERO, at(ratcheted));
    let planned = planned(view);
    fixed(planned, view.policy.stops.replace_step_min, at(planned));
    trailing::rest(view, mark, current, rest);
}
