//! The owner's lines, word for word: what operators grep for.

use super::text::Facts;

/// One line: of which event it is, and how it reads.
struct Line {
    tag: &'static str,
    /// The constant text of the event.
    message: &'static str,
    /// Only where a fact has this value.
    only: Option<(&'static str, &'static str)>,
    /// Facts stand in braces.
    text: &'static str,
}

const fn line(tag: &'static str, message: &'static str, text: &'static str) -> Line {
    Line {
        tag,
        message,
        only: None,
        text,
    }
}

const fn only(fact: &'static str, value: &'static str, line: Line) -> Line {
    Line {
        only: Some((fact, value)),
        ..line
    }
}

/// The first that fits counts.
const LINES: [Line; 17] = [
    line(
        "EXIT_MODE",
        "starting",
        "Configuration loaded: EXIT_MODE={exit_mode}, EXIT_EXECUTOR_MODE={exit_executor_mode}, \
         EXIT_BRAIN_V3_LIVE_ROLLOUT={exit_brain_v3_live_rollout}",
    ),
    line(
        "EXIT_MODE",
        "EXIT BRAIN V3 LIVE MODE ACTIVE",
        "🔴 EXIT BRAIN V3 LIVE MODE ACTIVE 🔴 AI executor will place real orders. \
         Legacy exit modules will be blocked.",
    ),
    line(
        "EXIT_BRAIN_EXECUTOR",
        "initialized",
        "Initialized in {effective_mode} MODE - Config: EXIT_MODE={exit_mode}, \
         EXIT_EXECUTOR_MODE={exit_executor_mode}, \
         EXIT_BRAIN_V3_LIVE_ROLLOUT={exit_brain_v3_live_rollout}",
    ),
    line(
        "EXIT_BRAIN_EXECUTOR",
        "LIVE MODE ACTIVE",
        "🔴 LIVE MODE ACTIVE 🔴 - AI will place real orders via exit_order_gateway. \
         Legacy modules will be blocked.",
    ),
    only(
        "rollout",
        "DISABLED",
        line(
            "EXIT_BRAIN_EXECUTOR",
            FORCED,
            "⚠️  EXIT_EXECUTOR_MODE={executor_mode} but EXIT_BRAIN_V3_LIVE_ROLLOUT={rollout}. \
             Forcing SHADOW mode for safety.",
        ),
    ),
    line(
        "EXIT_BRAIN_EXECUTOR",
        FORCED,
        "⚠️  EXIT_EXECUTOR_MODE=LIVE but not all flags align. Forcing SHADOW mode for safety.",
    ),
    line(
        "EXIT_BRAIN_EXECUTOR",
        "starting monitoring loop",
        "Starting monitoring loop (interval={interval}, mode={effective_mode})",
    ),
    line(
        "EXIT_BRAIN_LIVE",
        "Executing decision",
        "Executing {decision_type} for {symbol} {side}: {reason}",
    ),
    line(
        "EXIT_BRAIN_SHADOW",
        "Would execute decision",
        "Would execute {decision_type} for {symbol} {side}: {reason}",
    ),
    only(
        "module",
        "exit_executor",
        line(
            "EXIT_GUARD",
            "placing",
            "✅ Exit Brain module '{module}' placing {kind} for {symbol} (mode={mode}).",
        ),
    ),
    line(
        "EXIT_GUARD",
        "placing",
        "✅ Legacy module '{module}' placing {kind} for {symbol} (mode={mode}).",
    ),
    line(
        "EXIT_GUARD",
        "OWNERSHIP CONFLICT: an incumbent acts beside the brain",
        "🚨 OWNERSHIP CONFLICT: Legacy module '{module}' placing {kind} for {symbol} \
         (mode={mode}).",
    ),
    only(
        "code",
        "LEGACY_BLOCKED",
        line(
            "EXIT_GUARD",
            BLOCKED,
            "🛑 BLOCKED: Legacy module '{module}' attempted to place {kind} for {symbol} in \
             EXIT_BRAIN_V3 LIVE mode. Executor is the single MUSCLE. Order NOT sent to exchange.",
        ),
    ),
    line(
        "EXIT_GUARD",
        BLOCKED,
        "🛑 BLOCKED: Module '{module}' asked for {kind} of {symbol}: {reason}. \
         Order NOT sent to exchange.",
    ),
    line(
        "EXIT_GATEWAY",
        "submitting",
        "📤 Submitting {kind} order: module={module}, symbol={symbol}, type={order_type}",
    ),
    line(
        "EXIT_GATEWAY",
        "placed",
        "✅ Order placed successfully: module={module}, symbol={symbol}, \
         order_id={venue_order_id}, kind={kind}",
    ),
    line(
        "EXIT_METRICS",
        "Summary",
        "Summary: total_orders={total_orders}, conflicts={conflicts}, blocked={blocked}, \
         mode={mode}",
    ),
];

const FORCED: &str =
    "EXIT_EXECUTOR_MODE=LIVE but not all flags align. Forcing SHADOW mode for safety.";
const BLOCKED: &str = "BLOCKED: order NOT sent to exchange";

/// The owner's line of an event, and the names of the facts that it tells. None where there is
/// none for it, or a fact is missing that it tells.
pub(super) fn wording(
    tag: &str,
    message: &str,
    facts: &Facts,
) -> Option<(String, Vec<&'static str>)> {
    let fits = |line: &&Line| {
        let is_it = (line.tag, line.message) == (tag, message);
        is_it
            && line
                .only
                .is_none_or(|(fact, value)| facts.get(fact) == Some(value))
    };
    let found = LINES.iter().find(fits)?;
    let mut text = String::new();
    let mut told = Vec::from_iter(found.only.map(|(fact, _)| fact));
    let mut rest = found.text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        text.push_str(before);
        let value = facts.get(name)?;
        match name {
            // The owner writes sides small.
            "side" => text.push_str(&value.to_lowercase()),
            _ => text.push_str(value),
        }
        told.push(name);
        rest = after;
    }
    text.push_str(rest);
    Some((text, told))
}

/// Every event that has a line: tag and constant text.
#[cfg(test)]
pub(super) fn events() -> impl Iterator<Item = (&'static str, &'static str)> {
    LINES.iter().map(|line| (line.tag, line.message))
}
