//! What the gateway says: position snapshots, order events, its heartbeat.

use bus::Subject;
use domain::ids::ClientOrderId;
use domain::order::OrderEvent;
use domain::snapshot::{PositionSnapshot, covered};
use domain::{Span, Timestamp};
use runtime::protection::{POSITIONS_NAKED, lacks_stop};

use super::calls::Deferrals;
use super::ledger::News;
use super::legs::{Leg, LegKey};
use super::{GatewayActor, GatewayEffect, TAG};

/// A snapshot is repeated this often: once a second, less one beat of the actor.
pub(super) const SNAPSHOT_EVERY: Span = Span::from_millis(900);
/// A position is spoken of for this long after it went flat, so that its orders can be swept.
pub(super) const REFLAT_KEEP: Span = Span::from_secs(60);

impl GatewayActor {
    pub(super) fn publish<M: proto::Wire>(&mut self, subject: &Subject<M>, message: &M) {
        self.out
            .push(GatewayEffect::Publish(subject.message(message)));
    }

    /// Tells of every leg that changed.
    pub(super) fn publish_dirty(&mut self) {
        let dirty: Vec<LegKey> = self
            .legs
            .iter()
            .filter(|(_, leg)| leg.is_dirty && leg.is_known)
            .map(|(key, _)| key.clone())
            .collect();
        for key in dirty {
            self.publish_leg(&key);
        }
    }

    /// Repeats snapshots and the heartbeat.
    pub(super) fn publish_due(&mut self) {
        let now = self.now;
        let is_due =
            |at: Option<Timestamp>| at.is_none_or(|at| now.since(at) >= SNAPSHOT_EVERY || now < at);
        let acts = self.acts();
        let due: Vec<LegKey> = self
            .legs
            .iter()
            .filter(|(_, leg)| acts && leg.is_known && is_due(leg.published_at))
            .map(|(key, _)| key.clone())
            .collect();
        for key in due {
            self.publish_leg(&key);
        }
        if self.pulse.due(now) {
            self.publish_heartbeat();
        }
    }

    fn publish_leg(&mut self, key: &LegKey) {
        let Some(instrument) = self.rules.instrument(&key.0).cloned() else {
            return;
        };
        let now = self.now;
        let orders = self.books.of(&key.0, key.1);
        let complete = self.reads.is_complete;
        let Some(leg) = self.legs.get_mut(key) else {
            return;
        };
        leg.is_dirty = false;
        leg.published_at = Some(now);
        self.snapshots += 1;
        let snapshot = PositionSnapshot {
            position: leg.position.clone(),
            instrument,
            orders,
            complete,
            flat_proven: leg.flat_proven,
            sequence: self.snapshots,
            at: now,
            fence: self.owner.token(now),
        };
        let subject = bus::subjects::position(&snapshot.position.key);
        self.publish(&subject, &snapshot);
    }

    pub(super) fn publish_heartbeat(&mut self) {
        self.pulse
            .set("calls_waiting", count(self.calls.waiting_len()));
        self.pulse
            .set("calls_in_flight", count(self.calls.out_len()));
        let Deferrals {
            protective,
            ordinary,
        } = self.calls.deferrals;
        self.pulse.set("orders_deferred.protective", protective);
        self.pulse.set("orders_deferred.ordinary", ordinary);
        for (name, value) in self.calls.budget.named(self.now) {
            self.pulse.set(name, u64::from(value));
        }
        self.pulse.set("approval_gaps", self.door.gaps());
        if self.pulse.measures() {
            self.pulse.set(POSITIONS_NAKED, count(self.naked()));
        }
        self.pulse.set("holds", self.safe.count(self.now));
        self.pulse
            .set("stream_connected", u64::from(self.stream.is_connected));
        let (mode, revision) = (self.mode.own(), self.mode.revision());
        let (ready, metrics) = (self.booted && self.acts(), self.metrics.clone());
        let heartbeat = self
            .pulse
            .heartbeat(self.now, mode, revision, ready, Vec::new(), metrics);
        let subject = bus::subjects::health("gateway", &self.instance);
        self.publish(&subject, &heartbeat);
    }

    /// Open positions of which the books hold less than the whole stop.
    fn naked(&self) -> usize {
        let is_naked = |(key, leg): &(&LegKey, &Leg)| {
            let orders = self.books.of(&key.0, key.1);
            let covered = covered(leg.position.qty, orders.iter());
            lacks_stop(&leg.position, covered, self.now)
        };
        self.legs.open().filter(is_naked).count()
    }

    /// Forgets legs that are flat for long and for which nothing of ours rests, and those that
    /// went flat before anybody was told of them.
    pub(super) fn drop_flat_legs(&mut self) {
        let (now, books) = (self.now, &self.books);
        self.legs.retain(|(symbol, side), leg| {
            let long = leg
                .flat_since
                .is_some_and(|since| now.since(since) > REFLAT_KEEP);
            let ours = |id: &ClientOrderId| id.cause(symbol).is_some();
            let rests = || {
                books
                    .all_of(symbol, *side)
                    .any(|open| ours(&open.resting.client_order_id))
            };
            let untold = leg.flat_proven && !leg.is_known;
            !untold && (!(long && leg.flat_proven) || rests())
        });
    }

    /// Takes news of one of our orders in and tells them.
    pub(super) fn news(&mut self, id: &ClientOrderId, news: News) {
        let now = self.now;
        let Some(own) = self.ledger.get_mut(id) else {
            return;
        };
        match own.learn(news, now) {
            Ok(false) => {}
            Ok(true) => {
                let event = own.event(id, None, now);
                log(&event);
                self.publish_event(&event);
            }
            Err(step) => {
                self.pulse.count("order_steps_refused");
                tracing::warn!(tag = TAG, client_order_id = %id, %step, "impossible step");
            }
        }
    }

    /// Tells again where one of our orders is, with a remark.
    pub(super) fn remark(&mut self, id: &ClientOrderId, code: Option<i32>, detail: &str) {
        let Some(own) = self.ledger.get(id) else {
            return;
        };
        let event = OrderEvent {
            code,
            detail: detail.to_owned(),
            ..own.event(id, None, self.now)
        };
        self.publish_event(&event);
    }

    pub(super) fn publish_event(&mut self, event: &OrderEvent) {
        let subject = bus::subjects::event(&event.key);
        self.publish(&subject, event);
    }
}

fn log(event: &OrderEvent) {
    let (id, status, code) = (&event.client_order_id, event.status, event.code);
    let (venue_order_id, filled) = (event.venue_order_id, event.filled_qty);
    tracing::info!(
        tag = TAG,
        position = %event.key,
        client_order_id = %id,
        kind = %event.kind,
        %status,
        venue_order_id,
        %filled,
        code,
        detail = event.detail,
        "order"
    );
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
