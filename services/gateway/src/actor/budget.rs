//! What the venue's limits leave: request weight of the address, order counts of the account.

use domain::{Span, Timestamp};

use binance::HttpResult;
use binance::symbol_rules::RateLimits;

/// Above this share of a minute's weight full rounds wait for the next minute, where nothing is
/// known to be missing.
const WEIGHT_FOR_ROUTINE_PERCENT: u32 = 67;
/// Above this share every round waits: the rest is for the lives of positions, for questions about
/// orders, and for cancels.
const WEIGHT_FOR_ROUNDS_PERCENT: u32 = 80;
/// Above this share everything but cancels and protective calls waits.
const WEIGHT_FOR_TRADE_PERCENT: u32 = 92;
/// Above this share cancels wait too: a close may wait for one to free it of what blocks it.
const WEIGHT_FOR_CANCELS_PERCENT: u32 = 98;
/// Orders that protect nothing (take-profits) stop at this share of each order count, so that in
/// every window a third is left to stops and closes, whatever the ladders do.
const ORDERS_FOR_TARGETS_PERCENT: u32 = 67;
/// The venue's limits as documented (section 1.5 of the wire contract), until it tells its own.
const LIMITS: [u32; 3] = [2_400, 300, 1_200];
const TEN_SECONDS: Span = Span::from_secs(10);
const MINUTE: Span = Span::from_secs(60);

/// How much may be used up for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// Reads; questions about orders; orders that protect nothing.
    Trade,
    /// Cancels.
    Cancels,
    /// What a position's safety waits for: all that the venue allows.
    Protective,
}

/// Weight of the minute that is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// Used so far.
    pub used: u32,
    /// Left for full rounds that only compare.
    pub routine: u32,
    /// Left for rounds without which something is not known.
    pub rounds: u32,
    /// Left for the first full round of a process, without which nothing is protected.
    pub start: u32,
}

/// All three counters.
#[derive(Debug)]
pub(super) struct Budget {
    weight: Counter,
    orders_10s: Counter,
    orders_1m: Counter,
    /// Venue clock minus ours: the venue's windows begin at full minutes and tens of its clock.
    offset: Span,
}

/// One counter of the venue over fixed windows.
#[derive(Debug)]
struct Counter {
    window: Span,
    limit: u32,
    current: i64,
    used: u32,
}

impl Default for Budget {
    fn default() -> Self {
        let [weight, orders_10s, orders_1m] = LIMITS;
        Self {
            weight: Counter::new(MINUTE, weight),
            orders_10s: Counter::new(TEN_SECONDS, orders_10s),
            orders_1m: Counter::new(MINUTE, orders_1m),
            offset: Span::from_secs(0),
        }
    }
}

impl Budget {
    /// Takes the limits that the venue told; one that it did not tell stays.
    pub(super) fn learn_limits(&mut self, limits: RateLimits) {
        for (counter, told) in [
            (&mut self.weight, limits.weight_1m),
            (&mut self.orders_10s, limits.orders_10s),
            (&mut self.orders_1m, limits.orders_1m),
        ] {
            // A limit of nothing would stop protection for good: it is no limit but a mistake.
            counter.limit = told.filter(|limit| *limit > 0).unwrap_or(counter.limit);
        }
    }

    pub(super) const fn learn_offset(&mut self, offset: Span) {
        self.offset = offset;
    }

    /// The same moment on the venue's clock.
    pub(super) fn on_venue(&self, now: Timestamp) -> Timestamp {
        now + self.offset
    }

    /// Takes the venue's own counts in; others may use the same address and account. A count is
    /// believed only if the call left (`sent_at`) in the window that is on now: an answer from
    /// before the turn of a window tells the full count of the old one, and a late one of one long
    /// gone, and either would hold stops back for a whole window.
    pub(super) fn learn(&mut self, answer: &HttpResult, sent_at: Timestamp, now: Timestamp) {
        let (sent_at, now) = (sent_at + self.offset, now + self.offset);
        for (counter, told) in [
            (&mut self.weight, answer.used_weight),
            (&mut self.orders_10s, answer.order_count_10s),
            (&mut self.orders_1m, answer.order_count_1m),
        ] {
            if let Some(used) = told {
                counter.learn(used, sent_at, now);
            }
        }
    }

