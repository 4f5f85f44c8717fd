//! Straight lines between two points, flat beyond them: the shape of every scaling.

use rust_decimal::Decimal;

use crate::num::Ratio;

/// The value at `x` on the line between two `(x, value)`, the left one first. A line without length
/// is a step.
pub(super) fn line(x: Decimal, left: (Ratio, Ratio), right: (Ratio, Ratio)) -> Ratio {
    if x >= right.0.get() {
        return right.1;
    }
    if x <= left.0.get() {
        return left.1;
    }
    let height = right.1.get().saturating_sub(left.1.get());
    let width = right.0.get().saturating_sub(left.0.get());
    let gone = x.saturating_sub(left.0.get());
    let risen = height.saturating_mul(gone).checked_div(width);
    Ratio::new(left.1.get().saturating_add(risen.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_flat_beyond_its_points_and_straight_between() {
        let at = |x: i64| {
            let (left, right) = (Ratio::basis_points(100), Ratio::basis_points(300));
            let line = line(Decimal::new(x, 4), (left, Ratio::ZERO), (right, Ratio::ONE));
            line.get().normalize()
        };
        assert_eq!(
            [50, 100, 150, 250, 300, 400].map(at),
            [
                Decimal::ZERO,
                Decimal::ZERO,
                Decimal::new(25, 2),
                Decimal::new(75, 2),
                Decimal::ONE,
                Decimal::ONE
            ]
        );
    }

    #[test]
    fn a_line_without_length_is_a_step() {
        let at = |x| line(x, (Ratio::ONE, Ratio::ZERO), (Ratio::ONE, Ratio::ONE));
        assert_eq!(at(Decimal::new(9, 1)), Ratio::ZERO);
        assert_eq!(at(Decimal::ONE), Ratio::ONE);
    }
}
