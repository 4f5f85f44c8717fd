//! Which decisions are news in SHADOW: what is said on the bus there, and so what is recorded.

use crate::decision::{Action, Decision};
use crate::num::Ratio;

/// A stop that moves by no more than this, and by nothing else in between, is no news: 0.5 % of
/// where it was (behaviour 4.8).
#[must_use]
pub fn stop_move_max() -> Ratio {
    Ratio::basis_points(50)
}

/// Whether `decision` is news after `last`, the last one that was said of this position
/// (behaviour 4.8): the first of a life, another type, a stop that went farther than
/// [`stop_move_max`], another part; every ladder and every full exit; "nothing to do" never twice.
#[must_use]
pub fn is_news(last: Option<&Decision>, decision: &Decision) -> bool {
    let Some(last) = last.filter(|last| last.epoch == decision.epoch) else {
        return true;
    };
    match (&last.action, &decision.action) {
        (Action::NoChange, Action::NoChange) => false,
        (Action::MoveStop { price: old, .. }, Action::MoveStop { price: new, .. }) => {
            (new.get() - old.get()).abs() > old.get() * stop_move_max().get()
        }
        (
            Action::PartialClose {
                leg: old_leg,
                fraction: old,
                ..
            },
            Action::PartialClose { leg, fraction, .. },
        ) => (old_leg, old) != (leg, fraction),
        _ => true,
    }
}
