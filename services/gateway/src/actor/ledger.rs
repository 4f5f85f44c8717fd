//! Our own orders: what was asked for, where each one is in its life, what is still in doubt.

use std::collections::BTreeMap;

use domain::ids::{ClientOrderId, OrderCause};
use domain::intent::{IntentId, OrderIntent};
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus};
use domain::reconcile::kind_of;
use domain::{Account, Epoch, LegId, Module, PositionKey, Price, Qty, Span, Symbol, Timestamp};

use super::observed::Book;

/// Orders that are remembered. Open ones are a few per position; the rest are ended ones, kept to
/// tell late news, the oldest of which go first.
const ORDERS_MAX: usize = 4_096;
/// How long an ended order is remembered: far beyond any late event.
const ENDED_KEEP: Span = Span::from_secs(600);
/// First pause between two questions about the same order, ms.
pub(super) const ASK_FIRST: Span = Span::from_millis(250);
/// Longest pause between two questions about the same order.
pub(super) const ASK_LONGEST: Span = Span::from_secs(2);
/// What has filled is told to everybody within this, where the clocks agree. An executor itself
/// waits longer before it asks for the next part, and asks again where its clock is behind.
const HEARD_AFTER: Span = Span::from_secs(1);
/// How long the position may lag behind a fill that an answer told, where no event tells of it and
/// reads wait for the venue's budget. Times of the two that never agree block a share no longer.
const UNSHOWN_MAX: Span = Span::from_secs(10);

/// One order of ours.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub key: PositionKey,
    pub epoch: Epoch,
    pub module: Module,
    pub kind: OrderKind,
    pub leg: LegId,
    pub intent_id: IntentId,
    pub order_type: String,
    pub book: Book,
    pub status: OrderStatus,
    pub filled: Qty,
    /// Average price of all of it, once told.
    pub average: Option<Price>,
    pub venue_id: Option<i64>,
    pub code: Option<i32>,
    pub detail: String,
    /// The request behind it, where this process made it.
    pub placing: Option<Placing>,
    /// Set while nobody knows where it is.
    pub ask: Option<Ask>,
    /// Orders count up as they are entered.
    number: u64,
    /// Venue time of the last fill, Unix ms; 0 where none was told.
    filled_ms: i64,
    /// Since when it is known to rest.
    rests_since: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

/// A request to place, from approval to answer.
#[derive(Debug, Clone)]
pub(super) struct Placing {
    pub order: CloseOrder,
    pub approved_at: Timestamp,
    pub expires_at: Timestamp,
    pub tick_received_at: Option<Timestamp>,
    /// Requests handed out so far.
    pub tries: u32,
    /// When the last one was handed out.
    pub sent_at: Option<Timestamp>,
    /// The same by the venue's clock, as it was known then.
    pub sent_on_venue: Option<Timestamp>,
}

/// A question about an order, asked until it is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub next_at: Timestamp,
    pub pause: Span,
    /// A question is on its way.
    pub in_flight: bool,
    /// Which book is asked next.
    pub book: Book,
    /// The ordinary book said, after the settling time, that it has no such order.
    pub absent_ordinary: bool,
    /// The conditional book said so.
    pub absent_algo: bool,
}

impl Ask {
    pub(super) fn new(book: Book, next_at: Timestamp) -> Self {
        Self {
            next_at,
            pause: ASK_FIRST,
            in_flight: false,
            book,
            absent_ordinary: false,
            absent_algo: false,
        }
    }

    /// The next question, later than the last.
    pub(super) fn again(&mut self, now: Timestamp) {
        self.in_flight = false;
        self.next_at = now + self.pause;
        let doubled = Span::from_micros(self.pause.micros() * 2);
        self.pause = doubled.min(ASK_LONGEST);
    }
}

/// News about one of our orders.
#[derive(Debug, Clone, Default)]
pub(super) struct News {
    pub status: Option<OrderStatus>,
    pub filled: Qty,
    /// Average price of what is filled, where told.
    pub average: Option<Price>,
    /// Venue time of this state, Unix ms.
    pub at_ms: i64,
    pub venue_id: Option<i64>,
    pub code: Option<i32>,
    pub detail: String,
}

