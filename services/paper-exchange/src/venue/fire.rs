//! Firing of conditional orders: what a price does to them, the child they become, their end.

use rust_decimal::Decimal;

use super::Venue;
use super::order::{AlgoOrder, NewOrder};
use super::price::{Market, PriceUpdate};
use super::rules::ChildClientId;
use super::trailing::Step;
use super::types::{AlgoStatus, Execution, OrderKind, WorkingType};

impl Venue {
    /// Shows a price change to the conditional orders that watch what changed: marks on mark
    /// updates, contract prices on trades.
    pub(super) fn fire_algos(&mut self, symbol: &str, update: &PriceUpdate, now_ms: i64) {
        let Some(book) = self.books.get(symbol) else {
            return;
        };
        if book.open_algos.is_empty() {
            return;
        }
        let (market, protect) = (book.market, book.spec.trigger_protect);
        let (mut activated, mut due) = (Vec::new(), Vec::new());
        for id in &book.open_algos {
            let Some(algo) = self.algos.get_mut(id) else {
                continue;
            };
            if algo.status != AlgoStatus::New || !is_watched(algo.working_type, update) {
                continue;
            }
            match algo.see(market.watched(algo.working_type)) {
                Step::Rests => {}
                Step::Activated => activated.push(*id),
                Step::Fires if is_held_back(algo, &market, protect) => {}
                Step::Fires => due.push(*id),
            }
        }
        for id in activated {
            self.emit_activated(id, now_ms);
        }
        for id in due {
            self.fire_algo(id, now_ms);
        }
    }

    /// A trailing stop without a reachable activation price trails from its acceptance on.
    pub(super) fn activate_at_once(&mut self, id: u64, now_ms: i64) {
        let Some(algo) = self.algos.get_mut(&id) else {
            return;
        };
        let Some(book) = self.books.get(&algo.symbol) else {
            return;
        };
        let price = book.market.watched(algo.working_type);
        if algo.trailing.is_some() && !price.is_zero() && algo.see(price) == Step::Activated {
            self.emit_activated(id, now_ms);
        }
    }

    /// A trailing stop tells NEW once more when it begins to trail.
    fn emit_activated(&mut self, id: u64, now_ms: i64) {
        if let Some(algo) = self.algos.get_mut(&id) {
            algo.updated_ms = now_ms;
        }
        self.emit_algo(id, now_ms);
    }

    /// TRIGGERING, then the child and what becomes of it, or REJECTED.
    fn fire_algo(&mut self, id: u64, now_ms: i64) {
        let Some(algo) = self.algos.get_mut(&id) else {
            return;
        };
        if algo.status != AlgoStatus::New {
            return;
        }
        algo.status = AlgoStatus::Triggering;
        algo.triggered_ms = now_ms;
        algo.updated_ms = now_ms;
        let stuck = algo.stuck;
        self.emit_algo(id, now_ms);
        if stuck {
            return;
        }
        match self.child_of(id) {
            Ok(child) => self.run_child(id, child, now_ms),
            Err(reason) => {
                if let Some(algo) = self.algos.get_mut(&id) {
                    algo.reject_reason = Some(reason);
                }
                self.end_algo(id, AlgoStatus::Rejected, now_ms);
            }
        }
    }

    /// The order that a fired one becomes, or the venue's reason against it.
    fn child_of(&self, id: u64) -> Result<NewOrder, &'static str> {
        const GONE: &str = "Unknown order";
        const NOTHING_TO_REDUCE: &str = "Reduce Only reject";
        const NO_MARKET: &str = "Unable to fill";
        const TOO_MANY: &str = "Reach max open order limit";
        const TOO_FAR: &str =
            "The counterparty's best price does not meet the PERCENT_PRICE filter limit";
        let algo = self.algos.get(&id).ok_or(GONE)?;
        let book = self.books.get(&algo.symbol).ok_or(GONE)?;
        let mut closable = book.leg(algo.position_side).closable_by(algo.side);
        let kind = algo.kind.child_kind();
        if kind == OrderKind::Limit {
            // A resting child has to share the position with what rests already.
            closable -= self.resting_reduce_only(book, algo.position_side, algo.side);
        }
        if algo.reduce_only && closable <= Decimal::ZERO {
            return Err(NOTHING_TO_REDUCE);
        }
        let qty = match (algo.close_position, algo.reduce_only) {
            (true, _) => closable,
            (false, true) => algo.qty.min(closable),
            (false, false) => algo.qty,
        };
        if !book.market.is_known() {
            return Err(NO_MARKET);
        }
        if kind == OrderKind::Limit && book.open_orders.len() >= book.spec.max_num_orders {
            return Err(TOO_MANY);
        }
        if kind == OrderKind::Market && !book.is_within_take_bound(algo.side) {
            return Err(TOO_FAR);
        }
        let mut child = NewOrder::market(&algo.symbol, algo.side, qty).on_leg(algo.position_side);
        child.kind = kind;
        child.terms = algo.terms;
        child.reduce_only = algo.reduce_only;
        if kind == OrderKind::Limit {
            child.price = algo.price;
            child.time_in_force = algo.time_in_force;
            child = child.with_matched_price(book).map_err(|_| NO_MARKET)?;
        }
        let margin = self.check_margin(book, &child, book.market.mark);
        if !algo.reduce_only && margin.is_err() {
            return Err("Margin is insufficient");
        }
        if self.config.rules.child_client_id == ChildClientId::Same {
            child.client_id = Some(algo.client_id.clone());
        }
        Ok(child)
    }

    /// The child's events come before TRIGGERED, as captured (section 8.2).
    fn run_child(&mut self, id: u64, child: NewOrder, now_ms: i64) {
        let (symbol, leg) = (child.symbol.clone(), child.position_side);
        let child_id = self.insert_order(child, now_ms);
        self.emit_order(child_id, Execution::New, now_ms);
        self.match_new(child_id, now_ms);
        let Some(algo) = self.algos.get_mut(&id) else {
            return;
        };
        algo.child_id = Some(child_id);
        algo.status = AlgoStatus::Triggered;
        algo.updated_ms = now_ms;
        if let Some(book) = self.books.get_mut(&symbol) {
            book.open_algos.remove(&id);
        }
        self.parents.insert(child_id, id);
        self.emit_algo(id, now_ms);
        self.finish_parent(child_id, now_ms);
        self.settle_position(&symbol, leg, now_ms);
    }

    /// FINISHED, once the child is final.
    pub(super) fn finish_parent(&mut self, child_id: u64, now_ms: i64) {
        let Some(child) = self.orders.get(&child_id) else {
            return;
        };
        if child.status.is_open() {
            return;
        }
        let (avg_price, filled) = (child.avg_price(), child.filled);
        let Some(id) = self.parents.remove(&child_id) else {
            return;
        };
        if let Some(algo) = self.algos.get_mut(&id) {
            algo.avg_price = avg_price;
            algo.filled = filled;
        }
        self.end_algo(id, AlgoStatus::Finished, now_ms);
    }
}

const fn is_watched(working_type: WorkingType, update: &PriceUpdate) -> bool {
    match working_type {
        WorkingType::MarkPrice => update.mark.is_some(),
        WorkingType::ContractPrice => update.last.is_some(),
    }
}

/// priceProtect: quiet while mark and last differ by more than the threshold; looked at anew with
/// every price.
fn is_held_back(algo: &AlgoOrder, market: &Market, threshold: Decimal) -> bool {
    algo.price_protect && (market.mark - market.last).abs() > market.last * threshold
}
