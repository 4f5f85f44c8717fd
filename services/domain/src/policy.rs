//! Every number that shapes a plan or a decision, in one place, with the ruled defaults.

use alloc::vec::Vec;
use core::fmt;
use rust_decimal::Decimal;

use crate::ids::stable_hash;
use crate::market::Regime;
use crate::num::{MarginPct, PricePct, Ratio};
use crate::signal::RiskMode;
use crate::time::Span;

/// Factors of one regime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegimeFactors {
    /// On the take-profit target.
    pub target: Ratio,
    /// On the stop distance.
    pub stop: Ratio,
    /// Whether the last leg may trail.
    pub trailing: bool,
}

/// One step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LadderStep {
    /// Distance in multiples of the take-profit target.
    pub multiple: Ratio,
    /// Share of the initial quantity.
    pub size: Ratio,
    /// How the step closes.
    pub close: StepClose,
}

/// How a step of the ladder closes its share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepClose {
    /// A resting reduce-only limit.
    Limit,
    /// A market order when the mark crosses.
    Market,
    /// It trails; a limit where the regime forbids trailing.
    Trail,
}

/// When the trailing leg begins to trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailActivation {
    /// At this share of the first target's distance.
    OfFirstTarget(Ratio),
    /// At this multiple of the take-profit target.
    TargetMultiple(Ratio),
}

/// The rules' numbers. `Default` is what ships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Take-profit target without a hint: 3 %.
    pub base_target: Ratio,
    /// Stop distance without a hint: 2.5 %.
    pub base_stop: Ratio,
    /// Trailing distance without a hint: 1.5 %.
    pub base_trail: Ratio,
    /// Below this confidence a target hint is dropped, and a stop hint may only tighten: 0.5.
    pub hint_confidence_min: Ratio,
    /// Confidence of a plan without a hint: 0.75.
    pub default_confidence: Ratio,
    /// Smallest and largest target: 1.5 % to 15 %.
    pub target_bounds: (Ratio, Ratio),
    /// Smallest and largest stop distance: 1 % to 5 %.
    pub stop_bounds: (Ratio, Ratio),
    /// Factor on both distances in CONSERVATIVE: 0.7.
    pub conservative: Ratio,
    /// Factor on both distances in CRITICAL: 0.5.
    pub critical: Ratio,
    /// Factors of VOLATILE: 1.2 / 1.2, no trailing.
    pub volatile: RegimeFactors,
    /// Factors of TRENDING: 1.5 / 0.8.
    pub trending: RegimeFactors,
    /// Factors of RANGE_BOUND: 0.8 / 0.8, no trailing.
    pub range_bound: RegimeFactors,
    /// 25 % at 0.5, 25 % at 1, 50 % trailing with a nominal target of 2.
    pub ladder: Vec<LadderStep>,
    /// Half of the first target.
    pub trail_activation: TrailActivation,
    /// How long a plan is valid: 24 h.
    pub plan_valid: Span,
    /// Profit at which the stop goes to breakeven: above 1.5 % of price.
    pub breakeven_trigger: PricePct,
    /// The venue's taker fee per side: 0.05 %.
    pub taker_fee: Ratio,
    /// On top of both fees at breakeven: nothing.
    pub breakeven_buffer: Ratio,
    /// Profit at which the stop trails without a trailing leg: above 3 % of price.
    pub trail_trigger: PricePct,
    /// Smallest improvement worth a new stop or target order: 0.1 % of the old level.
    pub replace_step_min: Ratio,
    /// Largest loss per trade as a share of margin: 10 %.
    pub margin_loss_max: Ratio,
    /// A maximum-loss floor nearer than this can't be held: 0.2 % of price.
    pub stop_distance_min: Ratio,
    /// Leverage assumed where the venue doesn't tell: the strictest, 125.
    pub unknown_leverage: Decimal,
    /// Profit lock: from +10 % of margin on.
    pub profit_lock_trigger: MarginPct,
    /// Where the profit lock puts the stop: 0.2 % beyond entry.
    pub profit_lock_offset: Ratio,
    /// Crash rule: below -5 % of margin in a crash.
    pub crash_loss: MarginPct,
    /// Age rule: older than 48 h ...
    pub age_max: Span,
    /// ... and below -2 % of margin.
    pub age_loss: MarginPct,
    /// Loss guard: at -12.5 % of margin.
    pub loss_guard: MarginPct,
    /// A stop reached by the mark but not filled after this long is closed at market: 1.5 s.
    pub stop_grace: Span,
    /// A tick older than this is no price to decide by: 5 s.
    pub tick_age_max: Span,
}

