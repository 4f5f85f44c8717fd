//! Orders that the decisions would have needed and the venue would have refused, by its filters.

use std::collections::BTreeMap;

use domain::Side;
use domain::instrument::{Instrument, LotFilter};
use records::read::Found;
use records::{DecisionType, Moment, Number, ShadowRecord};
use rust_decimal::Decimal;
use serde::Serialize;

/// Examples that are kept of each cause.
const EXAMPLES_MAX: usize = 5;

/// Why the venue would have refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The price is not on the grid (-4014).
    PriceOffGrid,
    /// The stop lies on the wrong side of the mark (-2021).
    WouldTrigger,
    /// The quantity is below the smallest, or less than a step (-4003).
    TooSmall,
    /// The quantity is above the largest (-4005); it would have to be split.
    TooLarge,
}

impl Refusal {
    /// For people, with the venue's code.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::PriceOffGrid => "price off the grid (-4014)",
            Self::WouldTrigger => "stop would trigger at once (-2021)",
            Self::TooSmall => "quantity too small (-4003)",
            Self::TooLarge => "quantity too large (-4005)",
        }
    }
}

/// One order that would have been refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// When it was decided.
    pub at: Moment,
    /// Contract.
    pub symbol: String,
    /// The decision behind it.
    pub decision: DecisionType,
    /// Why.
    pub refusal: Refusal,
    /// The number that is refused.
    pub value: Decimal,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Edges {
    /// Orders that were looked at.
    pub orders: u64,
    /// Of those, refused.
    pub refused: u64,
    /// By cause.
    pub by_cause: BTreeMap<Refusal, u64>,
    /// The first of each cause.
    pub examples: Vec<Edge>,
    /// Decisions of contracts whose filters no closed position tells.
    pub unjudged: u64,
}

/// Looks at each order that a decision would have needed. All of them only reduce, so the smallest
/// notional does not apply to them. Nor does `PERCENT_PRICE`: it forbids limits far behind the
/// mark, and a target that the mark has left so far behind is closed at market.
#[must_use]
pub fn edges(found: &Found) -> Edges {
    let mut instruments: BTreeMap<&str, Instrument> = BTreeMap::new();
    let mut initial: BTreeMap<(&str, u64), Decimal> = BTreeMap::new();
    for closed in &found.closed {
        if let Ok(instrument) = closed.filters.instrument(&closed.symbol) {
            instruments.insert(&closed.symbol, instrument);
        }
        initial.insert((&closed.symbol, closed.epoch), closed.qty.get());
    }
    let mut edges = Edges::default();
    for record in &found.decisions {
        let Some(instrument) = instruments.get(record.symbol.as_str()) else {
            edges.unjudged += u64::from(record.decision.decision_type != DecisionType::NoChange);
            continue;
        };
        let life = (record.symbol.as_str(), record.decision.meta.epoch);
        let opened = initial.get(&life).copied().unwrap_or(record.size.get());
        for order in orders(record, instrument, opened) {
            edges.take(record, order);
        }
    }
    edges
}

impl Edges {
    fn take(&mut self, record: &ShadowRecord, refused: Option<(Refusal, Decimal)>) {
        self.orders += 1;
        let Some((refusal, value)) = refused else {
            return;
        };
        self.refused += 1;
        let count = self.by_cause.entry(refusal).or_default();
        *count += 1;
        if *count <= EXAMPLES_MAX as u64 {
            self.examples.push(Edge {
                at: record.timestamp,
                symbol: record.symbol.clone(),
                decision: record.decision.decision_type,
                refusal,
                value,
            });
        }
    }
}

type Verdict = Option<(Refusal, Decimal)>;

/// What the venue would say to each order of a decision; none is yes.
fn orders(record: &ShadowRecord, instrument: &Instrument, opened: Decimal) -> Vec<Verdict> {
    let decision = &record.decision;
    let size = record.size.get();
    match decision.decision_type {
        DecisionType::NoChange => Vec::new(),
        DecisionType::MoveSl => {
            let Some(stop) = decision.new_sl_price.map(Number::get) else {
                return Vec::new();
            };
            let side = Side::from(record.side);
            let passed = (record.current_price.get() - stop) * side.sign() <= Decimal::ZERO;
            let verdict = off_grid(stop, instrument)
                .or(passed.then_some((Refusal::WouldTrigger, stop)))
                .or_else(|| by_lot(size, instrument.lot));
            vec![verdict]
        }
        DecisionType::UpdateTpLimits => {
            let prices = decision.new_tp_levels.iter().flatten();
            let sizes = decision.tp_fractions.iter().flatten();
            let order = |(price, share): (&Number, &Number)| {
                let qty = on_step(opened * share.get(), instrument.lot);
                off_grid(price.get(), instrument).or_else(|| by_lot(qty, instrument.lot))
            };
            prices.zip(sizes).map(order).collect()
        }
        DecisionType::PartialClose => {
            let share = decision
                .fraction_to_close
                .map_or(Decimal::ZERO, Number::get);
            let keep = decision.meta.keep.map(Number::get);
            let due = keep.map_or(opened * share, |keep| size - keep);
            let qty = on_step(due.max(Decimal::ZERO), instrument.market_lot);
            vec![by_lot(qty, instrument.market_lot)]
        }
        DecisionType::FullExitNow => vec![by_lot(size, instrument.market_lot)],
    }
}

fn off_grid(price: Decimal, instrument: &Instrument) -> Verdict {
    let rest = price.checked_rem(instrument.tick_size)?;
    (!rest.is_zero()).then_some((Refusal::PriceOffGrid, price))
}

/// The largest quantity of whole steps, as an order would have it.
fn on_step(qty: Decimal, lot: LotFilter) -> Decimal {
    qty - qty.checked_rem(lot.step).unwrap_or_default()
}

fn by_lot(qty: Decimal, lot: LotFilter) -> Verdict {
    if qty < lot.min.get() || qty.is_zero() {
        Some((Refusal::TooSmall, qty))
    } else if qty > lot.max.get() {
        Some((Refusal::TooLarge, qty))
    } else {
        None
    }
}
