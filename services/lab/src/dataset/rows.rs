//! The rows: each decision with its state before and its outcome after.

use std::collections::BTreeMap;

use domain::decision::Action;
use domain::market::ContextSource;
use records::parquet::column::{Column, Values, fits};
use rust_decimal::Decimal;

use crate::contender::Kind;
use crate::entries::Entry;
use crate::run::{Plan, Run};
use crate::trial::{Decided, Outcome};

/// One decision with everything around it.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    policy: &'a str,
    policy_hash: u64,
    entry: &'a Entry,
    life: &'a Outcome,
    made: &'a Decided,
}

/// In the order of policies, entries and time.
pub(super) fn decisions<'a>(run: &'a Run, plan: &'a Plan) -> Vec<Decision<'a>> {
    let hashes: BTreeMap<&str, u64> = plan
        .contenders
        .iter()
        .filter_map(|contender| match &contender.kind {
            Kind::Brain(policy) => Some((contender.name.as_str(), policy.hash())),
            Kind::Legacy(_) => None,
        })
        .collect();
    let mut rows = Vec::new();
    for played in &run.played {
        let Some(hash) = hashes.get(played.name.as_str()) else {
            continue;
        };
        for (life, made) in played.decisions() {
            if let Some(entry) = plan.entries.get(life.entry) {
                rows.push(Decision {
                    policy: &played.name,
                    policy_hash: *hash,
                    entry,
                    life,
                    made,
                });
            }
        }
    }
    rows
}

/// All columns, in the order of the schema; of no rows too, for the schema.
pub(super) fn columns(rows: &[Decision<'_>]) -> Vec<Column> {
    let mut all = identity(rows);
    all.extend(state(rows));
    all.extend(action(rows));
    all.extend(outcome(rows));
    all
}

type Row<'a, 'b> = &'a Decision<'b>;

/// Of each row one value, or a gap.
const fn column(name: &'static str, values: Values) -> Column {
    Column {
        name,
        is_list: false,
        values,
    }
}

fn text(name: &'static str, rows: &[Decision<'_>], of: impl Fn(Row<'_, '_>) -> String) -> Column {
    let values = Values::Text(rows.iter().map(|row| vec![of(row)]).collect());
    column(name, values)
}

fn number(
    name: &'static str,
    rows: &[Decision<'_>],
    of: impl Fn(Row<'_, '_>) -> Option<Decimal>,
) -> Column {
    // One with more digits than fit is a gap.
    let value = |row| of(row).filter(fits).into_iter().collect();
    column(name, Values::Number(rows.iter().map(value).collect()))
}

fn whole(name: &'static str, rows: &[Decision<'_>], of: impl Fn(Row<'_, '_>) -> i64) -> Column {
    let values = Values::Whole(rows.iter().map(|row| vec![of(row)]).collect());
    column(name, values)
}

fn time(name: &'static str, rows: &[Decision<'_>], of: impl Fn(Row<'_, '_>) -> i64) -> Column {
    let values = Values::Time(rows.iter().map(|row| vec![of(row)]).collect());
    column(name, values)
}

fn identity(rows: &[Decision<'_>]) -> Vec<Column> {
    vec![
        text("policy", rows, |row| row.policy.into()),
        text("policy_hash", rows, |row| {
            format!("{:016x}", row.policy_hash)
        }),
        whole("entry", rows, |row| {
            i64::try_from(row.life.entry).unwrap_or(i64::MAX)
        }),
        text("symbol", rows, |row| row.entry.symbol.as_str().into()),
        text("side", rows, |row| row.entry.side.name().into()),
        time("opened_at", rows, |row| row.life.opened_at.micros()),
        time("decided_at", rows, |row| row.made.decision.at.micros()),
    ]
}

fn state(rows: &[Decision<'_>]) -> Vec<Column> {
    let measured = |row: Row<'_, '_>| vec![row.made.context.source == ContextSource::Bars];
    let measured = Values::Flag(rows.iter().map(measured).collect());
    vec![
        whole("age_s", rows, |row| row.made.age.millis() / 1_000),
        number("leverage", rows, |row| Some(row.entry.leverage.into())),
        number("entry_price", rows, |row| {
            Some(row.made.decision.entry_price.get())
        }),
        number("mark_price", rows, |row| {
            Some(row.made.decision.mark_price.get())
        }),
        number("qty", rows, |row| Some(row.made.decision.qty.get())),
        number("pnl_pct_price", rows, |row| {
            Some(row.made.decision.pnl_pct_price.get())
        }),
        number("pnl_pct_margin", rows, |row| {
            Some(row.made.decision.pnl_pct_margin.get())
        }),
        number("equity", rows, |row| Some(row.made.equity)),
        number("favourable", rows, |row| Some(row.made.favourable)),
        number("adverse", rows, |row| Some(row.made.adverse)),
        text("regime", rows, |row| row.made.decision.regime.to_string()),
        text("risk_mode", rows, |row| {
            row.made.decision.risk_mode.to_string()
        }),
        column("is_market_measured", measured),
        number("volatility", rows, |row| {
            Some(row.made.context.volatility.get())
        }),
        number("trend", rows, |row| Some(row.made.context.trend)),
        number("atr", rows, |row| row.made.context.atr.map(|atr| atr.get())),
        number("funding_rate", rows, |row| {
            row.made.context.funding_rate.map(|rate| rate.get())
        }),
    ]
}

fn action(rows: &[Decision<'_>]) -> Vec<Column> {
    vec![
        text("action", rows, |row| row.made.decision.action.name().into()),
        text("rule", rows, |row| row.made.decision.rule.to_string()),
        number("stop_price", rows, |row| match row.made.decision.action {
            Action::MoveStop { price, .. } => Some(price.get()),
            _ => None,
        }),
        number("keep_qty", rows, |row| match row.made.decision.action {
            Action::PartialClose { keep, .. } => Some(keep.get()),
            _ => None,
        }),
        number("first_target_price", rows, |row| {
            match &row.made.decision.action {
                Action::UpdateTargets { targets } => Some(targets.first()?.price.get()),
                _ => None,
            }
        }),
        number("confidence", rows, |row| {
            Some(row.made.decision.confidence.get())
        }),
    ]
}

fn outcome(rows: &[Decision<'_>]) -> Vec<Column> {
    vec![
        number("pnl", rows, |row| Some(row.life.pnl)),
        number("pnl_after", rows, |row| {
            Some(row.life.pnl - row.made.equity)
        }),
        number("fees", rows, |row| Some(row.life.fees)),
        number("funding", rows, |row| Some(row.life.funding)),
        text("exit", rows, |row| row.life.exit.to_string()),
        time("closed_at", rows, |row| row.life.closed_at.micros()),
        whole("held_after_s", rows, |row| {
            let after = row.life.closed_at.since(row.made.decision.at);
            after.millis() / 1_000
        }),
    ]
}
