//! The take-profit ladder: from a plan's legs to targets, and from targets to open quantities.
//!
//! Legs are consumed nearest first, so the level of what is closed tells what is left of each, and
//! no fill has to be counted (T18).

use alloc::vec::Vec;
use rust_decimal::Decimal;

use crate::decision::{TARGETS_MAX, Target};
use crate::grid::floor_to;
use crate::instrument::Instrument;
use crate::num::{Qty, Ratio};
use crate::plan::{ExitLeg, ExitPlan, LegKind};
use crate::position::Position;

/// A leg of the plan that closes a share at its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// [`LegKind::TakeProfit`] rests, [`LegKind::Partial`] closes at market.
    pub kind: LegKind,
    /// Price and share.
    pub target: Target,
}

impl Step {
    /// The step of a resting target.
    #[must_use]
    pub const fn resting(target: Target) -> Self {
        let kind = LegKind::TakeProfit;
        Self { kind, target }
    }

    /// Whether it rests on the venue.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.kind == LegKind::TakeProfit
    }
}

/// What a plan closes of a position that it is made for: worked out once for each plan and picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder(Vec<Step>);

impl Ladder {
    /// The ladder of `plan`; none where the plan is for another entry or size.
    #[must_use]
    pub fn of(plan: &ExitPlan, position: &Position, instrument: &Instrument) -> Option<Self> {
        let is_meant = is_made_for(plan, position, instrument);
        is_meant.then(|| Self(steps(plan, position, instrument)))
    }

    /// Its steps, nearest first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Those that rest, nearest first.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        let resting = self.0.iter().filter(|step| step.rests());
        resting.map(|step| step.target)
    }
}

/// What the plan closes, nearest first; what trails is left to the stop. A leg too small for the
/// venue is merged into the next one, an exit is never made larger than its share, and shares of
/// more than the whole are scaled to it.
#[must_use]
pub fn steps(plan: &ExitPlan, position: &Position, instrument: &Instrument) -> Vec<Step> {
    let sizes = closing_legs(plan).map(|(leg, _)| leg.size.get());
    let whole = sizes.sum::<Decimal>().max(Decimal::ONE);
    let mut found: Vec<Step> = Vec::new();
    let mut resting = 0;
    let (mut closed, mut end) = (Decimal::ZERO, Decimal::ZERO);
    for (leg, number) in closing_legs(plan) {
        let rests = leg.kind == LegKind::TakeProfit;
        if rests && resting == TARGETS_MAX {
            continue;
        }
        end += leg.size.get();
        let from = closed / whole;
        let share = Share {
            from: Ratio::new(from),
            size: Ratio::new(end / whole - from),
        };
        if let Some(step) = step(leg, number, share, position, instrument) {
            resting += usize::from(rests);
            closed = end;
            found.push(step);
        }
    }
    found
}

/// The legs that close a share at their price, nearest first, numbered from 1.
pub fn closing_legs(plan: &ExitPlan) -> impl Iterator<Item = (&ExitLeg, u8)> {
    plan.target_legs().zip(1_u8..)
}

/// The plan's resting take-profits, nearest first.
#[must_use]
pub fn targets(plan: &ExitPlan, position: &Position, instrument: &Instrument) -> Vec<Target> {
    Ladder(steps(plan, position, instrument))
        .targets()
        .collect()
}

/// A share of the initial quantity.
struct Share {
    from: Ratio,
    size: Ratio,
}

fn step(
    leg: &ExitLeg,
    number: u8,
    share: Share,
    position: &Position,
    instrument: &Instrument,
) -> Option<Step> {
    let price = instrument.round_target(position.key.side, leg.trigger_price?)?;
    let target = Target {
        leg: number,
        price,
        from: share.from,
        size: share.size,
    };
    let step = Step {
        kind: leg.kind,
        target,
    };
    let raw = position.initial_qty.share(share.size);
    let qty = if step.rests() {
        instrument.floor_qty(raw)
    } else {
        instrument.floor_market_qty(raw)
    };
    let is_large_enough = !qty.is_zero() && qty.notional(price) >= instrument.min_notional;
    is_large_enough.then_some(step)
}

