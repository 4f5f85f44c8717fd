//! How far a position came, and its equity at the moments of the run's curve.

use domain::{Side, Span, Timestamp};
use rust_decimal::Decimal;

use super::desk::{Desk, Opening};
use crate::tape::Tick;

/// The moments at which equity is looked at: from `start` on, one each `step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Curve {
    /// Moment 0.
    pub start: Timestamp,
    /// Time between two; at least a second.
    pub step: Span,
    /// How many there are; whatever comes later counts for the last.
    pub len: u32,
}

/// Most moments of a curve: more than a screen has columns, few enough for a thousand policies.
const MOMENTS_MAX: i64 = 1_500;
const STEP_MS_MIN: i64 = 1_000;

impl Curve {
    /// The curve over a time: whole minutes where it is long enough, and at most 1,500 moments.
    #[must_use]
    pub fn over(start: Timestamp, end: Timestamp) -> Self {
        let span = end.since(start).millis().max(1);
        let least = (span / MOMENTS_MAX).max(STEP_MS_MIN);
        let unit = if least > 60_000 { 60_000 } else { 1_000 };
        let step = least.div_euclid(unit).max(1) * unit;
        let step = if step < least { step + unit } else { step };
        let len = u32::try_from(span / step + 2).unwrap_or(u32::MAX);
        Self {
            start,
            step: Span::from_millis(step),
            len,
        }
    }

    /// Number of the first moment at or after `at`.
    #[must_use]
    pub fn index(&self, at: Timestamp) -> u32 {
        let step = self.step.millis().max(1);
        let passed = at.since(self.start).millis().max(0);
        let index = (passed + step - 1) / step;
        let last = self.len.saturating_sub(1);
        u32::try_from(index).unwrap_or(last).min(last)
    }

    /// When the moment with this number is.
    #[must_use]
    pub fn at(&self, index: u32) -> Timestamp {
        self.start + Span::from_millis(self.step.millis().saturating_mul(i64::from(index)))
    }
}

/// One position's path.
#[derive(Debug)]
pub(super) struct Path {
    curve: Curve,
    side: Side,
    opening: Opening,
    best: Decimal,
    worst: Decimal,
    /// The moment that is next.
    next: u32,
    equity: Decimal,
    steps: Vec<(u32, Decimal)>,
}

impl Path {
    pub fn new(curve: Curve, opening: Opening, mark: Decimal) -> Self {
        let mut path = Self {
            curve,
            side: opening.side,
            best: opening.price,
            worst: opening.price,
            next: curve.index(opening.at),
            equity: Decimal::ZERO,
            steps: Vec::new(),
            opening,
        };
        path.reach(mark);
        path
    }

    /// Takes a tick in, after the venue has.
    pub fn see(&mut self, desk: &Desk<'_>, tick: &Tick) {
        self.reach(tick.mark);
        // The first tick at or after a moment tells it for the next.
        if self.curve.at(self.next) <= tick.at {
            self.step(self.curve.index(tick.at), desk.equity());
        }
    }

    pub fn finish(&mut self, desk: &Desk<'_>, now: Timestamp) {
        self.step(self.curve.index(now), desk.equity());
    }

    fn step(&mut self, index: u32, equity: Decimal) {
        let change = equity - self.equity;
        self.equity = equity;
        self.next = index.saturating_add(1);
        if !change.is_zero() {
            self.steps.push((index, change));
        }
    }

    fn reach(&mut self, mark: Decimal) {
        let (best, worst) = match self.side {
            Side::Long => (self.best.max(mark), self.worst.min(mark)),
            Side::Short => (self.best.min(mark), self.worst.max(mark)),
        };
        (self.best, self.worst) = (best, worst);
    }

    pub fn favourable(&self) -> Decimal {
        self.profit_at(self.best)
    }

    pub fn adverse(&self) -> Decimal {
        self.profit_at(self.worst)
    }

    fn profit_at(&self, mark: Decimal) -> Decimal {
        (mark - self.opening.price) * self.side.sign() * self.opening.qty
    }

    pub fn into_steps(self) -> Vec<(u32, Decimal)> {
        self.steps
    }
}
