//! Numbers that no run can mean: they are refused at the start, by name, so that no sum or product
//! of the venue comes near the limit of its decimals.

use rust_decimal::Decimal;

use super::{Config, ConfigError};

/// Largest wallet and largest notional of a level, USDT.
const MAX_MONEY: i64 = 1_000_000_000_000;
/// Largest fee, as a fraction.
const MAX_FEE: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
/// Widest funding rate, either way, as on the real venue.
const MAX_FUNDING: Decimal = Decimal::from_parts(3, 0, 0, false, 2);
/// Widest band of trigger prices, times the mark.
const MAX_TRIGGER: i64 = 1_000;
/// Longest time, ms (a year).
const MAX_MS: i64 = 31_536_000_000;

impl Config {
    /// Refuses numbers that are not plausible.
    pub(super) fn check_bounds(&self) -> Result<(), ConfigError> {
        let (zero, money) = (Decimal::ZERO, Decimal::from(MAX_MONEY));
        let trigger = Decimal::from(MAX_TRIGGER);
        let rules = &self.rules;
        for (key, value, least, most) in [
            ("wallet", self.wallet, zero, money),
            ("maker_fee", self.maker_fee, -MAX_FEE, MAX_FEE),
            ("taker_fee", self.taker_fee, -MAX_FEE, MAX_FEE),
            ("funding_rate", self.funding_rate, -MAX_FUNDING, MAX_FUNDING),
            ("level_notional", self.level_notional, zero, money),
            (
                "trigger_multiplier_up",
                rules.trigger_multiplier_up,
                zero,
                trigger,
            ),
            (
                "trigger_multiplier_down",
                rules.trigger_multiplier_down,
                zero,
                trigger,
            ),
        ] {
            within(key, value, least, most)?;
        }
        for (key, value) in [
            ("funding_interval_ms", self.funding_interval_ms),
            ("gte_expiry_delay_ms", self.gte_expiry_delay_ms),
            ("gte_blind_ms", self.gte_blind_ms),
            ("engine_delay_ms", rules.engine_delay_ms),
            ("modify_busy_ms", rules.modify_busy_ms),
            ("window_ms", self.window_ms),
        ] {
            within(key, value, 0, MAX_MS)?;
        }
        Ok(())
    }
}

fn within<T: PartialOrd + ToString>(
    key: &'static str,
    value: T,
    least: T,
    most: T,
) -> Result<(), ConfigError> {
    if least <= value && value <= most {
        return Ok(());
    }
    Err(ConfigError::Implausible {
        key,
        value: value.to_string(),
        least: least.to_string(),
        most: most.to_string(),
    })
}
