//! The counters: one row for each leg number of a symbol, strategy and regime.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use rust_decimal::Decimal;

use super::life::Outcome;
use super::report::{SymbolPerformance, TargetPerformance};
use crate::ids::Symbol;
use crate::market::Regime;
use crate::num::{Qty, Ratio};
use crate::time::{Span, Timestamp};

/// Rows: a few dozen contracts, each with a few strategies, regimes and legs. What comes beyond
/// them is only counted as untold.
pub const ROWS_MAX: usize = 1_024;
/// Digits of a rate, and of a slippage (a hundredth of a basis point), after the point.
const RATE_DIGITS: u32 = 4;
const SLIPPAGE_DIGITS: u32 = 6;

/// Where a target is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub symbol: Symbol,
    pub strategy: String,
    pub regime: Regime,
}

/// What is counted for one leg.
#[derive(Debug, Clone, Default)]
struct Row {
    hit: u64,
    missed: u64,
    open: u64,
    premature: u64,
    /// Units filled at a known price, and the sum of slippage times units.
    priced: Qty,
    slipped: Decimal,
    /// Sum of the times from opening to hit, microseconds.
    hit_micros: i64,
}

/// All rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Scores {
    rows: BTreeMap<(Slot, u8), Row>,
    news: BTreeSet<Symbol>,
    untold: u64,
}

impl Scores {
    pub(super) fn add(&mut self, slot: &Slot, outcome: Outcome) {
        match outcome {
            Outcome::Hit { leg, after } => self.count(slot, leg, |row| {
                row.hit = row.hit.saturating_add(1);
                row.hit_micros = row.hit_micros.saturating_add(after.micros());
            }),
            Outcome::Paid { leg, qty, slippage } => {
                self.count(slot, leg, |row| row.slip(qty, slippage));
            }
        }
    }

    pub(super) fn missed(&mut self, slot: &Slot, leg: u8) {
        self.count(slot, leg, |row| row.missed = row.missed.saturating_add(1));
    }

    pub(super) fn premature(&mut self, slot: &Slot, leg: u8) {
        self.count(slot, leg, |row| {
            row.premature = row.premature.saturating_add(1);
        });
    }

    /// Counts a target that is not judged yet; for a report only, it is no news.
    pub(super) fn open(&mut self, slot: &Slot, leg: u8) {
        if let Some(row) = self.row(slot, leg) {
            row.open = row.open.saturating_add(1);
        }
    }

    pub(super) fn take_news(&mut self) -> BTreeSet<Symbol> {
        core::mem::take(&mut self.news)
    }

    pub(super) const fn untold(&self) -> u64 {
        self.untold
    }

    pub(super) fn report(
        &self,
        only: Option<&Symbol>,
        since: Timestamp,
        at: Timestamp,
    ) -> Vec<SymbolPerformance> {
        let mut report: Vec<SymbolPerformance> = Vec::new();
        let wanted = |slot: &Slot| only.is_none_or(|symbol| *symbol == slot.symbol);
        for ((slot, leg), row) in self.rows.iter().filter(|((slot, _), _)| wanted(slot)) {
            if report.last().is_none_or(|last| last.symbol != slot.symbol) {
                report.push(SymbolPerformance {
                    symbol: slot.symbol.clone(),
                    targets: Vec::new(),
                    since,
                    at,
                });
            }
            if let Some(last) = report.last_mut() {
                last.targets.push(row.report(slot, *leg));
            }
        }
        report
    }

    fn count(&mut self, slot: &Slot, leg: u8, change: impl FnOnce(&mut Row)) {
        match self.row(slot, leg) {
            Some(row) => change(row),
            None => {
                self.untold = self.untold.saturating_add(1);
                return;
            }
        }
        self.news.insert(slot.symbol.clone());
    }

    fn row(&mut self, slot: &Slot, leg: u8) -> Option<&mut Row> {
        let place = (slot.clone(), leg);
        if self.rows.len() >= ROWS_MAX && !self.rows.contains_key(&place) {
            return None;
        }
        Some(self.rows.entry(place).or_default())
    }
}

impl Row {
    /// Adds a slippage, weighted with its quantity; nothing where the sums would no longer fit.
    fn slip(&mut self, qty: Qty, slippage: Ratio) {
        let sums = || {
            let weighted = slippage.get().checked_mul(qty.get())?;
            let priced = self.priced.get().checked_add(qty.get())?;
            Some((Qty::new(priced).ok()?, self.slipped.checked_add(weighted)?))
        };
        if let Some(sums) = sums() {
            (self.priced, self.slipped) = sums;
        }
    }

    fn report(&self, slot: &Slot, leg: u8) -> TargetPerformance {
        let judged = self.hit.saturating_add(self.missed);
        let hit_rate = Decimal::from(self.hit).checked_div(Decimal::from(judged));
        let slippage = self.slipped.checked_div(self.priced.get());
        let mean = i64::try_from(self.hit)
            .ok()
            .and_then(|hit| self.hit_micros.checked_div(hit));
        let rounded = |value: Decimal, digits| Ratio::new(value.round_dp(digits).normalize());
        TargetPerformance {
            strategy: slot.strategy.clone(),
            regime: slot.regime,
            leg,
            planned: judged.saturating_add(self.open),
            hit: self.hit,
            missed: self.missed,
            premature: self.premature,
            hit_rate: hit_rate.map(|rate| rounded(rate, RATE_DIGITS)),
            slippage: slippage.map(|slippage| rounded(slippage, SLIPPAGE_DIGITS)),
            time_to_hit: mean.map(Span::from_micros),
            recommendation: super::report::recommend(leg, self.hit, judged),
        }
    }
}
