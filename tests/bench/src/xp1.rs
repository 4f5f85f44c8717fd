//! XP-1, version 1: an exact workload on which other engines were measured too
//! (`../shared/bench/WORKLOAD.md`). All integers; prices are points.
//!
//! Its rules are not this system's policy: fills are immediate, positions open again by
//! themselves, and a stop trails point by point. So it is expressed as a plain driver of the
//! trigger book (`driver`), beside the straight loop over all positions, its floor (`floor`).

pub mod driver;
pub mod floor;
mod slot;

/// One tick of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Points.
    pub price: i64,
    /// Which symbol, from 0.
    pub symbol: u32,
}

/// How many symbols, slots of each, and ticks of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Symbols.
    pub symbols: u32,
    /// Slots of each symbol.
    pub slots: u32,
    /// Ticks of all symbols together.
    pub ticks: usize,
}

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Hash of all decisions in order.
    pub hash: u64,
    /// Sum of what legs and exits earned, points times lots.
    pub pnl: i64,
    /// Number of decisions.
    pub decisions: u64,
}

/// The sizes that engines are compared at, each with the hash on which independent
/// implementations agree.
pub const SIZES: [(Size, u64); 7] = [
    (size(1, 1, 1_000_000), 0xd9fb_84d0_fadd_2d84),
    (size(1, 10, 1_000_000), 0xd09d_2528_18f5_3be9),
    (size(1, 100, 1_000_000), 0x2692_3eec_c14f_1ce6),
    (size(1, 1_000, 100_000), 0x6525_8561_86f7_f89e),
    (size(1, 10_000, 10_000), 0x04f9_6e46_f015_5249),
    (size(100, 1, 1_000_000), 0x44b3_797e_9d97_590e),
    (size(100, 100, 1_000_000), 0x0d8f_3414_9141_6ede),
];

const fn size(symbols: u32, slots: u32, ticks: usize) -> Size {
    Size {
        symbols,
        slots,
        ticks,
    }
}

const STEPS: [i64; 8] = [-2, -1, -1, 0, 0, 1, 1, 2];
const PRICE_AT_START: i64 = 1_000_000;
const SEED: u64 = 42;

/// The stream: a random walk of each symbol in turn, from SplitMix64.
#[must_use]
pub fn ticks(symbols: u32, count: usize) -> Vec<Tick> {
    let mut prices = vec![PRICE_AT_START; symbols as usize];
    let mut state = SEED;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = state;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    };
    let turns = (0..symbols).cycle().take(count);
    let tick = |symbol: u32| {
        let price = &mut prices[symbol as usize];
        *price += STEPS[(next() & 7) as usize];
        Tick {
            price: *price,
            symbol,
        }
    };
    turns.map(tick).collect()
}
