//! How the take-profit targets of plans perform: hit, missed, slippage, exits that came too early;
//! per symbol, trading strategy, regime and leg.
//!
//! The tracker is fed with what the services say and holds no clock. Only fills make a target hit
//! (invariant I10); pictures of the position tell when its life ends. A target is judged once: by
//! the order that fills it, or by the end of its life. The last plan before that names price,
//! strategy and regime.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::ids::{Epoch, LegId, Module, PositionKey, Symbol};
use crate::market::MarkTick;
use crate::order::OrderEvent;
use crate::plan::ExitPlan;
use crate::snapshot::PositionSnapshot;
use crate::time::{Span, Timestamp};

mod fills;
mod life;
pub mod report;
mod score;
mod target;
mod watch;

#[cfg(test)]
mod tests;

pub use report::{Recommendation, SAMPLE_MIN, SymbolPerformance, TargetPerformance};
pub use score::ROWS_MAX;

use life::Life;
use score::Scores;
use watch::{Watched, Watches};

/// A missed target that the mark reaches within this time after the end was left too early.
pub const PREMATURE_WINDOW: Span = Span::from_hours(4);
/// An ended life waits so long for fills that come after the picture of its end: the venue says
/// both within a second, and the gateway asks for lost ones within a few.
pub const SETTLE_AFTER: Span = Span::from_secs(30);
/// A plan whose position is not heard of for so long was for one that is gone.
pub const POSITION_WAIT: Span = Span::from_secs(60);
/// Lives at once: more than the positions of an account.
pub const LIVES_MAX: usize = 1_024;
/// Ended lives that wait for late fills; beyond it the oldest waits no longer.
pub const ENDED_MAX: usize = 256;

/// Judges the targets of every life it is told of.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    since: Timestamp,
    lives: BTreeMap<PositionKey, Life>,
    ended: Vec<Ended>,
    watches: Watches,
    scores: Scores,
    untold: u64,
}

/// A life that is over, kept for the fills that come late.
#[derive(Debug, Clone)]
struct Ended {
    key: PositionKey,
    life: Life,
    at: Timestamp,
}

impl Tracker {
    /// A tracker that has counted nothing since its start.
    #[must_use]
    pub fn new(since: Timestamp) -> Self {
        Self {
            since,
            ..Self::default()
        }
    }

    /// Since when it counts.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// Takes a plan: its targets are those of the life from now on. An emergency plans no targets;
    /// what it cuts short was planned before.
    pub fn plan(&mut self, plan: &ExitPlan) {
        if plan.is_emergency() || self.ended_life(&plan.key, plan.epoch).is_some() {
            return;
        }
        match self.lives.get_mut(&plan.key) {
            Some(life) => life.plan(plan),
            None => self.begin(&plan.key, Life::planned(plan)),
        }
    }

    /// Takes a picture of a position. A newer one of an earlier epoch corrects the epoch of the
    /// same life; one of a later epoch begins another.
    pub fn position(&mut self, snapshot: &PositionSnapshot) {
        let (position, at) = (&snapshot.position, snapshot.at);
        let known = self.lives.get_mut(&position.key);
        if known.as_ref().is_some_and(|life| life.is_newer(at)) {
            return;
        }
        if !position.is_open() {
            // Unknown is not flat: the life goes on until the gateway has proof.
            if snapshot.flat_proven {
                self.end(&position.key, at);
            }
            return;
        }
        match known {
            Some(life) if !life.is_over_by(position.epoch) => life.observe(snapshot),
            _ => {
                self.end(&position.key, at);
                if self.ended_life(&position.key, position.epoch).is_none() {
                    self.begin(&position.key, Life::seen(snapshot));
                }
            }
        }
    }

