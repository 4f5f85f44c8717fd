//! `GET /paper/report`: the judge's findings, counters, positions with what protects them.

use serde_json::{Value, json};

use super::World;
use crate::venue::{AlgoOrder, Order, Position, PositionSide};

impl World {
    /// The report as JSON.
    #[must_use]
    pub fn report(&self, now_ms: i64) -> Value {
        let protection = self.judge.report(now_ms);
        let stats = self.venue.stats();
        let strategy = self.strategy.as_ref();
        let positions = self.venue.open_positions();
        let positions: Vec<Value> = positions
            .map(|(symbol, position)| self.position_row(symbol, position))
            .collect();
        json!({
            "now_ms": now_ms,
            "uptime_ms": now_ms.saturating_sub(self.started_ms),
            "naked_ms_max": protection.naked_ms_max,
            "naked_ms_total": protection.naked_ms_total,
            "positions_unprotected": protection.positions_unprotected,
            "lost_ms_max": protection.lost_ms_max,
            "naked_now": protection.naked_now,
            "positions_opened": protection.positions_opened,
            "positions_closed": protection.positions_closed,
            "total_orders": stats.total_orders,
            "orders_by_prefix": stats.by_prefix,
            "newest_order_ms_by_prefix": stats.newest_ms,
            "client_ids_used_again": stats.client_ids_used_again,
            "errors": stats.errors,
            "ticks": self.venue.ticks(),
            "wallet": self.venue.account_totals().wallet.to_string(),
            "positions": positions,
            "orphaned_orders": self.orphans(),
            "feed": {
                "malformed_lines": self.replay.malformed(),
                "refused_points": self.feed_refused,
                "rounds": self.replay.rounds(),
            },
            "strategy": {
                "sent": strategy.map_or(0, |strategy| strategy.sent()),
                "refused": strategy.map_or(0, |strategy| strategy.refused()),
            },
            "faults_acted": self.faults.acted(),
            "live": self.live.as_ref().map(|live| live.report(now_ms)),
        })
    }

    fn position_row(&self, symbol: &str, position: &Position) -> Value {
        let leg = position.leg;
        let algos = self.venue.open_algos_of(symbol);
        let algos = algos.filter(|algo| algo.position_side == leg).map(algo_row);
        let algos: Vec<Value> = algos.collect();
        let orders = self.venue.open_orders_of(symbol);
        let orders = orders
            .filter(|order| order.position_side == leg)
            .map(order_row);
        let orders: Vec<Value> = orders.collect();
        let market = self.venue.market(symbol).unwrap_or_default();
        json!({
            "symbol": symbol,
            "position_side": leg.wire(),
            "qty": position.qty.to_string(),
            "entry": position.entry.to_string(),
            "mark": market.mark.to_string(),
            "opened_ms": position.opened_ms,
            "first_stop_ms": self.judge.first_stop_ms(symbol, leg),
            "algo_orders": algos,
            "orders": orders,
        })
    }

    /// Resting orders whose position is not there.
    fn orphans(&self) -> usize {
        let flat = |symbol: &str, leg: PositionSide| {
            self.venue.leg(symbol, leg).is_none_or(Position::is_flat)
        };
        let orders = self
            .venue
            .open_orders()
            .filter(|order| flat(&order.symbol, order.position_side))
            .count();
        let algos = self
            .venue
            .open_algos()
            .filter(|algo| flat(&algo.symbol, algo.position_side))
            .count();
        orders + algos
    }
}

fn algo_row(algo: &AlgoOrder) -> Value {
    json!({
        "client_id": algo.client_id,
        "kind": algo.kind.wire(),
        "side": algo.side.wire(),
        "qty": algo.qty.to_string(),
        "trigger_price": algo.trigger_price.to_string(),
        "close_position": algo.close_position,
        "reduce_only": algo.reduce_only,
        "status": algo.status.wire(),
    })
}

fn order_row(order: &Order) -> Value {
    json!({
        "client_id": order.client_id,
        "kind": order.kind.wire(),
        "side": order.side.wire(),
        "qty": order.qty.to_string(),
        "filled": order.filled.to_string(),
        "price": order.price.to_string(),
        "reduce_only": order.reduce_only,
    })
}
