//! `exitctl plan try`: what a plan is made from, typed by hand.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use domain::market::Regime;
use domain::signal::RiskMode;
use domain::{Money, Price, Qty, Ratio, Symbol};
use rust_decimal::Decimal;

use super::PlanSide;

/// Highest leverage that the venue grants.
const LEVERAGE_MAX: u8 = 125;
/// Largest price, as messages carry it; its inverse is the smallest.
const PRICE_MAX: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);
/// Smallest price: 1e-12.
const PRICE_MIN: Decimal = Decimal::from_parts(1, 0, 0, false, 12);
/// Largest quantity and amount, as messages carry them: 1e15.
const AMOUNT_MAX: Decimal = Decimal::from_parts(0xA4C6_8000, 0x3_8D7E, 0, false, 0);

/// `plan try`
#[derive(Debug, Args)]
pub struct Trial {
    #[command(flatten)]
    pub position: TrialPosition,
    #[command(flatten)]
    pub market: TrialMarket,
    #[command(flatten)]
    pub advice: TrialAdvice,
    #[command(flatten)]
    pub portfolio: TrialPortfolio,
    /// The policy file; without it, what ships.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// The position that the plan is for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Position")]
pub struct TrialPosition {
    /// The contract: `BTCUSDT`.
    #[arg(long, value_parser = symbol)]
    pub symbol: Symbol,
    /// Long or short.
    #[arg(long, value_enum)]
    pub side: PlanSide,
    /// Average price of the opening.
    #[arg(long, value_name = "PRICE", value_parser = price)]
    pub entry: Price,
    /// Quantity, base asset.
    #[arg(long, value_parser = qty)]
    pub qty: Qty,
    /// Times the margin, 1 to 125.
    #[arg(long, value_name = "TIMES", value_parser = leverage)]
    pub leverage: Decimal,
    /// The mark price; without it, nothing is known of the profit.
    #[arg(long, value_name = "PRICE", value_parser = price)]
    pub mark: Option<Price>,
}

/// What the market says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Market")]
pub struct TrialMarket {
    /// NORMAL, VOLATILE, TRENDING, RANGE_BOUND, CHOP or CRASH; without it, as volatility and trend
    /// make it.
    #[arg(long, value_parser = name::<Regime>)]
    pub regime: Option<Regime>,
    /// Of a day, a fraction; without it, not measured.
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    pub volatility: Option<Ratio>,
    /// -1 to 1.
    #[arg(long, value_parser = trend, allow_negative_numbers = true)]
    pub trend: Option<Decimal>,
    /// Average true range, a fraction of the price.
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    pub atr: Option<Ratio>,
    /// Best ask minus best bid, a fraction of the price.
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    pub spread: Option<Ratio>,
    /// Rate of the next funding, above 0 where longs pay.
    #[arg(long, value_name = "RATE", value_parser = rate, allow_negative_numbers = true)]
    pub funding: Option<Ratio>,
    /// Traded in 24 hours, quote currency.
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub volume: Option<Money>,
}

/// What outside advice says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Advice")]
pub struct TrialAdvice {
    /// Target, a fraction of the entry price.
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    pub tp_hint: Option<Ratio>,
    /// Stop distance, a fraction of the entry price.
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    pub sl_hint: Option<Ratio>,
    /// Trailing distance, a fraction of the price.
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    pub trail_hint: Option<Ratio>,
    /// How sure the advice is, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub confidence: Option<Ratio>,
    /// How sure the entry signal was, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub signal_confidence: Option<Ratio>,
    /// The trading strategy whose position it is: `RL_V3`.
    #[arg(long)]
    pub strategy: Option<String>,
}

/// What the risk system says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Portfolio")]
pub struct TrialPortfolio {
    /// NORMAL, CONSERVATIVE, CRITICAL or ESS_ACTIVE.
    #[arg(long, value_name = "MODE", default_value = "NORMAL", value_parser = name::<RiskMode>)]
    pub risk: RiskMode,
    /// Share of the risk budget in use, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub heat: Option<Ratio>,
    /// Equity of the account, quote currency.
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub equity: Option<Money>,
}

fn symbol(text: &str) -> Result<Symbol, String> {
    Symbol::new(&text.to_uppercase()).map_err(|error| error.to_string())
}

/// A name of the vocabulary, in any letter case.
fn name<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    let name = text.to_uppercase().replace('-', "_");
    name.parse().map_err(|error: T::Err| error.to_string())
}

