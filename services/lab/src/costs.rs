//! What trading costs and how long it takes.

use domain::Span;
use paper_exchange::rng::SplitMix64;
use rust_decimal::Decimal;

/// Fees, slippage, delays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costs {
    /// Fee rate of an order that rested: 0.0002 is 0.02 %.
    pub maker_fee: Decimal,
    /// Fee rate of an order that took.
    pub taker_fee: Decimal,
    /// How far from the last trade the best bid and ask lie, a fraction: what taking costs beside
    /// the fee, each way.
    pub slippage: Decimal,
    /// From us to the venue, and the same back.
    pub latency: Span,
    /// At most so much more, drawn anew for each message.
    pub jitter: Span,
    /// Seed of what is drawn.
    pub seed: u64,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            maker_fee: Decimal::new(2, 4),
            taker_fee: Decimal::new(5, 4),
            slippage: Decimal::new(1, 4),
            latency: Span::from_millis(50),
            jitter: Span::ZERO,
            seed: 1,
        }
    }
}

/// Delays, one after the other.
#[derive(Debug)]
pub(crate) struct Delays {
    latency: Span,
    jitter: Span,
    rng: SplitMix64,
}

impl Delays {
    /// The delays of one trial: the same for the same number.
    pub(crate) const fn new(costs: &Costs, trial: u64) -> Self {
        // A constant of SplitMix64 keeps neighbouring trials apart.
        let seed = costs.seed ^ trial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self {
            latency: costs.latency,
            jitter: costs.jitter,
            rng: SplitMix64::new(seed),
        }
    }

    pub(crate) fn next(&mut self) -> Span {
        let more = self.rng.between(0, self.jitter.micros());
        Span::from_micros(self.latency.micros().saturating_add(more))
    }
}
