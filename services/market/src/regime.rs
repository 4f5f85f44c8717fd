//! Which regime holds: the first rule that matches, kept while the measures stay near.
//!
//! - The crash rule comes first. It has no band: what it permits is an exit at the market, and for
//!   that the full 5 % is asked.
//! - Then `domain::market::regime_of`: volatility above 4 % VOLATILE, |trend| above 0.6 TRENDING,
//!   volatility below 1.5 % RANGE_BOUND, else NORMAL (T01).
//! - CHOP splits NORMAL, and only that: rougher than RANGE_BOUND, calmer than VOLATILE, without a
//!   trend, and 13 or more of at most 18 changes of direction, where a random walk has nine and one
//!   walk in twenty has 13. In May 2025 it was between one in twenty and one in ten of the minutes
//!   that would be NORMAL.
//! - A regime is entered at exactly these numbers, and left by a tenth beyond them: each change
//!   makes a new plan, and a market that rests on a threshold must not make one with each mark.

use domain::Ratio;
use domain::market::{Regime, regime_of};
use rust_decimal::Decimal;

use crate::context::Measured;

/// Changes of direction that make CHOP of NORMAL.
pub const CHOP_TURNS: usize = 13;
/// Changes of direction that keep it: a minute that passes takes one turn off and adds one, and the
/// one that forms adds or takes one.
pub const CHOP_TURNS_KEPT: usize = 11;
/// How far beyond its threshold a regime is left, percent of the measure: VOLATILE at 3.64 %,
/// TRENDING at 0.545, RANGE_BOUND at 1.67 %.
const BAND: i64 = 10;

/// The regime that follows `held`.
#[must_use]
pub fn settle(held: Regime, measured: &Measured) -> Regime {
    if measured.crash {
        return Regime::Crash;
    }
    let settled = if first_match(&favoured(held, measured)) == held {
        held
    } else {
        first_match(measured)
    };
    let turns = if held == Regime::Chop {
        CHOP_TURNS_KEPT
    } else {
        CHOP_TURNS
    };
    if settled == Regime::Normal && measured.turns >= turns {
        return Regime::Chop;
    }
    settled
}

fn first_match(measured: &Measured) -> Regime {
    regime_of(measured.volatility, measured.trend)
}

/// The measure that `held` depends on, moved into its favour by the band.
fn favoured(held: Regime, measured: &Measured) -> Measured {
    let more = Decimal::new(100 + BAND, 2);
    let less = Decimal::new(100 - BAND, 2);
    let (mut volatility, mut trend) = (measured.volatility, measured.trend);
    match held {
        Regime::Volatile => volatility = volatility.times(Ratio::new(more)),
        Regime::Trending => trend *= more,
        Regime::RangeBound => volatility = volatility.times(Ratio::new(less)),
        Regime::Normal | Regime::Chop | Regime::Crash => {}
    }
    Measured {
        volatility,
        trend,
        ..*measured
    }
}

#[cfg(test)]
mod tests;
