//! `CHALLENGE_100`: stop, target and trail of one trade's risk budget (behaviour 4.7).

use alloc::format;
use alloc::string::String;
use rust_decimal::Decimal;

use super::{Draft, Frame, Set};
use crate::num::Ratio;
use crate::plan::steps::{SCALE, rounded, scaled};
use crate::plan::words::Percent;
use crate::policy::{Challenge, Distances, StepClose};

/// The name of the set in plans.
const NAME: &str = "CHALLENGE_100";

/// The nearest stop, target and callback: a basis point. A truthful equity and the venue's highest
/// leverage, 125, give no nearer one; an untruthful one must not put them at the entry.
const DISTANCE_MIN: Ratio = Ratio::new(Decimal::from_parts(1, 0, 0, false, 4));

/// One target at 1R, the rest trails behind it, out when time runs out. 1R is money: what the
/// equity allows to lose. The policy's largest distances hold here too; its smallest ones don't,
/// they would risk more than 1R.
pub(super) fn set(frame: &Frame<'_>) -> Set {
    let challenge = frame.policy.profiles.challenge;
    let (one_r, budget) = one_r(frame, &challenge);
    let (stop, why) = first_stop(frame, &challenge, one_r);
    let nominal = scaled(one_r, challenge.target_r).max(DISTANCE_MIN);
    let nominal = nominal.min(frame.policy.bounds.target_max);
    let target = frame.target(StepClose::Market, challenge.target_size, nominal);
    let trail = scaled(atr(frame, &challenge), challenge.trail_atr);
    let trail = trail.max(DISTANCE_MIN).min(frame.policy.bounds.stop_max);
    let rest = Ratio::new(Decimal::ONE.saturating_sub(challenge.target_size.get()));
    Set {
        distances: Distances {
            target: target.offset,
            stop,
            trail,
        },
        drafts: alloc::vec![target.clone(), Draft::trail(rest, target.offset, trail)],
        profile: Some(NAME.into()),
        time_stop: Some(challenge.time_stop),
        note: format!("{NAME}, {budget}, stop by {why}"),
    }
}

/// 1R as a share of the entry price: `equity x risk / (entry x size)`, and its words. An equity of
/// nothing or less is none: the policy's own counts.
fn one_r(frame: &Frame<'_>, challenge: &Challenge) -> (Ratio, String) {
    let told = frame.inputs.equity.map(|equity| equity.get());
    let told = told.filter(|equity| *equity > Decimal::ZERO);
    let equity = told.unwrap_or(challenge.equity_default.get());
    let money = equity.saturating_mul(challenge.risk_per_trade.get());
    let share = money.checked_div(frame.opened_notional().get());
    let assumed = if told.is_some() { "" } else { "assumed " };
    let old = if told.is_some() && frame.inputs.is_equity_old {
        ", told long ago"
    } else {
        ""
    };
    let (money, equity) = (money.round_dp(2).normalize(), equity.normalize());
    let words = format!("1R {money} of {assumed}equity {equity}{old}");
    (rounded(Ratio::new(share.unwrap_or(Decimal::ONE))), words)
}

/// Average true range as a fraction of price; one of nothing was not measured.
fn atr(frame: &Frame<'_>, challenge: &Challenge) -> Ratio {
    let measured = frame.inputs.context.atr.filter(|atr| *atr > Ratio::ZERO);
    measured.unwrap_or(challenge.atr_default)
}

/// The nearest of: so many average true ranges, so much of 1R, before liquidation, the largest
/// stop; and which one it was.
fn first_stop(frame: &Frame<'_>, challenge: &Challenge, one_r: Ratio) -> (Ratio, String) {
    let atr = atr(frame, challenge);
    let leverage = frame.inputs.position.leverage.max(Decimal::ONE);
    let liquidation = Ratio::new((Decimal::ONE / leverage).trunc_with_scale(SCALE));
    let room = liquidation.get() - challenge.liquidation_buffer.get();
    // A leverage that leaves no room: as near as a stop can be held.
    let room = Ratio::new(room).max(frame.policy.stops.distance_min);
    let (ranges, budget) = (challenge.stop_atr, challenge.stop_r_max);
    let limits = [
        (
            scaled(atr, ranges),
            format!("{ranges} average true ranges of {}", Percent(atr)),
        ),
        (
            scaled(one_r, budget),
            format!("{budget}R of {}", Percent(one_r)),
        ),
        (
            room,
            format!("liquidation {} from entry", Percent(liquidation)),
        ),
        (frame.policy.bounds.stop_max, "the largest stop".into()),
    ];
    let nearest = limits.into_iter().min_by_key(|(distance, _)| *distance);
    let (distance, why) = nearest.unwrap_or_default();
    (distance.max(DISTANCE_MIN), why)
}
