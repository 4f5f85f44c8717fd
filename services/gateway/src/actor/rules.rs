//! What the venue demands per symbol, which leverage is set, and how the account keeps positions.

use std::collections::{BTreeMap, BTreeSet};

use domain::instrument::{Instrument, LotFilter, PercentPrice};
use domain::{Money, Qty, Symbol};
use rust_decimal::Decimal;

use binance::PositionMode;
use binance::response::SymbolConfig;
use binance::symbol_rules::{ExchangeInfo, SymbolRules};

/// Leverage where the venue tells none: the largest at which the maximum-loss floor of the shipped
/// policy can still be held (`stops.margin_loss_max / stops.distance_min`). Its stops are the
/// tightest that there are. The venue's largest, 125, would mean over-leveraged and sell the
/// position: data that is missing must not.
pub(super) const UNKNOWN_LEVERAGE: Decimal = Decimal::from_parts(50, 0, 0, false, 0);

/// The symbols that the gateway acts on, with all that is known of them.
#[derive(Debug, Default)]
pub(super) struct Rules {
    allowed: Option<BTreeSet<Symbol>>,
    instruments: BTreeMap<Symbol, Instrument>,
    leverage: BTreeMap<Symbol, Decimal>,
    status: BTreeMap<Symbol, String>,
    /// One-way or hedge, as the venue said.
    pub position_mode: Option<PositionMode>,
}

/// A symbol that is not acted on, and why.
pub(super) type Refused = (String, String);

/// The status of a symbol that takes every order.
const TRADING: &str = "TRADING";
/// Our word for a symbol that the venue listed before and lists no more.
const UNLISTED: &str = "UNLISTED";

/// What one reading of the venue's rules brought.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub refused: Vec<Refused>,
    pub changes: Vec<(Symbol, Change)>,
}

/// What became different since the reading before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Steps, bounds or the least notional.
    Filters,
    /// Whether, or how, it is traded.
    Status { from: String, to: String },
}

impl Change {
    /// The counter of such changes.
    pub(super) const fn counter(&self) -> &'static str {
        match self {
            Self::Filters => "symbols_changed.filters",
            Self::Status { .. } => "symbols_changed.status",
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Filters => f.write_str("other filters"),
            Self::Status { from, to } => write!(f, "{from} became {to}"),
        }
    }
}

impl Rules {
    pub(super) fn new(allowed: Option<BTreeSet<Symbol>>) -> Self {
        Self {
            allowed,
            ..Self::default()
        }
    }

    /// The symbol of that name, where it is one that we act on.
    pub(super) fn symbol(&self, name: &str) -> Option<Symbol> {
        let symbol = Symbol::new(name).ok()?;
        self.instruments.contains_key(&symbol).then_some(symbol)
    }

    pub(super) fn instrument(&self, symbol: &Symbol) -> Option<&Instrument> {
        self.instruments.get(symbol)
    }

    /// Whether the operator wants this symbol to be acted on.
    pub(super) fn is_allowed(&self, name: &str) -> bool {
        match &self.allowed {
            None => true,
            Some(allowed) => allowed.iter().any(|symbol| symbol.as_str() == name),
        }
    }

    /// The status that keeps a known symbol from taking every order; none while it is traded.
    pub(super) fn not_trading(&self, symbol: &Symbol) -> Option<&str> {
        let status = self.status.get(symbol).map(String::as_str);
        status.filter(|status| *status != TRADING)
    }

