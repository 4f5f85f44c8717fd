//! The traded symbols and their filters.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One symbol as `exchangeInfo` shows it. Prices in quote asset, quantities in base asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymbolSpec {
    /// For instance `BTCUSDT`.
    pub symbol: String,
    /// Decimals that a price may have (not the tick).
    pub price_precision: u32,
    /// Decimals that a quantity may have (not the step).
    pub quantity_precision: u32,
    /// PRICE_FILTER tickSize.
    pub tick_size: Decimal,
    /// PRICE_FILTER minPrice.
    pub min_price: Decimal,
    /// PRICE_FILTER maxPrice.
    pub max_price: Decimal,
    /// LOT_SIZE and MARKET_LOT_SIZE stepSize.
    pub step_size: Decimal,
    /// LOT_SIZE and MARKET_LOT_SIZE minQty.
    pub min_qty: Decimal,
    /// LOT_SIZE maxQty.
    pub max_qty: Decimal,
    /// MARKET_LOT_SIZE maxQty.
    pub max_market_qty: Decimal,
    /// MIN_NOTIONAL.
    pub min_notional: Decimal,
    /// PERCENT_PRICE multiplierUp.
    pub multiplier_up: Decimal,
    /// PERCENT_PRICE multiplierDown.
    pub multiplier_down: Decimal,
    /// MAX_NUM_ORDERS (open ordinary orders of the symbol).
    pub max_num_orders: usize,
    /// `triggerProtect`: |mark - last| / last above this keeps a price-protected order quiet.
    pub trigger_protect: Decimal,
}

/// symbol, tick, step, max quantity, max market quantity, min notional.
type Row = (&'static str, &'static str, &'static str, i64, i64, i64);

/// The symbols the venue ships with. Ticks and steps as traded, minimum = one step.
const TABLE: [Row; 17] = [
    ("BTCUSDT", "0.10", "0.001", 1_000, 120, 50),
    ("ETHUSDT", "0.01", "0.001", 10_000, 2_000, 20),
    ("SOLUSDT", "0.0100", "0.01", 1_000_000, 50_000, 5),
    ("BNBUSDT", "0.010", "0.01", 100_000, 20_000, 5),
    ("XRPUSDT", "0.0001", "0.1", 10_000_000, 2_000_000, 5),
    ("ADAUSDT", "0.00010", "1", 20_000_000, 4_000_000, 5),
    ("AVAXUSDT", "0.0010", "1", 500_000, 50_000, 5),
    ("BCHUSDT", "0.01", "0.001", 10_000, 2_000, 5),
    ("DASHUSDT", "0.01", "0.001", 10_000, 2_000, 5),
    ("ENAUSDT", "0.0001", "1", 20_000_000, 4_000_000, 5),
    ("ETCUSDT", "0.001", "0.01", 200_000, 50_000, 5),
    ("LAYERUSDT", "0.00010", "0.1", 10_000_000, 500_000, 5),
    ("LINKUSDT", "0.001", "0.01", 1_000_000, 100_000, 5),
    ("LTCUSDT", "0.01", "0.001", 100_000, 10_000, 5),
    ("SUIUSDT", "0.000100", "0.1", 5_000_000, 1_000_000, 5),
    ("XLMUSDT", "0.00001", "1", 10_000_000, 2_000_000, 5),
    ("XMRUSDT", "0.01", "0.001", 10_000, 2_000, 5),
];

impl SymbolSpec {
    /// Every built-in symbol.
    #[must_use]
    pub fn builtin() -> Vec<Self> {
        TABLE.iter().map(Self::from_row).collect()
    }

    /// A built-in symbol by name.
    #[must_use]
    pub fn named(symbol: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.0 == symbol).map(Self::from_row)
    }

    /// The built-in symbol, or a generic one: tick 0.0001, step 0.1, notional 5.
    #[must_use]
    pub fn named_or_generic(symbol: &str) -> Self {
        Self::named(symbol).unwrap_or_else(|| {
            let mut spec = Self::from_row(&("", "0.0001", "0.1", 10_000_000, 2_000_000, 5));
            spec.symbol = symbol.to_owned();
            spec
        })
    }

    /// The base asset: the symbol without its USDT, as the venue names it.
    #[must_use]
    pub fn base_asset(&self) -> &str {
        self.symbol.strip_suffix("USDT").unwrap_or(&self.symbol)
    }

    /// Rounds a quantity down to the step.
    #[must_use]
    pub fn floor_qty(&self, qty: Decimal) -> Decimal {
        floor_to(qty, self.step_size)
    }

    /// Rounds a price down to the tick.
    #[must_use]
    pub fn floor_price(&self, price: Decimal) -> Decimal {
        floor_to(price, self.tick_size)
    }

    fn from_row(row: &Row) -> Self {
        let tick: Decimal = row.1.parse().expect("the table holds decimals");
        let step: Decimal = row.2.parse().expect("the table holds decimals");
        Self {
            symbol: row.0.to_owned(),
            price_precision: tick.scale(),
            quantity_precision: step.scale(),
            tick_size: tick,
            min_price: tick,
            max_price: Decimal::from(5_000_000),
            step_size: step,
            min_qty: step,
            max_qty: Decimal::from(row.3),
            max_market_qty: Decimal::from(row.4),
            min_notional: Decimal::from(row.5),
            multiplier_up: Decimal::new(10500, 4),
            multiplier_down: Decimal::new(9500, 4),
            max_num_orders: 200,
            trigger_protect: Decimal::new(500, 4),
        }
    }
}

/// Largest multiple of `unit` not above `value`; the value itself when there is no unit.
fn floor_to(value: Decimal, unit: Decimal) -> Decimal {
    match value.checked_rem(unit) {
        Some(rest) => (value - rest).normalize(),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_symbol_is_consistent() {
        for spec in SymbolSpec::builtin() {
            assert!(spec.tick_size > Decimal::ZERO, "{}", spec.symbol);
            assert!(spec.min_qty <= spec.max_market_qty, "{}", spec.symbol);
            assert!(spec.max_market_qty <= spec.max_qty, "{}", spec.symbol);
        }
    }

    #[test]
    fn rounding_never_adds() {
        let spec = SymbolSpec::named("BTCUSDT").unwrap();
        assert_eq!(
            spec.floor_qty(Decimal::new(12349, 4)),
            Decimal::new(1234, 3)
        );
        assert_eq!(
            spec.floor_price(Decimal::new(10019, 2)),
            Decimal::new(1001, 1)
        );
    }
}
