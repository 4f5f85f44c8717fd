//! What a round trip costs: the floor under every target.

use alloc::format;
use alloc::string::String;
use rust_decimal::Decimal;

use super::build::PlanInputs;
use super::steps::{OFF, rounded};
use super::words::Percent;
use crate::num::Ratio;
use crate::policy::Policy;

/// Nearest distance at which a target earns something, and what it is made of.
#[derive(Debug, Clone)]
pub(super) struct Floor {
    /// Nothing where the step is off.
    pub(super) distance: Ratio,
    /// For people.
    pub(super) note: String,
}

/// `2 x taker fee + spread + what this side pays in funding`. A measured spread counts, else the
/// policy's. A funding rate above 0 is paid by longs, one below 0 by shorts; what the other side
/// receives lowers nothing. Where a round trip costs more than the largest target brings, the floor
/// ends there: a target must stay a price.
pub(super) fn floor(inputs: &PlanInputs<'_>, policy: &Policy) -> Floor {
    let costs = policy.costs;
    if !costs.enabled {
        return Floor {
            distance: Ratio::ZERO,
            note: OFF.into(),
        };
    }
    let context = inputs.context;
    let fees = costs.taker_fee.get().saturating_mul(Decimal::TWO);
    let spread = context.spread.unwrap_or(costs.spread_default);
    let rate = context.funding_rate.unwrap_or_default().get();
    let paid = (rate * inputs.position.key.side.sign()).max(Decimal::ZERO);
    let funding = paid.saturating_mul(Decimal::from(costs.fundings));
    let sum = fees.saturating_add(spread.get()).saturating_add(funding);
    let round_trip = rounded(Ratio::new(sum));
    let distance = round_trip.min(policy.bounds.target_max);
    let [all, fees, funding] = [round_trip, Ratio::new(fees), Ratio::new(funding)].map(Percent);
    let spread = match context.spread {
        Some(measured) => format!("spread {}", Percent(measured)),
        None => format!("assumed spread {}", Percent(spread)),
    };
    let mut note = format!("floor {all} = fees {fees} + {spread} + funding {funding}");
    if distance < round_trip {
        note += &format!(", cut to {}", Percent(distance));
    }
    Floor { distance, note }
}
