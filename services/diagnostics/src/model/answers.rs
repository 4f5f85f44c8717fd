//! What became of each order at the venue, and how long it took from the wish to the answer.

use domain::ids::ClientOrderId;
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::order::{OrderEvent, OrderStatus};
use domain::{Span, Timestamp};

use super::durations::Durations;
use super::recent::Recent;
use super::tally::Tally;

/// Orders and wishes that are remembered: at the venue's limit of 300 orders in 10 s over two
/// minutes. News of an older order may be counted again.
const ORDERS_MAX: usize = 4_096;

/// From the wish to the venue's yes: a bus hop takes 0.1 ms, the venue some ten, a retry 300.
const ACK_BOUNDS: [Span; 11] = [
    Span::from_millis(2),
    Span::from_millis(5),
    Span::from_millis(10),
    Span::from_millis(25),
    Span::from_millis(50),
    Span::from_millis(100),
    Span::from_millis(250),
    Span::from_millis(500),
    Span::from_secs(1),
    Span::from_millis(2_500),
    Span::from_secs(5),
];

/// The answers.
#[derive(Debug, Clone)]
pub struct Answers {
    orders: Recent<ClientOrderId, OrderStatus, ORDERS_MAX>,
    wished: Recent<IntentId, Timestamp, ORDERS_MAX>,
    /// The venue's yes to wishes that are not heard of yet: the guard tells of them a moment later.
    early: Recent<IntentId, Timestamp, ORDERS_MAX>,
    results: Tally,
    acks: Durations,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            orders: Recent::default(),
            wished: Recent::default(),
            early: Recent::default(),
            results: Tally::default(),
            acks: Durations::new(&ACK_BOUNDS),
        }
    }
}

impl Answers {
    /// Takes a wish; only one to place something is answered.
    pub fn hear_intent(&mut self, intent: &OrderIntent) {
        let places = matches!(intent.wish, Wish::Place { .. });
        if !places || self.wished.put(&intent.id, intent.created_at).is_some() {
            return;
        }
        // Where the first telling of it was lost, this one may be younger than the answer.
        let accepted = self.early.get(&intent.id);
        if let Some(accepted) = accepted.filter(|it| **it >= intent.created_at) {
            self.acks.hear(accepted.since(intent.created_at));
        }
    }

    /// Takes news of an order; the same news again are none.
    pub fn hear(&mut self, event: &OrderEvent) {
        let before = self.orders.put(&event.client_order_id, event.status);
        if before == Some(event.status) {
            return;
        }
        let result = match event.status {
            OrderStatus::Accepted => "accepted",
            OrderStatus::Rejected => "rejected",
            OrderStatus::Unknown => "unknown",
            // The rest follows later and is counted as news.
            _ => return,
        };
        self.results
            .add(&format!("{}/{}/{result}", event.module, event.kind), 1);
        if event.status != OrderStatus::Accepted {
            return;
        }
        match self.wished.get(&event.intent_id) {
            Some(wished) => self.acks.hear(event.at.since(*wished)),
            None => {
                self.early.put(&event.intent_id, event.at);
            }
        }
    }

    /// Answers by module, kind and result.
    pub fn results(&self) -> impl Iterator<Item = ([&str; 3], u64)> {
        self.results.counts().iter().map(|(name, count)| {
            let mut parts = name.split('/');
            let mut part = || parts.next().unwrap_or(super::tally::OTHER);
            ([part(), part(), part()], *count)
        })
    }

    /// Orders of which nobody knows what became.
    #[must_use]
    pub fn unknown(&self) -> usize {
        let is_unknown = |status: &&OrderStatus| **status == OrderStatus::Unknown;
        self.orders.values().filter(is_unknown).count()
    }

    /// From the wish to the venue's yes.
    #[must_use]
    pub const fn acks(&self) -> &Durations {
        &self.acks
    }
}
