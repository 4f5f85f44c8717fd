//! "Sometimes" properties: what a run must have been through, so that its silence means something.

use std::fmt::Write as _;

use domain::decision::Rule;

use super::faults;
use crate::world::tally::Tally;

/// Something that must happen at least once in so many seeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sometimes {
    /// What, as the tally calls it.
    pub what: String,
    /// In how many seeds.
    pub per: u64,
}

/// What any two thousand seeds go through.
const OFTEN: u64 = 2_000;
/// What takes more of them: one of a hundred codes, one effect of one service.
const SELDOM: u64 = 10_000;

/// The five decisions.
const DECISIONS: [&str; 5] = [
    "no_change",
    "partial_close",
    "move_sl",
    "update_tp_limits",
    "full_exit_now",
];

/// The ways back.
const ROLLBACKS: [&str; 5] = [
    "kill to SHADOW",
    "kill to LEGACY",
    "EXIT_MODE=LEGACY",
    "EXIT_EXECUTOR_MODE=SHADOW",
    "EXIT_BRAIN_V3_LIVE_ROLLOUT=DISABLED",
];

/// Where a service may die: right after one of its effects.
const CRASH_POINTS: [(&str, &[&str]); 8] = [
    ("market", &["market.mark", "market.context", "health"]),
    ("planner", &["exit.plan", "health"]),
    (
        "executor",
        &[
            "exit.decision",
            "order.intent",
            "control.handover",
            "lease request",
            "health",
        ],
    ),
    (
        "second executor",
        &["exit.decision", "order.intent", "lease request", "health"],
    ),
    (
        "gateway-guard",
        &[
            "order.approved",
            "order.denied",
            "control.mode",
            "lease request",
            "health",
        ],
    ),
    (
        "gateway",
        &[
            "position.changed",
            "order.event",
            "Post /fapi/v1/order",
            "Post /fapi/v1/algoOrder",
            "Delete /fapi/v1/order",
            "Delete /fapi/v1/algoOrder",
            "Get /fapi/v1/openAlgoOrders",
            "lease request",
            "health",
        ],
    ),
    ("legacy", &["order.intent", "health"]),
    ("diagnostics", &["health"]),
];

/// Kinds of faults of the venue and of the account.
const FAULTS: [&str; 19] = [
    "execute_then_unknown",
    "execute_then_timeout",
    "execute_then_fail",
    "execute_then_cut",
    "lose_then_unknown",
    "lose_then_timeout",
    "lose_then_cut",
    "slow",
    "refuse_overload",
    "refuse_internal",
    "refuse_unavailable",
    "refuse_with",
    "lose",
    "duplicate",
    "swap",
    "delay",
    "stuck_triggering",
    "ban",
    "limit",
];

/// What befalls a system from outside.
const HAPPENINGS: [&str; 24] = [
    "bus policy changes",
    "an executor may not ask",
    "the price gaps",
    "closed by hand",
    "another bot adds",
    "a stop canceled by hand",
    "clock jump",
    "clock skew",
    "the bus is lost",
    "user stream cut",
    "listen key dies",
    "filters change",
    "trading status changes",
    "leverage changes",
    "liquidation",
    "executor is paused",
    "gateway is paused",
    "the store of leases is lost",
    "the store of leases is made anew",
    "a position changes hands",
    "a close of unknown outcome",
    "an open position, reduce-only refused",
    "a hand meddles with an exit",
    "a decision outside LIVE",
];

/// Denials that a running system brings about, by the guard or the gateway; the others need a
/// broken or hostile one, or wrong clocks where these stay right, and have tests of their own.
const DENIALS: [&str; 13] = [
    "MODE_NOT_LIVE",
    "LEGACY_BLOCKED",
    "INTENT_EXPIRED",
    "INTENT_REPEATED",
    "POSITION_UNKNOWN",
    "POSITION_EPOCH",
    "POSITION_FLAT",
    "PROTECTION_LAST",
    "OWNER_FENCED",
    "GATEWAY_NOT_READY",
    "OUTCOME_PENDING",
    "STOP_LOOSENED",
    "SYMBOL_HELD",
];

/// All of them.
#[must_use]
pub fn all() -> Vec<Sometimes> {
    let mut all = Vec::new();
    let mut add = |family: &str, names: &[&str], per| {
        let named = names.iter().map(|name| Sometimes {
            what: format!("{family}{name}"),
            per,
        });
        all.extend(named);
    };
    add("decision ", &DECISIONS, OFTEN);
    add("", &ROLLBACKS, OFTEN);
    add("fault ", &FAULTS, OFTEN);
    add("", &HAPPENINGS, OFTEN);
    add("denial ", &DENIALS, SELDOM);
    // No scenario has an operator who closes by hand; stories tell of that.
    let played = Rule::ALL.iter().filter(|it| it.0 != Rule::Operator);
    let rules: Vec<&str> = played.map(|it| it.1).collect();
    add("rule ", &rules, SELDOM);
    for (service, effects) in CRASH_POINTS {
        add(&format!("{service} dies after "), effects, SELDOM);
    }
    all.extend(faults::codes().into_iter().map(|code| Sometimes {
        what: format!("code {code}"),
        per: SELDOM,
    }));
    all
}

/// Those that did not happen often enough in `seeds` seeds.
#[must_use]
pub fn holes(tally: &Tally, seeds: u64) -> Vec<Sometimes> {
    let mut all = all();
    all.retain(|it| happened(tally, it) < seeds / it.per);
    all
}

/// The table, most seldom first.
#[must_use]
pub fn table(tally: &Tally, seeds: u64) -> String {
    let mut rows: Vec<(u64, Sometimes)> = all()
        .into_iter()
        .map(|it| (happened(tally, &it), it))
        .collect();
    rows.sort_by(|a, b| (a.0, &a.1.what).cmp(&(b.0, &b.1.what)));
    let mut text = String::from("| what | times | demanded |\n|---|---:|---:|\n");
    for (count, it) in rows {
        let demanded = seeds / it.per;
        let row = writeln!(text, "| {} | {count} | {demanded} |", it.what);
        debug_assert!(row.is_ok(), "writing to a string can't fail");
    }
    text
}

fn happened(tally: &Tally, sometimes: &Sometimes) -> u64 {
    let count = tally.happened.get(&sometimes.what);
    count.copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_happened_is_a_hole_once_enough_seeds_have_run() {
        let mut tally = Tally::default();
        let missing = |tally: &Tally, seeds| {
            let holes = holes(tally, seeds);
            holes.iter().any(|it| it.what == "decision move_sl")
        };
        assert!(!missing(&tally, OFTEN - 1) && missing(&tally, OFTEN));
        tally.happen("decision move_sl");
        assert!(!missing(&tally, OFTEN) && missing(&tally, 2 * OFTEN));
    }

    #[test]
    fn every_code_with_a_reaction_is_among_them() {
        let all = all();
        for code in [-1_008, -2_022, -4_130, -4_509, -5_047] {
            let what = format!("code {code}");
            assert!(all.iter().any(|it| it.what == what), "{code}");
        }
    }
}
