//! A study as a page: everything that is needed to believe it or not.
#![allow(
    clippy::float_arithmetic,
    reason = "drawings and statistics, never money"
)]

use std::collections::BTreeSet;

use proto::moment::rfc3339;
use rust_decimal::Decimal;

use crate::overfit::{PBO_BAD, PBO_DOUBT, float};
use crate::page::{
    Axis, BarChart, Cell, DotChart, LineChart, Page, PageError, Section, Table, Tone,
};
use crate::score::Score;
use crate::study::{Row, Study};

pub mod text;

use text::{money, percent, span};

/// Rows of the table of policies.
const ROWS_MAX: usize = 200;
/// Lines of the equity chart; more than these are only a grey wall.
const LINES_MAX: usize = 40;
/// Contenders in the tables that have a column for each.
const COLUMNS_MAX: usize = 6;

/// What was run, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Title of the report.
    pub title: String,
    /// Data, entries, costs, policies: one sentence each.
    pub facts: Vec<String>,
    /// What was assumed.
    pub assumptions: Vec<String>,
}

/// The whole file.
///
/// # Errors
/// [`PageError`] where a chart could not be drawn.
pub fn html(study: &Study, about: &About) -> Result<String, PageError> {
    let trades = study.rows.first().map_or(0, |row| row.all.trades);
    let line = format!(
        "{} contenders on the same {trades} entries; in sample before {}, out of sample after it",
        study.rows.len(),
        rfc3339(study.split),
    );
    let mut page = Page::new(&about.title, line);
    let (tone, word, reason) = verdict(study);
    page = page.verdict(tone, word, reason);
    if let Some((tone, word, reason)) = against(study) {
        page = page.verdict(tone, word, reason);
    }
    page.section(policies(study))
        .section(equity(study))
        .section(samples(study))
        .section(exits(study))
        .section(regimes(study))
        .section(Section::new("What was run").notes(&about.facts))
        .section(Section::new("What is assumed").notes(&about.assumptions))
        .html()
}

fn verdict(study: &Study) -> (Tone, &'static str, String) {
    let Some(found) = study.overfit else {
        let reason = "too few policies, or too short a time, to tell skill from luck";
        return (Tone::Unsure, "NO VERDICT", reason.into());
    };
    let probability = found.probability * 100.0;
    let reason = format!(
        "probability of backtest overfitting {probability:.0} %, by {} ways to split the time, of \
         {} policies",
        found.splits, found.contenders
    );
    if !study.has_enough_trades() {
        let reason = format!("{reason}, but too few trades for that to mean much");
        return (Tone::Unsure, "NO VERDICT", reason);
    }
    match found.probability {
        it if it > PBO_BAD => (Tone::Bad, "OVERFIT", reason),
        it if it > PBO_DOUBT => (Tone::Unsure, "DOUBTFUL", reason),
        _ => (Tone::Good, "NOT OVERFIT", reason),
    }
}

fn against(study: &Study) -> Option<(Tone, &'static str, String)> {
    let (best, reference) = (study.policies().next()?, study.reference()?);
    let more = best.outside.pnl - reference.outside.pnl;
    let reason = format!(
        "out of sample the best policy in sample ({}) earned {} USDT, {} {} USDT; of the same \
         entries it was better on {} and worse on {}",
        best.name,
        money(best.outside.pnl),
        reference.name,
        money(reference.outside.pnl),
        best.better,
        best.worse,
    );
    Some(match more {
        more if more > Decimal::ZERO => (Tone::Good, "BETTER", reason),
        more if more < Decimal::ZERO => (Tone::Bad, "WORSE", reason),
        _ => (Tone::Unsure, "EQUAL", reason),
    })
}

fn policies(study: &Study) -> Section {
    let mut table = Table::new("USDT; the best in sample first")
        .words("policy")
        .numbers("trades")
        .numbers("PnL")
        .numbers("in sample")
        .numbers("out of sample")
        .numbers("max drawdown")
        .numbers("MFE captured")
        .numbers("won")
        .numbers("stop-outs")
        .numbers("time in trade")
        .numbers("fees")
        .numbers("funding");
    // The reference is shown wherever it ranks.
    let shown = study.rows.iter().take(ROWS_MAX);
    let beyond = study.rows.iter().skip(ROWS_MAX);
    for row in shown.chain(beyond.filter(|row| row.is_reference)) {
        table.row(cells(row));
    }
    let left_out = study.rows.len().saturating_sub(ROWS_MAX);
    let more = (left_out > 0).then(|| format!("{left_out} more are in the JSON document."));
    Section::new("Policies side by side")
        .notes(&study.warnings)
        .table(table)
        .notes(more)
}

