//! The venue-side judge: for how long was a position without a stop that covers it?
//!
//! It reads the venue's own events, before any fault layer, and reckons by their times, so the
//! verdict is exact and not sampled.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::venue::{AlgoKind, AlgoOrder, AlgoStatus, EventBody, PositionSide, Side, VenueEvent};

/// Time a position may take to get its stop, ms after its first fill.
pub const DEFAULT_WINDOW_MS: i64 = 1_000;

/// Watches positions and resting stops.
#[derive(Debug, Clone)]
pub struct ProtectionJudge {
    window_ms: i64,
    watched: BTreeMap<(String, PositionSide), Watch>,
    totals: Totals,
}

/// What the judge found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProtectionReport {
    /// Longest time that one position was naked in all, ms.
    pub naked_ms_max: i64,
    /// Naked time of all positions, ms.
    pub naked_ms_total: i64,
    /// Positions that were naked at least once.
    pub positions_unprotected: u64,
    /// Longest time that a position which had its stop was without one, ms; no window is granted.
    pub lost_ms_max: i64,
    /// Positions opened (a turn-round counts as close and open).
    pub positions_opened: u64,
    /// Positions closed.
    pub positions_closed: u64,
    /// Symbols with a position that is naked at this moment; a leg of hedge mode as
    /// `BTCUSDT:LONG`.
    pub naked_now: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Totals {
    naked_ms_max: i64,
    naked_ms_total: i64,
    lost_ms_max: i64,
    unprotected: u64,
    opened: u64,
    closed: u64,
}

/// One position and the stops that rest for it.
#[derive(Debug, Clone, Default)]
struct Watch {
    qty: Decimal,
    opened_ms: i64,
    judged_from_ms: i64,
    uncovered_since_ms: Option<i64>,
    naked_ms: i64,
    /// From the first fill to the first cover.
    first_stop_ms: Option<i64>,
    lost_ms_max: i64,
    stops: BTreeMap<u64, Stop>,
}

#[derive(Debug, Clone)]
struct Stop {
    side: Side,
    qty: Option<Decimal>,
}

impl ProtectionJudge {
    /// A judge that grants this placement window, ms.
    #[must_use]
    pub const fn new(window_ms: i64) -> Self {
        let totals = Totals {
            naked_ms_max: 0,
            naked_ms_total: 0,
            lost_ms_max: 0,
            unprotected: 0,
            opened: 0,
            closed: 0,
        };
        Self {
            window_ms,
            watched: BTreeMap::new(),
            totals,
        }
    }

    /// Reads one event of the venue.
    pub fn on_event(&mut self, event: &VenueEvent) {
        match &event.body {
            EventBody::Account(account) => {
                let watch = (account.symbol.clone(), account.leg);
                self.on_position(watch, account.qty, event.engine_ms);
            }
            EventBody::Algo(algo) if algo.kind == AlgoKind::StopMarket => {
                self.on_stop(algo, event.engine_ms);
            }
            _ => {}
        }
    }

    /// The findings up to this moment, running positions included.
    #[must_use]
    pub fn report(&self, now_ms: i64) -> ProtectionReport {
        let mut totals = self.totals.clone();
        let mut naked_now = Vec::new();
        for ((symbol, leg), watch) in self.watched.iter().filter(|(_, w)| !w.qty.is_zero()) {
            totals.add(watch.naked_ms + watch.running_ms(now_ms));
            totals.lost_ms_max = totals.lost_ms_max.max(watch.lost_ms(now_ms));
            if watch.running_ms(now_ms) > 0 {
                naked_now.push(match leg {
                    PositionSide::Both => symbol.clone(),
                    PositionSide::Long | PositionSide::Short => format!("{symbol}:{}", leg.wire()),
                });
            }
        }
        ProtectionReport {
            naked_ms_max: totals.naked_ms_max,
            naked_ms_total: totals.naked_ms_total,
            lost_ms_max: totals.lost_ms_max,
            positions_unprotected: totals.unprotected,
            positions_opened: totals.opened,
            positions_closed: totals.closed,
            naked_now,
        }
    }

