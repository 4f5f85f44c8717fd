//! Counters of what was accepted and what was refused.

use std::collections::BTreeMap;

use serde::Serialize;

/// Distinct client-id prefixes counted one by one; further ones share `other`.
const MAX_PREFIXES: usize = 256;

/// What the venue accepted and refused so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Accepted orders, ordinary and conditional together.
    pub total_orders: u64,
    /// Accepted orders and cancels by client-id prefix (up to the first `-`), then by kind
    /// (LIMIT, MARKET, STOP_MARKET, TAKE_PROFIT_MARKET, CANCEL).
    pub by_prefix: BTreeMap<String, BTreeMap<String, u64>>,
    /// When the venue took the newest order of each prefix, by its own clock, ms; no cancels.
    pub newest_ms: BTreeMap<String, i64>,
    /// Accepted orders whose client id an earlier order had, which the venue allows once that one
    /// is no longer open.
    pub client_ids_used_again: u64,
    /// Error codes returned over the wire, and how often.
    pub errors: BTreeMap<i32, u64>,
}

impl Stats {
    /// Counts an accepted order.
    pub(crate) fn count_order(&mut self, client_id: &str, kind: &str, now_ms: i64) {
        self.total_orders += 1;
        let prefix = self.count(client_id, kind);
        self.newest_ms.insert(prefix, now_ms);
    }

    /// Counts a cancel on request.
    pub(crate) fn count_cancel(&mut self, client_id: &str) {
        self.count(client_id, "CANCEL");
    }

    /// Counts an error answer.
    pub(crate) fn count_error(&mut self, code: i32) {
        *self.errors.entry(code).or_insert(0) += 1;
    }

    /// Counts it and gives the prefix that it counts under.
    fn count(&mut self, client_id: &str, kind: &str) -> String {
        let prefix = client_id
            .split_once('-')
            .map_or("none", |(prefix, _)| prefix);
        let known = self.by_prefix.contains_key(prefix) || self.by_prefix.len() < MAX_PREFIXES;
        let prefix = if known { prefix } else { "other" };
        let kinds = self.by_prefix.entry(prefix.to_owned()).or_default();
        *kinds.entry(kind.to_owned()).or_insert(0) += 1;
        prefix.to_owned()
    }
}