    /// Notes that a call leaves.
    pub(super) fn spend(&mut self, weight: u32, orders: u32, now: Timestamp) {
        let now = now + self.offset;
        self.weight.add(weight, now);
        self.orders_10s.add(orders, now);
        self.orders_1m.add(orders, now);
    }

    /// Whether another call of this share may go, as far as weight is concerned. A protective one
    /// always may: placing has no weight, and a stop is worth an error of the venue.
    pub(super) fn has_weight(&mut self, share: Share, now: Timestamp) -> bool {
        let percent = match share {
            Share::Trade => WEIGHT_FOR_TRADE_PERCENT,
            Share::Cancels => WEIGHT_FOR_CANCELS_PERCENT,
            Share::Protective => return true,
        };
        let now = now + self.offset;
        self.weight.used(now) < part(self.weight.limit, percent)
    }

    /// What this minute has for rounds: they are made as a whole, or not begun.
    pub(super) fn room(&mut self, now: Timestamp) -> Room {
        let now = now + self.offset;
        let (used, limit) = (self.weight.used(now), self.weight.limit);
        let left = |percent| part(limit, percent).saturating_sub(used);
        Room {
            used,
            routine: left(WEIGHT_FOR_ROUTINE_PERCENT),
            rounds: left(WEIGHT_FOR_ROUNDS_PERCENT),
            start: left(WEIGHT_FOR_TRADE_PERCENT),
        }
    }

    /// Whether `orders` more may be placed: protective ones up to the venue's own limit.
    pub(super) fn has_orders(&mut self, orders: u32, share: Share, now: Timestamp) -> bool {
        let percent = match share {
            Share::Protective => 100,
            Share::Trade | Share::Cancels => ORDERS_FOR_TARGETS_PERCENT,
        };
        let now = now + self.offset;
        let mut counters = [&mut self.orders_10s, &mut self.orders_1m];
        counters.iter_mut().all(|counter| {
            let after = counter.used(now).saturating_add(orders);
            orders == 0 || after <= part(counter.limit, percent)
        })
    }

    /// The rest of the venue's minute, and a second for what is not known of its clock.
    pub(super) fn rest_of_minute(&self, now: Timestamp) -> Span {
        let past = (now + self.offset).micros().rem_euclid(MINUTE.micros());
        Span::from_micros(MINUTE.micros() - past + 1_000_000)
    }

    /// Used and allowed by name, for the heartbeat.
    pub(super) fn named(&mut self, now: Timestamp) -> [(&'static str, u32); 6] {
        let now = now + self.offset;
        [
            ("weight_used", self.weight.used(now)),
            ("weight_limit", self.weight.limit),
            ("orders_used_10s", self.orders_10s.used(now)),
            ("orders_limit_10s", self.orders_10s.limit),
            ("orders_used_1m", self.orders_1m.used(now)),
            ("orders_limit_1m", self.orders_1m.limit),
        ]
    }
}

/// At least one: a share is never nothing.
fn part(limit: u32, percent: u32) -> u32 {
    let part = u64::from(limit) * u64::from(percent) / 100;
    u32::try_from(part).unwrap_or(u32::MAX).max(1)
}

impl Counter {
    const fn new(window: Span, limit: u32) -> Self {
        Self {
            window,
            limit,
            current: 0,
            used: 0,
        }
    }

    fn window_of(&self, at: Timestamp) -> i64 {
        at.micros().div_euclid(self.window.micros())
    }

    fn roll(&mut self, now: Timestamp) {
        let current = self.window_of(now);
        if current != self.current {
            (self.current, self.used) = (current, 0);
        }
    }

    fn used(&mut self, now: Timestamp) -> u32 {
        self.roll(now);
        self.used
    }

    fn add(&mut self, more: u32, now: Timestamp) {
        self.roll(now);
        self.used = self.used.saturating_add(more);
    }

    /// The higher count stands: ours knows what is on its way, the venue's knows the others.
    fn learn(&mut self, used: u32, sent_at: Timestamp, now: Timestamp) {
        self.roll(now);
        if self.window_of(sent_at) == self.current {
            self.used = self.used.max(used.min(self.limit));
        }
    }
}

#[cfg(test)]
#[path = "budget/tests.rs"]
mod tests;
