//! The curve's vectors (behaviour 3.13, S7).
#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;

fn ratio(text: &str) -> Ratio {
    Ratio::new(text.parse().unwrap())
}

#[test]
fn the_callback_tightens_with_the_profit() {
    let row = |from_r, callback| Tightening {
        from_r: ratio(from_r),
        callback: ratio(callback),
    };
    let curve = [row("2", "0.015"), row("4", "0.01"), row("6", "0.005")];
    for (earned_r, callback) in [
        ("-1", "0.02"),
        ("1.5", "0.02"),
        ("1.9999", "0.02"),
        ("2", "0.015"),
        ("3.5", "0.015"),
        ("3.9999", "0.015"),
        ("4", "0.01"),
        ("4.5", "0.01"),
        ("5.9999", "0.01"),
        ("6", "0.005"),
        ("10", "0.005"),
    ] {
        let found = tightened(ratio("0.02"), &curve, ratio(earned_r).get());
        assert_eq!(found, ratio(callback), "{earned_r} R");
    }
}

#[test]
fn without_a_curve_the_callback_stays() {
    assert_eq!(tightened(ratio("0.02"), &[], Decimal::TEN), ratio("0.02"));
}