fn decimal(text: &str) -> Result<Decimal, String> {
    Decimal::from_str_exact(text).map_err(|_| "use a decimal number, as in 0.025".to_owned())
}

fn price(text: &str) -> Result<Price, String> {
    let price = Price::new(decimal(text)?).map_err(|error| error.to_string())?;
    within(text, PRICE_MIN, PRICE_MAX)?;
    Ok(price)
}

fn qty(text: &str) -> Result<Qty, String> {
    let qty = Qty::new(decimal(text)?).map_err(|error| error.to_string())?;
    if qty.is_zero() {
        return Err("use more than 0".into());
    }
    within(text, Decimal::ZERO, AMOUNT_MAX)?;
    Ok(qty)
}

fn within(text: &str, low: Decimal, high: Decimal) -> Result<Decimal, String> {
    let value = decimal(text)?;
    if low <= value && value <= high {
        Ok(value)
    } else {
        Err(format!("use {low} to {high}"))
    }
}

fn leverage(text: &str) -> Result<Decimal, String> {
    within(text, Decimal::ONE, LEVERAGE_MAX.into())
}

fn trend(text: &str) -> Result<Decimal, String> {
    within(text, Decimal::NEGATIVE_ONE, Decimal::ONE)
}

fn rate(text: &str) -> Result<Ratio, String> {
    trend(text).map(Ratio::new)
}

fn share(text: &str) -> Result<Ratio, String> {
    within(text, Decimal::ZERO, Decimal::ONE).map(Ratio::new)
}

fn fraction(text: &str) -> Result<Ratio, String> {
    let words = |why| format!("{why}, a fraction: 0.025 is 2.5 %");
    share(text).map_err(words)
}

fn amount(text: &str) -> Result<Money, String> {
    let value = decimal(text)?;
    if value.is_sign_negative() {
        return Err("use 0 or more".into());
    }
    within(text, Decimal::ZERO, AMOUNT_MAX).map(Money::new)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Cli, Command, Plan};

    const LEAST: &str = "exitctl plan try --symbol btcusdt --side short --entry 50000 --qty 0.1 \
                         --leverage 10";

    fn parsed(more: &str) -> Result<Cli, clap::Error> {
        let words = LEAST.split_whitespace().chain(more.split_whitespace());
        Cli::try_parse_from(words)
    }

    #[test]
    fn names_come_in_any_letter_case_and_rates_may_be_negative() {
        let cli = parsed("--regime range-bound --risk critical --trend -0.5 --funding -0.0001");
        let Command::Plan(Plan::Try(trial)) = cli.unwrap().command else {
            panic!("another command");
        };
        assert_eq!(trial.position.symbol.as_str(), "BTCUSDT");
        assert_eq!(trial.market.regime.unwrap().to_string(), "RANGE_BOUND");
        assert_eq!(trial.portfolio.risk.to_string(), "CRITICAL");
        assert_eq!(trial.market.funding.unwrap().to_string(), "-0.0001");
    }

    #[test]
    fn a_number_out_of_range_is_refused_with_what_to_use() {
        for (more, expected) in [
            ("--mark 0", "above 0"),
            (
                "--mark 79228162514264337593543950335",
                "'79228162514264337593543950335' for '--mark <PRICE>': use 0.000000000001 to \
                 1000000000000",
            ),
            ("--mark 0.0000000000001", "use 0.000000000001 to"),
            ("--equity 1000000000000001", "use 0 to 1000000000000000"),
            ("--volatility 2.5", "0.025 is 2.5 %"),
            ("--trend 2", "-1 to 1"),
            ("--confidence 75", "0 to 1"),
            ("--equity -1", "unexpected argument"),
            ("--volume ten", "a decimal number"),
            ("--regime STORMY", "use NORMAL, VOLATILE"),
            ("--risk HIGH", "use NORMAL, CONSERVATIVE"),
        ] {
            let told = parsed(more).unwrap_err().to_string();
            assert!(told.contains(expected), "{more}: {told}");
        }
    }
}
