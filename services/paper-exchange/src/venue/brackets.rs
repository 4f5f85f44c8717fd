//! Leverage brackets: the larger the notional, the less leverage and the more margin.

use rust_decimal::Decimal;

use super::Book;

/// One bracket of a symbol, as `leverageBracket` shows it. Notionals in USDT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bracket {
    /// From 1.
    pub number: u32,
    /// Highest leverage in it.
    pub leverage: u32,
    /// Holds from this notional on.
    pub floor: i64,
    /// Up to this one.
    pub cap: i64,
    /// Maintenance margin rate.
    pub rate: Decimal,
    /// What is deducted so that the margin does not jump between brackets.
    pub cum: Decimal,
}

/// Cap of the notional, leverage, rate in tenths of a per mille.
type Row = (i64, u32, i64);

/// Symbols with the deepest books.
const MAJORS: [&str; 2] = ["BTCUSDT", "ETHUSDT"];
const MAJOR_ROWS: [Row; 8] = [
    (300_000, 125, 40),
    (800_000, 100, 50),
    (3_000_000, 75, 65),
    (12_000_000, 50, 100),
    (70_000_000, 25, 200),
    (150_000_000, 10, 500),
    (300_000_000, 4, 1_250),
    (600_000_000, 1, 5_000),
];
const OTHER_ROWS: [Row; 8] = [
    (50_000, 75, 50),
    (250_000, 50, 100),
    (2_000_000, 25, 200),
    (5_000_000, 20, 250),
    (10_000_000, 10, 500),
    (20_000_000, 5, 1_000),
    (30_000_000, 2, 2_500),
    (50_000_000, 1, 5_000),
];

/// The brackets of a symbol, smallest notional first.
pub(super) fn brackets_of(symbol: &str) -> Vec<Bracket> {
    let rows = if MAJORS.contains(&symbol) {
        MAJOR_ROWS
    } else {
        OTHER_ROWS
    };
    let (mut floor, mut rate, mut cum) = (0, Decimal::ZERO, Decimal::ZERO);
    let mut brackets = Vec::with_capacity(rows.len());
    for (number, (cap, leverage, part)) in (1..).zip(rows) {
        let own = Decimal::new(part, 4);
        cum += Decimal::from(floor) * (own - rate);
        rate = own;
        brackets.push(Bracket {
            number,
            leverage,
            floor,
            cap,
            rate,
            cum,
        });
        floor = cap;
    }
    brackets
}

impl Book {
    /// The bracket of a notional; beyond the last cap the last one holds on.
    pub(super) fn bracket(&self, notional: Decimal) -> Option<&Bracket> {
        let fits = |bracket: &&Bracket| notional <= Decimal::from(bracket.cap);
        self.brackets.iter().find(fits).or(self.brackets.last())
    }

    /// Maintenance margin of a notional.
    pub(crate) fn maintenance(&self, notional: Decimal) -> Decimal {
        self.bracket(notional)
            .map(|bracket| notional * bracket.rate - bracket.cum)
            .unwrap_or_default()
    }

    /// Largest notional at a leverage; `None` when no bracket takes that leverage.
    pub(crate) fn max_notional(&self, leverage: u32) -> Option<i64> {
        let takes = |bracket: &&Bracket| leverage <= bracket.leverage;
        self.brackets.iter().rev().find(takes).map(|it| it.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maintenance_margin_does_not_jump_from_bracket_to_bracket() {
        for symbol in ["BTCUSDT", "ADAUSDT"] {
            let brackets = brackets_of(symbol);
            for pair in brackets.windows(2) {
                let at = Decimal::from(pair[1].floor);
                let margin = |bracket: &Bracket| at * bracket.rate - bracket.cum;
                assert_eq!(pair[0].cap, pair[1].floor);
                assert_eq!(margin(&pair[0]), margin(&pair[1]), "{symbol} {at}");
            }
        }
    }

    #[test]
    fn every_bracket_asks_for_less_to_keep_than_to_open() {
        for bracket in brackets_of("BTCUSDT").iter().chain(&brackets_of("ADAUSDT")) {
            let to_open = Decimal::ONE / Decimal::from(bracket.leverage);
            assert!(bracket.rate < to_open, "{bracket:?}");
        }
    }
}