fn cells(row: &Row) -> Vec<Cell> {
    let all = &row.all;
    let signed = |value: Decimal| Cell::new(money(value), tone(value));
    let name = match row.is_reference {
        true => format!("{} (reference)", row.name),
        false => row.name.clone(),
    };
    vec![
        Cell::from(name),
        Cell::from(all.trades),
        signed(all.pnl),
        signed(row.inside.pnl),
        signed(row.outside.pnl),
        Cell::from(money(row.drawdown)),
        Cell::from(all.captured().map_or_else(none, percent)),
        Cell::from(all.win_rate().map_or_else(none, percent)),
        Cell::from(all.stop_outs),
        Cell::from(all.mean_held().map_or_else(none, span)),
        Cell::from(money(all.fees)),
        Cell::from(money(all.funding)),
    ]
}

fn none() -> String {
    "-".into()
}

fn tone(value: Decimal) -> Tone {
    match value {
        value if value < Decimal::ZERO => Tone::Bad,
        value if value > Decimal::ZERO => Tone::Good,
        _ => Tone::Plain,
    }
}

/// The reference first, so that it is seen; then the best.
fn shown(study: &Study, most: usize) -> impl Iterator<Item = &Row> {
    let policies = study.policies().take(most.saturating_sub(1));
    study.reference().into_iter().chain(policies)
}

fn equity(study: &Study) -> Section {
    let axes = (Axis::time("UTC"), Axis::numbers("USDT"));
    let chart = LineChart::new("Equity of all positions together", axes.0, axes.1);
    let chart = shown(study, LINES_MAX).fold(chart, |chart, row| {
        let points = row.equity.iter();
        let points = points.map(|(at, value)| (at.millis() as f64, float(*value)));
        chart.line(&row.name, points)
    });
    Section::new("Equity").lines(chart)
}

fn samples(study: &Study) -> Section {
    let axes = (
        Axis::numbers("PnL in sample, USDT"),
        Axis::numbers("PnL out of sample, USDT"),
    );
    let pair = |row: &Row| (float(row.inside.pnl), float(row.outside.pnl));
    let mut chart = DotChart::new("Each policy before and after the split", axes.0, axes.1)
        .dots("policies", study.policies().map(pair));
    if let Some(row) = study.reference() {
        chart = chart.dots(&row.name, [pair(row)]);
    }
    let purged = study.rows.first().map_or(0, |row| row.purged);
    let correlation = study.correlation.map_or_else(none, |it| format!("{it:.2}"));
    Section::new("In and out of sample")
        .text(format!(
            "Rank correlation (Spearman) {correlation}. Positions that span the split count for \
             neither sample: {purged} of the best policy's."
        ))
        .dots(chart)
        .text(
            "The probability of backtest overfitting is that of combinatorially symmetric \
             cross-validation (Bailey, Borwein, Lopez de Prado, Zhu, 2017): the time is cut into \
             ten blocks, each half of them is once the sample in which the best is chosen by its \
             Sharpe ratio, and the other half tells where it ranks.",
        )
}

fn exits(study: &Study) -> Section {
    let rows: Vec<&Row> = shown(study, COLUMNS_MAX).collect();
    let names: BTreeSet<&String> = rows.iter().flat_map(|row| row.all.exits.keys()).collect();
    let mut chart = BarChart::new(
        "How the last part of a position was closed",
        Axis::percents("share of the positions"),
    );
    for row in &rows {
        chart = chart.series(&row.name);
    }
    for name in names {
        let share = |row: &&Row| {
            let count = row.all.exits.get(name).copied().unwrap_or(0);
            f64::from(count) / f64::from(row.all.trades.max(1))
        };
        chart.category(name, rows.iter().map(share));
    }
    Section::new("Exit reasons").bars(chart)
}

fn regimes(study: &Study) -> Section {
    let mut table = Table::new("By the market's temper when the position was opened; USDT")
        .words("policy")
        .words("regime")
        .numbers("trades")
        .numbers("PnL")
        .numbers("mean")
        .numbers("MFE captured")
        .numbers("won")
        .numbers("stop-outs");
    for row in shown(study, COLUMNS_MAX) {
        for (regime, score) in &row.regimes {
            table.row(regime_cells(row, &regime.to_string(), score));
        }
    }
    Section::new("Regimes").table(table)
}

fn regime_cells(row: &Row, regime: &str, score: &Score) -> Vec<Cell> {
    vec![
        Cell::from(&row.name),
        Cell::from(regime),
        Cell::from(score.trades),
        Cell::new(money(score.pnl), tone(score.pnl)),
        Cell::from(score.mean().map_or_else(none, money)),
        Cell::from(score.captured().map_or_else(none, percent)),
        Cell::from(score.win_rate().map_or_else(none, percent)),
        Cell::from(score.stop_outs),
    ]
}
