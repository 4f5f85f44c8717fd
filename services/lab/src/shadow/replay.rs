//! What the brain's decisions would have made of a position, on the marks as they came.
//!
//! A stop fills at its price, or at the bar's opening where that lies beyond it already, with
//! slippage; a target fills at its limit when a mark touches it; a close at market fills at the
//! mark of the decision, with slippage. Where a bar touches stop and target, the stop was first.
//! What the brain would still hold when the position really ended is closed then, at the price that
//! the last of it really got: it decides about open positions only, and whoever decides the same
//! gets the same.

use domain::instrument::Instrument;
use domain::{Qty, Side, Timestamp};
use records::bar::BAR;
use records::{DecisionType, MarkBar, Number, ShadowRecord};
use rust_decimal::Decimal;

use super::costs::{Costs, Exit, Opened, slipped};

/// The rule by whose name a stop is known to have filled at its own price.
const STOP_PASSED: &str = "stop_passed";

/// One target: what is to remain open once it has filled, and its price.
#[derive(Debug, Clone, Copy)]
struct Level {
    price: Decimal,
    keep: Decimal,
}

struct Scene<'a> {
    opened: &'a Opened<'a>,
    instrument: &'a Instrument,
    costs: &'a Costs,
    open: Decimal,
    stop: Option<Decimal>,
    targets: Vec<Level>,
    exits: Vec<Exit>,
}

/// Closes the position as `decisions`, in the order of time, would have it, until it really ended
/// with `last`.
#[must_use]
pub fn replay(
    opened: &Opened<'_>,
    instrument: &Instrument,
    decisions: &[&ShadowRecord],
    last: &Exit,
    costs: &Costs,
) -> Vec<Exit> {
    let mut scene = Scene {
        opened,
        instrument,
        costs,
        open: opened.qty,
        stop: None,
        targets: Vec::new(),
        exits: Vec::new(),
    };
    let mut decisions = decisions.iter().copied().peekable();
    for bar in opened.bars {
        let begin = bar.timestamp.get();
        while let Some(decision) = decisions.next_if(|it| it.timestamp.get() < begin) {
            scene.decided(decision);
        }
        scene.moved(bar);
        while let Some(decision) = decisions.next_if(|it| it.timestamp.get() < begin + BAR) {
            scene.decided(decision);
        }
    }
    decisions.for_each(|decision| scene.decided(decision));
    // A limit order rested for its price; a close at market pays for coming now.
    let price = match last.maker {
        true => slipped(opened.side, last.price, costs),
        false => last.price,
    };
    scene.close(last.at, price, Decimal::ZERO, false);
    scene.exits
}

impl Scene<'_> {
    /// Closes down to `keep`; nothing where less is open.
    fn close(&mut self, at: Timestamp, price: Decimal, keep: Decimal, maker: bool) {
        if self.open <= keep {
            return;
        }
        let qty = self.open - keep;
        self.open = keep;
        self.exits.push(Exit {
            at,
            qty,
            price,
            maker,
        });
    }

    fn at_market(&mut self, at: Timestamp, mark: Decimal, keep: Decimal) {
        let price = slipped(self.opened.side, mark, self.costs);
        self.close(at, price, keep, false);
    }

    fn decided(&mut self, record: &ShadowRecord) {
        let decision = &record.decision;
        let at = record.timestamp.get();
        let mark = record.current_price.get();
        match decision.decision_type {
            DecisionType::NoChange => {}
            DecisionType::MoveSl => self.stop = decision.new_sl_price.map(Number::get),
            DecisionType::UpdateTpLimits => self.targets = self.levels(record),
            DecisionType::PartialClose => {
                let keep = self.kept(record);
                self.at_market(at, mark, keep);
            }
            DecisionType::FullExitNow => {
                let passed = decision.meta.rule == STOP_PASSED;
                let stop = decision.meta.stop.map(Number::get).filter(|_| passed);
                self.at_market(at, stop.unwrap_or(mark), Decimal::ZERO);
            }
        }
    }

    /// What a part leaves open: the level that is told, or, in records that tell none, what is open
    /// without its share of the position.
    fn kept(&self, record: &ShadowRecord) -> Decimal {
        let share = record
            .decision
            .fraction_to_close
            .map_or(Decimal::ZERO, Number::get);
        let told = record.decision.meta.keep.map(Number::get);
        told.unwrap_or_else(|| (self.open - self.opened.qty * share).max(Decimal::ZERO))
    }

    fn levels(&self, record: &ShadowRecord) -> Vec<Level> {
        let decision = &record.decision;
        let none = Vec::new();
        let prices = decision.new_tp_levels.as_ref().unwrap_or(&none);
        let sizes = decision.tp_fractions.as_ref().unwrap_or(&none);
        let from = decision.meta.tp_from.as_ref().unwrap_or(&none);
        let equal = Decimal::ONE / Decimal::from(prices.len().max(1));
        let mut before = Decimal::ZERO;
        let mut levels = Vec::new();
        for (at, price) in prices.iter().enumerate() {
            let size = sizes.get(at).map_or(equal, |it| it.get());
            before = from.get(at).map_or(before, |it| it.get());
            levels.push(Level {
                price: price.get(),
                keep: self.opened.qty * (Decimal::ONE - before - size).max(Decimal::ZERO),
            });
            before += size;
        }
        levels
    }

    /// A bar of marks passes.
    fn moved(&mut self, bar: &MarkBar) {
        let at = bar.timestamp.get();
        let (worst, best) = match self.opened.side {
            Side::Long => (bar.low.get(), bar.high.get()),
            Side::Short => (bar.high.get(), bar.low.get()),
        };
        let sign = self.opened.side.sign();
        let beyond = |price: Decimal, level: Decimal| (price - level) * sign;
        if let Some(stop) = self.stop
            && beyond(worst, stop) <= Decimal::ZERO
        {
            let opening = bar.open.get();
            let gapped = beyond(opening, stop) < Decimal::ZERO;
            self.at_market(at, if gapped { opening } else { stop }, Decimal::ZERO);
        }
        for level in self.targets.clone() {
            if beyond(best, level.price) < Decimal::ZERO || self.open <= level.keep {
                continue;
            }
            // The venue takes whole lots only; what is too small for one stays open.
            let due = Qty::new(self.open - level.keep).unwrap_or_default();
            let qty = self.instrument.floor_qty(due).get();
            self.close(at, level.price, self.open - qty, true);
        }
    }
}
