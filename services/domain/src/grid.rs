//! Prices as integer ticks, for whatever only compares them.

use rust_decimal::Decimal;

/// A grid of ticks. Exact: no price is rounded up, and none is approximated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    tick: Decimal,
}

impl Grid {
    /// Ticks of that size.
    ///
    /// `None` where it is not above zero.
    #[must_use]
    pub fn new(tick_size: Decimal) -> Option<Self> {
        let tick = tick_size.normalize();
        (tick > Decimal::ZERO).then_some(Self { tick })
    }

    /// How many whole ticks `price` is, rounded down; `None` where that is more than fits.
    #[must_use]
    pub fn floor(&self, price: Decimal) -> Option<i64> {
        let (scale, own) = (price.scale(), self.tick.scale());
        let (mut ticks, mut size) = (price.mantissa(), self.tick.mantissa());
        if scale < own {
            ticks = ticks.checked_mul(power_of_ten(own - scale)?)?;
        } else {
            size = size.checked_mul(power_of_ten(scale - own)?)?;
        }
        // The machine's own division is many times faster than that of 128 bits.
        if let (Ok(ticks), Ok(size)) = (i64::try_from(ticks), i64::try_from(size)) {
            return Some(ticks.div_euclid(size));
        }
        i64::try_from(ticks.div_euclid(size)).ok()
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn prices_are_counted_in_whole_ticks_rounded_down() {
        for (tick, price, ticks) in [
            ("0.1", "50000.19999999", 500_001),
            ("0.10", "50000.2", 500_002),
            ("0.00001", "1", 100_000),
            ("0.25", "100.74", 402),
            ("5", "14.9", 2),
            ("0.1", "-0.05", -1),
        ] {
            let floor = Grid::new(dec(tick)).unwrap().floor(dec(price));
            assert_eq!(floor, Some(ticks), "{price} by {tick}");
        }
    }

    #[test]
    fn more_ticks_than_fit_are_none() {
        let grid = Grid::new(dec("0.0000000001")).unwrap();
        assert_eq!(grid.floor(dec("79228162514.26")), None);
    }

    #[test]
    fn ticks_without_size_make_no_grid() {
        assert_eq!(Grid::new(Decimal::ZERO), None);
        assert_eq!(Grid::new(dec("-0.1")), None);
    }
}
