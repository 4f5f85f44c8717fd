//! What a replay was of, in words, and its table for a terminal.

use lab::contender::Kind;
use lab::report::About;
use lab::report::text::{money, percent, span};
use lab::run::Plan;
use lab::study::{Row, Study};
use proto::moment::rfc3339;
use rust_decimal::Decimal;

use crate::cli::{Replay, ReplayTrades};
use crate::render::table::table;

/// Rows of the table; the rest is in the report and in the JSON document.
const ROWS_MAX: usize = 20;
/// Letters of a policy's name.
const NAME_MAX: usize = 60;

/// What was run, and what was assumed.
pub fn about(asked: &ReplayTrades, plan: &Plan, refused: usize) -> About {
    About {
        title: "Exit Brain replay".into(),
        facts: facts(asked, plan, refused),
        assumptions: assumptions(plan),
    }
}

fn facts(asked: &ReplayTrades, plan: &Plan, refused: usize) -> Vec<String> {
    let (first, last) = plan.span();
    let symbols: Vec<&str> = plan.tapes.iter().map(|tape| tape.symbol.as_str()).collect();
    let count: usize = plan
        .tapes
        .iter()
        .map(|tape| tape.ticks(domain::Side::Long).len())
        .sum();
    let funded = plan
        .tapes
        .iter()
        .filter(|it| !it.funding.is_empty())
        .count();
    let malformed: u64 = plan.tapes.iter().map(|tape| tape.malformed).sum();
    let costs = &plan.costs;
    let points = |rate: Decimal| (rate * Decimal::from(10_000)).normalize();
    let entries = match &asked.entries {
        Some(path) => format!("from {}", path.display()),
        None => asked.entry_rule.words(),
    };
    let mut facts = vec![
        format!(
            "Data: {count} prices of {} contracts ({}) from {} to {}; {malformed} unreadable \
             lines.",
            symbols.len(),
            symbols.join(", "),
            rfc3339(first),
            rfc3339(last)
        ),
        format!("Entries: {}, {entries}.", plan.entries.len()),
        format!(
            "Costs: maker {} bps, taker {} bps, slippage {} bps each way, latency {} each way and \
             up to {} more; funding of {funded} contracts.",
            points(costs.maker_fee),
            points(costs.taker_fee),
            points(costs.slippage),
            costs.latency,
            costs.jitter
        ),
    ];
    if refused > 0 {
        facts.push(format!(
            "{refused} combinations of the search are no policy that could be used."
        ));
    }
    let hashes = plan.contenders.iter().filter_map(|it| match &it.kind {
        Kind::Brain(policy) => Some(format!("{} {:016x}", it.name, policy.hash())),
        Kind::Legacy(_) => None,
    });
    let hashes: Vec<String> = hashes.take(ROWS_MAX).collect();
    facts.push(format!("Policy hashes: {}.", hashes.join("; ")));
    facts
}

fn assumptions(plan: &Plan) -> Vec<String> {
    let mut assumptions: Vec<String> = Vec::new();
    if plan.tapes.iter().any(lab::tape::Tape::has_bars) {
        assumptions.push(
            "A 1-minute bar is four prices, 15 s apart: its open, then the extreme that hurts the \
             position (the low of a long, the high of a short), then the other, then its close. \
             What lies between them is not known."
                .into(),
        );
    }
    assumptions.extend(
        [
            "Each entry is a position of its own with isolated margin: entries of one contract are \
             neither netted nor limited by each other.",
            "Where the data has no marks, the last trade is the mark, and stops go by it.",
            "An order fills whole at the best bid or ask; a resting limit fills when the price \
             reaches it, as the first in its queue.",
            "Between two prices the market stands still; what a decision asks for arrives after \
             the latency, at the price that holds then.",
            "A position that is open when the data ends, or where it is silent for an hour, is \
             closed at market.",
        ]
        .map(String::from),
    );
    assumptions
}

/// The study for a terminal.
pub fn table_of(study: &Study, asked: &Replay) -> String {
    let head = [
        "POLICY", "TRADES", "PNL", "IN", "OUT", "DRAWDOWN", "CAPTURED", "WON", "STOPS", "HELD",
    ];
    let shown = study.rows.iter().take(ROWS_MAX);
    let beyond = study.rows.iter().skip(ROWS_MAX);
    let rows: Vec<_> = shown
        .chain(beyond.filter(|row| row.is_reference))
        .map(cells)
        .collect();
    let mut text = table(head, &rows);
    if study.rows.len() > rows.len() {
        text += &format!("\n{} more", study.rows.len() - rows.len());
    }
    match study.overfit {
        Some(found) => {
            text += &format!(
                "\noverfitting: probability {:.2} by {} splits of {} policies",
                found.probability, found.splits, found.contenders
            );
        }
        None => text += "\noverfitting: too few policies or too short a time for a verdict",
    }
    for warning in &study.warnings {
        text += &format!("\nwarning: {warning}");
    }
    if let Some(path) = &asked.report {
        text += &format!("\nreport: {}", path.display());
    }
    text
}

fn cells(row: &Row) -> [String; 10] {
    let none = || "-".to_owned();
    let all = &row.all;
    let name: String = row.name.chars().take(NAME_MAX).collect();
    [
        name,
        all.trades.to_string(),
        money(all.pnl),
        money(row.inside.pnl),
        money(row.outside.pnl),
        money(row.drawdown),
        all.captured().map_or_else(none, percent),
        all.win_rate().map_or_else(none, percent),
        all.stop_outs.to_string(),
        all.mean_held().map_or_else(none, span),
    ]
}
