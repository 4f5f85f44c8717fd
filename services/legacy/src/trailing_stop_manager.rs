//! The trailing stops: a stop at entry, then beyond it, then behind the best price (behaviour 6.4).
//!
//! While the brain is on it trails as the position's plan says, in its own numbers where there is
//! no plan to read (M104).

use domain::plan::convert::to_trailing_config;
use domain::{Position, Price};

use crate::levels::Best;
use crate::method::{Method, Picture, Wishes};

pub mod rules;

use rules::{Trail, View};

/// Counts a look that trailed by a plan.
pub const FROM_PLAN: &str = "trailing.from_plan";
/// Counts a look that trailed by the own numbers although the brain is on.
pub const FALLBACK: &str = "trailing.fallback";

/// The manager's mind about one life of a position.
#[derive(Debug, Clone, Default)]
pub struct TrailingStopManager {
    /// The best price that was seen in this life; after a restart, since then.
    best: Best,
}

impl Method for TrailingStopManager {
    fn wish(&mut self, picture: &Picture<'_>) -> Wishes {
        let Some(mark) = picture.mark else {
            return Wishes::default();
        };
        let peak = self.best.reach(picture.position().key.side, mark);
        let (trail, counts) = trail(picture);
        let view = View {
            position: picture.position(),
            instrument: &picture.snapshot.instrument,
            mark,
            peak,
            resting: picture.books().best_stop(),
        };
        Wishes {
            stop: rules::stop(&view, &trail),
            counts,
            ..Wishes::default()
        }
    }

    fn on_mark(&mut self, position: &Position, mark: Price) {
        self.best.reach(position.key.side, mark);
    }
}

/// The plan's trailing numbers while the brain is on, else the own ones.
fn trail(picture: &Picture<'_>) -> (Trail, Vec<&'static str>) {
    if !picture.is_brain_on() {
        return (rules::OWN_TRAIL, Vec::new());
    }
    let planned = picture
        .plan
        .and_then(|plan| to_trailing_config(plan, picture.policy));
    planned.map_or((rules::OWN_TRAIL, vec![FALLBACK]), |config| {
        let trail = Trail {
            activation: config.activation_pct,
            callback: config.callback_pct,
        };
        (trail, vec![FROM_PLAN])
    })
}

#[cfg(test)]
mod tests;
