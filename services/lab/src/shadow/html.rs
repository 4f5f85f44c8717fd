//! The report as one page of HTML.
#![allow(
    clippy::float_arithmetic,
    reason = "a drawing is no money: it has the precision of a screen"
)]

use records::Moment;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Report;
use super::calibration::Reliability;
use super::judged::HORIZON;
use super::pairs::Pair;
use super::text::short;
use super::verdict::Word;
use crate::page::{Axis, Cell, DotChart, LineChart, Page, PageError, Section, Table, Tone};

mod blocks;

/// Rows of the table of positions.
const PAIRS_MAX: usize = 25;
/// Letters of `2025-12-10T22:14:55`.
const SECONDS_LEN: usize = 19;

/// The whole file.
///
/// # Errors
/// [`PageError`] where a chart could not be drawn.
pub fn html(report: &Report) -> Result<String, PageError> {
    let tone = match report.verdict.word {
        Word::Promote => Tone::Good,
        Word::Hold => Tone::Bad,
        Word::Inconclusive => Tone::Unsure,
    };
    let about = format!(
        "{} decisions since {}, made {}",
        report.blocks.total,
        to_the_second(report.since),
        to_the_second(report.made_at)
    );
    let word = report.verdict.word.words();
    Page::new("Shadow report: Exit Brain against the incumbents", about)
        .verdict(tone, word, report.verdict.reasons.join("; "))
        .section(against_legacy(report))
        .section(calibration(report))
        .section(edges(report))
        .section(sweep(report))
        .section(blocks::types(report))
        .section(blocks::emergencies(report))
        .section(blocks::activity(report))
        .section(blocks::readiness(report))
        .section(blocks::coverage(report))
        .html()
}

/// `2025-12-10T22:14:55`.
fn to_the_second(moment: Moment) -> String {
    moment.text().chars().take(SECONDS_LEN).collect()
}

fn percent(share: Decimal) -> String {
    format!("{} %", (share * Decimal::ONE_HUNDRED).normalize())
}

/// Basis points of the notional.
fn bps(pair: &Pair, net: Decimal) -> f64 {
    float(net) / float(pair.notional) * 10_000.0
}

fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

fn by_sign(value: Decimal) -> Cell {
    let tone = match value.cmp(&Decimal::ZERO) {
        std::cmp::Ordering::Less => Tone::Bad,
        std::cmp::Ordering::Equal => Tone::Plain,
        std::cmp::Ordering::Greater => Tone::Good,
    };
    Cell::new(short(value), tone)
}

fn against_legacy(report: &Report) -> Section {
    let costs = &report.costs;
    let section = Section::new("Brain against legacy")
        .text(format!(
            "Each closed position as it really went, and as the recorded decisions would have \
             closed it on the same marks: stops at their price, targets at their limit, closes at \
             the mark; slippage {}, fees {} taking and {} resting, funding as told. What the brain \
             would still hold when the position ended is closed then, at the price that it really \
             got.",
            percent(costs.slippage),
            percent(costs.taker_fee),
            percent(costs.maker_fee)
        ))
        .table(totals(report));
    let left_out = report.left_out.iter();
    let left_out = left_out.map(|(why, count)| format!("Left out: {count}, {why}."));
    let section = section.notes(left_out);
    let (mut legacy, mut brain) = (0.0, 0.0);
    let mut curves = (Vec::new(), Vec::new());
    for pair in &report.pairs {
        let at = pair.closed_at.get().millis() as f64;
        legacy += float(pair.legacy.net);
        brain += float(pair.brain.net);
        curves.0.push((at, brain));
        curves.1.push((at, legacy));
    }
    let axis = || Axis::numbers("net profit, USDT");
    section
        .lines(
            LineChart::new("Net profit over time", Axis::time("closed at, UTC"), axis())
                .line("brain", curves.0)
                .line("legacy", curves.1),
        )
        .dots(
            DotChart::new(
                "Each position: above the line the brain did better",
                Axis::numbers("legacy, bp of the notional"),
                Axis::numbers("brain, bp of the notional"),
            )
            .agreement()
            .dots(
                "position",
                report
                    .pairs
                    .iter()
                    .map(|it| (bps(it, it.legacy.net), bps(it, it.brain.net))),
            ),
        )
        .table(positions(report))
}

fn totals(report: &Report) -> Table {
    let mut table = Table::new("Over all compared positions")
        .words("")
        .numbers("value");
    let mut row = |name: &str, cell: Cell| table.row([name.into(), cell]);
    row("closed positions", report.closed.into());
    row("compared", report.pairs.len().into());
    row("net of the incumbents, USDT", by_sign(report.legacy_net));
    row("net of the brain, USDT", by_sign(report.brain_net));
    if let Some(it) = &report.paired {
        row(
            "mean difference, bp a position",
            format!("{:.2}", it.mean).into(),
        );
        let bounds = |low: f64, high: f64| Cell::from(format!("{low:.2} to {high:.2}"));
        row(
            "95 % by Student's t, bp",
            bounds(it.student.low, it.student.high),
        );
        row(
            "95 % by bootstrap, bp",
            bounds(it.bootstrap.low, it.bootstrap.high),
        );
    }
    table
}

