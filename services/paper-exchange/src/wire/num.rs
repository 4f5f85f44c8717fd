//! Decimals as texts.

use rust_decimal::Decimal;

/// Money decimals on REST answers.
pub(super) const MONEY: u32 = 8;

/// Without trailing zeros: how events print.
pub(super) fn plain(value: Decimal) -> String {
    value.round_dp(10).normalize().to_string()
}

/// With exactly this many decimals: how REST answers print.
pub(super) fn pad(value: Decimal, decimals: u32) -> String {
    let mut value = value.round_dp(decimals);
    value.rescale(decimals);
    value.to_string()
}

/// With the eight decimals of money.
pub(super) fn money(value: Decimal) -> String {
    pad(value, MONEY)
}