/// All our orders by name.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    orders: BTreeMap<ClientOrderId, Own>,
    entered: u64,
}

impl Ledger {
    pub(super) fn get(&self, id: &ClientOrderId) -> Option<&Own> {
        self.orders.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &ClientOrderId) -> Option<&mut Own> {
        self.orders.get_mut(id)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&ClientOrderId, &mut Own)> {
        self.orders.iter_mut()
    }

    const fn count(&mut self) -> u64 {
        self.entered += 1;
        self.entered
    }

    /// Enters an approved order.
    pub(super) fn enter(&mut self, intent: &OrderIntent, cause: &OrderCause, placing: Placing) {
        let own = Own {
            key: intent.key.clone(),
            epoch: intent.epoch,
            module: intent.module.clone(),
            kind: intent.kind,
            leg: cause.leg,
            intent_id: intent.id.clone(),
            order_type: placing.order.type_name().into(),
            book: Book::of(&placing.order),
            status: OrderStatus::Submitting,
            filled: Qty::ZERO,
            average: None,
            venue_id: None,
            code: None,
            detail: String::new(),
            placing: Some(placing),
            ask: None,
            number: self.count(),
            filled_ms: 0,
            rests_since: None,
            ended_at: None,
        };
        self.orders.insert(intent.client_order_id().clone(), own);
    }

    /// Enters an order that an earlier process placed: its name tells all that is needed.
    pub(super) fn adopt(
        &mut self,
        id: &ClientOrderId,
        account: &Account,
        symbol: &Symbol,
        cause: OrderCause,
        book: Book,
    ) {
        let own = Own {
            key: PositionKey {
                account: account.clone(),
                symbol: symbol.clone(),
                side: cause.side,
            },
            epoch: cause.epoch,
            kind: kind_of(cause.leg),
            leg: cause.leg,
            module: cause.module,
            intent_id: IntentId::place(id),
            order_type: String::new(),
            book,
            status: OrderStatus::Unknown,
            filled: Qty::ZERO,
            average: None,
            venue_id: None,
            code: None,
            detail: String::new(),
            placing: None,
            ask: None,
            number: self.count(),
            filled_ms: 0,
            rests_since: None,
            ended_at: None,
        };
        self.orders.insert(id.clone(), own);
    }

    /// Whether an order for `leg` of this life may or may not have been executed. One for a share
    /// of the position counts under whatever name of its life: that may have been corrected since.
    /// A part at market is in doubt until it has ended: it never rests.
    pub(super) fn is_in_doubt(&self, intent: &OrderIntent, leg: LegId) -> bool {
        let is_part = matches!(leg, LegId::Partial(_));
        self.orders.values().any(|own| {
            own.key == intent.key
                && (own.epoch == intent.epoch || leg.is_share())
                && own.leg == leg
                && (own.is_in_doubt() || is_part && !own.status.is_final())
        })
    }

    /// Whether an order of the same module for the same share has filled, or come to rest, since
    /// this one was asked for, or so shortly before that whoever asked may not have heard of it.
    /// Two executors, the second of which was started anew, ask for the same part so; and one whose
    /// pictures are of a position that changed last at `changed_ms` (venue time, Unix ms), before
    /// that fill.
    pub(super) fn is_share_taken(&self, intent: &OrderIntent, leg: LegId, changed_ms: i64) -> bool {
        let unheard = |own: &Own| match changed_ms < own.filled_ms {
            true => UNSHOWN_MAX,
            false => HEARD_AFTER,
        };
        let is_since = |at: Option<Timestamp>, unheard: Span| {
            at.is_some_and(|at| at + unheard > intent.created_at)
        };
        let rests = |own: &Own| !own.status.is_final() && is_since(own.rests_since, HEARD_AFTER);
        // What is left of a target that was canceled is asked for at once.
        let closed = |own: &Own| match leg {
            LegId::Partial(_) => !own.filled.is_zero(),
            _ => own.status == OrderStatus::Filled,
        };
        leg.is_share()
            && self.orders.values().any(|own| {
                (&own.key, &own.module, own.leg) == (&intent.key, &intent.module, leg)
                    && (rests(own) || closed(own) && is_since(own.ended_at, unheard(own)))
            })
    }

