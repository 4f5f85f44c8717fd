//! The status as the owner's tool laid it out.

use std::collections::BTreeMap;

use proto::wire::{DemotionStatus, ExecutorStatus, ExitBrainStatus, MetricsStatus, StatusConfig};

use super::Paint;

/// Width of the rules.
const WIDTH: usize = 60;
const LIVE: &str = "EXIT_BRAIN_V3_LIVE";
const NOT_RUNNING: &str = "EXIT_BRAIN_V3_NOT_RUNNING";

/// State, icon, colour (SGR).
const STATES: [(&str, &str, u8); 4] = [
    ("LEGACY", "🔵", 34),
    ("EXIT_BRAIN_V3_SHADOW", "🟡", 33),
    (LIVE, "🔴", 31),
    (NOT_RUNNING, "⚠️", 35),
];
const UNKNOWN_ICON: &str = "❓";
const UNKNOWN_COLOR: u8 = 35;

/// The whole block, without the last line break.
pub fn render(status: &ExitBrainStatus, paint: Paint) -> String {
    let rule = "=".repeat(WIDTH);
    let known = STATES.iter().find(|row| row.0 == status.operational_state);
    let (icon, color) = known.map_or((UNKNOWN_ICON, UNKNOWN_COLOR), |row| (row.1, row.2));
    let state = paint.bold(color, &status.operational_state);
    let mut lines = vec![
        String::new(),
        rule.clone(),
        "EXIT BRAIN V3 STATUS".into(),
        rule.clone(),
        String::new(),
        format!("{icon} Operational State: {state}"),
        String::new(),
    ];
    demotion(&mut lines, status.demotion.as_ref());
    config(&mut lines, &status.config.clone().unwrap_or_default());
    executor(&mut lines, &status.executor.clone().unwrap_or_default());
    let orders = status.metrics.clone().unwrap_or_default();
    metrics(&mut lines, &orders);
    lines.push(String::new());
    lines.push(rule);
    notes(&mut lines, status, &orders);
    lines.join("\n")
}

/// What the executor has left, while LIVE is taken away.
fn demotion(lines: &mut Vec<String>, demotion: Option<&DemotionStatus>) {
    let Some(demotion) = demotion else { return };
    lines.extend([
        "⬇️  Taken down:".into(),
        format!("  At: {} ({})", to_seconds(&demotion.at), demotion.reason),
        format!("  {}", taken_over(demotion)),
        format!("  {}", last_order(demotion)),
        String::new(),
    ]);
}

/// How many positions have passed to an incumbent.
pub fn taken_over(demotion: &DemotionStatus) -> String {
    let (taken, all) = (demotion.taken_over, demotion.positions);
    format!("Positions handed over: {taken}/{all} taken over")
}

/// How long the executor still sent.
pub fn last_order(demotion: &DemotionStatus) -> String {
    match demotion.last_order_us {
        None => "Last order of the executor: none after the command".into(),
        Some(micros) => {
            let (millis, rest) = (micros / 1_000, micros.rem_euclid(1_000));
            format!("Last order of the executor: {millis}.{rest:03} ms after the command")
        }
    }
}

fn config(lines: &mut Vec<String>, config: &StatusConfig) {
    lines.extend([
        "📋 Configuration:".into(),
        format!("  EXIT_MODE: {}", config.exit_mode),
        format!("  EXIT_EXECUTOR_MODE: {}", config.exit_executor_mode),
        format!(
            "  EXIT_BRAIN_V3_LIVE_ROLLOUT: {}",
            config.exit_brain_live_rollout
        ),
        format!("  Live Mode Active: {}", truth(config.live_mode_active)),
        String::new(),
    ]);
}

fn executor(lines: &mut Vec<String>, executor: &ExecutorStatus) {
    let mode = executor.effective_mode.as_deref().unwrap_or("None");
    lines.extend([
        "🤖 Executor:".into(),
        format!("  Running: {}", truth(executor.running)),
        format!("  Effective Mode: {mode}"),
    ]);
    if let Some(at) = &executor.last_decision_timestamp {
        lines.push(format!("  Last Decision: {}", to_seconds(at)));
    }
    lines.push(String::new());
}

fn metrics(lines: &mut Vec<String>, metrics: &MetricsStatus) {
    lines.extend([
        "📊 Metrics:".into(),
        format!("  Total Exit Orders: {}", metrics.total_exit_orders),
        format!("  Blocked Legacy Orders: {}", metrics.blocked_legacy_orders),
        format!("  Ownership Conflicts: {}", metrics.ownership_conflicts),
    ]);
    ranking(lines, "Orders by Module", &metrics.orders_by_module);
    ranking(lines, "Orders by Kind", &metrics.orders_by_kind);
}

/// The counts, highest first, equal ones by name; nothing where there are none.
fn ranking(lines: &mut Vec<String>, title: &str, counts: &BTreeMap<String, u64>) {
    if counts.is_empty() {
        return;
    }
    let mut ranked: Vec<_> = counts.iter().collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    lines.push(format!("  {title}:"));
    lines.extend(
        ranked
            .into_iter()
            .map(|(name, count)| format!("    {name}: {count}")),
    );
}

fn notes(lines: &mut Vec<String>, status: &ExitBrainStatus, metrics: &MetricsStatus) {
    let state = status.operational_state.as_str();
    if state == LIVE {
        lines.extend([
            "🔴 LIVE MODE ACTIVE".into(),
            "   The executor places real orders through the gateway.".into(),
            "   Legacy exit modules are blocked.".into(),
        ]);
    }
    if state == NOT_RUNNING {
        lines.push("⚠️  The executor does not run: check its start-up logs.".into());
    }
    let blocked = metrics.blocked_legacy_orders;
    if blocked > 0 {
        lines.push(format!(
            "🛑 Legacy orders blocked: {blocked} (as it should be in LIVE)."
        ));
    }
    let conflicts = metrics.ownership_conflicts;
    if conflicts > 0 && state != LIVE {
        lines.push(format!(
            "⚠️  Ownership conflicts: {conflicts} (legacy modules act on the brain's positions)."
        ));
    }
    if status.services.iter().any(|it| it.lease_store_lost) {
        lines.push(
            "🚨 The store of leases is lost: who acts goes on, nobody new can (see: exitctl \
             provision)."
                .into(),
        );
    }
    let naked = status.unprotected_positions;
    if naked > 0 {
        lines.push(format!(
            "🚨 Positions without full protection: {naked} (see: exitctl positions)."
        ));
    }
}

const fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// `…:55.123Z` as `…:55Z`.
fn to_seconds(at: &str) -> String {
    match at.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => at.into(),
    }
}

#[cfg(test)]
mod tests;
