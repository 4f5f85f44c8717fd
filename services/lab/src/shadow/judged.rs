//! Whether a decision was right, by what the marks did afterwards.
//!
//! A decision is judged [`HORIZON`] after it was made, or when its position ended, if that was
//! earlier. It was right
//!
//! * to close all or a part: where the position stood worse by then;
//! * to do nothing: where it did not;
//! * to move the stop: where the stop was not touched, or was touched and the position stood worse
//!   than the stop by then;
//! * to set targets: where a mark touched the nearest one before the stop that was in force.
//!
//! A decision of which the marks are not known is not judged.

use domain::{Side, Span, Timestamp};
use records::{DecisionType, MarkBar, Number, ShadowRecord};
use rust_decimal::Decimal;

use super::pairs::Case;

/// How long a decision has to prove right: of exits on one-minute noise, long enough to tell, and
/// short against the hours that positions live.
pub const HORIZON: Span = Span::from_secs(15 * 60);

/// A decision with the answer.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// The decision.
    pub record: &'a ShadowRecord,
    /// Whether it was right.
    pub was_right: bool,
}

/// Judges each decision of a position that can be.
#[must_use]
pub fn judge<'a>(case: &Case<'a>) -> Vec<Judged<'a>> {
    let decisions = case.decisions.iter().copied();
    let answered = decisions.filter_map(|record| {
        let was_right = was_right(record, &case.bars, case.closed.timestamp.get())?;
        Some(Judged { record, was_right })
    });
    answered.collect()
}

fn was_right(record: &ShadowRecord, bars: &[&MarkBar], ended: Timestamp) -> Option<bool> {
    let at = record.timestamp.get();
    let until = (at + HORIZON).min(ended);
    let after = |bar: &&&MarkBar| bar.timestamp.get() > at && bar.timestamp.get() <= until;
    let path: Vec<&MarkBar> = bars.iter().filter(after).copied().collect();
    let then = path.last()?.close.get();
    let side = Side::from(record.side);
    let gain = |from: Decimal, to: Decimal| (to - from) * side.sign();
    let since = gain(record.current_price.get(), then);
    let decision = &record.decision;
    match decision.decision_type {
        DecisionType::NoChange => Some(since >= Decimal::ZERO),
        DecisionType::PartialClose | DecisionType::FullExitNow => Some(since < Decimal::ZERO),
        DecisionType::MoveSl => {
            let stop = decision.new_sl_price?.get();
            let touched = path
                .iter()
                .any(|bar| gain(stop, worst(side, bar)) <= Decimal::ZERO);
            Some(!touched || gain(stop, then) < Decimal::ZERO)
        }
        DecisionType::UpdateTpLimits => {
            let nearest = decision.new_tp_levels.as_ref()?.first()?.get();
            let stop = decision.meta.stop.map(Number::get);
            let reached = path
                .iter()
                .position(|bar| gain(nearest, best(side, bar)) >= Decimal::ZERO);
            let stopped = stop.and_then(|stop| {
                let mut path = path.iter();
                path.position(|bar| gain(stop, worst(side, bar)) <= Decimal::ZERO)
            });
            // In one bar the stop was first.
            Some(reached.is_some_and(|at| stopped.is_none_or(|stop| at < stop)))
        }
    }
}

const fn worst(side: Side, bar: &MarkBar) -> Decimal {
    match side {
        Side::Long => bar.low.get(),
        Side::Short => bar.high.get(),
    }
}

const fn best(side: Side, bar: &MarkBar) -> Decimal {
    worst(side.opposite(), bar)
}