    /// Whether the owner of this stop has asked for another one of the same life since, which may
    /// rest, or come to.
    pub(super) fn has_newer_stop(&self, id: &ClientOrderId) -> bool {
        let Some(of) = self.orders.get(id).filter(|own| own.leg == LegId::Stop) else {
            return false;
        };
        self.orders.values().any(|own| {
            let same = (&own.key, &own.module, own.epoch, own.leg);
            same == (&of.key, &of.module, of.epoch, of.leg)
                && own.number > of.number
                && !own.status.is_final()
        })
    }

    /// Forgets ended orders that nobody will tell news of any more.
    pub(super) fn prune(&mut self, now: Timestamp) {
        let over = |own: &Own| {
            own.ended_at
                .is_some_and(|ended_at| now.since(ended_at) > ENDED_KEEP)
        };
        self.orders.retain(|_, own| !over(own));
        while self.orders.len() > ORDERS_MAX {
            let ended = self
                .orders
                .iter()
                .filter_map(|(id, own)| Some((own.ended_at?, id.clone())))
                .min();
            let Some((_, oldest)) = ended else { return };
            self.orders.remove(&oldest);
        }
    }
}

impl Own {
    /// Whether it may or may not have been executed.
    pub(super) const fn is_in_doubt(&self) -> bool {
        matches!(self.status, OrderStatus::Submitting | OrderStatus::Unknown)
    }

    /// Takes news in. Returns whether anybody should hear of it; an impossible step is refused.
    ///
    /// # Errors
    /// The step that the life of an order doesn't have.
    pub(super) fn learn(
        &mut self,
        news: News,
        now: Timestamp,
    ) -> Result<bool, domain::order::InvalidTransition> {
        let before = (self.status, self.filled, self.average);
        if let Some(status) = news.status {
            self.status = self.status.after(status)?;
        }
        self.fill(&news);
        self.venue_id = self.venue_id.or(news.venue_id);
        let changed = (self.status, self.filled, self.average) != before;
        if changed {
            self.code = news.code;
            self.detail = news.detail;
        }
        if !self.is_in_doubt() && before.0 != self.status {
            self.ask = None;
        }
        if self.status.is_final() {
            self.ended_at.get_or_insert(now);
            self.ask = None;
        } else if !self.is_in_doubt() {
            self.rests_since.get_or_insert(now);
        }
        Ok(changed)
    }

    /// An answer may tell a fill without its price, and the stream the price afterwards.
    fn fill(&mut self, news: &News) {
        if news.filled > self.filled {
            (self.filled, self.average) = (news.filled, news.average);
            self.filled_ms = self.filled_ms.max(news.at_ms);
        } else if news.filled == self.filled {
            self.average = self.average.or(news.average);
        }
    }

    /// Starts asking where it is, unless that is being asked already.
    pub(super) fn doubt(&mut self, now: Timestamp, pause: Span) {
        let book = self.book;
        self.ask.get_or_insert_with(|| Ask::new(book, now + pause));
    }

    /// The event that tells where it is now.
    pub(super) fn event(
        &self,
        id: &ClientOrderId,
        tick_to_order: Option<Span>,
        now: Timestamp,
    ) -> OrderEvent {
        OrderEvent {
            key: self.key.clone(),
            epoch: self.epoch,
            module: self.module.clone(),
            kind: self.kind,
            intent_id: self.intent_id.clone(),
            client_order_id: id.clone(),
            venue_order_id: self.venue_id,
            order_type: self.order_type.clone(),
            status: self.status,
            filled_qty: self.filled,
            average_price: self.average,
            code: self.code,
            detail: self.detail.clone(),
            tick_to_order,
            at: now,
        }
    }
}
