//! `exitctl shadow`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::Span;
use rust_decimal::Decimal;

/// Longest period, hours: ten years.
const HOURS_MAX: i64 = 87_600;

/// What to do with the records of a SHADOW run.
#[derive(Debug, Subcommand)]
pub enum Shadow {
    /// The brain against the incumbents, and whether it may be promoted. 0 PROMOTE, 3 HOLD or
    /// INCONCLUSIVE, 1 where there are no records.
    Report(ShadowReport),
}

/// `shadow report`
#[derive(Debug, Args)]
pub struct ShadowReport {
    /// Only what is not older: `48h`, `90m`, `7d`.
    #[arg(long, default_value = "48h", value_parser = period)]
    pub since: Span,
    /// The folder that `records.dir` of diagnostics names, or one file of decisions.
    #[arg(long, env = "EXITCTL_RECORDS", default_value = ".run/records")]
    pub records: PathBuf,
    /// Write it there; stdout where it is left out.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Fee of an order that takes, basis points.
    #[arg(long, default_value = "5", value_parser = basis_points)]
    pub taker_bps: Decimal,
    /// Fee of a limit order that rested, basis points.
    #[arg(long, default_value = "2", value_parser = basis_points)]
    pub maker_bps: Decimal,
    /// How much worse than trigger or mark a market order fills, basis points.
    #[arg(long, default_value = "2", value_parser = basis_points)]
    pub slippage_bps: Decimal,
}

/// A period with its unit.
fn period(text: &str) -> Result<Span, String> {
    let wrong = || "use a whole number with m, h or d, as in 48h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let digits = text.strip_suffix(unit).ok_or_else(wrong)?;
    let minutes: i64 = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 60 * 24,
        _ => return Err(wrong()),
    };
    let number: u32 = digits.parse().map_err(|_| wrong())?;
    let minutes = i64::from(number).saturating_mul(minutes);
    if minutes == 0 || minutes > HOURS_MAX * 60 {
        return Err(format!("use more than 0 and at most {HOURS_MAX}h"));
    }
    Ok(Span::from_secs(minutes * 60))
}

/// Basis points as a fraction.
fn basis_points(text: &str) -> Result<Decimal, String> {
    let points: Decimal = text
        .parse()
        .map_err(|_| "use a number like 2.5".to_owned())?;
    if points < Decimal::ZERO || points > Decimal::ONE_HUNDRED {
        return Err("use 0 to 100 basis points".into());
    }
    Ok(points / Decimal::from(10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_a_unit_and_is_never_zero() {
        for (text, seconds) in [("90m", 5_400), ("48h", 172_800), ("7d", 604_800)] {
            assert_eq!(period(text), Ok(Span::from_secs(seconds)), "{text}");
        }
        for wrong in [
            "",
            "48",
            "h",
            "0h",
            "-1h",
            "1.5h",
            "2w",
            "100000h",
            "9999999999h",
            "é",
        ] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn basis_points_become_fractions() {
        assert_eq!(basis_points("2.5"), Ok(Decimal::new(25, 5)));
        for wrong in ["", "-1", "101", "x"] {
            assert!(basis_points(wrong).is_err(), "{wrong}");
        }
    }
}