fn positions(report: &Report) -> Table {
    let caption = format!(
        "The {} positions that differ most, USDT",
        report.pairs.len().min(PAIRS_MAX)
    );
    let mut table = Table::new(caption).words("position").words("closed, UTC");
    for head in [
        "legacy net",
        "brain gross",
        "fees",
        "funding",
        "brain net",
        "difference",
        "bp",
    ] {
        table = table.numbers(head);
    }
    let mut pairs: Vec<_> = report.pairs.iter().collect();
    pairs.sort_by_key(|it| std::cmp::Reverse(it.difference.abs()));
    for pair in pairs.into_iter().take(PAIRS_MAX) {
        table.row([
            format!("{} {}", pair.symbol, pair.side.name()).into(),
            to_the_second(pair.closed_at).into(),
            by_sign(pair.legacy.net),
            short(pair.brain.gross).into(),
            short(pair.brain.fees).into(),
            short(pair.brain.funding).into(),
            by_sign(pair.brain.net),
            by_sign(pair.difference),
            short(pair.difference_bps).into(),
        ]);
    }
    table
}

fn calibration(report: &Report) -> Section {
    let section = Section::new("Confidence calibration").text(format!(
        "A decision is judged by the marks {HORIZON} later, or when its position ended. It was \
         right to close where the position stood worse by then; to do nothing where it did not; to \
         move the stop where it was not touched, or the position stood worse than the stop; to set \
         targets where the nearest was touched before the stop. ECE is the mean distance of \
         confidence and share that was right, Brier the mean square of confidence minus outcome; 0 \
         is perfect in both."
    ));
    let curve = |it: &Reliability| -> Vec<(f64, f64)> {
        it.bins
            .iter()
            .map(|bin| (bin.confidence, bin.right))
            .collect()
    };
    let mut chart = DotChart::reliability("Reliability", "confidence", "share that was right");
    let mut table = Table::new("By decision type").words("type");
    for head in ["judged", "ECE", "Brier"] {
        table = table.numbers(head);
    }
    let mut row = |name: &str, it: &Reliability| {
        table.row([
            name.into(),
            it.count.into(),
            format!("{:.3}", it.ece).into(),
            format!("{:.3}", it.brier).into(),
        ]);
    };
    if let Some(all) = &report.calibration.all {
        let sure = all
            .bins
            .iter()
            .map(|bin| (bin.confidence, bin.sure.low, bin.sure.high));
        chart = chart.joined("all", curve(all)).ranges(sure);
        row("all", all);
    }
    for (kind, it) in &report.calibration.by_type {
        chart = chart.dots(kind.name(), curve(it));
        row(kind.name(), it);
    }
    section.dots(chart).table(table)
}

fn edges(report: &Report) -> Section {
    let edges = &report.edges;
    let section = Section::new("Edge cases").text(format!(
        "{} orders that decisions would have needed were held against the venue's filters; {} \
         would have been refused. {} decisions are of contracts whose filters no closed position \
         tells.",
        edges.orders, edges.refused, edges.unjudged
    ));
    if edges.refused == 0 {
        return section;
    }
    let mut causes = Table::new("By cause").words("cause").numbers("orders");
    for (refusal, count) in &edges.by_cause {
        causes.row([refusal.words().into(), (*count).into()]);
    }
    let mut examples = Table::new("The first of each cause")
        .words("decided, UTC")
        .words("contract")
        .words("decision")
        .words("cause")
        .numbers("value");
    for it in &edges.examples {
        examples.row([
            it.at.text().into(),
            it.symbol.as_str().into(),
            it.decision.name().into(),
            it.refusal.words().into(),
            it.value.normalize().into(),
        ]);
    }
    section.table(causes).table(examples)
}

fn sweep(report: &Report) -> Section {
    let mut table = Table::new("Only decisions of at least that confidence").numbers("confidence");
    for head in [
        "kept",
        "right of judged",
        "net, USDT",
        "against legacy, USDT",
    ] {
        table = table.numbers(head);
    }
    for it in &report.sweep {
        table.row([
            it.confidence.normalize().into(),
            it.kept.into(),
            format!("{} of {}", it.right, it.judged).into(),
            by_sign(it.net),
            by_sign(it.difference),
        ]);
    }
    let points = report
        .sweep
        .iter()
        .map(|it| (float(it.confidence), float(it.net)));
    let legacy = report
        .sweep
        .iter()
        .map(|it| (float(it.confidence), float(report.legacy_net)));
    let chart = LineChart::new(
        "Net profit by the lowest confidence that counts",
        Axis::percents("lowest confidence"),
        Axis::numbers("net profit, USDT"),
    );
    let chart = chart.line("brain", points).line("legacy", legacy);
    Section::new("Confidence thresholds")
        .lines(chart)
        .table(table)
}
