//! What a run has been through, counted.

use std::collections::BTreeMap;

use paper_exchange::venue::{EventBody, PositionSide, VenueEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::queue::Delivery;
use super::watch::naked::Longest;

/// The kinds of deliveries, in the order of [`Tally::deliveries`].
pub const DELIVERIES: [&str; 9] = [
    "bus message",
    "beat",
    "market frame",
    "venue call",
    "venue answer",
    "user event",
    "mark",
    "venue timer",
    "lease",
];

/// How the venue names the orders with which it liquidates.
const LIQUIDATES: &str = "autoclose-";

/// The longest that a position lacked its stop beyond the placement window, ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NakedMs {
    /// While somebody could have placed one.
    pub blamed: i64,
    /// Altogether, with the time of an outage in which nobody could.
    pub altogether: i64,
}

impl NakedMs {
    fn or_longer(&mut self, other: Self) {
        self.blamed = self.blamed.max(other.blamed);
        self.altogether = self.altogether.max(other.altogether);
    }
}

/// Counters of one run, or of many together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Deliveries by kind, see [`DELIVERIES`].
    pub deliveries: [u64; DELIVERIES.len()],
    /// Whatever else happened, by what it is called.
    pub happened: BTreeMap<String, u64>,
    /// How long positions were open, summed over the positions, ms.
    pub open_ms: i64,
    /// The longest that a position lacked its stop beyond the placement window, by what the
    /// scripts knew.
    pub naked: BTreeMap<String, NakedMs>,
    #[serde(skip)]
    open_since: BTreeMap<(String, PositionSide), i64>,
}

impl Tally {
    pub(super) fn delivered(&mut self, delivery: &Delivery) {
        let kind = match delivery {
            Delivery::Bus { .. } => 0,
            Delivery::Beat { .. } => 1,
            Delivery::Frame { .. } => 2,
            Delivery::Call { .. } => 3,
            Delivery::Answer { .. } => 4,
            Delivery::Stream { .. } => 5,
            Delivery::Mark { .. } => 6,
            Delivery::Venue => 7,
            Delivery::LeaseRequest { .. } | Delivery::LeaseAnswer { .. } => 8,
        };
        self.deliveries[kind] += 1;
    }

    /// Something happened once.
    pub fn happen(&mut self, what: &str) {
        match self.happened.get_mut(what) {
            Some(count) => *count += 1,
            None => {
                self.happened.insert(what.to_owned(), 1);
            }
        }
    }

    /// Counts an answer's code, and returns it where the venue refused.
    pub(super) fn answered(&mut self, status: u16, body: &str) -> Option<i64> {
        if status == 200 {
            return None;
        }
        let answer: Value = serde_json::from_str(body).unwrap_or_default();
        let code = answer["code"].as_i64();
        match code {
            Some(code) => self.happen(&format!("code {code}")),
            None => self.happen(&format!("status {status}")),
        }
        code
    }

    pub(super) fn venue_said(&mut self, event: &VenueEvent) {
        self.happen(event.body.name());
        if let EventBody::Order(update) = &event.body
            && update.order.client_id.starts_with(LIQUIDATES)
        {
            self.happen("liquidation");
        }
        let EventBody::Account(account) = &event.body else {
            return;
        };
        let leg = (account.symbol.clone(), account.leg);
        if account.qty.is_zero() {
            let since = self.open_since.remove(&leg);
            self.open_ms += since.map_or(0, |since| event.engine_ms - since);
        } else {
            self.open_since.entry(leg).or_insert(event.engine_ms);
        }
    }

    /// The run ends: what is open was open until now.
    #[must_use]
    pub fn ended(mut self, now_ms: i64) -> Self {
        let open = std::mem::take(&mut self.open_since);
        self.open_ms += open.values().map(|since| now_ms - since).sum::<i64>();
        self
    }

    /// A script that knew such trouble left a position naked for so long.
    pub fn naked_for(&mut self, trouble: &str, longest: Longest) {
        let longest = NakedMs {
            blamed: longest.blamed.millis(),
            altogether: longest.altogether.millis(),
        };
        let row = self.naked.entry(trouble.to_owned()).or_default();
        row.or_longer(longest);
    }

    /// All deliveries.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.deliveries.iter().sum()
    }

    /// Adds another run's counters.
    pub fn add(&mut self, other: &Self) {
        for (mine, its) in self.deliveries.iter_mut().zip(other.deliveries) {
            *mine += its;
        }
        for (what, count) in &other.happened {
            *self.happened.entry(what.clone()).or_default() += count;
        }
        for (trouble, longest) in &other.naked {
            let row = self.naked.entry(trouble.clone()).or_default();
            row.or_longer(*longest);
        }
        self.open_ms += other.open_ms;
    }
}
