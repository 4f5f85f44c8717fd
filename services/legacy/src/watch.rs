//! What an incumbent remembers of one life of one position.

use std::collections::BTreeMap;

use domain::flight::{Flight, Pending, taken_before};
use domain::handover::Handover;
use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::snapshot::PositionSnapshot;
use domain::{Price, Span, Timestamp};

use crate::books::Books;
use crate::check::Scene;
use crate::fellows::Beside;
use crate::method::{Method, Wishes};
use crate::roles::Role;

/// After a fill or a vanished order the picture may still lack the smaller quantity: no
/// take-profit is placed for this long, so that none is placed twice.
const SETTLE: Span = Span::from_secs(2);
/// Pause of a position after a denial because the brain owns exits.
pub const BLOCKED_PAUSE: Span = Span::from_secs(10);
/// The venue's "would trigger immediately": the level is behind the mark.
const WOULD_TRIGGER: i32 = -2021;

/// One life of one position.
#[derive(Debug)]
pub struct Watch {
    role: &'static Role,
    method: Box<dyn Method>,
    /// What the method wished last, where it was asked.
    wishes: Wishes,
    asked: bool,
    snapshot: PositionSnapshot,
    flight: Flight,
    generations: BTreeMap<LegId, u32>,
    /// Start of the process, Unix microseconds.
    boot: u64,
    breached: bool,
    unsettled_until: Option<Timestamp>,
    blocked_until: Option<Timestamp>,
    /// What the executor said last of this life when it left it.
    handed: Option<Handover>,
}

impl Watch {
    /// A life just heard of, in a process that started at `boot` (Unix microseconds).
    #[must_use]
    pub fn new(role: &'static Role, snapshot: PositionSnapshot, boot: u64) -> Self {
        let mut watch = Self {
            boot,
            role,
            method: (role.method)(),
            wishes: Wishes::default(),
            asked: false,
            snapshot,
            flight: Flight::default(),
            generations: BTreeMap::new(),
            breached: false,
            unsettled_until: None,
            blocked_until: None,
            handed: None,
        };
        watch.learn();
        watch
    }

    /// The last picture.
    #[must_use]
    pub const fn snapshot(&self) -> &PositionSnapshot {
        &self.snapshot
    }

