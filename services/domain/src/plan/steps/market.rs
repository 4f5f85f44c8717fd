//! What the market does to the distances.

use alloc::format;
use alloc::string::String;
use rust_decimal::Decimal;

use super::line::line;
use super::{OFF, both, both_words, scaled};
use crate::market::ContextSource;
use crate::num::Ratio;
use crate::plan::build::PlanInputs;
use crate::plan::words::{Factor, Percent};
use crate::policy::{Distances, Policy};

/// Each distance by the regime's own factor (T01).
pub(super) fn regime(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    from: Distances,
) -> (Distances, String) {
    let regime = inputs.context.regime;
    let row = policy.regime(regime);
    let after = Distances {
        target: scaled(from.target, row.target),
        stop: scaled(from.stop, row.stop),
        ..from
    };
    let (target, stop) = (Factor(row.target), Factor(row.stop));
    let trailing = if row.trailing { "" } else { ", no trailing" };
    let note = format!("{regime}: target {target}, stop {stop}{trailing}");
    (after, note)
}

/// Both distances grow with measured volatility where the regime does not speak for it (M088).
pub(super) fn volatility(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    from: Distances,
) -> (Distances, String) {
    let scaling = policy.volatility;
    let context = inputs.context;
    if !scaling.enabled {
        return (from, OFF.into());
    }
    if context.source == ContextSource::Default {
        return (from, "not measured".into());
    }
    let measured = context.volatility;
    if policy.regime(context.regime).prices_volatility {
        let (measured, regime) = (Percent(measured), context.regime);
        let note = format!("{measured} a day: {regime} speaks for it already");
        return (from, note);
    }
    let low = (scaling.low, scaling.low_factor);
    let reference = (scaling.reference, Ratio::ONE);
    let high = (scaling.high, scaling.high_factor);
    let factor = if measured <= scaling.reference {
        line(measured.get(), low, reference)
    } else {
        line(measured.get(), reference, high)
    };
    let note = format!("{} a day: {}", Percent(measured), both_words(factor));
    (both(from, factor), note)
}

/// With the trend the target goes farther, against it the stop comes nearer, in proportion to its
/// strength (M089).
pub(super) fn trend(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    from: Distances,
) -> (Distances, String) {
    let alignment = policy.trend;
    if !alignment.enabled {
        return (from, OFF.into());
    }
    let trend = inputs.context.trend;
    let strength = trend.clamp(Decimal::NEGATIVE_ONE, Decimal::ONE);
    let along = strength * inputs.position.key.side.sign();
    let words = format!("trend {}", trend.normalize());
    if along.is_zero() {
        return (from, "no trend".into());
    }
    if along > Decimal::ZERO {
        let factor = weighted(alignment.target_with, along);
        let target = scaled(from.target, factor);
        let note = format!("{words}, with it: target {}", Factor(factor));
        return (Distances { target, ..from }, note);
    }
    let factor = weighted(alignment.stop_against, along);
    let stop = scaled(from.stop, factor);
    let note = format!("{words}, against it: stop {}", Factor(factor));
    (Distances { stop, ..from }, note)
}

/// `1 + weight x along`: above 1 along the trend, below 1 against it.
fn weighted(weight: Ratio, along: Decimal) -> Ratio {
    let change = weight.get().saturating_mul(along);
    Ratio::new(Decimal::ONE.saturating_add(change))
}
