//! From an approval to a request: the gateway's own checks, then the call.

use bus::Message;
use bus::approval::ApprovalError;
use domain::guard::{DenyReason, recheck};
use domain::ids::ClientOrderId;
use domain::intent::{Approval, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::{Qty, Side, Span};

use super::calls::{Cancel, Lane, Purpose, Waiting};
use super::door::Refusal;
use super::ledger::{News, Placing};
use super::{GatewayActor, GatewayEffect, TAG};
use crate::binance::order_params::{BuildError, place};
use crate::binance::{ApiRequest, PositionSide, VenueClose};

/// A request that surely was not executed may be sent again for so long after its approval: the
/// time a fresh position needs to be known everywhere on the venue (about 2 s), and a little more.
pub(super) const RETRY_WINDOW: Span = Span::from_secs(3);

impl GatewayActor {
    /// An approval came in, from whomever.
    pub(super) fn approved(&mut self, message: &Message) {
        let approval = match bus::approval::open(message, &self.guard_key) {
            Ok(approval) => approval,
            Err(error) => {
                self.count_denied(code_of(&error));
                tracing::warn!(tag = TAG, %error, "approval refused");
                return;
            }
        };
        if let Err(refusal) = self.act_on(&approval) {
            self.refuse(&approval.intent, &refusal);
        }
    }

    fn act_on(&mut self, approval: &Approval) -> Result<(), Refusal> {
        self.door.admit(approval, self.boot, self.now)?;
        if self.stopping {
            return Err(Refusal::new("GATEWAY_STOPPING", "gateway is stopping"));
        }
        if !self.booted {
            return Err(Refusal::new("GATEWAY_NOT_READY", "gateway is not ready"));
        }
        let intent = &approval.intent;
        let mode = self.mode.effective(&intent.key.symbol, self.now);
        let passed = recheck(intent.clone(), mode, self.now)?;
        match &passed.intent().wish {
            Wish::Place { order, .. } => self.place(approval, *order),
            Wish::Cancel {
                target,
                conditional,
            } => self.cancel(approval, target, *conditional),
        }
    }

    fn place(&mut self, approval: &Approval, order: CloseOrder) -> Result<(), Refusal> {
        let intent = &approval.intent;
        let id = intent.client_order_id();
        self.check_position(intent)?;
        let cause = id.cause(&intent.key.symbol).filter(|cause| {
            cause.module == intent.module
                && cause.epoch == intent.epoch
                && cause.side == intent.key.side
        });
        let Some(cause) = cause else {
            let (id, module) = (id.as_str().into(), intent.module.clone());
            return Err(DenyReason::OrderForeign { id, module }.into());
        };
        if self.ledger.get(id).is_some() {
            let (id, sequence) = (id.as_str().into(), approval.sequence);
            return Err(DenyReason::IntentRepeated { id, sequence }.into());
        }
        let is_market = matches!(order, CloseOrder::Market { .. });
        if is_market && self.ledger.is_in_doubt(intent, cause.leg) {
            return Err(DenyReason::OutcomePending.into());
        }
        let request = self
            .request(intent, &order)
            .map_err(|error| Refusal::new("ORDER_BUILD", error.to_string()))?;
        let placing = Placing {
            order,
            approved_at: approval.approved_at,
            expires_at: approval.expires_at.min(intent.expires_at),
            tick_received_at: intent.tick_received_at,
            tries: 0,
            sent_at: None,
        };
        self.door.remember(&intent.id);
        self.ledger.enter(intent, &cause, placing);
        let lane = if request.protective {
            Lane::Protective
        } else {
            Lane::Trade
        };
        self.push(Waiting {
            purpose: Purpose::Place(id.clone()),
            request,
            lane,
            not_before: self.now,
        });
        Ok(())
    }

    fn check_position(&self, intent: &OrderIntent) -> Result<(), Refusal> {
        let key = (intent.key.symbol.clone(), intent.key.side);
        let leg = self.legs.get(&key).filter(|leg| leg.is_known);
        let Some(leg) = leg.filter(|_| intent.key.account == self.account) else {
            let key = intent.key.to_string();
            return Err(DenyReason::PositionUnknown { key }.into());
        };
        let (asked, current) = (intent.epoch, leg.position.epoch);
        if asked != current {
            return Err(DenyReason::PositionEpoch { asked, current }.into());
        }
        if !leg.position.is_open() {
            let key = intent.key.to_string();
            return Err(DenyReason::PositionFlat { key }.into());
        }
        Ok(())
    }

    fn request(&self, intent: &OrderIntent, order: &CloseOrder) -> Result<ApiRequest, BuildError> {
        let symbol = intent.key.symbol.as_str();
        let id = intent.client_order_id().as_str();
        self.place_request(symbol, intent.key.side, id, order)
    }

    fn place_request(
        &self,
        symbol: &str,
        side: Side,
        id: &str,
        order: &CloseOrder,
    ) -> Result<ApiRequest, BuildError> {
        let mode = self.rules.position_mode;
        let mode = mode.unwrap_or(crate::binance::PositionMode::OneWay);
        let side = match side {
            Side::Long => PositionSide::Long,
            Side::Short => PositionSide::Short,
        };
        place(mode, side, symbol, id, venue_close(order))
    }

    fn cancel(
        &mut self,
        approval: &Approval,
        target: &ClientOrderId,
        conditional: bool,
    ) -> Result<(), Refusal> {
        let intent = &approval.intent;
        let symbol = intent.key.symbol.as_str();
        let is_ours = intent.key.account == self.account && self.rules.symbol(symbol).is_some();
        if !is_ours {
            let key = intent.key.to_string();
            return Err(DenyReason::PositionUnknown { key }.into());
        }
        let request = match conditional {
            true => ApiRequest::cancel_algo(target.as_str()),
            false => ApiRequest::cancel_order(symbol, target.as_str()),
        };
        self.door.remember(&intent.id);
        let cancel = Cancel {
            target: target.clone(),
            intent_id: intent.id.clone(),
            approved_at: approval.approved_at,
            expires_at: approval.expires_at.min(intent.expires_at),
            tries: 0,
        };
        self.push(Waiting {
            purpose: Purpose::Cancel(cancel),
            request,
            lane: Lane::Trade,
            not_before: self.now,
        });
        Ok(())
    }

    pub(super) fn count_denied(&mut self, code: &str) {
        let codes = &mut self.metrics.denied_by_code;
        *codes.entry(code.to_owned()).or_default() += 1;
    }

    /// Tells that an intent was refused. An order that exists, or may exist, is never called
    /// rejected because somebody asked for it again.
    fn refuse(&mut self, intent: &OrderIntent, refusal: &Refusal) {
        self.count_denied(refusal.code);
        let id = intent.client_order_id();
        let detail = format!("{}: {}", refusal.code, refusal.detail);
        let (position, module) = (&intent.key, &intent.module);
        tracing::warn!(tag = TAG, %position, %module, client_order_id = %id, detail, "intent refused");
        if self.ledger.get(id).is_some() {
            self.remark(id, None, &detail);
            return;
        }
        let Wish::Place { order, .. } = &intent.wish else {
            return; // the order that was to be canceled is as it was
        };
        let event = OrderEvent {
            key: intent.key.clone(),
            epoch: intent.epoch,
            module: intent.module.clone(),
            kind: intent.kind,
            intent_id: intent.id.clone(),
            client_order_id: id.clone(),
            venue_order_id: None,
            order_type: order.type_name().into(),
            status: OrderStatus::Rejected,
            filled_qty: Qty::ZERO,
            code: None,
            detail,
            tick_to_order: None,
            at: self.now,
        };
        self.publish_event(&event);
    }

    /// Queues a call; one that finds no room, or has to give way, is answered as not made.
    pub(super) fn push(&mut self, waiting: Waiting) {
        let dropped = match self.calls.push(waiting) {
            Ok(displaced) => displaced,
            Err(refused) => Some(refused),
        };
        if let Some(dropped) = dropped {
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
                self.out.push(GatewayEffect::Call(call));
            }
        }
    }

    /// The last look at a call, at the moment it leaves.
    fn before_send(&mut self, waiting: &mut Waiting) -> bool {
        match &mut waiting.purpose {
            Purpose::Read(_) | Purpose::Ask { .. } => true,
            Purpose::Cancel(cancel) => {
                if cancel.tries == 0 && cancel.expires_at <= self.now {
                    let target = cancel.target.clone();
                    self.count_denied("INTENT_EXPIRED");
                    self.remark(&target, None, "INTENT_EXPIRED: the cancel waited too long");
                    return false;
                }
                cancel.tries += 1;
                true
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
        let expired = match placing.tries {
            0 => placing.expires_at <= now,
            _ => now.since(placing.approved_at) > RETRY_WINDOW,
        };
        if expired {
            let late_ms = now.since(placing.expires_at).millis();
            return Err(Some(DenyReason::IntentExpired { late_ms }.into()));
        }
        let mode = self.mode.effective(&key.symbol, now);
        if module == domain::Module::ExitExecutor && mode != domain::mode::Mode::Live {
            return Err(Some(DenyReason::ModeNotLive { mode }.into()));
        }
        let leg = self.legs.get(&(key.symbol.clone(), key.side));
        let open = leg
            .filter(|leg| leg.position.epoch == epoch)
            .map_or(Qty::ZERO, |leg| leg.position.qty);
        if open.is_zero() {
            return Err(Some(Refusal::new("POSITION_FLAT", "flat")));
        }
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

    /// Counts and tells an order that leaves.
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
        if placing.tries > 1 {
            self.pulse.count("orders_retried");
            return;
        }
        let tick_to_order = placing.tick_received_at.map(|tick| now.since(tick));
        let by_module = &mut self.metrics.sent_by_module;
        *by_module.entry(own.module.name().to_owned()).or_default() += 1;
        let by_kind = &mut self.metrics.sent_by_kind;
        *by_kind.entry(own.kind.to_string()).or_default() += 1;
        let event = own.event(id, tick_to_order, now);
        let (position, kind) = (&event.key, event.kind);
        let micros = tick_to_order.map(Span::micros);
        tracing::info!(
            tag = TAG,
            %position,
            client_order_id = %id,
            %kind,
            order_type = event.order_type,
            tick_to_order_us = micros,
            "submitting"
        );
        self.publish_event(&event);
    }
}

fn code_of(error: &ApprovalError) -> &'static str {
    match error {
        ApprovalError::Signature { .. } => "APPROVAL_SIGNATURE",
        ApprovalError::Subject { .. } => "APPROVAL_SUBJECT",
        _ => "APPROVAL_MALFORMED",
    }
}

/// A market close of more than is open, cut down to what is open.
fn capped(order: &CloseOrder, open: Qty) -> Option<CloseOrder> {
    match order {
        CloseOrder::Market { qty } if *qty > open => Some(CloseOrder::Market { qty: open }),
        _ => None,
    }
}

fn venue_close(order: &CloseOrder) -> VenueClose {
    match order {
        CloseOrder::Market { qty } => VenueClose::Market { qty: qty.get() },
        CloseOrder::Limit { qty, price } => VenueClose::Limit {
            qty: qty.get(),
            price: price.get(),
        },
        CloseOrder::Stop { qty, trigger } => VenueClose::Stop {
            qty: qty.get(),
            trigger: trigger.get(),
        },
        CloseOrder::DisasterStop { trigger } => VenueClose::DisasterStop {
            trigger: trigger.get(),
        },
    }
}
