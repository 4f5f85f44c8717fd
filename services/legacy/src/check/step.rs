//! The smallest step that is worth an order.

use domain::{Price, Ratio, Side};
use rust_decimal::Decimal;

/// A level that moves by less than this is left where it is: 0.1 %, against churn.
pub const REPLACE_STEP_MIN: Ratio = Ratio::new(Decimal::from_parts(1, 0, 0, false, 3));

/// Whether `candidate` is enough tighter than `current` to be worth an order.
#[must_use]
pub fn is_worth_moving(side: Side, candidate: Price, current: Price) -> bool {
    side.is_tighter(candidate, current) && is_moved(candidate, current)
}

/// Whether two levels differ enough to be worth an order.
#[must_use]
pub fn is_moved(candidate: Price, current: Price) -> bool {
    let step = current.get().checked_mul(REPLACE_STEP_MIN.get());
    let moved = (candidate.get() - current.get()).abs();
    step.is_some_and(|step| moved >= step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::price;

    #[test]
    fn a_level_moves_only_for_a_tenth_of_a_percent_and_only_to_the_tighter_side() {
        let (long, short) = (Side::Long, Side::Short);
        for (side, candidate, worth) in [
            (long, "1000.9", false),
            (long, "1001", true),
            (long, "990", false),
            (short, "999.1", false),
            (short, "999", true),
            (short, "1010", false),
        ] {
            let found = is_worth_moving(side, price(candidate), price("1000"));
            assert_eq!(found, worth, "{side} {candidate}");
        }
    }
}
