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
        if let Some(whole) = Whole::of(price, self.tick) {
            return whole.value.checked_div_euclid(whole.step);
        }
        let (scale, own) = (price.scale(), self.tick.scale());
        let (mut ticks, mut size) = (price.mantissa(), self.tick.mantissa());
        if scale < own {
            ticks = ticks.checked_mul(power_of_ten(own - scale)?)?;
        } else {
            size = size.checked_mul(power_of_ten(scale - own)?)?;
        }
        i64::try_from(ticks.checked_div_euclid(size)?).ok()
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// The largest multiple of `step` that is at most `value`: `floor(value / step) x step`, exact and
/// in its shortest form.
pub(crate) fn floor_to(value: Decimal, step: Decimal) -> Option<Decimal> {
    if let Some(whole) = Whole::of(value, step) {
        return whole.floor();
    }
    let rest = value.checked_rem(step)?;
    let floor = if rest < Decimal::ZERO {
        value - rest - step
    } else {
        value - rest
    };
    Some(floor.normalize())
}

/// Powers of ten that fit.
const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// A value and a step as whole numbers of one unit. The machine's own arithmetic is many times
/// faster than that of 96 bits, and nearly all prices and quantities fit.
struct Whole {
    value: i64,
    step: i64,
    /// Decimal places of the unit.
    scale: u32,
}

impl Whole {
    fn of(value: Decimal, step: Decimal) -> Option<Self> {
        let scale = value.scale().max(step.scale());
        let whole = |number: Decimal| {
            let units = i64::try_from(number.mantissa()).ok()?;
            let power = POWERS.get((scale - number.scale()) as usize)?;
            units.checked_mul(*power)
        };
        Some(Self {
            value: whole(value)?,
            step: whole(step)?,
            scale,
        })
    }

    fn floor(&self) -> Option<Decimal> {
        let rest = self.value.checked_rem_euclid(self.step)?;
        let (mut floor, mut scale) = (self.value.checked_sub(rest)?, self.scale);
        while scale > 0 && floor % 10 == 0 {
            (floor, scale) = (floor / 10, scale - 1);
        }
        Some(Decimal::new(floor, scale))
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

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

    /// Beyond what the machine's integers hold too.
    #[test]
    fn values_are_floored_to_their_step_and_come_in_the_shortest_form() {
        for (value, step, floor) in [
            ("50000.19999999", "0.1", "50000.1"),
            ("50000.00", "0.10", "50000"),
            ("1230.9", "10", "1230"),
            ("0.04", "0.1", "0"),
            ("-0.05", "0.1", "-0.1"),
            ("0.1234567890123456789012345678", "0.001", "0.123"),
            (
                "79228162514264337593543950335",
                "10",
                "79228162514264337593543950330",
            ),
            (
                "7922816251426433759354395.0335",
                "0.01",
                "7922816251426433759354395.03",
            ),
            ("-0.1234567890123456789012345678", "0.001", "-0.124"),
        ] {
            let floored = floor_to(dec(value), dec(step)).map(|it| it.to_string());
            assert_eq!(floored.as_deref(), Some(floor), "{value} by {step}");
        }
        assert_eq!(floor_to(dec("1.5"), Decimal::ZERO), None);
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
