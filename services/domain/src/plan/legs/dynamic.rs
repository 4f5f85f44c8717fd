//! Three targets from leverage, size, volatility, regime, confidence, volume and profit
//! (behaviour 3.6).

use alloc::format;
use alloc::string::String;
use rust_decimal::Decimal;

use super::{Draft, Frame, Set, profile};
use crate::market::{ContextSource, Regime};
use crate::num::Ratio;
use crate::plan::build::PlanInputs;
use crate::plan::steps::rounded;
use crate::policy::profile::Band;
use crate::policy::{DynamicTp, Policy, ProfileMode, StepClose};

/// Decimals of the leverage in a profile's name.
const LEVERAGE_DECIMALS: u32 = 2;

/// Factor on the baseline distances, and the sizes; a later rule's sizes replace an earlier one's.
struct Rules {
    factor: Ratio,
    sizes: [Ratio; 3],
}

impl Rules {
    fn scale(&mut self, factor: Ratio) {
        self.factor = Ratio::new(self.factor.get().saturating_mul(factor.get()));
    }

    fn resize(&mut self, factor: Ratio, sizes: [Ratio; 3]) {
        self.scale(factor);
        self.sizes = sizes;
    }
}

/// The dynamic targets, all HARD, in multiples of the stop; the static profile where the policy's
/// numbers allow none.
pub(super) fn set(frame: &Frame<'_>) -> Set {
    let numbers = &frame.policy.profiles.dynamic;
    let rules = rules(frame);
    let offsets = numbers
        .distances
        .map(|distance| offset(frame, numbers, distance, rules.factor));
    let [Some(first), Some(second), Some(third)] = offsets else {
        let set = profile::set(frame);
        let note = format!("no dynamic targets: {}", set.note);
        return Set { note, ..set };
    };
    let leg = |(offset, size)| frame.target(StepClose::Market, size, offset);
    let [one, two, three] = rules.sizes;
    let drafts: [Draft; 3] = [(first, one), (second, two), (third, three)].map(leg);
    let name = name(frame.inputs);
    Set {
        drafts: drafts.to_vec(),
        distances: frame.found,
        profile: Some(name.clone()),
        time_stop: None,
        note: name,
    }
}

fn name(inputs: &PlanInputs<'_>) -> String {
    let position = inputs.position;
    let leverage = position.leverage.round_dp(LEVERAGE_DECIMALS).normalize();
    format!("DYNAMIC_{}_{leverage}x", position.key.symbol)
}

/// Rules 1 to 7, in their order.
fn rules(frame: &Frame<'_>) -> Rules {
    let (inputs, policy) = (frame.inputs, frame.policy);
    let numbers = &policy.profiles.dynamic;
    let context = inputs.context;
    let mut rules = Rules {
        factor: Ratio::ONE,
        sizes: numbers.sizes,
    };
    rules.scale(banded(
        &numbers.leverage,
        Ratio::new(inputs.position.leverage),
    ));
    if frame.opened_notional() >= numbers.large_notional {
        rules.resize(numbers.large_factor, numbers.large_sizes);
    }
    let is_measured = context.source != ContextSource::Default && context.volatility > Ratio::ZERO;
    let volatility = if is_measured {
        context.volatility
    } else {
        numbers.volatility_default
    };
    rules.scale(banded(&numbers.volatility, volatility));
    match context.regime {
        Regime::Trending => rules.resize(numbers.trending_factor, numbers.trending_sizes),
        Regime::Volatile | Regime::RangeBound => rules.scale(numbers.rough_factor),
        Regime::Normal | Regime::Chop | Regime::Crash => {}
    }
    let told = inputs.hint.and_then(|hint| hint.signal_confidence);
    let confidence = told.unwrap_or(policy.hints.confidence_default);
    rules.scale(banded(&numbers.confidence, confidence));
    let is_thin = |volume| volume < numbers.thin_volume;
    if context.quote_volume_24h.is_some_and(is_thin) {
        rules.resize(numbers.thin_factor, numbers.thin_sizes);
    }
    if is_in_profit(inputs, policy) {
        rules.scale(numbers.profit_factor);
    }
    rules
}

/// Rule 7's condition, the only thing that the mark says to a dynamic plan beside its strategy.
pub(in crate::plan) fn is_in_profit(inputs: &PlanInputs<'_>, policy: &Policy) -> bool {
    let least = policy.profiles.dynamic.profit_margin_pct;
    let reached = |mark| inputs.position.pnl_pct_margin(mark) >= least;
    let is_dynamic = policy.profiles.mode == ProfileMode::Dynamic;
    is_dynamic && inputs.mark_price.is_some_and(reached)
}

/// The factor of a band: from `high` on, up to `low`, or none between.
fn banded(band: &Band, value: Ratio) -> Ratio {
    if value >= band.high {
        band.high_factor
    } else if value <= band.low {
        band.low_factor
    } else {
        Ratio::ONE
    }
}

/// Rule 8 and the conversion: `R = distance / max_loss`, times the plan's own stop.
fn offset(frame: &Frame<'_>, numbers: &DynamicTp, distance: Ratio, factor: Ratio) -> Option<Ratio> {
    let wanted = distance.get().checked_mul(factor.get())?;
    let least = numbers.distance_min.get();
    let bounded: Decimal = wanted.max(least).min(numbers.distance_max.get());
    let offset = bounded
        .checked_mul(frame.found.stop.get())?
        .checked_div(numbers.max_loss.get())?;
    Some(rounded(Ratio::new(offset)))
}
