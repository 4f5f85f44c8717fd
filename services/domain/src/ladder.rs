//! The take-profit ladder: from a plan's legs to targets, and from targets to open quantities.

use alloc::vec::Vec;
use rust_decimal::Decimal;

use crate::decision::{TARGETS_MAX, Target};
use crate::instrument::Instrument;
use crate::num::{Qty, Ratio};
use crate::plan::{ExitLeg, ExitPlan, LegKind};
use crate::position::Position;

/// The plan's resting take-profits, nearest first. A leg too small for the venue is merged into
/// the next one; an exit is never made larger than its share.
#[must_use]
pub fn targets(plan: &ExitPlan, position: &Position, instrument: &Instrument) -> Vec<Target> {
    let mut found: Vec<Target> = Vec::new();
    let mut from = Decimal::ZERO;
    let mut carried = Decimal::ZERO;
    for (leg, number) in closing_legs(plan) {
        let size = leg.size.get();
        if leg.kind == LegKind::TakeProfit && found.len() < TARGETS_MAX {
            let share = size + carried;
            let target = target(leg, number, from - carried, share, position, instrument);
            match target {
                Some(target) => {
                    carried = Decimal::ZERO;
                    found.push(target);
                }
                None => carried = share,
            }
        }
        from += size;
    }
    found
}

/// The legs that close a share, in the order in which they do, numbered from 1.
pub fn closing_legs(plan: &ExitPlan) -> impl Iterator<Item = (&ExitLeg, u8)> {
    let closes = |leg: &&ExitLeg| {
        matches!(
            leg.kind,
            LegKind::TakeProfit | LegKind::Partial | LegKind::Trail
        )
    };
    plan.legs.iter().filter(closes).zip(1_u8..)
}

fn target(
    leg: &ExitLeg,
    number: u8,
    from: Decimal,
    share: Decimal,
    position: &Position,
    instrument: &Instrument,
) -> Option<Target> {
    let price = instrument.round_target(position.key.side, leg.trigger_price?)?;
    let qty = instrument.floor_qty(position.initial_qty.share(Ratio::new(share)));
    let large_enough = !qty.is_zero() && qty.notional(price) >= instrument.min_notional;
    let (from, size) = (Ratio::new(from), Ratio::new(share));
    large_enough.then_some(Target {
        leg: number,
        price,
        from,
        size,
    })
}

/// What each target should still have resting, given what this life has closed already: legs are
/// consumed nearest first, so the level tells it and no fill has to be counted. The sum never
/// exceeds `open_max`.
#[must_use]
pub fn open_quantities(
    targets: &[Target],
    position: &Position,
    open_max: Qty,
    instrument: &Instrument,
) -> Vec<(Target, Qty)> {
    let closed = position.closed_qty();
    let mut left = open_max.min(position.qty);
    let mut open = Vec::new();
    for target in targets {
        let begin = edge(target.from.get(), position, instrument);
        let end = edge(target.from.get() + target.size.get(), position, instrument);
        let rest = end.saturating_sub(begin.max(closed));
        let qty = instrument.floor_qty(rest.min(left));
        if !qty.is_zero() {
            left = left.saturating_sub(qty);
            open.push((*target, qty));
        }
    }
    open
}

/// How many of the targets are done by the level of what is closed.
#[must_use]
pub fn hits(targets: &[Target], position: &Position, instrument: &Instrument) -> usize {
    let closed = position.closed_qty();
    let done = |target: &&Target| {
        let end = edge(target.from.get() + target.size.get(), position, instrument);
        !end.is_zero() && closed >= end
    };
    targets.iter().filter(done).count()
}

/// A share of the initial quantity on the lot grid; edges are floored, so neighbours meet exactly.
fn edge(share: Decimal, position: &Position, instrument: &Instrument) -> Qty {
    let raw = position.initial_qty.share(Ratio::new(share));
    let step = instrument.lot.step;
    let floored = raw.get().checked_rem(step).map(|rest| raw.get() - rest);
    floored
        .and_then(|value| Qty::new(value).ok())
        .unwrap_or(Qty::ZERO)
}
