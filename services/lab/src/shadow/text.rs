//! The report as text, in the owner's layout: each block under a rule of 60 signs.

use records::DecisionType;
use rust_decimal::Decimal;

use super::Report;
use super::blocks::Grade;
use super::judged::HORIZON;

/// Width of a rule.
const RULE: usize = 60;
/// Records that one block of the histogram stands for.
const BLOCK_OF: u64 = 5;
/// Blocks that fit a line.
const BLOCKS_MAX: u64 = 60;

/// The whole report.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = Out(String::new());
    head(report, &mut out);
    decisions(report, &mut out);
    activity(report, &mut out);
    readiness(report, &mut out);
    against_legacy(report, &mut out);
    calibration(report, &mut out);
    edges(report, &mut out);
    sweep(report, &mut out);
    out.0.trim_end().to_owned()
}

struct Out(String);

impl Out {
    fn line(&mut self, text: impl AsRef<str>) {
        self.0.push_str(text.as_ref());
        self.0.push('\n');
    }

    fn block(&mut self, title: &str) {
        let rule = "=".repeat(RULE);
        self.line(format!("\n{rule}\n{title}\n{rule}"));
    }
}

/// Two digits behind the point, for people.
pub(super) fn short(value: Decimal) -> String {
    format!("{:.2}", value.round_dp(2))
}

fn head(report: &Report, out: &mut Out) {
    out.block("SHADOW REPORT");
    let verdict = &report.verdict;
    out.line(format!("Verdict: {}", verdict.word.words()));
    for reason in &verdict.reasons {
        out.line(format!("  - {reason}"));
    }
    let coverage = &report.coverage;
    out.line(format!(
        "Coverage: {} recorded, {} missing, {} repeated, {} unnumbered, {} malformed lines",
        coverage.recorded,
        coverage.missing,
        coverage.repeated,
        coverage.unnumbered,
        coverage.malformed
    ));
    for note in &coverage.notes {
        out.line(format!("  note: {note}"));
    }
}

fn decisions(report: &Report, out: &mut Out) {
    let blocks = &report.blocks;
    out.block("1. DECISION TYPES");
    for (kind, count) in &blocks.types {
        let share = Decimal::from(count * 100).checked_div(blocks.total.into());
        let share = share.unwrap_or_default().round_dp(1);
        out.line(format!("  {:<18}{count:>8}{share:>8}%", kind.name()));
    }
    out.line(format!("  {:<18}{:>8}", "total", blocks.total));
    out.block("2. CONFIDENCE");
    out.line(format!(
        "  {:<18}{:>8}{:>8}{:>8}{:>8}{:>8}",
        "type", "mean", "std", "min", "max", "count"
    ));
    for (kind, it) in &blocks.confidence {
        out.line(format!(
            "  {:<18}{:>8.3}{:>8.3}{:>8.3}{:>8.3}{:>8}",
            kind.name(),
            it.mean,
            it.deviation,
            it.min,
            it.max,
            it.count
        ));
    }
    out.block("3. EMERGENCY EXITS");
    if blocks.emergencies.is_empty() {
        out.line("  none: a good sign");
    }
    for (symbol, count) in &blocks.emergencies {
        out.line(format!("  {symbol:<18}{count:>8}"));
    }
    for it in &blocks.emergency_examples {
        out.line(format!("  {} {}: {}", it.at.text(), it.symbol, it.reason));
    }
}

fn activity(report: &Report, out: &mut Out) {
    let blocks = &report.blocks;
    out.block("4. MOST ACTIVE SYMBOLS");
    for it in &blocks.symbols {
        out.line(format!(
            "  {:<12}{:>8}  {}",
            it.symbol,
            it.count,
            it.types_in_words()
        ));
    }
    out.block("5. BY HOUR (UTC)");
    for (hour, count) in &blocks.hours {
        let blocks = count.div_ceil(BLOCK_OF).min(BLOCKS_MAX);
        let bar = "█".repeat(usize::try_from(blocks).unwrap_or(0));
        let hour: String = hour.text().chars().take(13).collect();
        out.line(format!("  {hour} {count:>6} {bar}"));
    }
    if let (Some(begin), Some(end)) = (blocks.begin, blocks.end) {
        let minutes = end.get().since(begin.get()).millis() / 60_000;
        out.line(format!("  from {} to {}", begin.text(), end.text()));
        out.line(format!("  {} h {} min", minutes / 60, minutes % 60));
    }
}

