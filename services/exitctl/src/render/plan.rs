//! A plan in full: what it is, how it came about, what it will do.

use proto::wire::{PlanLegStatus, PlanStatus, PlanStepStatus};

use super::number::{percent, short, signed_percent, span};
use super::table::table;

/// Where nothing is told.
const NONE: &str = "-";

/// `main.BTCUSDT.LONG`.
pub fn position(plan: &PlanStatus) -> String {
    format!("{}.{}.{}", plan.account, plan.symbol, plan.side)
}

/// The whole story of a running plan, without the last line break.
pub fn render(plan: &PlanStatus) -> String {
    let state = if plan.in_force {
        "in force".into()
    } else {
        format!("NOT IN FORCE: {}", plan.not_in_force)
    };
    let head = [
        format!("{} life {}", position(plan), plan.epoch),
        format!("plan {} {state}", plan.id),
    ];
    story(&head, plan, &times(plan))
}

/// The story of a plan that nobody goes by.
pub fn trial(plan: &PlanStatus) -> String {
    let head = [format!("{} a trial: nobody goes by it", position(plan))];
    story(&head, plan, &[])
}

fn story(head: &[String], plan: &PlanStatus, times: &[(&str, String)]) -> String {
    let steps: Vec<_> = plan.steps.iter().map(step).collect();
    let legs: Vec<_> = plan.legs.iter().map(leg).collect();
    let steps_head = ["STEP", "TARGET", "STOP", "TRAIL", "NOTE"];
    let legs_head = [
        "LEG", "KIND", "SIZE", "OFFSET", "TRIGGER", "R", "TARGETS", "CALLBACK",
    ];
    [
        head.join("\n"),
        facts(plan, times).join("\n"),
        table(steps_head, &steps),
        table(legs_head, &legs),
    ]
    .join("\n\n")
}

fn facts(plan: &PlanStatus, times: &[(&str, String)]) -> Vec<String> {
    let none = || NONE.to_owned();
    let of = plan.profile.as_deref().unwrap_or("ladder");
    let before = [
        (
            "strategy",
            format!("{}, {}", plan.strategy_id, plan.strategy),
        ),
        ("legs of", of.into()),
        ("regime", plan.regime.clone()),
        ("confidence", plan.confidence.clone()),
        ("reason", plan.reason.clone()),
        ("entry", plan.entry_price.clone().unwrap_or_else(none)),
        ("time stop", plan.time_stop_ms.map_or_else(none, span)),
    ];
    let after = [
        ("inputs", plan.inputs_digest.clone()),
        ("policy", plan.policy_hash.clone()),
    ];
    let rows = before.iter().chain(times).chain(&after);
    let rows = rows.map(|(name, value)| format!("  {name:<11} {value}"));
    let distances = format!(
        "TP={}, SL={}, Trail={}",
        percent(&plan.target),
        percent(&plan.stop),
        percent(&plan.trail)
    );
    std::iter::once(distances).chain(rows).collect()
}

fn times(plan: &PlanStatus) -> [(&'static str, String); 3] {
    [
        (
            "made",
            format!("{} ({} ago)", plan.created_at, span(plan.age_ms)),
        ),
        ("expires", plan.expires_at.clone()),
        ("last heard", format!("{} ago", span(plan.heard_age_ms))),
    ]
}

fn step(step: &PlanStepStatus) -> [String; 5] {
    [
        step.name.clone(),
        percent(&step.target),
        percent(&step.stop),
        percent(&step.trail),
        step.note.clone(),
    ]
}

fn leg(leg: &PlanLegStatus) -> [String; 8] {
    let told = |value: &Option<String>, show: fn(&str) -> String| {
        value.as_deref().map_or_else(|| NONE.into(), show)
    };
    [
        leg.priority.to_string(),
        leg.kind.clone(),
        percent(&leg.size),
        told(&leg.offset, signed_percent),
        told(&leg.trigger_price, str::to_owned),
        told(&leg.r_multiple, short),
        told(&leg.target_multiple, short),
        callback(leg),
    ]
}

/// `2.00%, 1.50% from 3R`.
fn callback(leg: &PlanLegStatus) -> String {
    let Some(first) = &leg.callback else {
        return NONE.into();
    };
    let tighter = leg.tightening.iter();
    let tighter = tighter.map(|row| format!("{} from {}R", percent(&row.callback), row.from_r));
    let all: Vec<String> = std::iter::once(percent(first)).chain(tighter).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests;
