//! Numbers of the decisions: stops and the ways out.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::num::{MarginPct, PricePct, Ratio};
use crate::time::Span;

/// The working stop and the floor under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stops {
    /// Largest loss per trade as a share of margin: 10 %.
    pub margin_loss_max: Ratio,
    /// A maximum-loss floor nearer than this can't be held: 0.2 % of price.
    pub distance_min: Ratio,
    /// Smallest improvement worth a new stop or target order: 0.1 % of the old level.
    pub replace_step_min: Ratio,
    /// Whether a filled target tightens the stop.
    pub ratchet: bool,
    /// A stop reached by the mark but not filled after this long is closed at market: 1.5 s.
    pub grace: Span,
    /// A tick older than this is no price to decide by: 5 s.
    pub tick_age_max: Span,
}

impl Default for Stops {
    fn default() -> Self {
        Self {
            margin_loss_max: Ratio::basis_points(1_000),
            distance_min: Ratio::basis_points(20),
            replace_step_min: Ratio::basis_points(10),
            ratchet: true,
            grace: Span::from_millis(1_500),
            tick_age_max: Span::from_secs(5),
        }
    }
}

/// The stop at entry (T19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breakeven {
    /// Profit above which the stop goes there: 1.5 % of price.
    pub trigger_pct: PricePct,
    /// Added to both taker fees: nothing.
    pub buffer: Ratio,
    /// The exact entry price, without fees: a test mode.
    pub exact_entry: bool,
}

impl Default for Breakeven {
    fn default() -> Self {
        Self {
            trigger_pct: PricePct::new(Decimal::new(15, 1)),
            buffer: Ratio::ZERO,
            exact_entry: false,
        }
    }
}

/// The stop beyond entry once enough profit was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfitLock {
    /// Profit above which it is locked: 10 % of margin (T03).
    pub trigger_margin_pct: MarginPct,
    /// Where the stop goes: 0.2 % beyond entry, or breakeven where that is farther.
    pub offset: Ratio,
}

impl Default for ProfitLock {
    fn default() -> Self {
        Self {
            trigger_margin_pct: MarginPct::new(Decimal::TEN),
            offset: Ratio::basis_points(20),
        }
    }
}

/// The stop behind the price where no leg of the plan trails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trailing {
    /// Profit above which it trails: 3 % of price (behaviour 10.10).
    pub trigger_pct: PricePct,
}

impl Default for Trailing {
    fn default() -> Self {
        Self {
            trigger_pct: PricePct::new(Decimal::new(3, 0)),
        }
    }
}

/// The ways out; percents are of margin (T03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// Crash rule: below -5 % in a crash.
    pub crash_margin_pct: MarginPct,
    /// Age rule: open for more than 48 h ...
    pub age_max: Span,
    /// ... and below -2 %.
    pub age_margin_pct: MarginPct,
    /// Loss guard: at -12.5 % or below.
    pub loss_guard_margin_pct: MarginPct,
}

impl Default for Emergency {
    fn default() -> Self {
        Self {
            crash_margin_pct: MarginPct::new(Decimal::new(-5, 0)),
            age_max: Span::from_hours(48),
            age_margin_pct: MarginPct::new(Decimal::new(-2, 0)),
            loss_guard_margin_pct: MarginPct::new(Decimal::new(-125, 1)),
        }
    }
}
