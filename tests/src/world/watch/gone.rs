//! Stops that have gone a moment ago without being asked to, because they fired or were canceled
//! by hand: whoever asked for a cancel before that was told counted on them.

use std::collections::BTreeMap;

use domain::snapshot::PositionSnapshot;
use domain::{PositionKey, Price, Qty, Side};
use paper_exchange::protection::DEFAULT_WINDOW_MS;

/// How long nobody may know of one that was canceled by hand, where the event of it is lost: until
/// the gateway has compared everything, and a beat.
const UNTOLD_MS: i64 = 12_000;
/// The gateway looks at its books when a cancel leaves: what it has told before that, it knows.
/// What left just before is on its way for less than this.
const ON_ITS_WAY_MS: i64 = 16;

/// One of them.
#[derive(Debug)]
pub struct One {
    /// Its name.
    pub id: String,
    /// How much it covered.
    pub qty: Qty,
    /// Of a working stop.
    pub trigger: Option<Price>,
}

#[derive(Debug)]
struct Loss {
    one: One,
    until_ms: i64,
}

/// The last ones of each position.
#[derive(Debug, Default)]
pub struct Gone(BTreeMap<PositionKey, Vec<Loss>>);

impl Gone {
    /// A stop goes.
    pub fn note(&mut self, key: PositionKey, one: One, by_hand: bool, now_ms: i64) {
        let known = self.0.entry(key).or_default();
        known.retain(|it| now_ms < it.until_ms);
        let window = if by_hand {
            UNTOLD_MS
        } else {
            DEFAULT_WINDOW_MS
        };
        known.push(Loss {
            one,
            until_ms: now_ms + window,
        });
    }

    /// The gateway says this: from now on it counts on none that protects no longer.
    pub fn told(&mut self, snapshot: &PositionSnapshot, now_ms: i64) {
        let shown = |id: &str| {
            let mut orders = snapshot.orders.iter();
            orders.any(|it| it.client_order_id.as_str() == id && it.is_protecting_stop())
        };
        let known = self.0.get_mut(&snapshot.position.key);
        for loss in known.into_iter().flatten() {
            if !shown(&loss.one.id) {
                loss.until_ms = loss.until_ms.min(now_ms + ON_ITS_WAY_MS);
            }
        }
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
        known
            .filter(move |it| now_ms < it.until_ms)
            .map(|it| &it.one)
    }
}
