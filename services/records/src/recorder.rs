//! What becomes a line, of everything that is heard: every shadow decision, every closed position,
//! the marks while one is open. No I/O.

use std::collections::BTreeMap;

use domain::decision::{Decision, Serial};
use domain::market::{MarkTick, MarketContext};
use domain::order::OrderEvent;
use domain::snapshot::PositionSnapshot;
use domain::{Ratio, Symbol, Timestamp};

use crate::bar::{BAR, MarkBar};
use crate::entry::Entry;
use crate::lives::Lives;

/// Processes whose numbers are followed; the oldest is forgotten.
const BOOTS_MAX: usize = 16;
/// Contracts whose marks are kept; more than one account trades.
const SYMBOLS_MAX: usize = 1_024;

/// What was last heard of a contract.
#[derive(Debug, Clone, Default)]
struct Contract {
    bar: Option<MarkBar>,
    funding_rate: Option<Ratio>,
}

/// Turns messages into lines.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    lives: Lives,
    contracts: BTreeMap<Symbol, Contract>,
    /// Highest number heard of each process.
    heard: BTreeMap<u64, u64>,
    missed: u64,
    unfit: u64,
}

impl Recorder {
    /// Decisions that were said and never came, by their numbers.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// Positions and contracts that there was no room for.
    #[must_use]
    pub const fn unfit(&self) -> u64 {
        self.unfit
    }

    /// A decision; only those of SHADOW become lines.
    pub fn decision(&mut self, live: bool, decision: &Decision, out: &mut Vec<Entry>) {
        if live {
            return;
        }
        if let Some(serial) = decision.serial {
            self.follow(serial);
        }
        out.push(Entry::Shadow(Box::new(decision.into())));
    }

    fn follow(&mut self, serial: Serial) {
        let last = self.heard.get(&serial.boot).copied();
        // Of a process that was never heard of, what it said before is unknown where this is our
        // own start, and missed where it is not: it cannot have said anything else in between.
        let expected = last.map_or(1, |last| last.saturating_add(1));
        let is_first = self.heard.is_empty();
        if serial.number > expected && !is_first {
            self.missed = self.missed.saturating_add(serial.number - expected);
        }
        if last.is_none_or(|last| serial.number > last) {
            self.heard.insert(serial.boot, serial.number);
        }
        while self.heard.len() > BOOTS_MAX {
            self.heard.pop_first();
        }
    }

    /// A mark; kept while a position of its contract is open.
    pub fn mark(&mut self, tick: &MarkTick, out: &mut Vec<Entry>) {
        self.lives.mark(&tick.symbol, tick.mark_price);
        if !self.lives.follows(&tick.symbol) {
            return;
        }
        let Some(contract) = self.contract(&tick.symbol) else {
            return;
        };
        if contract.bar.as_mut().is_some_and(|bar| bar.take(tick)) {
            return;
        }
        let next = MarkBar::first(tick, contract.funding_rate);
        // A mark that comes late belongs to a bar that is written already.
        let is_late = contract
            .bar
            .as_ref()
            .is_some_and(|bar| bar.timestamp > next.timestamp);
        if !is_late && let Some(bar) = contract.bar.replace(next) {
            out.push(Entry::Bar(bar));
        }
    }

    /// A contract's context, of which the funding rate is kept.
    pub fn context(&mut self, context: &MarketContext) {
        if let Some(contract) = self.contract(&context.symbol) {
            contract.funding_rate = context.funding_rate;
        }
    }

    /// A picture of a position.
    pub fn position(&mut self, snapshot: &PositionSnapshot, now: Timestamp) {
        if !self.lives.position(snapshot, now) {
            self.unfit = self.unfit.saturating_add(1);
        }
    }

    /// News of an order.
    pub fn order(&mut self, event: &OrderEvent) {
        self.lives.order(event);
    }

    /// Time passes: what has settled is written.
    pub fn beat(&mut self, now: Timestamp, out: &mut Vec<Entry>) {
        out.extend(self.due(|bar| now.since(bar.timestamp.get() + BAR) >= BAR));
        let closed = self.lives.settled(now);
        out.extend(closed.into_iter().map(|it| Entry::Closed(Box::new(it))));
    }

    /// Nothing more is heard: the bars that are not full are written as they are.
    pub fn stop(&mut self, out: &mut Vec<Entry>) {
        out.extend(self.due(|_| true));
        let closed = self.lives.settled(Timestamp::from_micros(i64::MAX));
        out.extend(closed.into_iter().map(|it| Entry::Closed(Box::new(it))));
    }

    fn due(&mut self, is_due: impl Fn(&MarkBar) -> bool) -> Vec<Entry> {
        let mut due = Vec::new();
        for contract in self.contracts.values_mut() {
            if contract.bar.as_ref().is_some_and(&is_due) {
                due.extend(contract.bar.take().map(Entry::Bar));
            }
        }
        due
    }

    fn contract(&mut self, symbol: &Symbol) -> Option<&mut Contract> {
        if !self.contracts.contains_key(symbol) && self.contracts.len() >= SYMBOLS_MAX {
            self.unfit = self.unfit.saturating_add(1);
            return None;
        }
        Some(self.contracts.entry(symbol.clone()).or_default())
    }
}
