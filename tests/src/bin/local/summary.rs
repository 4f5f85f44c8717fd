//! What a smoke run says: the venue's own books beside what the services count.

use std::collections::BTreeMap;

use domain::Module;
use serde::Serialize;
use serde_json::Value;

/// Counts by name.
type Counts = BTreeMap<String, u64>;

/// The result of a run. What happened to positions and orders is told by the venue, the rest by
/// diagnostics.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// Effective mode.
    pub mode: String,
    /// Marks heard.
    pub ticks: u64,
    /// Positions that were opened.
    pub positions_opened: u64,
    /// Positions that were closed again.
    pub positions_closed: u64,
    /// Decisions by type.
    pub decisions: Counts,
    /// Orders that the venue received, by module; the stand-in strategy's are not among them.
    pub sent: Counts,
    /// Orders sent, by kind.
    pub kinds: Counts,
    /// Incumbents' orders that were blocked.
    pub blocked_legacy_orders: u64,
    /// Incumbents' attempts while the brain is on.
    pub ownership_conflicts: u64,
    /// Attempts: sent and blocked.
    pub total_orders: u64,
    /// Longest time that one position had no stop beyond the placement window, in milliseconds of
    /// the venue; anything but zero fails the run.
    pub naked_ms_max: u64,
    /// The sum over all positions.
    pub naked_ms_total: u64,
    /// Positions that were without a stop for longer than the placement window; anything but zero
    /// fails the run.
    pub positions_unprotected: u64,
    /// The venue's refusals by code.
    pub venue_errors: Counts,
    /// From mark to order, in microseconds.
    pub tick_to_order_us: Latency,
    /// How often an invariant did not hold; anything but zero fails the run.
    pub invariants_broken: u64,
    #[serde(skip)]
    broken: Counts,
}

/// Two quantiles in microseconds.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// The median.
    pub p50: u64,
    /// One in a hundred takes longer.
    pub p99: u64,
}

impl Summary {
    /// The summary of both, and the names of what neither told: these are zero in it.
    pub fn of(status: &Value, report: &Value) -> (Self, Vec<String>) {
        let mut missing = Vec::new();
        let mut venue = Reader::new("venue", report, &mut missing);
        let sent = by_module(&venue.tables("/orders_by_prefix"));
        let positions_opened = venue.number("/positions_opened");
        let positions_closed = venue.number("/positions_closed");
        let naked_ms_max = venue.number("/naked_ms_max");
        let naked_ms_total = venue.number("/naked_ms_total");
        let positions_unprotected = venue.number("/positions_unprotected");
        let mut told = Reader::new("diagnostics", status, &mut missing);
        let broken = told.counts("/invariants_broken");
        let summary = Self {
            mode: told.text("/mode/effective"),
            ticks: told.number("/ticks"),
            positions_opened,
            positions_closed,
            decisions: told.counts("/decisions"),
            sent,
            kinds: told.counts("/metrics/orders_by_kind"),
            blocked_legacy_orders: told.number("/metrics/blocked_legacy_orders"),
            ownership_conflicts: told.number("/metrics/ownership_conflicts"),
            total_orders: told.number("/metrics/total_exit_orders"),
            naked_ms_max,
            naked_ms_total,
            positions_unprotected,
            venue_errors: told.counts("/metrics/venue_errors"),
            tick_to_order_us: Latency {
                p50: told.number("/tick_to_order_us/p50"),
                p99: told.number("/tick_to_order_us/p99"),
            },
            invariants_broken: broken.values().sum(),
            broken,
        };
        (summary, missing)
    }

    /// Whether we count at least the orders that the venue has taken from us.
    pub fn counts_all_orders(&self) -> bool {
        self.kinds.values().sum::<u64>() >= self.sent.values().sum::<u64>()
    }

    /// The invariants that did not hold, and how often.
    pub fn broken(&self) -> impl Iterator<Item = (&String, &u64)> {
        self.broken.iter().filter(|(_, count)| **count > 0)
    }

    /// What fails the run, beside an invariant: a position that nothing protected.
    pub fn unprotected(&self) -> Option<String> {
        let (positions, longest) = (self.positions_unprotected, self.naked_ms_max);
        (positions > 0 || longest > 0).then(|| {
            format!(
                "{positions} positions had no stop for longer than the placement window, \
                 {longest} ms beyond it at most: look for EXIT_GUARD in the logs"
            )
        })
    }

    /// One line of JSON.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("names and numbers are always JSON")
    }
}

/// A row of the venue's books that is no order.
const CANCEL: &str = "CANCEL";

