//! The last look at a call at the moment it leaves, and what happens where it may not leave.

use std::mem;

use domain::guard::{DenyReason, may_send, tightest_stop};
use domain::ids::ClientOrderId;
use domain::order::{CloseOrder, OrderStatus};
use domain::{Epoch, Module, PositionKey, Qty, Span, Timestamp};

use super::calls::{Cancel, Purpose, Waiting};
use super::door::Refusal;
use super::ledger::{News, Placing};
use super::{GatewayActor, GatewayEffect, TAG};
use binance::ApiRequest;
use binance::order_params::BuildError;
use runtime::pulse::EXECUTOR_CANCELED_AT;

/// A request that surely was not executed may be sent again for so long after its approval: the
/// time a fresh position needs to be known everywhere on the venue (about 2 s), and a little more.
pub(super) const RETRY_WINDOW: Span = Span::from_secs(3);

impl GatewayActor {
    /// Queues a call; one that finds no room, or has to give way, is answered as not made.
    pub(super) fn push(&mut self, waiting: Waiting) {
        if let Some(dropped) = self.calls.push(waiting) {
            self.pulse.count("calls_dropped");
            self.not_made(&dropped.purpose, "too many calls are waiting");
        }
    }

    fn not_made(&mut self, purpose: &Purpose, why: &str) {
        match purpose {
            Purpose::Read(read) => self.read_failed(read),
            Purpose::Place(id) => self.give_up(id, None, why),
            Purpose::Cancel(cancel) => self.remark(&cancel.target, None, why),
            Purpose::Ask { id, .. } => self.ask_failed(id),
        }
    }

    /// An order that surely was not executed is not tried any more.
    pub(super) fn give_up(&mut self, id: &ClientOrderId, code: Option<i32>, why: &str) {
        let news = News {
            status: Some(OrderStatus::Rejected),
            code,
            detail: why.to_owned(),
            ..News::default()
        };
        self.news(id, news);
    }

    /// Hands out what may go now.
    pub(super) fn pump(&mut self) {
        while let Some(mut waiting) = self.calls.pop(self.now) {
            if self.before_send(&mut waiting) {
                let call = self.calls.send(waiting, self.now);
                if call.canceled_by == Some(Module::ExitExecutor) {
                    let now = u64::try_from(self.now.micros()).unwrap_or(0);
                    self.pulse.set(EXECUTOR_CANCELED_AT, now);
                }
                self.out.push(GatewayEffect::Call(call));
            }
        }
    }

    /// Tells of orders that waited too long, be it for the order counts: whoever wanted them
    /// decides anew, instead of learning it when there is room again.
    pub(super) fn expire_waiting(&mut self) {
        let (now, ledger) = (self.now, &self.ledger);
        let over = |waiting: &Waiting| {
            let Purpose::Place(id) = &waiting.purpose else {
                return false;
            };
            let placing = ledger.get(id).and_then(|own| own.placing.as_ref());
            placing.is_some_and(|placing| is_expired(placing, now))
        };
        for mut waiting in self.calls.take_over(over) {
            // Refused as expired, like one that is expired when its turn comes.
            if self.before_send(&mut waiting) {
                self.push(waiting);
            }
        }
    }

    /// The last look at a call, at the moment it leaves.
    pub(super) fn before_send(&mut self, waiting: &mut Waiting) -> bool {
        match &mut waiting.purpose {
            Purpose::Read(_) | Purpose::Ask { .. } => true,
            Purpose::Cancel(cancel) => {
                let is_algo = waiting.request.param("clientAlgoId").is_some();
                match self.before_cancel(cancel, is_algo) {
                    Ok(true) => {
                        cancel.tries += 1;
                        true
                    }
                    Ok(false) => {
                        self.look_later(waiting);
                        false
                    }
                    Err(refusal) => {
                        self.count_denied(refusal.code);
                        let detail = format!("{}: {}", refusal.code, refusal.detail);
                        self.remark(&cancel.target, None, &detail);
                        false
                    }
                }
            }
            Purpose::Place(id) => {
                let id = id.clone();
                match self.before_place(&id) {
                    Ok(None) => true,
                    Ok(Some(request)) => {
                        waiting.request = request;
                        true
                    }
                    Err(Some(refusal)) => {
                        self.count_denied(refusal.code);
                        let detail = format!("{}: {}", refusal.code, refusal.detail);
                        self.give_up(&id, None, &detail);
                        false
                    }
                    Err(None) => false,
                }
            }
        }
    }

    /// Whether the cancel may go; an error where it is no longer wanted, allowed, or held, `false`
    /// where it waits.
    fn before_cancel(&mut self, cancel: &Cancel, is_algo: bool) -> Result<bool, Refusal> {
        // After a demotion the order is its successor's: only who may place may take away.
        may_send(
            &cancel.author,
            self.mode.effective(&cancel.symbol, self.now),
        )?;
        if cancel.tries == 0 && cancel.expires_at <= self.now {
            let detail = "the cancel waited too long";
            return Err(Refusal::new("INTENT_EXPIRED", detail));
        }
        if let Some(own) = self.ledger.get(&cancel.target) {
            self.check_hold(&own.key.symbol, !is_algo)?;
        }
        if is_algo {
            return self.looks_again(cancel);
        }
        Ok(true)
    }