/// What each target should still have resting, given what this life has closed already. The sum
/// never exceeds `open_max`.
#[must_use]
pub fn open_quantities(
    targets: &[Target],
    position: &Position,
    open_max: Qty,
    instrument: &Instrument,
) -> Vec<(Target, Qty)> {
    let level = Level::of(position);
    let open_max = open_max.min(position.qty);
    open_at(targets, level, open_max, instrument)
}

fn open_at(
    targets: &[Target],
    level: Level,
    open_max: Qty,
    instrument: &Instrument,
) -> Vec<(Target, Qty)> {
    let mut left = open_max;
    let mut open = Vec::new();
    for target in targets {
        let rest = rest(target, level, instrument);
        let qty = instrument.floor_qty(rest.min(left));
        if !qty.is_zero() {
            left = left.saturating_sub(qty);
            open.push((*target, qty));
        }
    }
    open
}

/// What is to remain open once all up to `target` is closed: a level of the whole, so it is the
/// same whatever of it has filled, or been told, already.
#[must_use]
pub fn keep_after(target: &Target, position: &Position, instrument: &Instrument) -> Qty {
    let whole = position.initial_qty;
    whole.saturating_sub(edge(end(target), whole, instrument))
}

/// What each target should have resting beyond a part that leaves `keep` open: as if the part were
/// closed already.
#[must_use]
pub fn open_beyond(
    targets: &[Target],
    position: &Position,
    keep: Option<Qty>,
    instrument: &Instrument,
) -> Vec<(Target, Qty)> {
    let qty = keep.map_or(position.qty, |keep| keep.min(position.qty));
    let whole = position.initial_qty;
    let closed = whole.saturating_sub(qty);
    open_at(targets, Level { whole, closed }, qty, instrument)
}

/// Whether `plan` was made for this entry and this whole. Otherwise its targets say nothing about
/// the position. Builds that did not tell what they planned for are taken at their word.
#[must_use]
pub fn is_made_for(plan: &ExitPlan, position: &Position, instrument: &Instrument) -> bool {
    let entry = plan.entry_price.is_none_or(|entry| {
        let apart = (entry.get() - position.entry_price.get()).abs();
        apart <= instrument.tick_size
    });
    let whole = plan.opened_qty.is_none_or(|opened| {
        let apart = (opened.get() - position.opened_qty().get()).abs();
        apart < instrument.lot.step
    });
    entry && whole
}

/// How many of the steps are done by the level of what is closed.
#[must_use]
pub fn hits(steps: &[Step], position: &Position, instrument: &Instrument) -> usize {
    let level = Level::of(position);
    let is_done = |step: &&Step| {
        let rest = rest(&step.target, level, instrument);
        let rest = if step.rests() {
            instrument.floor_qty(rest)
        } else {
            instrument.floor_market_qty(rest)
        };
        rest.is_zero()
    };
    if level.closed.is_zero() {
        return 0;
    }
    steps.iter().filter(is_done).count()
}

/// Whether nothing of a resting target is left to close.
#[must_use]
pub fn is_done(target: &Target, position: &Position, instrument: &Instrument) -> bool {
    hits(&[Step::resting(*target)], position, instrument) > 0
}

/// How much of a life is closed.
#[derive(Clone, Copy)]
struct Level {
    whole: Qty,
    closed: Qty,
}

impl Level {
    fn of(position: &Position) -> Self {
        Self {
            whole: position.initial_qty,
            closed: position.closed_qty(),
        }
    }
}

/// What is left of a target by the level of what is closed.
fn rest(target: &Target, level: Level, instrument: &Instrument) -> Qty {
    let begin = edge(target.from.get(), level.whole, instrument);
    let end = edge(end(target), level.whole, instrument);
    end.saturating_sub(begin.max(level.closed))
}

fn end(target: &Target) -> Decimal {
    target.from.get() + target.size.get()
}

/// A share of the whole on the lot grid; edges are floored, so neighbours meet exactly.
fn edge(share: Decimal, whole: Qty, instrument: &Instrument) -> Qty {
    let raw = whole.share(Ratio::new(share));
    floor_to(raw.get(), instrument.lot.step)
        .and_then(|value| Qty::new(value).ok())
        .unwrap_or(Qty::ZERO)
}
