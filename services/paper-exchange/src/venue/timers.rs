//! What time alone brings about: countdown cancels and good-till dates.

use std::collections::BTreeMap;

use super::types::AlgoStatus;
use super::{Venue, VenueError};

/// Expiry reason of an order whose time is over: none is documented.
const NO_REASON: u8 = 0;

/// GTE_GTC orders waiting to expire after their position became flat.
#[derive(Debug, Clone)]
pub(super) struct DueExpiry {
    pub(super) at_ms: i64,
    pub(super) algo_id: u64,
}

/// What is due when. At most one countdown per symbol.
#[derive(Debug, Clone)]
pub(super) struct Timers {
    countdowns: BTreeMap<String, i64>,
    /// No good-till date is earlier than this.
    next_good_till_ms: i64,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            countdowns: BTreeMap::new(),
            next_good_till_ms: i64::MAX,
        }
    }
}

impl Venue {
    /// Lets timers run: GTE_GTC orders whose delay has passed expire, countdowns and
    /// good-till dates run out, funding is charged.
    pub fn advance(&mut self, now_ms: i64) {
        while self
            .due_expiries
            .front()
            .is_some_and(|due| due.at_ms <= now_ms)
        {
            let Some(due) = self.due_expiries.pop_front() else {
                return;
            };
            self.end_algo(due.algo_id, AlgoStatus::Expired, now_ms);
        }
        self.run_timers(now_ms);
        self.run_funding(now_ms);
    }

    /// Cancels the ordinary orders of a symbol after so long, unless it is set anew before; zero
    /// ends the countdown. Conditional orders stay.
    ///
    /// # Errors
    /// -1121 for an unknown symbol.
    pub fn set_countdown(
        &mut self,
        symbol: &str,
        after_ms: i64,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        self.advance(now_ms);
        self.book(symbol)?;
        if after_ms <= 0 {
            self.timers.countdowns.remove(symbol);
        } else {
            let at_ms = now_ms.saturating_add(after_ms);
            self.timers.countdowns.insert(symbol.to_owned(), at_ms);
        }
        Ok(())
    }

    /// Remembers a good-till date; zero is none.
    pub(super) fn watch_good_till(&mut self, until_ms: i64) {
        if until_ms > 0 {
            let next = &mut self.timers.next_good_till_ms;
            *next = until_ms.min(*next);
        }
    }

    /// Runs what is due.
    fn run_timers(&mut self, now_ms: i64) {
        self.run_countdowns(now_ms);
        if now_ms >= self.timers.next_good_till_ms {
            self.run_good_till(now_ms);
        }
    }

    fn run_countdowns(&mut self, now_ms: i64) {
        let countdowns = self.timers.countdowns.iter();
        let due = countdowns.filter(|(_, at_ms)| **at_ms <= now_ms);
        let due: Vec<String> = due.map(|(symbol, _)| symbol.clone()).collect();
        for symbol in due {
            self.timers.countdowns.remove(&symbol);
            self.end_open_orders(&symbol, now_ms);
        }
    }

    fn run_good_till(&mut self, now_ms: i64) {
        let dated = |until: i64| (until > 0).then_some(until);
        let orders = self.open_orders();
        let orders: Vec<(u64, i64)> = orders
            .filter_map(|order| Some((order.id, dated(order.terms.good_till_ms)?)))
            .collect();
        let algos = self.open_algos();
        let algos: Vec<(u64, i64)> = algos
            .filter_map(|algo| Some((algo.id, dated(algo.terms.good_till_ms)?)))
            .collect();
        let later = orders.iter().chain(&algos).map(|(_, until)| *until);
        let next = later.filter(|until| *until > now_ms).min();
        self.timers.next_good_till_ms = next.unwrap_or(i64::MAX);
        for (id, _) in orders.into_iter().filter(|(_, until)| *until <= now_ms) {
            self.expire_order(id, NO_REASON, now_ms);
        }
        for (id, _) in algos.into_iter().filter(|(_, until)| *until <= now_ms) {
            self.end_algo(id, AlgoStatus::Expired, now_ms);
        }
    }
}
