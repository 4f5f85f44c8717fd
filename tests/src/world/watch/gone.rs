//! Stops that have gone a moment ago without being asked to, because they fired or were canceled
//! by hand: whoever asked for a cancel before that was told counted on them.

use std::collections::BTreeMap;

use domain::{PositionKey, Price, Qty, Side};
use paper_exchange::protection::DEFAULT_WINDOW_MS;

/// How long nobody may know of one that was canceled by hand, where the event of it is lost: until
/// the gateway has compared everything, and a beat.
const UNTOLD_MS: i64 = 12_000;

#[derive(Debug)]
struct One {
    until_ms: i64,
    qty: Qty,
    /// Of a working stop.
    trigger: Option<Price>,
}

/// The last ones of each position.
#[derive(Debug, Default)]
pub struct Gone(BTreeMap<PositionKey, Vec<One>>);

impl Gone {
    /// A stop of this size goes; `trigger` where it is a working one.
    pub fn note(
        &mut self,
        key: PositionKey,
        (qty, trigger): (Qty, Option<Price>),
        by_hand: bool,
        now_ms: i64,
    ) {
        let known = self.0.entry(key).or_default();
        known.retain(|it| now_ms < it.until_ms);
        let window = if by_hand {
            UNTOLD_MS
        } else {
            DEFAULT_WINDOW_MS
        };
        known.push(One {
            until_ms: now_ms + window,
            qty,
            trigger,
        });
    }

    /// What they would have covered.
    pub fn cover(&self, key: &PositionKey, now_ms: i64) -> Qty {
        let fresh = self.fresh(key, now_ms);
        fresh.map(|it| it.qty).fold(Qty::ZERO, Qty::plus)
    }

    /// The tightest trigger of the working ones.
    pub fn tightest(&self, key: &PositionKey, side: Side, now_ms: i64) -> Option<Price> {
        let triggers = self.fresh(key, now_ms).filter_map(|it| it.trigger);
        triggers.reduce(|a, b| side.tighter(a, b))
    }

    fn fresh(&self, key: &PositionKey, now_ms: i64) -> impl Iterator<Item = &One> {
        let known = self.0.get(key).into_iter().flatten();
        known.filter(move |it| now_ms < it.until_ms)
    }
}