fn readiness(report: &Report, out: &mut Out) {
    out.block("6. RECOMMENDATIONS");
    for check in &report.blocks.checks {
        let sign = match check.grade {
            Grade::Issue => "issue",
            Grade::Fair => "fair",
            Grade::Good => "good",
        };
        out.line(format!("  [{sign}] {}", check.words));
    }
    out.line(format!("  {}", report.blocks.readiness.words()));
}

fn against_legacy(report: &Report, out: &mut Out) {
    out.block("BRAIN AGAINST LEGACY");
    out.line(format!(
        "  {} closed positions, {} compared",
        report.closed,
        report.pairs.len()
    ));
    for (why, count) in &report.left_out {
        out.line(format!("  left out: {count} ({why})"));
    }
    out.line(format!(
        "  net of the incumbents {:>14} USDT",
        short(report.legacy_net)
    ));
    out.line(format!(
        "  net of the brain      {:>14} USDT",
        short(report.brain_net)
    ));
    if let Some(it) = &report.paired {
        out.line(format!(
            "  mean difference {:.2} bp a position, s = {:.2}",
            it.mean, it.deviation
        ));
        out.line(format!(
            "  95 % by Student's t {:.2} to {:.2} bp",
            it.student.low, it.student.high
        ));
        out.line(format!(
            "  95 % by bootstrap   {:.2} to {:.2} bp",
            it.bootstrap.low, it.bootstrap.high
        ));
    }
}

fn calibration(report: &Report, out: &mut Out) {
    out.block("CONFIDENCE CALIBRATION");
    let all = report.calibration.all.as_ref().map(|it| ("all", it));
    let types = report
        .calibration
        .by_type
        .iter()
        .map(|(kind, it)| (kind.name(), it));
    if all.is_none() {
        out.line("  no decision can be judged");
        return;
    }
    out.line(format!(
        "  right: by what the marks did in {HORIZON}, or until the position ended"
    ));
    out.line(format!(
        "  {:<18}{:>8}{:>8}{:>8}",
        "type", "judged", "ECE", "Brier"
    ));
    for (name, it) in all.into_iter().chain(types) {
        out.line(format!(
            "  {name:<18}{:>8}{:>8.3}{:>8.3}",
            it.count, it.ece, it.brier
        ));
    }
}

fn edges(report: &Report, out: &mut Out) {
    let edges = &report.edges;
    out.block("EDGE CASES");
    out.line(format!(
        "  {} orders, {} would have been refused",
        edges.orders, edges.refused
    ));
    for (refusal, count) in &edges.by_cause {
        out.line(format!("  {:<40}{count:>8}", refusal.words()));
    }
    for it in &edges.examples {
        let kind: DecisionType = it.decision;
        out.line(format!(
            "  {} {} {} {}: {}",
            it.at.text(),
            it.symbol,
            kind.name(),
            it.value.normalize(),
            it.refusal.words()
        ));
    }
    if edges.unjudged > 0 {
        out.line(format!(
            "  {} decisions of contracts without known filters",
            edges.unjudged
        ));
    }
}

fn sweep(report: &Report, out: &mut Out) {
    out.block("CONFIDENCE THRESHOLDS");
    out.line(format!(
        "  {:<12}{:>8}{:>12}{:>16}{:>16}",
        "at least", "kept", "right", "net", "difference"
    ));
    for it in &report.sweep {
        let right = format!("{}/{}", it.right, it.judged);
        out.line(format!(
            "  {:<12}{:>8}{right:>12}{:>16}{:>16}",
            it.confidence.normalize().to_string(),
            it.kept,
            short(it.net),
            short(it.difference)
        ));
    }
}
