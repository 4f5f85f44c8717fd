//! How take-profit targets perform. The tracker bounds the number of rows, and so of labels.

use domain::performance::TargetPerformance;
use domain::{Ratio, Symbol, Timestamp};

use super::{Labels, Page};
use crate::model::ReadModel;

/// A counter of each leg.
type Count = fn(&TargetPerformance) -> u64;
/// A fraction of each leg, where it is known.
type Part = fn(&TargetPerformance) -> Option<Ratio>;

const COUNTS: [(&str, &str, Count); 3] = [
    (
        "tp_targets_hit",
        "Targets filled to the end, since this service started",
        |it| it.hit,
    ),
    (
        "tp_targets_missed",
        "Targets not filled when their position was closed",
        |it| it.missed,
    ),
    (
        "tp_premature_exits",
        "Missed targets that the mark reached within four hours",
        |it| it.premature,
    ),
];

const PARTS: [(&str, &str, Part); 2] = [
    ("tp_hit", "Hit of hit and missed", |it| it.hit_rate),
    (
        "tp_slippage",
        "How much worse than planned targets are filled, by quantity",
        |it| it.slippage,
    ),
];

pub(super) fn performance(page: &mut Page, model: &ReadModel, now: Timestamp) {
    let report = model.performance.report(None, now);
    let rows: Vec<(Labels, &TargetPerformance)> = report
        .iter()
        .flat_map(|of| of.targets.iter().map(|it| (labels(&of.symbol, it), it)))
        .collect();
    let each = |count: Count| {
        rows.iter()
            .map(move |(labels, it)| (labels.clone(), count(it)))
    };
    for (name, help, count) in COUNTS {
        page.counters(name, help, each(count).collect());
    }
    let open = each(|it| it.planned.saturating_sub(it.hit + it.missed));
    let open = open.map(|(labels, n)| (labels, i64::try_from(n).unwrap_or(i64::MAX)));
    page.gauges(
        "tp_targets_open",
        "Planned targets of open positions",
        open.collect(),
    );
    for (name, help, part) in PARTS {
        let known = rows
            .iter()
            .filter_map(|(labels, it)| Some((labels.clone(), part(it)?)));
        page.ratios(name, help, known);
    }
    let known = rows
        .iter()
        .filter_map(|(labels, it)| Some((labels.clone(), it.time_to_hit?)));
    let help = "Mean time from opening to hit";
    page.seconds("tp_time_to_hit", help, known);
    let help = "What was not tracked because a bound was reached";
    page.counter("tp_untold", help, model.performance.untold());
}

fn labels(symbol: &Symbol, target: &TargetPerformance) -> Labels {
    vec![
        ("symbol", symbol.to_string()),
        ("strategy", target.strategy.clone()),
        ("regime", target.regime.to_string()),
        ("leg", target.leg.to_string()),
    ]
}
