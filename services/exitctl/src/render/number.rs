//! Numbers for people.

use rust_decimal::Decimal;

/// Decimals of a percent: a distance is a few percent, and the grid of a price is finer than 0.01.
const DECIMALS: u32 = 2;

/// A fraction as a percentage: `0.025` is `2.50%`. What is no number stays as it is.
pub fn percent(fraction: &str) -> String {
    let Ok(value) = Decimal::from_str_exact(fraction) else {
        return fraction.into();
    };
    let mut percent = value
        .saturating_mul(Decimal::ONE_HUNDRED)
        .round_dp(DECIMALS);
    percent.rescale(DECIMALS);
    format!("{percent}%")
}

/// A fraction as a percentage that tells its side: `+1.50%`.
pub fn signed_percent(fraction: &str) -> String {
    let text = percent(fraction);
    if text.starts_with('-') {
        text
    } else {
        format!("+{text}")
    }
}

/// A plain number, to four decimals.
pub fn short(number: &str) -> String {
    Decimal::from_str_exact(number).map_or_else(
        |_| number.into(),
        |it| it.round_dp(4).normalize().to_string(),
    )
}

/// A length of time in its two largest units: `1h 2m`.
pub fn span(millis: i64) -> String {
    let seconds = millis.abs() / 1_000;
    let sign = if millis < 0 { "-" } else { "" };
    let units = [
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "m"),
        (60, "m", 1, "s"),
    ];
    match units.iter().find(|unit| seconds >= unit.0) {
        None => format!("{sign}{seconds}s"),
        Some((large, large_name, small, small_name)) => {
            let rest = seconds % large / small;
            format!("{sign}{}{large_name} {rest}{small_name}", seconds / large)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_read_as_percent() {
        for (fraction, plain, signed) in [
            ("0.03", "3.00%", "+3.00%"),
            ("-0.025", "-2.50%", "-2.50%"),
            ("0.00375", "0.38%", "+0.38%"),
            ("1", "100.00%", "+100.00%"),
            ("none", "none", "+none"),
        ] {
            assert_eq!(percent(fraction), plain);
            assert_eq!(signed_percent(fraction), signed);
        }
    }

    #[test]
    fn a_span_reads_in_its_two_largest_units() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m 0s"),
            (3_725, "1h 2m"),
            (90_061, "1d 1h"),
            (-61, "-1m 1s"),
        ] {
            assert_eq!(span(seconds * 1_000), text);
        }
    }
}