/// Orders by module out of orders and cancels by prefix and kind; whoever is none of our modules
/// is left out.
fn by_module(by_prefix: &BTreeMap<String, Counts>) -> Counts {
    let named = by_prefix.iter().filter_map(|(prefix, kinds)| {
        let module = Module::from_code(prefix)?;
        let orders = kinds.iter().filter(|(kind, _)| *kind != CANCEL);
        let count = orders.map(|(_, count)| count).sum();
        Some((module.name().to_owned(), count))
    });
    named.collect()
}

struct Reader<'a> {
    whose: &'static str,
    from: &'a Value,
    missing: &'a mut Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(whose: &'static str, from: &'a Value, missing: &'a mut Vec<String>) -> Self {
        Self {
            whose,
            from,
            missing,
        }
    }

    fn read<T: Default>(&mut self, path: &str, as_type: impl Fn(&Value) -> Option<T>) -> T {
        let found = self.from.pointer(path).and_then(as_type);
        found.unwrap_or_else(|| {
            self.missing.push(format!("{}{path}", self.whose));
            T::default()
        })
    }

    fn number(&mut self, path: &str) -> u64 {
        self.read(path, Value::as_u64)
    }

    fn text(&mut self, path: &str) -> String {
        self.read(path, |value| value.as_str().map(str::to_owned))
    }

    fn counts(&mut self, path: &str) -> Counts {
        self.read(path, counts_in)
    }

    fn tables(&mut self, path: &str) -> BTreeMap<String, Counts> {
        self.read(path, |value| {
            let tables = value.as_object()?.iter();
            tables
                .map(|(name, table)| Some((name.clone(), counts_in(table)?)))
                .collect()
        })
    }
}

fn counts_in(value: &Value) -> Option<Counts> {
    let counts = value.as_object()?.iter();
    counts
        .map(|(name, count)| Some((name.clone(), count.as_u64()?)))
        .collect()
}

#[cfg(test)]
mod tests_of_summary {
    use serde_json::json;

    use super::*;

    fn report() -> Value {
        json!({
            "positions_opened": 9, "positions_closed": 7, "naked_ms_max": 0,
            "naked_ms_total": 0, "positions_unprotected": 0,
            "orders_by_prefix": {
                "xe": {"STOP_MARKET": 8, "LIMIT": 4, "CANCEL": 5},
                "bot": {"MARKET": 9},
                "dt": {"STOP_MARKET": 3},
            },
        })
    }

    fn status() -> Value {
        json!({
            "mode": {"effective": "LIVE"}, "ticks": 1000,
            "decisions": {"MOVE_SL": 4}, "invariants_broken": {"I4": 2, "I5": 0},
            "metrics": {
                "orders_by_kind": {"STOP": 5}, "blocked_legacy_orders": 1,
                "ownership_conflicts": 1, "total_exit_orders": 13, "venue_errors": {"-2021": 1},
            },
            "tick_to_order_us": {"count": 5, "p50": 400, "p99": 900},
        })
    }

    #[test]
    fn orders_are_named_by_module_and_the_strategy_is_left_out() {
        let (summary, missing) = Summary::of(&status(), &report());
        assert_eq!(missing, Vec::<String>::new());
        let sent: Vec<_> = summary.sent.into_iter().collect();
        let expected = [
            ("dynamic_tpsl".to_owned(), 3),
            ("exit_executor".to_owned(), 12),
        ];
        assert_eq!(sent, expected);
    }

    #[test]
    fn broken_invariants_are_added_up() {
        let (summary, _) = Summary::of(&status(), &report());
        assert_eq!(summary.invariants_broken, 2);
        assert_eq!(summary.broken().count(), 1);
    }

    #[test]
    fn a_position_that_nothing_protected_fails_the_run() {
        for (positions, longest, fails) in [(0, 0, false), (1, 0, true), (0, 40, true)] {
            let mut report = report();
            report["positions_unprotected"] = json!(positions);
            report["naked_ms_max"] = json!(longest);
            let (summary, _) = Summary::of(&status(), &report);
            let told = summary.unprotected();
            assert_eq!(told.is_some(), fails, "{told:?}");
        }
    }

    #[test]
    fn the_line_is_one_json_object_with_every_key() {
        let (summary, _) = Summary::of(&status(), &report());
        let line = summary.to_line();
        assert!(!line.contains('\n'));
        let object: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(object["tick_to_order_us"], json!({"p50": 400, "p99": 900}));
        assert_eq!(object["mode"], "LIVE");
        assert_eq!(object.as_object().unwrap().len(), 16);
    }

    #[test]
    fn what_nobody_tells_is_named_and_not_made_up() {
        let (_, missing) = Summary::of(&json!({}), &report());
        assert!(
            missing.contains(&"diagnostics/ticks".to_owned()),
            "{missing:?}"
        );
        let (_, missing) = Summary::of(&status(), &json!({"naked_ms_max": "0"}));
        assert!(
            missing.contains(&"venue/naked_ms_max".to_owned()),
            "{missing:?}"
        );
    }
}
