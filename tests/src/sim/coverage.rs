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

/// What any two thousand seeds go through: as often as they run with every test run.
const OFTEN: u64 = 2_000;
/// What takes more of them: what a million seeds met less than twelve thousand times.
const SELDOM: u64 = 10_000;

/// Codes that the system itself brings about, or that a fault plan says often; any other is one of
/// a hundred that a fault plan draws from.
const OFTEN_CODES: [i32; 16] = [
    -1_000, -1_001, -1_003, -1_006, -1_007, -1_008, -2_011, -2_013, -2_021, -2_022, -4_014, -4_016,
    -4_024, -4_130, -4_140, -4_509,
];

/// Rules, denials and deaths that are as seldom.
const SELDOM_OF_THE_REST: [&str; 16] = [
    "rule crash",
    "denial STOP_LOOSENED",
    "denial SYMBOL_HELD",
    "denial POSITION_EPOCH",
    "market dies after market.context",
    "executor dies after control.handover",
    "second executor dies after exit.decision",
    "second executor dies after order.intent",
    "second executor dies after health",
    "gateway-guard dies after order.denied",
    "gateway dies after Post /fapi/v1/order",
    "gateway dies after Post /fapi/v1/algoOrder",
    "gateway dies after Delete /fapi/v1/order",
    "gateway dies after Delete /fapi/v1/algoOrder",
    "gateway dies after Get /fapi/v1/openAlgoOrders",
    "gateway dies after lease request",
];

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
    (
        "market",
        &["market.first", "market.mark", "market.context", "health"],
    ),
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
            "order.asked",
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
const FAULTS: [&str; 22] = [
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
    "hang_up",
    "kill_listen_key",
    "clock",
];

/// What befalls a system from outside.
const HAPPENINGS: [&str; 26] = [
    "bus policy changes",
    "an executor may not ask",
    "flatten",
    "venue misbehaves for a while",
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
    let mut add = |family: &str, names: &[&str]| {
        let named = names.iter().map(|name| format!("{family}{name}"));
        all.extend(named.map(|what| {
            let is_seldom = SELDOM_OF_THE_REST.contains(&what.as_str());
            let per = if is_seldom { SELDOM } else { OFTEN };
            Sometimes { what, per }
        }));
    };
    add("decision ", &DECISIONS);
    add("", &ROLLBACKS);
    add("fault ", &FAULTS);
    add("", &HAPPENINGS);
    add("denial ", &DENIALS);
    add("rule ", &Rule::ALL.map(|it| it.1));
    for (service, effects) in CRASH_POINTS {
        add(&format!("{service} dies after "), effects);
    }
    all.extend(faults::codes().into_iter().map(|code| Sometimes {
        what: format!("code {code}"),
        per: if OFTEN_CODES.contains(&code) {
            OFTEN
        } else {
            SELDOM
        },
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
    fn what_is_said_to_be_seldom_or_often_is_demanded() {
        let all = all();
        let per = |what: &str| all.iter().find(|it| it.what == what).map(|it| it.per);
        for what in SELDOM_OF_THE_REST {
            assert_eq!(per(what), Some(SELDOM), "{what}");
        }
        for code in OFTEN_CODES {
            assert_eq!(per(&format!("code {code}")), Some(OFTEN), "{code}");
        }
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
