//! What the monitor remembers of one life of one position.

use std::collections::BTreeMap;

use domain::flight::{Flight, Pending};
use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::snapshot::PositionSnapshot;
use domain::{Module, Price, Span, Timestamp};

use super::check::Scene;
use super::rules;

/// After a fill or a vanished order the picture may still lack the smaller quantity: no
/// take-profit is placed for this long, so that none is placed twice.
const SETTLE: Span = Span::from_secs(2);
/// Pause of a position after a denial because the brain owns exits.
pub const BLOCKED_PAUSE: Span = Span::from_secs(10);
/// The venue's "would trigger immediately": the level is behind the mark.
const WOULD_TRIGGER: i32 = -2021;

/// One life of one position.
#[derive(Debug, Clone)]
pub struct Watch {
    snapshot: PositionSnapshot,
    flight: Flight,
    generations: BTreeMap<LegId, u32>,
    tier: usize,
    breached: bool,
    unsettled_until: Option<Timestamp>,
    blocked_until: Option<Timestamp>,
}

impl Watch {
    /// A life just heard of.
    #[must_use]
    pub fn new(snapshot: PositionSnapshot) -> Self {
        let mut watch = Self {
            snapshot,
            flight: Flight::default(),
            generations: BTreeMap::new(),
            tier: 0,
            breached: false,
            unsettled_until: None,
            blocked_until: None,
        };
        watch.learn();
        watch
    }

    /// The last picture.
    #[must_use]
    pub const fn snapshot(&self) -> &PositionSnapshot {
        &self.snapshot
    }

    /// A newer picture of the same life; another life takes the place of this one.
    pub fn on_snapshot(&mut self, snapshot: PositionSnapshot, now: Timestamp) {
        if snapshot.position.epoch != self.snapshot.position.epoch {
            let blocked_until = self.blocked_until;
            *self = Self::new(snapshot);
            self.blocked_until = blocked_until;
            return;
        }
        let entry = |snapshot: &PositionSnapshot| snapshot.position.entry_price;
        if entry(&snapshot) != entry(&self.snapshot) {
            // Profit is counted from another price now.
            self.tier = 0;
        }
        if self.has_lost_own(&snapshot) {
            self.unsettled_until = Some(now + SETTLE);
        }
        self.snapshot = snapshot;
        self.learn();
        self.flight.settle(&self.snapshot, now);
        if !self.snapshot.position.is_open() {
            self.breached = false;
        }
    }

    /// News of one of this module's orders.
    pub fn on_event(&mut self, event: &OrderEvent, now: Timestamp) {
        if event.epoch != self.snapshot.position.epoch {
            return;
        }
        self.flight.on_event(event);
        let symbol = &self.snapshot.position.key.symbol;
        let leg = event.client_order_id.cause(symbol).map(|cause| cause.leg);
        match event.status {
            OrderStatus::Filled | OrderStatus::PartiallyFilled => {
                self.unsettled_until = Some(now + SETTLE);
            }
            OrderStatus::Rejected
                if leg == Some(LegId::Stop) && event.code == Some(WOULD_TRIGGER) =>
            {
                self.breached = true;
            }
            OrderStatus::Accepted if leg == Some(LegId::Stop) => self.breached = false,
            _ => {}
        }
    }

    /// The guard's no to the wish with that name.
    pub fn on_denied(&mut self, intent_id: &str, now: Timestamp) {
        // The wish to place an order bears the order's own name; a denied cancel runs out.
        if let Ok(id) = ClientOrderId::new(intent_id) {
            self.flight.on_denied(&id, now);
        }
    }

    /// The brain owns exits: no use in asking for a while.
    pub fn block(&mut self, now: Timestamp) {
        self.blocked_until = Some(now + BLOCKED_PAUSE);
    }

    /// Whether it was said so a short while ago.
    #[must_use]
    pub fn is_blocked(&self, now: Timestamp) -> bool {
        self.blocked_until.is_some_and(|until| now < until)
    }

    /// Whether nothing is left to do for a closed position.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let snapshot = &self.snapshot;
        let proven = !snapshot.position.is_open() && snapshot.flat_proven && snapshot.complete;
        // What the brain left is looked after too; its close-position stop expires by itself.
        let symbol = &snapshot.position.key.symbol;
        let rests = snapshot.orders.iter().any(|order| {
            let expires = matches!(order.order, CloseOrder::DisasterStop { .. });
            !expires && order.client_order_id.cause(symbol).is_some()
        });
        proven && !rests
    }

    /// What a check looks at. The tier is the highest one that this life has reached, so that a
    /// profit that wavers around a threshold doesn't move targets to and fro.
    pub fn scene(&mut self, mark: Option<Price>, inherits: bool, now: Timestamp) -> Scene<'_> {
        if let Some(mark) = mark {
            let reached = rules::tier_index(self.snapshot.position.pnl_pct_margin(mark));
            self.tier = self.tier.max(reached);
        }
        Scene {
            snapshot: &self.snapshot,
            flight: &self.flight,
            mark,
            tier: rules::tier(self.tier),
            breached: self.breached,
            unsettled: self.unsettled_until.is_some_and(|until| now < until),
            inherits,
            now,
        }
    }

    /// Names a new order for `leg` and notes that it is on its way.
    pub fn name(&mut self, leg: LegId, order: CloseOrder, expires_at: Timestamp) -> ClientOrderId {
        let generation = self.generations.entry(leg).or_default();
        *generation = generation.saturating_add(1);
        let position = &self.snapshot.position;
        let cause = OrderCause {
            module: Module::PositionMonitor,
            side: position.key.side,
            epoch: position.epoch,
            leg,
            generation: *generation,
        };
        let client_order_id = ClientOrderId::derive(&position.key.symbol, &cause);
        let pending = Pending {
            client_order_id: client_order_id.clone(),
            order,
            expires_at,
            status: OrderStatus::Submitting,
            heard_at: None,
        };
        self.flight.asked(leg, pending);
        client_order_id
    }

    /// Notes that a cancel is on its way; the attempt's number.
    pub fn canceling(
        &mut self,
        target: &ClientOrderId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> u32 {
        self.flight.cancel_asked(target, now, expires_at)
    }

    /// Generations that rest on the venue are taken, also after a restart.
    fn learn(&mut self) {
        let position = &self.snapshot.position;
        for order in &self.snapshot.orders {
            let Some(cause) = order.client_order_id.cause(&position.key.symbol) else {
                continue;
            };
            if cause.module == Module::PositionMonitor && cause.epoch == position.epoch {
                let taken = self.generations.entry(cause.leg).or_default();
                *taken = (*taken).max(cause.generation);
            }
        }
    }

    fn own_ids<'a>(
        &'a self,
        snapshot: &'a PositionSnapshot,
    ) -> impl Iterator<Item = &'a ClientOrderId> {
        let key = &self.snapshot.position.key;
        let own = |id: &&ClientOrderId| {
            id.cause(&key.symbol).is_some_and(|cause| {
                cause.module == Module::PositionMonitor && cause.side == key.side
            })
        };
        snapshot
            .orders
            .iter()
            .map(|order| &order.client_order_id)
            .filter(own)
    }

    fn has_lost_own(&self, newer: &PositionSnapshot) -> bool {
        self.own_ids(&self.snapshot)
            .any(|before| !self.own_ids(newer).any(|after| after == before))
    }
}