    /// Whether the order is still wanted and still closes; with a smaller request where the
    /// position is smaller by now. An error of none means that there is nothing to send.
    fn before_place(&mut self, id: &ClientOrderId) -> Result<Option<ApiRequest>, Option<Refusal>> {
        let now = self.now;
        let Some(own) = self.ledger.get(id) else {
            return Err(None);
        };
        let Some(placing) = own.placing.clone().filter(|_| own.is_in_doubt()) else {
            return Err(None); // the venue has told of it already
        };
        let (key, epoch, module) = (own.key.clone(), own.epoch, own.module.clone());
        if is_expired(&placing, now) {
            let late_ms = now.since(placing.expires_at).millis();
            return Err(Some(DenyReason::IntentExpired { late_ms }.into()));
        }
        let mode = self.mode.effective(&key.symbol, now);
        may_send(&module, mode).map_err(|reason| Some(reason.into()))?;
        let leg = self.legs.get(&(key.symbol.clone(), key.side));
        let open = leg
            .filter(|leg| leg.position.epoch == epoch)
            .map_or(Qty::ZERO, |leg| leg.position.qty);
        if open.is_zero() {
            return Err(Some(Refusal::new("POSITION_FLAT", "flat")));
        }
        self.not_overtaken(&key, (&module, epoch), &placing)?;
        let protects = !matches!(placing.order, CloseOrder::Limit { .. });
        self.check_hold(&key.symbol, protects).map_err(Some)?;
        let capped = capped(&placing.order, open);
        let request = match capped {
            None => None,
            Some(order) => {
                let (symbol, side) = (key.symbol.as_str(), key.side);
                let built = self.place_request(symbol, side, id.as_str(), &order);
                let refused = |e: BuildError| Some(Refusal::new("ORDER_BUILD", e.to_string()));
                Some(built.map_err(refused)?)
            }
        };
        self.handed_out(id);
        Ok(request)
    }

    /// A stop is not wanted any more where a tighter one of the same owner has come to rest
    /// meanwhile: a stop only tightens.
    fn not_overtaken(
        &self,
        key: &PositionKey,
        owner: (&Module, Epoch),
        placing: &Placing,
    ) -> Result<(), Option<Refusal>> {
        let CloseOrder::Stop { trigger: asked, .. } = placing.order else {
            return Ok(());
        };
        let resting = self.books.all_of(&key.symbol, key.side);
        match tightest_stop(owner, key, resting.map(|open| &open.resting)) {
            Some(resting) if key.side.is_tighter(resting, asked) => {
                Err(Some(DenyReason::StopLoosened { asked, resting }.into()))
            }
            _ => Ok(()),
        }
    }

    /// Counts an order that leaves; it is told once it has left.
    fn handed_out(&mut self, id: &ClientOrderId) {
        let now = self.now;
        let Some(own) = self.ledger.get_mut(id) else {
            return;
        };
        let Some(placing) = &mut own.placing else {
            return;
        };
        placing.tries += 1;
        placing.sent_at = Some(now);
        placing.sent_on_venue = Some(self.calls.budget.on_venue(now));
        if placing.tries > 1 {
            self.pulse.count("orders_retried");
            return;
        }
        let by_module = &mut self.metrics.sent_by_module;
        *by_module.entry(own.module.name().to_owned()).or_default() += 1;
        let by_kind = &mut self.metrics.sent_by_kind;
        *by_kind.entry(own.kind.to_string()).or_default() += 1;
        self.untold.push(id.clone());
    }

    /// Tells of the orders that have left: the request waits for nothing that can be said later,
    /// and nothing is told of an order before this.
    pub(super) fn tell_sent(&mut self) {
        for id in mem::take(&mut self.untold) {
            let own = self.ledger.get(&id);
            let sent = own.and_then(|own| Some((own, own.placing.as_ref()?)));
            let Some((own, placing)) = sent else {
                continue;
            };
            let at = placing.sent_at.unwrap_or(self.now);
            let tick_to_order = placing.tick_received_at.map(|tick| at.since(tick));
            let event = own.event(&id, tick_to_order, at);
            let (position, module, kind) = (&event.key, event.module.name(), event.kind);
            let micros = tick_to_order.map(Span::micros);
            tracing::info!(
                tag = TAG,
                %position,
                client_order_id = %id,
                module,
                %kind,
                order_type = event.order_type,
                tick_to_order_us = micros,
                "submitting"
            );
            self.publish_event(&event);
        }
    }
}

/// The first request must leave before the intent ends, a further one within the window.
fn is_expired(placing: &Placing, now: Timestamp) -> bool {
    match placing.tries {
        0 => placing.expires_at <= now,
        _ => now.since(placing.approved_at) > RETRY_WINDOW,
    }
}

/// A market close of more than is open, cut down to what is open.
fn capped(order: &CloseOrder, open: Qty) -> Option<CloseOrder> {
    match order {
        CloseOrder::Market { qty } if *qty > open => Some(CloseOrder::Market { qty: open }),
        _ => None,
    }
}
