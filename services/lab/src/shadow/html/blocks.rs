//! The six blocks and the coverage on the page.

use super::super::Report;
use super::super::blocks::Grade;
use crate::page::{Axis, BarChart, Cell, Section, Table, Tone};

pub(super) fn types(report: &Report) -> Section {
    let blocks = &report.blocks;
    let mut table = Table::new("Decisions and their confidence").words("type");
    for head in ["count", "share", "mean", "std", "min", "max"] {
        table = table.numbers(head);
    }
    for (kind, it) in &blocks.confidence {
        let share = it.count as f64 / blocks.total.max(1) as f64 * 100.0;
        table.row([
            kind.name().into(),
            it.count.into(),
            format!("{share:.1} %").into(),
            format!("{:.3}", it.mean).into(),
            format!("{:.3}", it.deviation).into(),
            format!("{:.3}", it.min).into(),
            format!("{:.3}", it.max).into(),
        ]);
    }
    let mut chart = BarChart::new("Decision types", Axis::numbers("decisions")).series("decisions");
    for (kind, count) in &blocks.types {
        chart.category(kind.name(), [*count as f64]);
    }
    Section::new("Decision types and confidence")
        .bars(chart)
        .table(table)
}

pub(super) fn emergencies(report: &Report) -> Section {
    let blocks = &report.blocks;
    let section = Section::new("Emergency exits");
    if blocks.emergencies.is_empty() {
        return section.text("None: a good sign.");
    }
    let mut table = Table::new("By contract")
        .words("contract")
        .numbers("full exits");
    for (symbol, count) in &blocks.emergencies {
        table.row([symbol.as_str().into(), (*count).into()]);
    }
    let examples = blocks.emergency_examples.iter();
    let examples = examples.map(|it| format!("{} {}: {}", it.at.text(), it.symbol, it.reason));
    section.table(table).notes(examples)
}

pub(super) fn activity(report: &Report) -> Section {
    let blocks = &report.blocks;
    let mut table = Table::new("The busiest contracts")
        .words("contract")
        .numbers("decisions")
        .words("most of them");
    for it in &blocks.symbols {
        table.row([
            it.symbol.as_str().into(),
            it.count.into(),
            it.types_in_words().into(),
        ]);
    }
    let mut chart =
        BarChart::new("Decisions by hour, UTC", Axis::numbers("decisions")).series("decisions");
    for (hour, count) in &blocks.hours {
        let hour: String = hour.text().chars().take(13).collect();
        chart.category(hour, [*count as f64]);
    }
    Section::new("Contracts and hours").table(table).bars(chart)
}

pub(super) fn readiness(report: &Report) -> Section {
    let mut table = Table::new("The checks of the six blocks")
        .words("check")
        .words("grade")
        .words("");
    for check in &report.blocks.checks {
        let (tone, word) = match check.grade {
            Grade::Issue => (Tone::Bad, "issue"),
            Grade::Fair => (Tone::Plain, "fair"),
            Grade::Good => (Tone::Good, "good"),
        };
        table.row([
            check.name.into(),
            Cell::new(word, tone),
            check.words.as_str().into(),
        ]);
    }
    Section::new("Recommendations")
        .text(report.blocks.readiness.words())
        .table(table)
}

pub(super) fn coverage(report: &Report) -> Section {
    let coverage = &report.coverage;
    let mut table = Table::new("How complete the records are")
        .words("")
        .numbers("count");
    for (name, count) in [
        ("decisions recorded", coverage.recorded),
        ("said and not recorded", coverage.missing),
        ("recorded twice", coverage.repeated),
        ("without a number", coverage.unnumbered),
        ("processes that decided", coverage.processes),
        ("lines that can't be read", coverage.malformed),
    ] {
        table.row([name.into(), count.into()]);
    }
    Section::new("Coverage").table(table).notes(&coverage.notes)
}
