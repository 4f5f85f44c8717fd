//! Protects a position in the moment of its entry: a stop at once, one retry near the mark, and
//! the market close where no stop can be placed (behaviour 6.6). Once it is covered, others look
//! after it.

use domain::Timestamp;
use domain::decision::StopReason;

use crate::method::{Method, Picture, StopWish, Wishes};

pub mod rules;

use rules::{Inputs, Step};

/// The module's mind about one life of a position.
#[derive(Debug, Clone, Default)]
pub struct EventDrivenExecutor {
    refusals: u32,
}

impl Method for EventDrivenExecutor {
    fn wish(&mut self, picture: &Picture<'_>) -> Wishes {
        if !picture.books().is_bare() {
            self.refusals = 0;
            return Wishes::default();
        }
        let position = picture.position();
        let inputs = Inputs {
            side: position.key.side,
            entry: position.entry_price,
            distance: None,
            mark: picture.mark,
            refusals: self.refusals,
        };
        match rules::step(&inputs, &picture.snapshot.instrument) {
            Step::Stop(price) => Wishes {
                stop: Some(StopWish {
                    price,
                    reason: StopReason::Initial,
                }),
                ..Wishes::default()
            },
            Step::Close => Wishes {
                exit: Some("no stop can be placed for an uncovered position"),
                ..Wishes::default()
            },
        }
    }

    fn on_breach(&mut self) -> bool {
        self.refusals = self.refusals.saturating_add(1);
        true
    }

    fn due_at(&self) -> Option<Timestamp> {
        // A refused stop is no reason to wait for the next round.
        (self.refusals > 0).then_some(Timestamp::default())
    }
}

#[cfg(test)]
mod tests;
