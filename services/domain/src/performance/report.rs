//! What the tracker says: counts, rates and a recommendation for each leg.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::ids::{NameError, Symbol};
use crate::market::Regime;
use crate::num::Ratio;
use crate::time::{Span, Timestamp};

/// Judged targets without which a rate says nothing.
pub const SAMPLE_MIN: u64 = 20;
/// TP1 hit less often than this should be nearer, percent (behaviour 7.4).
const FIRST_LOW: u64 = 30;
/// TP1 hit more often than this can be farther, percent (behaviour 7.4).
const FIRST_HIGH: u64 = 80;
/// TP3 hit less often than this should be nearer, percent (behaviour 7.4).
const THIRD_LOW: u64 = 10;

/// What the hit rate of a leg suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Recommendation {
    /// Fewer than [`SAMPLE_MIN`] targets are judged.
    #[default]
    TooFew,
    /// As it should be.
    Fine,
    /// Hit too seldom: nearer.
    Tighten,
    /// Hit nearly always: farther.
    Widen,
}

impl Recommendation {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::TooFew, "too few"),
        (Self::Fine, "fine"),
        (Self::Tighten, "tighten"),
        (Self::Widen, "widen"),
    ];
}

impl fmt::Display for Recommendation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = Self::ALL.iter().find(|(known, _)| known == self);
        f.write_str(row.map_or("", |row| row.1))
    }
}

impl FromStr for Recommendation {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let row = Self::ALL.iter().find(|(_, name)| *name == text);
        row.map(|(known, _)| *known).ok_or_else(|| NameError {
            what: "recommendation",
            text: text.into(),
            why: "use too few, fine, tighten or widen",
        })
    }
}

/// What `hit` of `judged` targets of leg number `leg` suggest (behaviour 7.4): only TP1 and TP3
/// have thresholds.
#[must_use]
pub fn recommend(leg: u8, hit: u64, judged: u64) -> Recommendation {
    if judged < SAMPLE_MIN {
        return Recommendation::TooFew;
    }
    let share = u128::from(hit) * 100;
    let of = |percent: u64| u128::from(judged) * u128::from(percent);
    match leg {
        1 if share < of(FIRST_LOW) => Recommendation::Tighten,
        1 if share > of(FIRST_HIGH) => Recommendation::Widen,
        3 if share < of(THIRD_LOW) => Recommendation::Tighten,
        _ => Recommendation::Fine,
    }
}

/// The targets of one leg number of one strategy in one regime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPerformance {
    /// The trading strategy, `unknown` where the plans name none.
    pub strategy: String,
    /// The regime that the last plan before hit or end was made for.
    pub regime: Regime,
    /// Number in the plan, from 1.
    pub leg: u8,
    /// Hit, missed, and those of lives that go on.
    pub planned: u64,
    /// Filled to the end.
    pub hit: u64,
    /// Not filled when the life ended.
    pub missed: u64,
    /// Missed, and reached by the mark within [`super::PREMATURE_WINDOW`] after the end.
    pub premature: u64,
    /// Hit of hit and missed, 0 to 1; none before any is judged.
    pub hit_rate: Option<Ratio>,
    /// How much worse than planned they were filled, as a fraction of the planned price, weighted
    /// by quantity; below 0 where better. None where no price is known.
    pub slippage: Option<Ratio>,
    /// Mean time from opening to hit.
    pub time_to_hit: Option<Span>,
    /// What the hit rate suggests.
    pub recommendation: Recommendation,
}

/// All targets of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolPerformance {
    /// Contract.
    pub symbol: Symbol,
    /// By strategy, regime and leg.
    pub targets: Vec<TargetPerformance>,
    /// Since when it is counted.
    pub since: Timestamp,
    /// When it was said.
    pub at: Timestamp,
}
