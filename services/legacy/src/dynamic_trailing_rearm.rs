//! Re-arms a trailing stop: the more profit, the nearer it follows; and closes parts on the way
//! (behaviour 6.5).
//!
//! It places no stop before there is a profit: the first protection is the others' work.

use domain::decision::{StopReason, Target};
use domain::order::CloseOrder;
use domain::{Position, Price, Ratio, Timestamp};
use rust_decimal::Decimal;

use crate::levels::{Best, stop_at, target_at};
use crate::method::{Method, Picture, StopWish, Wishes};

pub mod rules;

use rules::Inputs;

/// The module's mind about one life of a position.
#[derive(Debug, Clone, Default)]
pub struct DynamicTrailingRearm {
    best: Best,
    armed: Option<Armed>,
}

/// The trail in force.
#[derive(Debug, Clone, Copy)]
struct Armed {
    callback: Ratio,
    at: Timestamp,
}

impl DynamicTrailingRearm {
    fn rearm(&mut self, picture: &Picture<'_>, mark: Price) {
        let position = picture.position();
        let inputs = Inputs {
            current: self.armed.map(|armed| armed.callback),
            profit: position.pnl_pct_price(mark),
            age: position.age(picture.now),
            since_change: self.armed.map(|armed| picture.now.since(armed.at)),
            ..Inputs::default()
        };
        if let Some(callback) = rules::rearmed(&inputs) {
            let at = picture.now;
            self.armed = Some(Armed { callback, at });
        }
    }

    fn stop(&self, picture: &Picture<'_>, best: Price) -> Option<StopWish> {
        let side = picture.position().key.side;
        let callback = self.armed?.callback;
        let price = stop_at(side, best, callback, &picture.snapshot.instrument)?;
        Some(StopWish {
            price,
            reason: StopReason::Trailing,
        })
    }
}

impl Method for DynamicTrailingRearm {
    fn wish(&mut self, picture: &Picture<'_>) -> Wishes {
        let Some(mark) = picture.mark else {
            return Wishes::default();
        };
        let best = self.best.reach(picture.position().key.side, mark);
        self.rearm(picture, mark);
        // A trail says where a profit is kept, not how an uncovered position is to be protected.
        let stop = self
            .stop(picture, best)
            .filter(|_| !picture.books().is_bare());
        Wishes {
            stop,
            targets: partials(picture, best),
            ..Wishes::default()
        }
    }

    fn on_mark(&mut self, position: &Position, mark: Price) {
        self.best.reach(position.key.side, mark);
    }
}

/// The partial exits that the best price has earned; none as long as it has earned none, or as
/// there is no take-profit to divide the way to.
fn partials(picture: &Picture<'_>, best: Price) -> Option<Vec<Target>> {
    let (position, instrument) = (picture.position(), &picture.snapshot.instrument);
    let (side, entry) = (position.key.side, position.entry_price);
    let parts = rules::partials(position.pnl_pct_price(best), farthest(picture)?);
    let mut from = Ratio::ZERO;
    let mut found = Vec::new();
    for (part, leg) in parts.iter().zip(1_u8..) {
        let price = target_at(side, entry, part.distance, instrument);
        found.extend(price.map(|price| Target {
            leg,
            price,
            from,
            size: part.size,
        }));
        from = Ratio::new(from.get() + part.size.get());
    }
    (!found.is_empty()).then_some(found)
}

/// Distance from entry of the farthest take-profit that rests, whoever's.
fn farthest(picture: &Picture<'_>) -> Option<Ratio> {
    let position = picture.position();
    let orders = picture.snapshot.orders.iter();
    let distances = orders.filter_map(|order| match order.order {
        CloseOrder::Limit { price, .. } => {
            let profit = position.pnl_pct_price(price).get();
            Some(Ratio::new(profit / Decimal::ONE_HUNDRED))
        }
        CloseOrder::Market { .. } | CloseOrder::Stop { .. } | CloseOrder::DisasterStop { .. } => {
            None
        }
    });
    distances.max().filter(|distance| *distance > Ratio::ZERO)
}

#[cfg(test)]
mod tests;