impl Default for Policy {
    fn default() -> Self {
        let factors = |target, stop, trailing| RegimeFactors {
            target: Ratio::new(Decimal::new(target, 1)),
            stop: Ratio::new(Decimal::new(stop, 1)),
            trailing,
        };
        Self {
            base_target: Ratio::basis_points(300),
            base_stop: Ratio::basis_points(250),
            base_trail: Ratio::basis_points(150),
            hint_confidence_min: Ratio::basis_points(5_000),
            default_confidence: Ratio::basis_points(7_500),
            target_bounds: (Ratio::basis_points(150), Ratio::basis_points(1_500)),
            stop_bounds: (Ratio::basis_points(100), Ratio::basis_points(500)),
            conservative: Ratio::basis_points(7_000),
            critical: Ratio::basis_points(5_000),
            volatile: factors(12, 12, false),
            trending: factors(15, 8, true),
            range_bound: factors(8, 8, false),
            ladder: default_ladder(),
            trail_activation: TrailActivation::OfFirstTarget(Ratio::basis_points(5_000)),
            plan_valid: Span::from_secs(24 * 3_600),
            breakeven_trigger: PricePct::new(Decimal::new(15, 1)),
            taker_fee: Ratio::basis_points(5),
            breakeven_buffer: Ratio::ZERO,
            trail_trigger: PricePct::new(Decimal::new(3, 0)),
            replace_step_min: Ratio::basis_points(10),
            margin_loss_max: Ratio::basis_points(1_000),
            stop_distance_min: Ratio::basis_points(20),
            unknown_leverage: Decimal::new(125, 0),
            profit_lock_trigger: MarginPct::new(Decimal::new(10, 0)),
            profit_lock_offset: Ratio::basis_points(20),
            crash_loss: MarginPct::new(Decimal::new(-5, 0)),
            age_max: Span::from_secs(48 * 3_600),
            age_loss: MarginPct::new(Decimal::new(-2, 0)),
            loss_guard: MarginPct::new(Decimal::new(-125, 1)),
            stop_grace: Span::from_millis(1_500),
            tick_age_max: Span::from_secs(5),
        }
    }
}

fn default_ladder() -> Vec<LadderStep> {
    let step = |multiple, size, close| LadderStep {
        multiple: Ratio::basis_points(multiple),
        size: Ratio::basis_points(size),
        close,
    };
    alloc::vec![
        step(5_000, 2_500, StepClose::Limit),
        step(10_000, 2_500, StepClose::Limit),
        step(20_000, 5_000, StepClose::Trail),
    ]
}

impl Policy {
    /// Factors of `regime`; 1 and trailing where the table has no row.
    #[must_use]
    pub const fn regime(&self, regime: Regime) -> RegimeFactors {
        match regime {
            Regime::Volatile => self.volatile,
            Regime::Trending => self.trending,
            Regime::RangeBound => self.range_bound,
            Regime::Normal | Regime::Chop | Regime::Crash => RegimeFactors {
                target: Ratio::ONE,
                stop: Ratio::ONE,
                trailing: true,
            },
        }
    }

    /// Factor of `mode` on both distances.
    #[must_use]
    pub const fn risk(&self, mode: RiskMode) -> Ratio {
        match mode {
            RiskMode::Normal => Ratio::ONE,
            RiskMode::Conservative => self.conservative,
            // Moot for the emergency, which closes at once; the strictest all the same.
            RiskMode::Critical | RiskMode::EssActive => self.critical,
        }
    }

    /// Distance from entry at which a close costs nothing: both taker fees and the buffer.
    #[must_use]
    pub fn breakeven_offset(&self) -> Ratio {
        Ratio::new(self.taker_fee.get() + self.taker_fee.get() + self.breakeven_buffer.get())
    }

    /// Farthest stop that keeps the loss within the share of margin: `margin_loss_max / leverage`.
    #[must_use]
    pub fn floor_distance(&self, leverage: Decimal) -> Ratio {
        Ratio::new(self.margin_loss_max.get() / leverage.max(Decimal::ONE))
    }

    /// Stable hash over every number, to tell two policies apart.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut hasher = Fnv(stable_hash(&[]));
        // The derived text names every field and value; writing into the hash can't fail.
        let written = fmt::Write::write_fmt(&mut hasher, format_args!("{self:?}"));
        debug_assert!(written.is_ok());
        hasher.0
    }
}

/// FNV-1a as a text sink.
pub(crate) struct Fnv(pub(crate) u64);

impl fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = text.bytes().fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_number_changes_the_hash() {
        let policy = Policy::default();
        let changed = Policy {
            base_stop: Ratio::basis_points(251),
            ..policy.clone()
        };
        assert_eq!(policy.hash(), Policy::default().hash());
        assert_ne!(policy.hash(), changed.hash());
    }

    #[test]
    fn the_floor_keeps_the_loss_within_its_share_of_margin() {
        let policy = Policy::default();
        assert_eq!(
            policy.floor_distance(Decimal::TEN),
            Ratio::basis_points(100)
        );
        assert_eq!(
            policy.floor_distance(Decimal::ZERO),
            Ratio::basis_points(1_000)
        );
    }

    #[test]
    fn the_ladder_closes_everything_exactly_once() {
        let total: Decimal = Policy::default()
            .ladder
            .iter()
            .map(|step| step.size.get())
            .sum();
        assert_eq!(total, Decimal::ONE);
    }
}