    /// How long the open position took to get its first stop, ms; nothing while it waits for it.
    #[must_use]
    pub fn first_stop_ms(&self, symbol: &str, leg: PositionSide) -> Option<i64> {
        let watch = self.watched.get(&(symbol.to_owned(), leg))?;
        watch.first_stop_ms
    }

    fn on_position(&mut self, watched: (String, PositionSide), qty: Decimal, at_ms: i64) {
        let window_ms = self.window_ms;
        let watch = self.watched.entry(watched).or_default();
        let before = watch.qty;
        let ended = !before.is_zero()
            && (qty.is_zero() || qty.is_sign_negative() != before.is_sign_negative());
        if ended {
            watch.settle(at_ms);
            self.totals.add(watch.naked_ms);
            self.totals.lost_ms_max = self.totals.lost_ms_max.max(watch.lost_ms_max);
            self.totals.closed += 1;
            watch.naked_ms = 0;
            watch.lost_ms_max = 0;
            watch.first_stop_ms = None;
        }
        watch.qty = qty;
        if !qty.is_zero() && (before.is_zero() || ended) {
            self.totals.opened += 1;
            watch.opened_ms = at_ms;
            watch.judged_from_ms = at_ms.saturating_add(window_ms);
        }
        watch.judge(at_ms);
    }

    fn on_stop(&mut self, algo: &AlgoOrder, at_ms: i64) {
        let watched = (algo.symbol.clone(), algo.position_side);
        let watch = self.watched.entry(watched).or_default();
        if algo.status == AlgoStatus::New {
            let qty = (!algo.close_position).then_some(algo.qty);
            watch.stops.insert(
                algo.id,
                Stop {
                    side: algo.side,
                    qty,
                },
            );
        } else {
            watch.stops.remove(&algo.id);
        }
        watch.judge(at_ms);
    }
}

impl Totals {
    fn add(&mut self, naked_ms: i64) {
        self.naked_ms_total += naked_ms;
        self.naked_ms_max = self.naked_ms_max.max(naked_ms);
        self.unprotected += u64::from(naked_ms > 0);
    }
}

impl Watch {
    /// Notes whether the position is covered from this moment on.
    fn judge(&mut self, at_ms: i64) {
        if self.is_covered() {
            self.settle(at_ms);
            if !self.qty.is_zero() && self.first_stop_ms.is_none() {
                self.first_stop_ms = Some(at_ms.saturating_sub(self.opened_ms));
            }
        } else if self.uncovered_since_ms.is_none() {
            self.uncovered_since_ms = Some(at_ms);
        }
    }

    /// Books the uncovered time that ends now.
    fn settle(&mut self, at_ms: i64) {
        self.naked_ms += self.running_ms(at_ms);
        self.lost_ms_max = self.lost_ms(at_ms);
        self.uncovered_since_ms = None;
    }

    /// Longest uncovered time after the first cover, up to now.
    fn lost_ms(&self, now_ms: i64) -> i64 {
        let running = match (self.first_stop_ms, self.uncovered_since_ms) {
            (Some(_), Some(since)) => now_ms.saturating_sub(since),
            _ => 0,
        };
        self.lost_ms_max.max(running)
    }

    /// Uncovered time since it was last booked, outside the placement window.
    fn running_ms(&self, at_ms: i64) -> i64 {
        let Some(since) = self.uncovered_since_ms else {
            return 0;
        };
        at_ms.saturating_sub(since.max(self.judged_from_ms)).max(0)
    }

    fn is_covered(&self) -> bool {
        if self.qty.is_zero() {
            return true;
        }
        let closing = if self.qty.is_sign_negative() {
            Side::Buy
        } else {
            Side::Sell
        };
        let mut covered = Decimal::ZERO;
        for stop in self.stops.values().filter(|stop| stop.side == closing) {
            match stop.qty {
                None => return true,
                Some(qty) => covered += qty,
            }
        }
        covered >= self.qty.abs()
    }
}