    /// Takes news of an order.
    /// Fills of the executor's targets count, each unit once, however often it is told.
    pub fn order(&mut self, event: &OrderEvent) {
        let Some(cause) = event.client_order_id.cause(&event.key.symbol) else {
            return;
        };
        if cause.module != Module::ExitExecutor || cause.side != event.key.side {
            return;
        }
        let open = self.lives.get_mut(&event.key);
        let open = open.filter(|life| life.is_of(cause.epoch));
        let Some(life) = open.or_else(|| {
            let mut ended = self.ended.iter_mut();
            let it = ended.find(|it| it.key == event.key && it.life.is_of(cause.epoch));
            it.map(|it| &mut it.life)
        }) else {
            return;
        };
        life.place();
        let number = match cause.leg {
            LegId::TakeProfit(number) => Some(number),
            LegId::Partial(_) => None,
            LegId::Disaster | LegId::Stop | LegId::Exit => return,
        };
        let outcomes = life.filled(number, event);
        let slot = life.slot(&event.key);
        for outcome in outcomes {
            self.scores.add(&slot, outcome);
        }
    }

    /// Takes a mark: it may reach targets of lives that are over.
    pub fn mark(&mut self, tick: &MarkTick) {
        let (mark, at) = (tick.mark_price, tick.received_at);
        for ended in &mut self.ended {
            if ended.key.symbol == tick.symbol && within(ended.at, at) {
                ended.life.reach(ended.key.side, mark);
            }
        }
        for (slot, leg) in self.watches.reached(&tick.symbol, mark, at) {
            self.scores.premature(&slot, leg);
        }
    }

    /// Lets time pass: ended lives are judged, watches and plans without a position are dropped.
    pub fn settle(&mut self, now: Timestamp) {
        self.watches.expire(now);
        self.lives.retain(|_, life| !life.is_stray(now));
        while let Some(index) = self.ended.iter().position(|it| it.is_settled(now)) {
            let ended = self.ended.remove(index);
            self.judge(&ended);
        }
    }

    /// What is counted for each symbol, or for one, in the order of their names.
    #[must_use]
    pub fn report(&self, only: Option<&Symbol>, now: Timestamp) -> Vec<SymbolPerformance> {
        let mut scores = self.scores.clone();
        let ended = self.ended.iter().map(|it| (&it.key, &it.life));
        for (key, life) in self.lives.iter().chain(ended) {
            for leg in life.open_legs() {
                scores.open(&life.slot(key), leg);
            }
        }
        scores.report(only, self.since, now)
    }

    /// Symbols with something new since the last call.
    pub fn take_news(&mut self) -> BTreeSet<Symbol> {
        self.scores.take_news()
    }

    /// Pictures, plans, fills and watched targets that were let go because a bound was reached.
    #[must_use]
    pub fn untold(&self) -> u64 {
        self.untold
            .saturating_add(self.scores.untold())
            .saturating_add(self.watches.untold())
    }

    fn begin(&mut self, key: &PositionKey, life: Life) {
        if self.lives.len() >= LIVES_MAX && !self.lives.contains_key(key) {
            self.untold = self.untold.saturating_add(1);
            return;
        }
        self.lives.insert(key.clone(), life);
    }

    fn end(&mut self, key: &PositionKey, at: Timestamp) {
        let Some(life) = self.lives.remove(key).filter(Life::was_open) else {
            return;
        };
        if self.ended.len() >= ENDED_MAX {
            let oldest = self.ended.remove(0);
            self.judge(&oldest);
        }
        let key = key.clone();
        self.ended.push(Ended { key, life, at });
    }

    fn ended_life(&self, key: &PositionKey, epoch: Epoch) -> Option<&Ended> {
        let mut ended = self.ended.iter();
        ended.find(|it| it.key == *key && it.life.is_of(epoch))
    }

    fn judge(&mut self, ended: &Ended) {
        let slot = ended.life.slot(&ended.key);
        for (leg, target) in ended.life.missed() {
            self.scores.missed(&slot, leg);
            if target.reached {
                self.scores.premature(&slot, leg);
                continue;
            }
            self.watches.add(Watched {
                slot: slot.clone(),
                leg,
                side: ended.key.side,
                price: target.price,
                ended_at: ended.at,
            });
        }
    }
}

impl Ended {
    fn is_settled(&self, now: Timestamp) -> bool {
        now.since(self.at) >= SETTLE_AFTER
    }
}

/// Whether `at` lies in the window of a life that ended at `ended_at`; its last moment counts.
fn within(ended_at: Timestamp, at: Timestamp) -> bool {
    (Span::ZERO..=PREMATURE_WINDOW).contains(&at.since(ended_at))
}
