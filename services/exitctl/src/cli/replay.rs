//! `exitctl replay`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::{Span, Timestamp};
use lab::entries::Rule;
use lab::search::Vary;
use rust_decimal::Decimal;

const EXAMPLES: &str = "Examples:
  exitctl replay --data klines_1m --from 2025-05-04 --to 2025-06-03 --funding funding \\
      --against legacy --report out.html
  exitctl replay --data klines_1m --policy a.toml,b.toml --entry-rule every=8h,side=trend
  exitctl replay --data klines_1m --search random --trials 100 \\
      --vary base.stop=0.01..0.04:0.005 --vary base.target=0.02..0.08:0.01 --report out.html
  exitctl replay --data feeds/BTCUSDT-2024-07-18.jsonl.zst --entries entries.csv -o json";

/// What is replayed, and what is made of it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Replay {
    #[command(flatten)]
    pub market: ReplayMarket,
    #[command(flatten)]
    pub trades: ReplayTrades,
    #[command(flatten)]
    pub costs: ReplayCosts,
    #[command(flatten)]
    pub policies: ReplayPolicies,
    /// What the policies are compared with.
    #[arg(long, value_enum)]
    pub against: Option<Against>,
    /// Share of the time that is in sample: the best is chosen there, and judged after it.
    #[arg(long, default_value = "0.7", value_parser = share)]
    pub split: Decimal,
    /// Writes the report there: one HTML file.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Threads; without it one for each core. The result is the same with any number.
    #[arg(long, default_value = "0", hide_default_value = true)]
    pub threads: usize,
    /// No progress bar; there is none without a terminal either.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Recorded prices.
#[derive(Debug, Args)]
pub struct ReplayMarket {
    /// Files or folders of 1-minute bars, trades or recorded feeds (`.zst` too).
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    pub data: Vec<PathBuf>,
    /// Files or folders of funding rates that were charged; without them there is no funding.
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub funding: Vec<PathBuf>,
    /// Only these contracts, with commas between.
    #[arg(long, value_delimiter = ',')]
    pub symbols: Vec<String>,
    /// Not before this: `2025-05-04`, `2025-05-04T12:00:00Z`.
    #[arg(long, value_parser = lab::moment::read)]
    pub from: Option<Timestamp>,
    /// Before this.
    #[arg(long, value_parser = lab::moment::read)]
    pub to: Option<Timestamp>,
}

/// When positions are opened.
#[derive(Debug, Args)]
pub struct ReplayTrades {
    /// CSV (`time,symbol,side,qty,leverage`) or JSON lines of the same names.
    #[arg(long, value_name = "FILE", conflicts_with = "entry_rule")]
    pub entries: Option<PathBuf>,
    /// Entries by the clock; what is left out is as here. side: coin, trend, long, short.
    #[arg(
        long,
        default_value = "every=24h,side=coin,notional=1000,leverage=5,seed=1"
    )]
    pub entry_rule: Rule,
}

/// What trading costs.
#[derive(Debug, Args)]
pub struct ReplayCosts {
    /// One way, and the same back: `50ms`.
    #[arg(long, default_value = "50ms", value_parser = millis)]
    pub latency: Span,
    /// At most so much more, drawn for each message from the seed of the entry rule.
    #[arg(long, default_value = "0ms", value_parser = millis)]
    pub jitter: Span,
    /// Basis points of an order that rested.
    #[arg(long, default_value = "2", value_parser = points)]
    pub maker_bps: Decimal,
    /// Basis points of an order that took.
    #[arg(long, default_value = "5", value_parser = points)]
    pub taker_bps: Decimal,
    /// Basis points between the last trade and the best bid and ask, where the data has no book.
    #[arg(long, default_value = "1", value_parser = points)]
    pub slippage_bps: Decimal,
}

/// Which policies.
#[derive(Debug, Args)]
pub struct ReplayPolicies {
    /// Policy files, with commas between; without them, what ships.
    #[arg(long, value_delimiter = ',', value_name = "FILE")]
    pub policy: Vec<PathBuf>,
    /// Tries policies around the first: every combination of what varies, or some of them.
    #[arg(long, value_enum, requires = "vary")]
    pub search: Option<Search>,
    /// A field and its values: `base.stop=0.01..0.04:0.005` or `base.target=0.02,0.03`.
    #[arg(long, requires = "search", value_name = "FIELD=VALUES")]
    pub vary: Vec<Vary>,
    /// How many a random search draws.
    #[arg(long, default_value = "100")]
    pub trials: usize,
    /// Seed of a random search.
    #[arg(long, default_value = "1")]
    pub seed: u64,
}

/// What the policies are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Against {
    /// The incumbents that ship, with the brain off.
    Legacy,
}

/// How policies are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Search {
    /// Every combination.
    Grid,
    /// Some of them, drawn by chance.
    Random,
}

fn share(text: &str) -> Result<Decimal, String> {
    match text.parse::<Decimal>() {
        Ok(share) if Decimal::ZERO < share && share < Decimal::ONE => Ok(share),
        _ => Err("use a number between 0 and 1, as in 0.7".into()),
    }
}

fn points(text: &str) -> Result<Decimal, String> {
    match text.parse::<Decimal>() {
        Ok(points) if (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&points) => {
            Ok(points / Decimal::from(10_000))
        }
        _ => Err("use basis points from 0 to 100, as in 2.5".into()),
    }
}

fn millis(text: &str) -> Result<Span, String> {
    let digits = text.strip_suffix("ms").map(str::parse::<u16>);
    match digits {
        Some(Ok(millis)) if millis <= 10_000 => Ok(Span::from_millis(millis.into())),
        _ => Err("use whole milliseconds up to 10000ms, as in 50ms".into()),
    }
}
