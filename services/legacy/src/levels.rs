//! From a distance to a level on the contract's grid, for the stops and targets of the incumbents.

use domain::instrument::Instrument;
use domain::{Price, Ratio, Side};
use rust_decimal::Decimal;

/// A constant distance, share or factor: `basis_points(150)` is 1.5 %.
pub(crate) const fn basis_points(points: u32) -> Ratio {
    Ratio::new(Decimal::from_parts(points, 0, 0, false, 4))
}

/// The trigger of a stop `distance` on the loss side of `from`, rounded to the tighter side. None
/// where that leaves no price above zero.
#[must_use]
pub fn stop_at(side: Side, from: Price, distance: Ratio, instrument: &Instrument) -> Option<Price> {
    let raw = from.offset(towards(side.opposite(), distance))?;
    instrument.round_stop(side, raw)
}

/// The limit price of a target `distance` on the profit side of `entry`, rounded towards entry.
/// None where that leaves no price above zero.
#[must_use]
pub fn target_at(
    side: Side,
    entry: Price,
    distance: Ratio,
    instrument: &Instrument,
) -> Option<Price> {
    let raw = entry.offset(towards(side, distance))?;
    instrument.round_target(side, raw)
}

/// The best price that a position has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Best(Option<Price>);

impl Best {
    /// Takes a mark in; the best price so far.
    pub fn reach(&mut self, side: Side, mark: Price) -> Price {
        // The better price of a position is the one at which its stop would be tighter.
        let best = self.0.map_or(mark, |best| side.tighter(mark, best));
        self.0 = Some(best);
        best
    }
}

fn towards(side: Side, distance: Ratio) -> Ratio {
    Ratio::new(distance.get() * side.sign())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{open, price};

    #[test]
    fn stops_round_to_the_tighter_side_and_targets_towards_entry() {
        let instrument = open(Side::Long).instrument;
        let entry = price("1000.04");
        for (side, stop, target) in [
            (Side::Long, "980.1", "1030"),
            (Side::Short, "1020", "970.1"),
        ] {
            let found = stop_at(side, entry, basis_points(200), &instrument);
            assert_eq!(found, Some(price(stop)), "stop {side}");
            let found = target_at(side, entry, basis_points(300), &instrument);
            assert_eq!(found, Some(price(target)), "target {side}");
        }
    }

    #[test]
    fn the_best_price_is_the_highest_for_a_long_and_the_lowest_for_a_short() {
        for (side, expected) in [
            (Side::Long, ["1000", "1010", "1010"]),
            (Side::Short, ["1000", "1000", "990"]),
        ] {
            let mut best = Best::default();
            let found = ["1000", "1010", "990"].map(|mark| best.reach(side, price(mark)));
            assert_eq!(found, expected.map(price), "{side}");
        }
    }

    #[test]
    fn a_distance_that_leaves_no_price_has_no_level() {
        let instrument = open(Side::Long).instrument;
        let whole = Ratio::ONE;
        assert_eq!(stop_at(Side::Long, price("5"), whole, &instrument), None);
        assert_eq!(target_at(Side::Short, price("5"), whole, &instrument), None);
        let largest = Price::new(Decimal::MAX).unwrap();
        assert_eq!(stop_at(Side::Short, largest, whole, &instrument), None);
    }
}
