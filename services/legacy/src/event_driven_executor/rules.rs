//! The stop at entry, and what follows where the venue says that it would trigger at once.
//!
//! Source: behaviour 6.6; the distance is the QT default of 1.2.

use domain::instrument::Instrument;
use domain::{Price, Ratio, Side};

use crate::levels::{basis_points, stop_at};
use crate::position_monitor::rules::QT_SL_PCT;

/// After a refusal the stop goes this far from the mark: 0.05 %.
pub const RETRY_DISTANCE: Ratio = basis_points(5);

/// What the first protection of a position depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inputs {
    /// Long or short.
    pub side: Side,
    /// Price of the entry.
    pub entry: Price,
    /// Distance of the stop from entry. None: [`QT_SL_PCT`].
    pub distance: Option<Ratio>,
    /// The mark. None: not known.
    pub mark: Option<Price>,
    /// How often the venue has said "would trigger immediately" (-2021).
    pub refusals: u32,
}

/// What to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A stop at this trigger.
    Stop(Price),
    /// The market close of everything: no stop can be placed.
    Close,
}

/// The stop at entry; close to the mark where the mark is beyond it or the venue has refused it
/// once; after that the close.
#[must_use]
pub fn step(inputs: &Inputs, instrument: &Instrument) -> Step {
    let side = inputs.side;
    let holds = |level: &Price| {
        let reached = |mark| side.stop_reached(*level, mark);
        !inputs.mark.is_some_and(reached)
    };
    let at_entry = || {
        let distance = inputs.distance.unwrap_or(QT_SL_PCT);
        stop_at(side, inputs.entry, distance, instrument).filter(holds)
    };
    let at_mark = || {
        let mark = inputs.mark?;
        stop_at(side, mark, RETRY_DISTANCE, instrument).filter(holds)
    };
    let level = match inputs.refusals {
        0 => at_entry().or_else(at_mark),
        1 => at_mark(),
        _ => None,
    };
    level.map_or(Step::Close, Step::Stop)
}

#[cfg(test)]
mod tests;
