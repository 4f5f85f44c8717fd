//! What readings of the venue's books add up to: time without a stop, stops that were loosened.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::look::positions;

/// One life of a position: symbol, side on the wire, time of its opening fill.
type Life = (String, String, i64);

/// What was read so far.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    lives: BTreeMap<Life, Watched>,
    readings: u64,
    loosened: Vec<String>,
    lost_ms_max: u64,
}

#[derive(Debug, Clone, Default)]
struct Watched {
    /// The last reading in which it was covered.
    covered_at_ms: Option<u64>,
    /// Whether a reading since then found it uncovered.
    is_lost: bool,
    tightest: Option<Decimal>,
}

impl Seen {
    /// Takes one reading at `at_ms` of any clock that only goes forward.
    pub fn read(&mut self, at_ms: u64, report: &Value) {
        self.readings += 1;
        let open = positions(report);
        for position in &open {
            let life = (
                position.symbol.clone(),
                position.side.clone(),
                position.opened_ms,
            );
            let watched = self.lives.entry(life).or_default();
            if let Some(tightest) = position.tightest_stop() {
                let looser = |before| position.is_tighter(before, tightest);
                if watched.tightest.is_some_and(looser) {
                    self.loosened
                        .push(format!("{} {tightest}", position.symbol));
                }
                watched.tightest = Some(tightest);
            }
            let covered = position.is_covered();
            if let Some(since) = watched.covered_at_ms
                && (watched.is_lost || !covered)
            {
                self.lost_ms_max = self.lost_ms_max.max(at_ms - since);
            }
            watched.is_lost = !covered && watched.covered_at_ms.is_some();
            if covered {
                watched.covered_at_ms = Some(at_ms);
            }
        }
    }

    /// Number of readings.
    #[must_use]
    pub const fn readings(&self) -> u64 {
        self.readings
    }

    /// Longest time from the last covered reading of a position to the next one, over readings in
    /// which it was uncovered, ms. Never too short, at most two pauses between readings too long.
    #[must_use]
    pub const fn lost_ms_max(&self) -> u64 {
        self.lost_ms_max
    }

    /// Positions whose tightest stop was looser in one reading than in the one before.
    #[must_use]
    pub fn loosened(&self) -> &[String] {
        &self.loosened
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(qty: &str, stops: &[(&str, &str)]) -> Value {
        let side = if qty.starts_with('-') { "BUY" } else { "SELL" };
        let row = |(qty, trigger): &(&str, &str)| {
            json!({"kind": "STOP_MARKET", "side": side, "qty": qty, "trigger_price": trigger,
                "close_position": *qty == "0", "status": "NEW", "client_id": "xe-1"})
        };
        let stops: Vec<Value> = stops.iter().map(row).collect();
        json!({"positions": [{"symbol": "BTCUSDT", "position_side": "BOTH", "qty": qty,
            "opened_ms": 7, "algo_orders": stops, "orders": []}]})
    }

    #[test]
    fn a_new_position_is_not_lost_and_a_covered_one_that_loses_its_stop_is() {
        let mut seen = Seen::default();
        seen.read(0, &report("2", &[]));
        seen.read(500, &report("2", &[]));
        seen.read(520, &report("2", &[("0", "90")]));
        assert_eq!(seen.lost_ms_max(), 0);
        seen.read(540, &report("2", &[("1", "90")]));
        seen.read(600, &report("2", &[("1", "90"), ("1", "91")]));
        assert_eq!((seen.lost_ms_max(), seen.readings()), (80, 5));
        seen.read(900, &report("2", &[("2", "91")]));
        assert_eq!(seen.lost_ms_max(), 80, "covered in both");
    }

    #[test]
    fn the_tightest_stop_must_not_move_away() {
        let mut seen = Seen::default();
        seen.read(0, &report("2", &[("0", "90"), ("2", "95")]));
        seen.read(1, &report("2", &[("0", "90"), ("2", "95"), ("2", "96")]));
        seen.read(2, &report("2", &[("0", "90"), ("2", "96")]));
        assert!(seen.loosened().is_empty());
        seen.read(3, &report("2", &[("0", "90")]));
        assert_eq!(seen.loosened(), ["BTCUSDT 90"]);
        let mut seen = Seen::default();
        seen.read(0, &report("-2", &[("2", "105")]));
        seen.read(1, &report("-2", &[("2", "104")]));
        assert!(seen.loosened().is_empty());
        seen.read(2, &report("-2", &[("2", "106")]));
        assert_eq!(seen.loosened(), ["BTCUSDT 106"]);
    }
}
