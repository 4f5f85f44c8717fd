//! A position as the venue's books have it: what rests for it, and whether that protects it.

use rust_decimal::Decimal;
use serde_json::Value;

/// The executor's client ids begin so.
const EXECUTOR: &str = "xe-";

/// One open position.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) symbol: String,
    /// `BOTH`, `LONG` or `SHORT`.
    pub(super) side: String,
    pub(super) opened_ms: i64,
    /// Time it took to its first stop, by the venue's judge.
    pub(super) first_stop_ms: Option<u64>,
    qty: Decimal,
    stops: Vec<Stop>,
    /// Take-profits of the executor.
    pub(super) targets: usize,
}

#[derive(Debug, Clone)]
struct Stop {
    client_id: String,
    trigger: Decimal,
    /// Nothing for one that closes the position whatever its size.
    qty: Option<Decimal>,
    is_executors: bool,
}

/// The open positions of a report.
pub(super) fn positions(report: &Value) -> Vec<Position> {
    let rows = report["positions"].as_array().into_iter().flatten();
    rows.map(position).collect()
}

fn position(row: &Value) -> Position {
    let qty = decimal(&row["qty"]);
    let closing = if qty.is_sign_negative() {
        "BUY"
    } else {
        "SELL"
    };
    let algos = row["algo_orders"].as_array().into_iter().flatten();
    let rests = |algo: &&Value| {
        algo["kind"] == "STOP_MARKET" && algo["status"] == "NEW" && algo["side"] == closing
    };
    let orders = row["orders"].as_array().into_iter().flatten();
    Position {
        symbol: text(&row["symbol"]),
        side: text(&row["position_side"]),
        opened_ms: row["opened_ms"].as_i64().unwrap_or_default(),
        first_stop_ms: row["first_stop_ms"].as_u64(),
        qty,
        stops: algos.filter(rests).map(stop).collect(),
        targets: orders.filter(|order| is_executors(order)).count(),
    }
}

fn stop(algo: &Value) -> Stop {
    let closes_all = algo["close_position"] == true;
    Stop {
        client_id: text(&algo["client_id"]),
        trigger: decimal(&algo["trigger_price"]),
        qty: (!closes_all).then(|| decimal(&algo["qty"])),
        is_executors: is_executors(algo),
    }
}

fn is_executors(order: &Value) -> bool {
    let id = order["client_id"].as_str();
    id.is_some_and(|id| id.starts_with(EXECUTOR))
}

impl Position {
    /// Whether what rests closes all of it.
    pub(super) fn is_covered(&self) -> bool {
        let parts = self.stops.iter().map(|stop| stop.qty);
        let covered = parts.sum::<Option<Decimal>>();
        // One without a quantity covers everything.
        covered.is_none_or(|covered| covered >= self.qty.abs())
    }

    /// The trigger of the stop that fires first.
    pub(super) fn tightest_stop(&self) -> Option<Decimal> {
        let triggers = self.stops.iter().map(|stop| stop.trigger);
        if self.qty.is_sign_negative() {
            triggers.min()
        } else {
            triggers.max()
        }
    }

    /// Whether a stop at `trigger` fires before one at `other`.
    pub(super) fn is_tighter(&self, trigger: Decimal, other: Decimal) -> bool {
        if self.qty.is_sign_negative() {
            trigger < other
        } else {
            trigger > other
        }
    }

    /// The trigger of the executor's working stop, where both of its stops rest once each.
    pub(super) fn working_stop(&self) -> Option<Decimal> {
        let own: Vec<&Stop> = self.stops.iter().filter(|stop| stop.is_executors).collect();
        let [one, other] = own.as_slice() else {
            return None;
        };
        let (disaster, working) = if one.qty.is_none() {
            (one, other)
        } else {
            (other, one)
        };
        let whole = working.qty.is_some_and(|qty| qty == self.qty.abs());
        (disaster.qty.is_none() && whole).then_some(working.trigger)
    }

    /// Whether the stops of others rest for it.
    pub(super) fn has_strangers(&self) -> bool {
        self.stops.iter().any(|stop| !stop.is_executors)
    }

    /// Stops of `self` that no longer rest in `now`, a later look at the same life, where no
    /// tighter one of their kind, with or without a quantity, has taken their place.
    pub(super) fn canceled_in(&self, now: &Self) -> Vec<&str> {
        let rests = |stop: &&Stop| {
            now.stops.iter().any(|later| {
                let same = later.client_id == stop.client_id;
                let tighter = self.is_tighter(later.trigger, stop.trigger);
                same || (tighter && later.qty.is_none() == stop.qty.is_none())
            })
        };
        let gone = self.stops.iter().filter(|stop| !rests(stop));
        gone.map(|stop| stop.client_id.as_str()).collect()
    }

    /// Whether it is short.
    pub(super) fn is_short(&self) -> bool {
        self.qty.is_sign_negative()
    }
}

fn decimal(value: &Value) -> Decimal {
    let parsed = value.as_str().and_then(|text| text.parse().ok());
    parsed.unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn long(stops: &[(&str, &str, &str)]) -> Position {
        let row = |(id, trigger, qty): &(&str, &str, &str)| {
            json!({"kind": "STOP_MARKET", "side": "SELL", "qty": qty, "trigger_price": trigger,
                "close_position": *qty == "0", "status": "NEW", "client_id": id})
        };
        let stops: Vec<Value> = stops.iter().map(row).collect();
        let report = json!({"positions": [{"symbol": "BTCUSDT", "position_side": "BOTH",
            "qty": "2", "opened_ms": 7, "algo_orders": stops, "orders": []}]});
        positions(&report).remove(0)
    }

    #[test]
    fn a_stop_may_go_only_for_a_tighter_one_of_its_kind() {
        let before = long(&[("xe-1", "90", "0"), ("xe-2", "95", "2")]);
        let moved = long(&[("xe-1", "90", "0"), ("pm-1", "96", "2")]);
        assert_eq!(before.canceled_in(&moved), [""; 0]);
        let bare = long(&[("xe-1", "90", "0")]);
        assert_eq!(before.canceled_in(&bare), ["xe-2"]);
        let looser = long(&[("xe-1", "90", "0"), ("pm-1", "94", "2")]);
        assert_eq!(before.canceled_in(&looser), ["xe-2"]);
        let without_disaster = long(&[("pm-1", "96", "2")]);
        assert_eq!(before.canceled_in(&without_disaster), ["xe-1"]);
    }
}