    /// Takes the filters of all allowed symbols; one strange symbol does not hide the others. A
    /// symbol that was usable before stays as it was.
    pub(super) fn learn_symbols(&mut self, info: &ExchangeInfo) -> Learned {
        let mut refused = Vec::new();
        let mut changes = Vec::new();
        for (name, rules) in &info.symbols {
            if !self.is_allowed(name) {
                continue;
            }
            match instrument(rules) {
                Ok(instrument) => {
                    let symbol = instrument.symbol.clone();
                    let before = self.instruments.insert(symbol.clone(), instrument.clone());
                    if before.is_some_and(|before| before != instrument) {
                        changes.push((symbol.clone(), Change::Filters));
                    }
                    changes.extend(self.learn_status(symbol, &rules.status));
                }
                Err(why) => refused.push((name.clone(), why)),
            }
        }
        let gone: Vec<Symbol> = self
            .instruments
            .keys()
            .filter(|it| !info.lists(it.as_str()))
            .cloned()
            .collect();
        for symbol in gone {
            changes.extend(self.learn_status(symbol, UNLISTED));
        }
        for (name, error) in &info.unread {
            if self.is_allowed(name) {
                refused.push((name.clone(), error.to_string()));
            }
        }
        let missing = self.allowed.iter().flatten().filter(|symbol| {
            let name = symbol.as_str();
            !self.instruments.contains_key(*symbol) && !refused.iter().any(|(n, _)| n == name)
        });
        let unknown = missing.map(|symbol| {
            let why = "the venue does not list it; correct [market] symbols";
            (symbol.as_str().to_owned(), why.to_owned())
        });
        let unknown: Vec<Refused> = unknown.collect();
        refused.extend(unknown);
        Learned { refused, changes }
    }

    fn learn_status(&mut self, symbol: Symbol, to: &str) -> Option<(Symbol, Change)> {
        let from = self.status.insert(symbol.clone(), to.to_owned())?;
        let to = to.to_owned();
        (from != to).then_some((symbol, Change::Status { from, to }))
    }

    pub(super) fn learn_leverages(&mut self, rows: &[SymbolConfig]) {
        for row in rows {
            self.learn_leverage(&row.symbol, row.leverage);
        }
    }

    /// Returns the symbol where its leverage changed.
    pub(super) fn learn_leverage(&mut self, name: &str, leverage: u32) -> Option<Symbol> {
        let symbol = Symbol::new(name).ok()?;
        let leverage = Decimal::from(leverage.max(1));
        let before = self.leverage.insert(symbol.clone(), leverage);
        (before != Some(leverage)).then_some(symbol)
    }

    /// The leverage of `symbol`, where the venue told it.
    pub(super) fn leverage(&self, symbol: &Symbol) -> Option<Decimal> {
        self.leverage.get(symbol).copied()
    }
}

fn instrument(rules: &SymbolRules) -> Result<Instrument, String> {
    let lot = |step, min, max| {
        let qty = |value| Qty::new(value).map_err(|error| error.to_string());
        Ok::<LotFilter, String>(LotFilter {
            step,
            min: qty(min)?,
            max: qty(max)?,
        })
    };
    let instrument = Instrument {
        symbol: Symbol::new(&rules.symbol).map_err(|error| error.to_string())?,
        tick_size: rules.tick,
        lot: lot(rules.step, rules.min_qty, rules.max_qty)?,
        market_lot: lot(rules.market_step, rules.market_min, rules.market_max)?,
        min_notional: Money::new(rules.min_notional),
        percent_price: PercentPrice::told(rules.percent_up, rules.percent_down),
    };
    instrument.checked().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::policy::Policy;

    #[test]
    fn an_unknown_leverage_is_the_largest_that_is_not_sold_for_being_too_high() {
        let policy = Policy::default();
        let stops = policy.stops;
        assert_eq!(policy.floor_distance(UNKNOWN_LEVERAGE), stops.distance_min);
        let more = policy.floor_distance(UNKNOWN_LEVERAGE + Decimal::ONE);
        assert!(more < stops.distance_min);
    }

    #[test]
    fn a_leverage_is_known_once_the_venue_told_it() {
        let (mut rules, symbol) = (Rules::new(None), Symbol::new("BTCUSDT").unwrap());
        assert_eq!(rules.leverage(&symbol), None);
        assert_eq!(rules.learn_leverage("BTCUSDT", 20), Some(symbol.clone()));
        assert_eq!(rules.leverage(&symbol), Some(Decimal::from(20)));
        assert_eq!(rules.learn_leverage("BTCUSDT", 20), None);
    }
}
