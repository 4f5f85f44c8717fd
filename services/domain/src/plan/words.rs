//! How numbers read in the notes of a plan.

use core::fmt;
use rust_decimal::Decimal;

use super::{ExitLeg, LegKind};
use crate::num::Ratio;

/// Decimals of a percent or a factor that people are shown.
const DECIMALS: u32 = 4;

/// A fraction in percent, as short as it can be said: `0.025` reads `2.5%`.
pub(super) struct Percent(pub(super) Ratio);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.0.get().saturating_mul(Decimal::ONE_HUNDRED);
        write!(f, "{}%", percent.round_dp(DECIMALS).normalize())
    }
}

/// A factor: `0.8` reads `x0.8`.
pub(super) struct Factor(pub(super) Ratio);

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x{}", self.0.get().round_dp(DECIMALS).normalize())
    }
}

/// A leg in a few words: `25% limit at 1.5%`.
pub(super) struct Leg<'a>(pub(super) &'a ExitLeg);

impl fmt::Display for Leg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = Percent(self.0.size);
        let at = Percent(self.0.offset.unwrap_or_default());
        match self.0.kind {
            LegKind::TakeProfit => write!(f, "{size} limit at {at}"),
            LegKind::Partial => write!(f, "{size} market at {at}"),
            LegKind::Stop => write!(f, "stop at {at}"),
            LegKind::Emergency => f.write_str("everything at market, now"),
            LegKind::Trail => {
                let callback = Percent(self.0.callback.unwrap_or_default());
                write!(f, "{size} trails by {callback} from {at} on")
            }
        }
    }
}
