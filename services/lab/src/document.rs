//! A study for programs: money as decimal strings, times as RFC 3339, the same bytes each time.

use std::collections::BTreeMap;

use proto::moment::rfc3339;
use serde::Serialize;

use crate::report::About;
use crate::score::Score;
use crate::study::{Row, Study};

/// The whole document.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    title: &'a str,
    facts: &'a [String],
    assumptions: &'a [String],
    /// In sample before it, out of sample after it.
    split: String,
    skipped_entries: usize,
    overfit: Option<OverfitDocument>,
    rank_correlation: Option<String>,
    warnings: &'a [String],
    /// The best in sample first.
    contenders: Vec<RowDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct OverfitDocument {
    probability: String,
    loss_probability: String,
    splits: usize,
    policies: usize,
}

#[derive(Debug, Serialize)]
struct RowDocument<'a> {
    name: &'a str,
    is_reference: bool,
    all: ScoreDocument,
    in_sample: ScoreDocument,
    out_of_sample: ScoreDocument,
    spanning_the_split: u32,
    max_drawdown: String,
    better_than_reference: u32,
    worse_than_reference: u32,
    regimes: BTreeMap<String, ScoreDocument>,
}

#[derive(Debug, Serialize)]
struct ScoreDocument {
    trades: u32,
    wins: u32,
    pnl: String,
    gross: String,
    fees: String,
    funding: String,
    captured_share: Option<String>,
    stop_outs: u32,
    time_in_trade_s: i64,
    orders: u32,
    orders_refused: u32,
    exits: BTreeMap<String, u32>,
}

impl<'a> Document<'a> {
    /// Of a study.
    #[must_use]
    pub fn of(study: &'a Study, about: &'a About) -> Self {
        Self {
            api_version: "exitbrain/v1",
            kind: "ReplayReport",
            title: &about.title,
            facts: &about.facts,
            assumptions: &about.assumptions,
            split: rfc3339(study.split),
            skipped_entries: study.skipped,
            overfit: study.overfit.map(|found| OverfitDocument {
                probability: format!("{:.4}", found.probability),
                loss_probability: format!("{:.4}", found.loss),
                splits: found.splits,
                policies: found.contenders,
            }),
            rank_correlation: study.correlation.map(|it| format!("{it:.4}")),
            warnings: &study.warnings,
            contenders: study.rows.iter().map(RowDocument::of).collect(),
        }
    }
}

impl<'a> RowDocument<'a> {
    fn of(row: &'a Row) -> Self {
        let regimes = row.regimes.iter();
        Self {
            name: &row.name,
            is_reference: row.is_reference,
            all: ScoreDocument::of(&row.all),
            in_sample: ScoreDocument::of(&row.inside),
            out_of_sample: ScoreDocument::of(&row.outside),
            spanning_the_split: row.purged,
            max_drawdown: row.drawdown.normalize().to_string(),
            better_than_reference: row.better,
            worse_than_reference: row.worse,
            regimes: regimes
                .map(|(regime, score)| (regime.to_string(), ScoreDocument::of(score)))
                .collect(),
        }
    }
}

impl ScoreDocument {
    fn of(score: &Score) -> Self {
        Self {
            trades: score.trades,
            wins: score.wins,
            pnl: score.pnl.normalize().to_string(),
            gross: score.gross.normalize().to_string(),
            fees: score.fees.normalize().to_string(),
            funding: score.funding.normalize().to_string(),
            captured_share: score.captured().map(|it| it.normalize().to_string()),
            stop_outs: score.stop_outs,
            time_in_trade_s: score.held.millis() / 1_000,
            orders: score.orders,
            orders_refused: score.refused,
            exits: score.exits.clone(),
        }
    }
}
