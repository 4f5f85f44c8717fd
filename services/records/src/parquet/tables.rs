//! The columns of the three files, by the names of their lines.

use super::Table;
use super::column::{Column, Values};
use crate::bar::MarkBar;
use crate::closed::{ClosedPosition, Fill};
use crate::moment::Moment;
use crate::number::Number;
use crate::shadow::ShadowRecord;

/// Columns of `rows`, one by one.
struct Columns<'a, T> {
    rows: &'a [T],
    made: Vec<Column>,
}

impl<'a, T> Columns<'a, T> {
    const fn of(rows: &'a [T]) -> Self {
        let made = Vec::new();
        Self { rows, made }
    }

    fn push<V>(
        &mut self,
        name: &'static str,
        is_list: bool,
        values: fn(Vec<Vec<V>>) -> Values,
        of: impl Fn(&'a T) -> Vec<V>,
    ) {
        let values = values(self.rows.iter().map(of).collect());
        self.made.push(Column {
            name,
            is_list,
            values,
        });
    }

    fn text(&mut self, name: &'static str, of: impl Fn(&'a T) -> Option<&'a str>) {
        self.push(name, false, Values::Text, |row| {
            of(row).map(str::to_owned).into_iter().collect()
        });
    }

    fn texts(&mut self, name: &'static str, of: impl Fn(&'a T) -> Vec<String>) {
        self.push(name, true, Values::Text, of);
    }

    fn number(&mut self, name: &'static str, of: impl Fn(&'a T) -> Option<Number>) {
        self.push(name, false, Values::Number, |row| {
            of(row).map(Number::get).into_iter().collect()
        });
    }

    fn numbers(&mut self, name: &'static str, of: impl Fn(&'a T) -> Vec<Number>) {
        self.push(name, true, Values::Number, |row| {
            of(row).into_iter().map(Number::get).collect()
        });
    }

    fn whole(&mut self, name: &'static str, of: impl Fn(&'a T) -> Option<u64>) {
        self.push(name, false, Values::Whole, |row| {
            let value = of(row).map(|it| i64::try_from(it).unwrap_or(i64::MAX));
            value.into_iter().collect()
        });
    }

    fn time(&mut self, name: &'static str, of: impl Fn(&'a T) -> Moment) {
        self.push(name, false, Values::Time, |row| vec![micros(of(row))]);
    }
}

const fn micros(moment: Moment) -> i64 {
    moment.get().micros()
}

fn list(numbers: Option<&Vec<Number>>) -> Vec<Number> {
    numbers.cloned().unwrap_or_default()
}

impl Table for ShadowRecord {
    fn columns(rows: &[Self]) -> Vec<Column> {
        let mut it = Columns::of(rows);
        it.time("timestamp", |row| row.timestamp);
        it.text("symbol", |row| Some(&row.symbol));
        it.text("side", |row| Some(row.side.name()));
        it.number("entry_price", |row| Some(row.entry_price));
        it.number("current_price", |row| Some(row.current_price));
        it.number("size", |row| Some(row.size));
        it.number("unrealized_pnl", |row| Some(row.unrealized_pnl));
        it.text("decision_type", |row| {
            Some(row.decision.decision_type.name())
        });
        it.number("fraction_to_close", |row| row.decision.fraction_to_close);
        it.number("new_sl_price", |row| row.decision.new_sl_price);
        it.text("sl_reason", |row| row.decision.sl_reason.as_deref());
        it.numbers("new_tp_levels", |row| {
            list(row.decision.new_tp_levels.as_ref())
        });
        it.numbers("tp_fractions", |row| {
            list(row.decision.tp_fractions.as_ref())
        });
        it.text("reason", |row| Some(&row.decision.reason));
        it.number("confidence", |row| Some(row.decision.confidence));
        it.text("regime", |row| Some(&row.regime));
        it.text("risk_state", |row| Some(row.risk_state.name()));
        it.text("account", |row| Some(&row.decision.meta.account));
        it.whole("epoch", |row| Some(row.decision.meta.epoch));
        it.text("module", |row| Some(&row.decision.meta.module));
        it.text("rule", |row| Some(&row.decision.meta.rule));
        it.text("plan_id", |row| row.decision.meta.plan_id.as_deref());
        it.text("risk_mode", |row| Some(&row.decision.meta.risk_mode));
        it.number("pnl_pct_price", |row| row.decision.meta.pnl_pct_price);
        it.number("stop", |row| row.decision.meta.stop);
        it.number("keep", |row| row.decision.meta.keep);
        it.whole("leg", |row| row.decision.meta.leg.map(u64::from));
        it.numbers("tp_from", |row| list(row.decision.meta.tp_from.as_ref()));
        it.whole("boot", |row| row.decision.meta.boot);
        it.whole("number", |row| row.decision.meta.number);
        it.made
    }
}

impl Table for ClosedPosition {
    fn columns(rows: &[Self]) -> Vec<Column> {
        let mut it = Columns::of(rows);
        it.time("timestamp", |row| row.timestamp);
        it.text("account", |row| Some(&row.account));
        it.text("symbol", |row| Some(&row.symbol));
        it.text("side", |row| Some(row.side.name()));
        it.whole("epoch", |row| Some(row.epoch));
        it.time("opened_at", |row| row.opened_at);
        it.time("seen_from", |row| row.seen_from);
        it.number("seen_qty", |row| Some(row.seen_qty));
        it.number("qty", |row| Some(row.qty));
        it.whole("additions", |row| Some(row.additions.into()));
        it.number("entry_price", |row| Some(row.entry_price));
        it.number("leverage", |row| Some(row.leverage));
        let each = |row: &Self, of: fn(&Fill) -> Number| row.fills.iter().map(of).collect();
        let words = |row: &Self, of: fn(&Fill) -> String| row.fills.iter().map(of).collect();
        it.push("fill_at", true, Values::Time, |row| {
            row.fills.iter().map(|fill| micros(fill.at)).collect()
        });
        it.numbers("fill_qty", |row| each(row, |fill| fill.qty));
        it.numbers("fill_price", |row| each(row, |fill| fill.price));
        it.texts("fill_module", |row| words(row, |fill| fill.module.clone()));
        it.texts("fill_kind", |row| words(row, |fill| fill.kind.clone()));
        it.push("fill_maker", true, Values::Flag, |row| {
            row.fills.iter().map(|fill| fill.maker).collect()
        });
        it.push("fill_by_mark", true, Values::Flag, |row| {
            row.fills.iter().map(|fill| fill.by_mark).collect()
        });
        it.number("tick_size", |row| Some(row.filters.tick_size));
        it.numbers("lot", |row| row.filters.lot.to_vec());
        it.numbers("market_lot", |row| row.filters.market_lot.to_vec());
        it.number("min_notional", |row| Some(row.filters.min_notional));
        it.made
    }
}

impl Table for MarkBar {
    fn columns(rows: &[Self]) -> Vec<Column> {
        let mut it = Columns::of(rows);
        it.time("timestamp", |row| row.timestamp);
        it.text("symbol", |row| Some(&row.symbol));
        it.number("open", |row| Some(row.open));
        it.number("high", |row| Some(row.high));
        it.number("low", |row| Some(row.low));
        it.number("close", |row| Some(row.close));
        it.whole("ticks", |row| Some(row.ticks.into()));
        it.number("funding_rate", |row| row.funding_rate);
        it.made
    }
}
