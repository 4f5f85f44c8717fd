//! The market that ships with the project: seeded random walks with regimes and jumps.

use rust_decimal::Decimal;

use super::PricePoint;
use crate::rng::SplitMix64;
use crate::venue::SymbolSpec;

/// Symbols and first prices, USDT cents.
pub const SYNTHETIC_SYMBOLS: [(&str, i64); 6] = [
    ("BTCUSDT", 6_000_000),
    ("ETHUSDT", 300_000),
    ("SOLUSDT", 15_000),
    ("BNBUSDT", 60_000),
    ("LINKUSDT", 1_400),
    ("LTCUSDT", 8_500),
];
/// First price of any other symbol, USDT cents.
const OTHER_CENTS: i64 = 10_000;
/// Symbols when none are chosen: the first three.
const DEFAULT_SYMBOLS: usize = 3;
/// First original time: an arbitrary Monday, 00:00 UTC.
const START_MS: i64 = 1_795_392_000_000;
/// Original time between two points of a symbol, ms.
const STEP_MS: i64 = 250;
/// Parts of a tick in which prices are carried.
const MICRO: i64 = 1_000_000;
/// One in a million.
const PPM: i64 = 1_000_000;
/// Chance per step that the regime changes: every couple of minutes of original time.
const REGIME_PPM: u32 = 2_000;
/// Chance per step of a jump: about two an hour.
const JUMP_PPM: u32 = 150;

/// A seeded market; it never ends.
#[derive(Debug, Clone)]
pub struct Synthetic {
    walks: Vec<Walk>,
    rng: SplitMix64,
    turn: usize,
    at_ms: i64,
}

/// The walk of one symbol. Prices in millionths of a tick.
#[derive(Debug, Clone)]
struct Walk {
    spec: SymbolSpec,
    price: i64,
    lowest: i64,
    highest: i64,
    drift_ppm: i64,
    swing_ppm: i64,
}

impl Synthetic {
    /// A market of the chosen symbols; of its first three when none is chosen. A symbol that it
    /// does not know starts at 100 USDT.
    #[must_use]
    pub fn new(symbols: &[String], seed: u64) -> Self {
        let own = SYNTHETIC_SYMBOLS.iter().take(DEFAULT_SYMBOLS);
        let walks: Vec<Walk> = if symbols.is_empty() {
            own.map(|(name, cents)| Walk::new(name, *cents)).collect()
        } else {
            symbols
                .iter()
                .map(|name| Walk::new(name, first_cents(name)))
                .collect()
        };
        Self {
            walks,
            rng: SplitMix64::new(seed),
            turn: 0,
            at_ms: START_MS,
        }
    }

    /// Its symbols.
    #[must_use]
    pub fn symbols(&self) -> Vec<String> {
        self.walks
            .iter()
            .map(|walk| walk.spec.symbol.clone())
            .collect()
    }

    /// The next point: the symbols take turns.
    pub fn next_point(&mut self) -> PricePoint {
        if self.turn == self.walks.len() {
            self.turn = 0;
            self.at_ms += STEP_MS;
        }
        let walk = &mut self.walks[self.turn];
        self.turn += 1;
        walk.step(&mut self.rng);
        let volume = walk.spec.step_size * Decimal::from(self.rng.between(1, 500));
        PricePoint::at(&walk.spec.symbol, self.at_ms, walk.price(), volume)
    }
}

fn first_cents(symbol: &str) -> i64 {
    let known = SYNTHETIC_SYMBOLS.iter().find(|(name, _)| *name == symbol);
    known.map_or(OTHER_CENTS, |(_, cents)| *cents)
}

impl Walk {
    fn new(symbol: &str, cents: i64) -> Self {
        let spec = SymbolSpec::named_or_generic(symbol);
        let ticks = Decimal::new(cents, 2)
            .checked_div(spec.tick_size)
            .unwrap_or(Decimal::ONE);
        let ticks = i64::try_from(ticks.trunc().mantissa()).unwrap_or(1);
        let price = ticks * MICRO;
        let (lowest, highest) = (price / 4, price * 4);
        Self {
            spec,
            price,
            lowest,
            highest,
            drift_ppm: 0,
            swing_ppm: 100,
        }
    }

    fn step(&mut self, rng: &mut SplitMix64) {
        if rng.chance_ppm(REGIME_PPM) {
            self.drift_ppm = rng.between(-8, 8);
            self.swing_ppm = rng.between(40, 300);
        }
        let mut change_ppm = self.drift_ppm;
        // Three even draws make a hump: small moves often, large ones seldom.
        for _ in 0..3 {
            change_ppm += rng.between(-self.swing_ppm, self.swing_ppm);
        }
        if rng.chance_ppm(JUMP_PPM) {
            change_ppm += rng.between(-25_000, 25_000);
        }
        let change = self.price / PPM * change_ppm;
        let moved = self.price + change;
        // Beyond the outermost prices the walk turns back.
        let inside = (self.lowest..=self.highest).contains(&moved);
        self.price = if inside { moved } else { self.price - change };
    }

    fn price(&self) -> Decimal {
        self.spec.tick_size * Decimal::from(self.price / MICRO)
    }
}