    /// What rests, as this module sees it.
    #[must_use]
    pub const fn books(&self) -> Books<'_> {
        Books {
            module: &self.role.module,
            snapshot: &self.snapshot,
        }
    }

    /// A newer picture of the same life; another life takes the place of this one.
    pub fn on_snapshot(&mut self, snapshot: PositionSnapshot, now: Timestamp) {
        if snapshot.position.epoch != self.snapshot.position.epoch {
            let blocked_until = self.blocked_until;
            *self = Self::new(self.role, snapshot, self.boot);
            self.blocked_until = blocked_until;
            return;
        }
        if self.has_lost_one(&snapshot) {
            self.unsettled_until = Some(now + SETTLE);
        }
        self.snapshot = snapshot;
        self.learn();
        self.flight.settle(&self.snapshot, now);
        if !self.books().is_bare() {
            // A level that the venue refused matters only where nothing else protects.
            self.breached = false;
        }
    }

    /// News of one of this module's orders.
    pub fn on_event(&mut self, event: &OrderEvent, now: Timestamp) {
        if event.epoch != self.snapshot.position.epoch {
            return;
        }
        self.flight.on_event(event, now);
        let symbol = &self.snapshot.position.key.symbol;
        let leg = event.client_order_id.cause(symbol).map(|cause| cause.leg);
        match event.status {
            OrderStatus::Filled | OrderStatus::PartiallyFilled => {
                self.unsettled_until = Some(now + SETTLE);
            }
            OrderStatus::Rejected
                if leg == Some(LegId::Stop) && event.code == Some(WOULD_TRIGGER) =>
            {
                self.breached = !self.method.on_breach();
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
        let rests = self
            .books()
            .caused()
            .any(|(order, _)| !matches!(order.order, CloseOrder::DisasterStop { .. }));
        proven && !rests
    }

    /// The method and what it looks at; see [`Watch::wish`].
    pub fn mind(&mut self) -> (&PositionSnapshot, &mut dyn Method) {
        (&self.snapshot, &mut *self.method)
    }

    /// The method, to look at.
    #[must_use]
    pub fn method(&self) -> &dyn Method {
        &*self.method
    }

    /// Whether there is something to ask the method about.
    #[must_use]
    pub fn may_ask(&self) -> bool {
        self.snapshot.complete && self.snapshot.position.is_open()
    }

    /// Whether the method must be asked before anything is done: it has not been yet, its time has
    /// come, or no stop covers the position.
    #[must_use]
    pub fn must_ask(&self, now: Timestamp) -> bool {
        !self.asked || self.is_due(now) || self.books().is_bare()
    }

    /// Whether the time has come that the method named.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.method.due_at().is_some_and(|at| at <= now)
    }

    /// The method's new wishes.
    pub fn wish(&mut self, wishes: Wishes) {
        self.wishes = wishes;
        self.asked = true;
    }

    /// The executor leaves this position; `false` where it is another life, or older news.
    pub fn hand_over(&mut self, handover: Handover) -> bool {
        if handover.epoch != self.snapshot.position.epoch {
            return false;
        }
        let news = handover.heard_after(self.handed.as_ref());
        let is_news = news.is_some();
        self.handed = news.or(self.handed.take());
        is_news
    }

    /// Whether the executor has left this position, by its own word or by what rests, and what is
    /// open is covered: then whoever takes over has it.
    #[must_use]
    pub fn is_taken_over(&self) -> bool {
        let books = self.books();
        let is_left = self.handed.is_some() || books.executors().next().is_some();
        self.may_ask() && is_left && books.is_covered()
    }

    /// Somebody else acts now: what was wished before will be too old afterwards.
    pub fn stand_aside(&mut self) {
        self.handed = None;
        self.wishes = Wishes::default();
        self.asked = false;
    }

    /// What a check looks at.
    #[must_use]
    pub fn scene<'a>(
        &'a self,
        mark: Option<Price>,
        beside: &'a Beside,
        now: Timestamp,
    ) -> Scene<'a> {
        let unsettled = self.unsettled_until.is_some_and(|until| now < until);
        Scene {
            books: self.books(),
            flight: &self.flight,
            wishes: &self.wishes,
            mark,
            breached: self.breached,
            unsettled: unsettled || beside.unsure,
            beside,
            handed: self.handed.as_ref().and_then(|handed| handed.closing),
            now,
        }
    }

    /// Whether everything is to be closed at market.
    #[must_use]
    pub fn is_leaving(&self, mark: Option<Price>, beside: &Beside, now: Timestamp) -> bool {
        let scene = self.scene(mark, beside, now);
        scene.exit_reason().is_some()
    }

    /// Names a new order for `leg` and notes that it is on its way.
    pub fn name(&mut self, leg: LegId, order: CloseOrder, expires_at: Timestamp) -> ClientOrderId {
        let position = &self.snapshot.position;
        let taken = taken_before(position.epoch, self.boot);
        let generation = self.generations.entry(leg).or_default();
        *generation = (*generation).max(taken).saturating_add(1);
        let cause = OrderCause {
            module: self.role.module.clone(),
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
            heard: None,
        };
        self.flight.asked(leg, pending);
        client_order_id
    }

    /// Notes that a cancel is on its way.
    pub fn canceling(&mut self, target: &ClientOrderId, now: Timestamp, expires_at: Timestamp) {
        self.flight.cancel_asked(target, now, expires_at);
    }

    /// Generations that rest on the venue are taken, also after a restart.
    fn learn(&mut self) {
        let epoch = self.snapshot.position.epoch;
        let books = Books {
            module: &self.role.module,
            snapshot: &self.snapshot,
        };
        for (_, cause) in books.own().filter(|(_, cause)| cause.epoch == epoch) {
            let taken = self.generations.entry(cause.leg).or_default();
            *taken = (*taken).max(cause.generation);
        }
    }

    fn has_lost_one(&self, newer: &PositionSnapshot) -> bool {
        let newer = Books {
            module: &self.role.module,
            snapshot: newer,
        };
        let of_before = self.books();
        let mut before = of_before.own().chain(of_before.executors());
        before.any(|(before, _)| {
            let rests = |after: &ClientOrderId| *after == before.client_order_id;
            let mut after = newer.own().chain(newer.executors());
            !after.any(|(after, _)| rests(&after.client_order_id))
        })
    }
}
