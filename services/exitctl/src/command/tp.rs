//! `exitctl tp`: how take-profit targets perform.

use proto::wire::{TpPerformanceList, TpPerformanceRequest, TpTarget};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Tp};
use crate::client;
use crate::render::number::{percent, span};
use crate::render::{self, table};

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    /// Since when diagnostics counts; it keeps nothing over a restart.
    since: &'a str,
    items: Vec<Item<'a>>,
}

/// One row; fractions as decimals in quotes.
#[derive(Serialize)]
struct Item<'a> {
    symbol: &'a str,
    strategy: &'a str,
    regime: &'a str,
    leg: u32,
    planned: u64,
    hit: u64,
    missed: u64,
    premature: u64,
    hit_rate: Option<&'a str>,
    slippage: Option<&'a str>,
    slippage_bp: Option<String>,
    time_to_hit_ms: Option<i64>,
    recommendation: &'a str,
}

/// The performance of all targets, or of those of one contract.
pub async fn run(tp: &Tp, cli: &Cli) -> Result<Answer, Trouble> {
    let asked = TpPerformanceRequest {
        symbol: tp.symbol.as_ref().map(ToString::to_string),
    };
    let told = client::tp_performance(&cli.grpc, cli.timeout, asked).await?;
    let document = document(&told);
    let text = render::told(cli.format(), &document, |_| text(&told))?;
    Ok(Answer::ok(text))
}

fn document(told: &TpPerformanceList) -> Document<'_> {
    Document {
        api_version: "exitbrain/v1",
        kind: "TpPerformanceList",
        since: &told.since,
        items: items(told),
    }
}

fn items(told: &TpPerformanceList) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for it in &told.symbols {
        let targets = it.targets.iter();
        items.extend(targets.map(|target| item(it.symbol(), target)));
    }
    items
}

fn item<'a>(symbol: &'a str, target: &'a TpTarget) -> Item<'a> {
    Item {
        symbol,
        strategy: target.strategy(),
        regime: target.regime(),
        leg: target.leg(),
        planned: target.planned(),
        hit: target.hit(),
        missed: target.missed(),
        premature: target.premature(),
        hit_rate: target.hit_rate.as_deref(),
        slippage: target.slippage.as_deref(),
        slippage_bp: target.slippage.as_deref().map(basis_points),
        time_to_hit_ms: target.time_to_hit.map(|micros| micros / 1_000),
        recommendation: target.recommendation(),
    }
}

fn text(told: &TpPerformanceList) -> String {
    let rows: Vec<_> = items(told).iter().map(row).collect();
    if rows.is_empty() {
        return format!("no targets planned since {}", told.since);
    }
    let head = [
        "SYMBOL",
        "STRATEGY",
        "REGIME",
        "LEG",
        "PLANNED",
        "HIT",
        "RATE",
        "SLIPPAGE BP",
        "TIME",
        "PREMATURE",
        "RECOMMENDATION",
    ];
    let table = table::table(head, &rows);
    format!("{table}\nsince {}", told.since)
}

fn row(item: &Item<'_>) -> [String; 11] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    [
        item.symbol.into(),
        item.strategy.into(),
        item.regime.into(),
        item.leg.to_string(),
        item.planned.to_string(),
        item.hit.to_string(),
        or_dash(item.hit_rate.map(percent)),
        or_dash(item.slippage_bp.clone()),
        or_dash(item.time_to_hit_ms.map(span)),
        item.premature.to_string(),
        item.recommendation.into(),
    ]
}

/// A fraction in basis points, above 0 where worse for us: `0.00125` is `12.5`.
fn basis_points(fraction: &str) -> String {
    Decimal::from_str_exact(fraction).map_or_else(
        |_| fraction.into(),
        |it| {
            it.saturating_mul(Decimal::new(10_000, 0))
                .normalize()
                .to_string()
        },
    )
}

#[cfg(test)]
mod tests;
