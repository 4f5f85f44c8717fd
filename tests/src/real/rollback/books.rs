//! What the venue's books say of a way down.

use serde_json::Value;

use super::super::look::{Position, positions};

/// Stops of `before` that are gone in `after`, and positions that are.
pub fn canceled(before: &Value, after: &Value) -> u64 {
    let now = positions(after);
    let gone = |was: &Position| {
        let life = |it: &&Position| it.symbol == was.symbol && it.opened_ms == was.opened_ms;
        let same = now.iter().find(life);
        same.map_or(1, |now| was.canceled_in(now).len())
    };
    let all: usize = positions(before).iter().map(gone).sum();
    u64::try_from(all).unwrap_or(u64::MAX)
}

/// Orders that the venue took from the executor.
pub fn orders(report: &Value) -> u64 {
    let kinds = report["orders_by_prefix"]["xe"].as_object();
    let placed = kinds
        .into_iter()
        .flatten()
        .filter(|(kind, _)| *kind != "CANCEL");
    placed.map(|(_, number)| count(number)).sum()
}

/// When the venue took the executor's newest order, by its clock.
pub fn newest(report: &Value) -> u64 {
    count(&report["newest_order_ms_by_prefix"]["xe"])
}

/// The venue's clock.
pub fn now(report: &Value) -> u64 {
    count(&report["now_ms"])
}

/// A number of the report; 0 where there is none.
pub fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cancels_are_no_orders_and_a_position_that_is_gone_has_lost_its_stop() {
        let report = json!({"orders_by_prefix": {"xe": {"STOP_MARKET": 3, "CANCEL": 9}}});
        assert_eq!(orders(&report), 3);
        let before = json!({"positions": [{"symbol": "BTCUSDT", "qty": "1", "opened_ms": 7}]});
        assert_eq!(canceled(&before, &before), 0);
        assert_eq!(canceled(&before, &json!({"positions": []})), 1);
    }
}
