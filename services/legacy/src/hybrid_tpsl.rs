//! Hybrid take-profit and stop: base levels that advice may change by its confidence, and a stop
//! that trails behind the best price (behaviour 6.2).
//!
//! While the brain is off advice counts for nothing, and the base holds.

use domain::decision::{StopReason, Target};
use domain::signal::RlHint;
use domain::{Position, Price, Ratio};
use rust_decimal::Decimal;

use crate::advice::advice;
use crate::levels::{Best, stop_at};
use crate::method::{Method, Picture, StopWish, Wishes};

pub mod rules;

use rules::{Inputs, Levels};

/// The module's mind about one life of a position.
#[derive(Debug, Clone, Default)]
pub struct HybridTpsl {
    held: Option<Held>,
    best: Best,
}

/// Levels in force. They were found at entry; a later change of the advice moves no order.
#[derive(Debug, Clone, Copy)]
struct Held {
    entry: Price,
    /// Whether advice had a say in them.
    advised: bool,
    levels: Levels,
}

impl HybridTpsl {
    fn levels(&mut self, picture: &Picture<'_>) -> Levels {
        let entry = picture.position().entry_price;
        let advice = advice(picture);
        let brain_on = picture.is_brain_on();
        // Advice that comes after the position is still advice at its entry.
        let holds = |held: &Held| {
            let same = held.entry == entry;
            same && if held.advised {
                brain_on
            } else {
                advice.is_none()
            }
        };
        if let Some(held) = self.held.filter(holds) {
            return held.levels;
        }
        let levels = rules::levels(&inputs(advice));
        self.held = Some(Held {
            entry,
            advised: advice.is_some(),
            levels,
        });
        levels
    }

    /// The stop at its distance from entry; behind the best price, where that is tighter.
    fn stop(&mut self, picture: &Picture<'_>, levels: &Levels) -> Option<StopWish> {
        let (position, instrument) = (picture.position(), &picture.snapshot.instrument);
        let side = position.key.side;
        let fixed = levels.stop_price(side, position.entry_price, instrument)?;
        let trailed = picture.mark.and_then(|mark| {
            let best = self.best.reach(side, mark);
            let profit = position.pnl_pct_price(best);
            let trails = profit.get() >= levels.activation.get() * Decimal::ONE_HUNDRED;
            let price = trails.then(|| stop_at(side, best, levels.callback, instrument))?;
            price.filter(|price| side.is_tighter(*price, fixed))
        });
        let fixed = StopWish {
            price: fixed,
            reason: StopReason::Initial,
        };
        Some(trailed.map_or(fixed, |price| StopWish {
            price,
            reason: StopReason::Trailing,
        }))
    }
}

impl Method for HybridTpsl {
    fn wish(&mut self, picture: &Picture<'_>) -> Wishes {
        let levels = self.levels(picture);
        Wishes {
            stop: self.stop(picture, &levels),
            targets: Some(targets(picture, &levels)),
            ..Wishes::default()
        }
    }

    fn on_mark(&mut self, position: &Position, mark: Price) {
        self.best.reach(position.key.side, mark);
    }
}

fn inputs(advice: Option<&RlHint>) -> Inputs {
    Inputs {
        confidence: advice.and_then(|hint| hint.confidence),
        target: advice.and_then(|hint| hint.take_profit),
        trail: advice.and_then(|hint| hint.trail),
        ..Inputs::default()
    }
}

fn targets(picture: &Picture<'_>, levels: &Levels) -> Vec<Target> {
    let (position, instrument) = (picture.position(), &picture.snapshot.instrument);
    let prices = levels.target_prices(position.key.side, position.entry_price, instrument);
    let mut from = Ratio::ZERO;
    let numbered = prices.into_iter().zip(1_u8..);
    numbered
        .map(|((price, size), leg)| {
            let target = Target {
                leg,
                price,
                from,
                size,
            };
            from = Ratio::new(from.get() + size.get());
            target
        })
        .collect()
}

#[cfg(test)]
mod tests;
