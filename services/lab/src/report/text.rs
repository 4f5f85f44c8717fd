//! Numbers as people read them.

use domain::Span;
use rust_decimal::Decimal;

/// Two decimals, the thousands apart: `-1,234.50`.
#[must_use]
pub fn money(value: Decimal) -> String {
    let mut rounded = value.round_dp(2);
    rounded.rescale(2);
    let text = rounded.abs().to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if rounded < Decimal::ZERO { "-" } else { "" };
    format!("{sign}{grouped}.{cents}")
}

/// `0.256` is `25.6 %`.
#[must_use]
pub fn percent(share: Decimal) -> String {
    let mut percent = (share * Decimal::ONE_HUNDRED).round_dp(1);
    percent.rescale(1);
    format!("{percent} %")
}

/// `6 h 12 min`, `3 d 4 h`, `40 s`.
#[must_use]
pub fn span(span: Span) -> String {
    let seconds = span.millis() / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if days > 0 {
        format!("{days} d {} h", hours % 24)
    } else if hours > 0 {
        format!("{hours} h {} min", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes} min")
    } else {
        format!("{seconds} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let dec = |text: &str| -> Decimal { text.parse().unwrap() };
        assert_eq!(money(dec("-1234567.895")), "-1,234,567.90");
        assert_eq!(money(dec("0.001")), "0.00");
        assert_eq!(money(dec("-0.001")), "0.00");
        assert_eq!(money(dec("999")), "999.00");
        assert_eq!(percent(dec("-0.2564")), "-25.6 %");
        assert_eq!(span(Span::from_secs(100_000)), "1 d 3 h");
        assert_eq!(span(Span::from_secs(3_720)), "1 h 2 min");
        assert_eq!(span(Span::from_secs(59)), "59 s");
    }
}
