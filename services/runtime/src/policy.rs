//! The rules' numbers: what ships, with the overrides of the settings' `[policy]` table.

use domain::policy::{Policy, StepClose, TrailActivation};
use domain::{MarginPct, PricePct, Ratio, Span};
use rust_decimal::Decimal;
use toml::{Table, Value};

use crate::ConfigError;

/// The shipped policy with `overrides` applied.
///
/// # Errors
/// [`ConfigError::Policy`] with every unknown key and unusable value at once.
pub fn build(overrides: &Table) -> Result<Policy, ConfigError> {
    let mut policy = Policy::default();
    let faults: Vec<String> = overrides
        .iter()
        .filter_map(|(key, value)| {
            let applied = apply(&mut policy, key, value);
            applied
                .err()
                .map(|why| format!("policy.{key} = {value}: {why}"))
        })
        .collect();
    if faults.is_empty() {
        Ok(policy)
    } else {
        Err(ConfigError::Policy(faults.join("; ")))
    }
}

fn apply(policy: &mut Policy, key: &str, value: &Value) -> Result<(), String> {
    if let Some(ratio) = ratio_of(policy, key) {
        *ratio = Ratio::new(within(value, Decimal::ZERO, Decimal::ONE)?);
        return Ok(());
    }
    match key {
        "breakeven_trigger_pct" => policy.breakeven_trigger = PricePct::new(percent(value)?),
        "trail_trigger_pct" => policy.trail_trigger = PricePct::new(percent(value)?),
        "profit_lock_trigger_pct" => policy.profit_lock_trigger = MarginPct::new(percent(value)?),
        "loss_guard_pct" => policy.loss_guard = MarginPct::new(-percent(value)?),
        "trail_activation_multiple" => {
            let multiple = within(value, Decimal::ZERO, Decimal::TEN)?;
            policy.trail_activation = TrailActivation::TargetMultiple(Ratio::new(multiple));
        }
        "first_leg_close" => {
            let close = leg_close(value)?;
            if let Some(step) = policy.ladder.first_mut() {
                step.close = close;
            }
        }
        "stop_grace_ms" => policy.stop_grace = Span::from_millis(milliseconds(value)?),
        "tick_age_max_ms" => policy.tick_age_max = Span::from_millis(milliseconds(value)?),
        _ => return Err("is no number of the policy; check the spelling".into()),
    }
    Ok(())
}

/// Fractions by their key.
fn ratio_of<'a>(policy: &'a mut Policy, key: &str) -> Option<&'a mut Ratio> {
    match key {
        "base_target" => Some(&mut policy.base_target),
        "base_stop" => Some(&mut policy.base_stop),
        "base_trail" => Some(&mut policy.base_trail),
        "hint_confidence_min" => Some(&mut policy.hint_confidence_min),
        "default_confidence" => Some(&mut policy.default_confidence),
        "conservative" => Some(&mut policy.conservative),
        "critical" => Some(&mut policy.critical),
        "taker_fee" => Some(&mut policy.taker_fee),
        "breakeven_buffer" => Some(&mut policy.breakeven_buffer),
        "replace_step_min" => Some(&mut policy.replace_step_min),
        "margin_loss_max" => Some(&mut policy.margin_loss_max),
        "stop_distance_min" => Some(&mut policy.stop_distance_min),
        "profit_lock_offset" => Some(&mut policy.profit_lock_offset),
        _ => None,
    }
}

fn decimal(value: &Value) -> Result<Decimal, String> {
    let text = value.as_str().ok_or("write it as a decimal in quotes")?;
    Decimal::from_str_exact(text).map_err(|error| format!("not a decimal number ({error})"))
}

fn within(value: &Value, low: Decimal, high: Decimal) -> Result<Decimal, String> {
    let number = decimal(value)?;
    let inside = low <= number && number <= high;
    if inside {
        Ok(number)
    } else {
        Err(format!("must lie in {low} to {high}"))
    }
}

fn percent(value: &Value) -> Result<Decimal, String> {
    within(value, Decimal::ZERO, Decimal::ONE_HUNDRED)
}

/// A minute at most: these are patience, not schedules.
fn milliseconds(value: &Value) -> Result<i64, String> {
    match value.as_integer() {
        Some(millis @ 1..=60_000) => Ok(millis),
        _ => Err("must be a whole number of milliseconds, 1 to 60000".into()),
    }
}

fn leg_close(value: &Value) -> Result<StepClose, String> {
    match value.as_str() {
        Some("limit") => Ok(StepClose::Limit),
        Some("market") => Ok(StepClose::Market),
        _ => Err("use \"limit\" or \"market\"".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn overrides_change_what_they_name_and_nothing_else() {
        let policy = build(&table("base_stop = \"0.02\"\nfirst_leg_close = \"market\"")).unwrap();
        assert_eq!(policy.base_stop, Ratio::basis_points(200));
        assert_eq!(policy.ladder[0].close, StepClose::Market);
        assert_eq!(build(&Table::new()).unwrap(), Policy::default());
    }

    #[test]
    fn every_fault_is_told_at_once_by_its_name() {
        let bad = table("base_stpo = \"0.02\"\ntaker_fee = \"2\"\nstop_grace_ms = 0");
        let told = build(&bad).unwrap_err().to_string();
        for name in [
            "policy.base_stpo",
            "policy.taker_fee",
            "policy.stop_grace_ms",
        ] {
            assert!(told.contains(name), "{told}");
        }
    }
}
