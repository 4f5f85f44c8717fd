//! From an approval to a request: the gateway's own checks, then the call.

use std::cmp::Ordering;

use bus::Message;
use bus::approval::ApprovalError;
use domain::guard::{DenyReason, recheck};
use domain::ids::ClientOrderId;
use domain::intent::{Approval, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::{LegId, Qty, Side, Symbol};

use super::answers::NEWER;
use super::calls::{Cancel, Lane, Purpose, StopLine, Waiting, take_waiting};
use super::door::Refusal;
use super::ledger::Placing;
use super::{GatewayActor, TAG};
use binance::order_params::{BuildError, place};
use binance::{ApiRequest, PositionSide, VenueClose};

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
        self.door.admit(approval, self.owner.since(), self.now)?;
        if !self.is_addressed(approval)? {
            return Ok(());
        }
        if self.stopping {
            return Err(Refusal::new("GATEWAY_STOPPING", "gateway is stopping"));
        }
        if !self.booted {
            return Err(Refusal::new("GATEWAY_NOT_READY", "gateway is not ready"));
        }
        let intent = &approval.intent;
        let mode = self.mode.effective(&intent.key.symbol, self.now);
        let symbol = intent.key.symbol.as_str();
        if self.rules.symbol(symbol).is_none() {
            let detail = format!("the venue lists no {symbol} that this gateway acts on");
            return Err(Refusal::new("SYMBOL_UNKNOWN", detail));
        }
        let passed = recheck(intent.clone(), mode, self.now)?;
        match &passed.intent().wish {
            Wish::Place { order, .. } => self.place(approval, *order),
            Wish::Cancel {
                target,
                conditional,
            } => self.cancel(approval, target, *conditional),
        }
    }

    /// Whether the approval is for this gateway; one for a newer one is answered by that one.
    fn is_addressed(&mut self, approval: &Approval) -> Result<bool, Refusal> {
        let own = self.owner.token(self.now).unwrap_or(0);
        match approval.gateway.map(|token| token.cmp(&own)) {
            None | Some(Ordering::Equal) => Ok(true),
            Some(Ordering::Less) => {
                let detail = "approved for this gateway's predecessor, which may have sent it";
                Err(Refusal::new("APPROVAL_STALE", detail))
            }
            Some(Ordering::Greater) => {
                self.pulse.count("approvals_not_ours");
                self.doubt_lease("an approval names a newer one");
                Ok(false)
            }
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
        self.check_share(intent, cause.leg, &order)?;
        let request = self
            .request(intent, &order)
            .map_err(|error| Refusal::new("ORDER_BUILD", error.to_string()))?;
        self.check_hold(&intent.key.symbol, request.protective)?;
        let placing = Placing {
            order,
            approved_at: approval.approved_at,
            expires_at: approval.expires_at.min(intent.expires_at),
            tick_received_at: intent.tick_received_at,
            tries: 0,
            sent_at: None,
            sent_on_venue: None,
        };
        // An order that closes is tried whatever the symbol's status is: only the venue knows
        // which orders it takes while a contract settles or is halted, its refusal costs nothing,
        // and to keep silent would leave the position bare.
        if let Some(status) = self.rules.not_trading(&intent.key.symbol) {
            tracing::warn!(tag = TAG, client_order_id = %id, status, "symbol is not trading");
            self.pulse.count("orders_while_not_trading");
        }
        self.door.remember(&intent.id);
        self.ledger.enter(intent, &cause, placing);
        let lane = if request.protective {
            Lane::Protective
        } else {
            Lane::Trade
        };
        let line = matches!(order, CloseOrder::Stop { .. }).then(|| StopLine {
            key: intent.key.clone(),
            module: intent.module.clone(),
            epoch: intent.epoch,
        });
        if let Some(line) = &line {
            self.supersede(line);
        }
        self.push(Waiting {
            purpose: Purpose::Place(id.clone()),
            request,
            lane,
            not_before: self.now,
            line,
        });
        Ok(())
    }

    /// No order of a leg beside another one that may have closed, or may close, the same.
    fn check_share(
        &self,
        intent: &OrderIntent,
        leg: LegId,
        order: &CloseOrder,
    ) -> Result<(), Refusal> {
        let is_stop = order.stop_trigger().is_some();
        if !is_stop && self.ledger.is_in_doubt(intent, leg) {
            return Err(DenyReason::OutcomePending.into());
        }
        let changed_ms = self.legs.changed_ms(&intent.key);
        if self.ledger.is_share_taken(intent, leg, changed_ms) {
            let detail = "another order has just closed this share, or rests for it: ask again \
                          if it is still due";
            return Err(Refusal::new("SHARE_TAKEN", detail));
        }
        Ok(())
    }

    /// Stops that wait give way to the one that their owner wants by now.
    fn supersede(&mut self, line: &StopLine) {
        let of_line = |waiting: &Waiting| waiting.line.as_ref() == Some(line);
        for it in take_waiting(&mut self.calls, &mut self.after_clock, of_line) {
            if let Purpose::Place(id) = it.purpose {
                self.give_up(&id, None, NEWER);
            }
        }
    }

    /// In the safe state only what protects goes, and what frees a close of its blockers.
    pub(super) fn check_hold(&self, symbol: &Symbol, goes: bool) -> Result<(), Refusal> {
        if goes || !self.safe.holds(symbol, self.now) {
            return Ok(());
        }
        let detail = "the venue said what nobody understands: held until all has been read again";
        Err(Refusal::new("SYMBOL_HELD", detail))
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

    pub(super) fn place_request(
        &self,
        symbol: &str,
        side: Side,
        id: &str,
        order: &CloseOrder,
    ) -> Result<ApiRequest, BuildError> {
        let mode = self.rules.position_mode;
        let mode = mode.unwrap_or(binance::PositionMode::OneWay);
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
        // The name says which leg it closes: one leg's wish never takes the other leg's order.
        let cause = target.cause(&intent.key.symbol);
        if cause.is_none_or(|cause| cause.side != intent.key.side) {
            let (id, module) = (target.as_str().into(), intent.module.clone());
            return Err(DenyReason::OrderForeign { id, module }.into());
        }
        self.check_hold(&intent.key.symbol, !conditional)?;
        let request = match conditional {
            true => ApiRequest::cancel_algo(target.as_str()),
            false => ApiRequest::cancel_order(symbol, target.as_str()),
        };
        self.door.remember(&intent.id);
        let cancel = Cancel {
            target: target.clone(),
            symbol: intent.key.symbol.clone(),
            author: intent.module.clone(),
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
            line: None,
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
        tracing::warn!(
            tag = TAG,
            %position,
            %module,
            client_order_id = %id,
            detail,
            "intent refused"
        );
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
            average_price: None,
            code: None,
            detail,
            tick_to_order: None,
            at: self.now,
        };
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
