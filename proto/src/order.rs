//! Intents, approvals, denials and order events.

use domain::intent::{Approval, Denial, OrderIntent, Wish};
use domain::order::{OrderEvent, OrderKind};
use domain::plan::PlanId;
use domain::time::Span;

use crate::body::Body;
use crate::decision::{read_stop_reason, write_stop_reason};
use crate::error::WireError;
use crate::position::{read_close, read_key, read_status, write_close, write_key, write_status};
use crate::read;
use crate::wire;
use crate::wire::order_intent::Wish as WireWish;

/// Length of an Ed25519 signature, bytes (RFC 8032, section 5.1.6).
const SIGNATURE_LEN: usize = 64;

read::enumeration!(OrderKind, wire::OrderKind, write_kind, read_kind, {
    Tp => Tp,
    Sl => Sl,
    Trailing => Trailing,
    Breakeven => Breakeven,
    PartialTp => PartialTp,
    EmergencyExit => EmergencyExit,
    HardSl => HardSl,
    LossGuard => LossGuard,
    OtherExit => OtherExit,
});

/// An approval as it travels: worth something only with the guard's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedApproval {
    /// An encoded [`Approval`].
    pub body: Vec<u8>,
    /// Ed25519 over the body, 64 bytes.
    pub signature: Vec<u8>,
}

fn write_wish(wish: &Wish) -> WireWish {
    match wish {
        Wish::Place {
            client_order_id,
            order,
        } => WireWish::Place(wire::Place {
            client_order_id: Some(client_order_id.to_string()),
            order: Some(write_close(order)),
        }),
        Wish::Cancel {
            target,
            conditional,
        } => WireWish::Cancel(wire::Cancel {
            target: Some(target.to_string()),
            conditional: *conditional,
        }),
    }
}

fn read_wish(wish: WireWish) -> Result<Wish, WireError> {
    Ok(match wish {
        WireWish::Place(place) => Wish::Place {
            client_order_id: read::client_order_id("place.client_order_id", place.client_order_id)?,
            order: read::nested("place.order", place.order, read_close)?,
        },
        WireWish::Cancel(cancel) => Wish::Cancel {
            target: read::client_order_id("cancel.target", cancel.target)?,
            conditional: cancel.conditional,
        },
    })
}

impl Body for OrderIntent {
    const NAME: &'static str = "OrderIntent";
    type Message = wire::OrderIntent;

    fn to_message(&self) -> wire::OrderIntent {
        wire::OrderIntent {
            id: Some(self.id.to_string()),
            key: Some(write_key(&self.key)),
            epoch: Some(self.epoch.0),
            module: Some(self.module.to_string()),
            kind: write_kind(self.kind),
            wish: Some(write_wish(&self.wish)),
            decision: Some(self.decision.clone()),
            stop_reason: self.stop_reason.map_or(0, write_stop_reason),
            reason: read::clipped(&self.reason),
            confidence: Some(self.confidence.to_string()),
            plan_id: self.plan_id.map(|id| id.0),
            sequence: Some(self.sequence),
            fence: Some(self.fence),
            created_at: Some(self.created_at.micros()),
            expires_at: Some(self.expires_at.micros()),
            tick_received_at: self.tick_received_at.map(|at| at.micros()),
        }
    }

    fn from_message(message: wire::OrderIntent) -> Result<Self, WireError> {
        let reason = |code| read_stop_reason("stop_reason", code);
        let stop_reason = Some(message.stop_reason).filter(|code| *code != 0);
        let tick = message.tick_received_at;
        Ok(Self {
            id: read::intent_id("id", message.id)?,
            key: read::nested("key", message.key, read_key)?,
            epoch: read::epoch("epoch", message.epoch)?,
            module: read::module("module", message.module)?,
            kind: read_kind("kind", message.kind)?,
            wish: read_wish(read::required("wish", message.wish)?)?,
            decision: read::word("decision", message.decision)?,
            stop_reason: stop_reason.map(reason).transpose()?,
            reason: read::text("reason", message.reason)?,
            confidence: read::share("confidence", message.confidence)?,
            plan_id: message.plan_id.map(PlanId),
            sequence: read::required("sequence", message.sequence)?,
            fence: read::required("fence", message.fence)?,
            created_at: read::time("created_at", message.created_at)?,
            expires_at: read::time("expires_at", message.expires_at)?,
            tick_received_at: tick
                .map(|at| read::time("tick_received_at", Some(at)))
                .transpose()?,
        })
    }
}

impl Body for Approval {
    const NAME: &'static str = "Approval";
    type Message = wire::Approval;

    fn to_message(&self) -> wire::Approval {
        wire::Approval {
            intent: Some(self.intent.to_message()),
            guard_boot: Some(self.guard_boot),
            sequence: Some(self.sequence),
            approved_at: Some(self.approved_at.micros()),
            expires_at: Some(self.expires_at.micros()),
            gateway: self.gateway,
        }
    }

    fn from_message(message: wire::Approval) -> Result<Self, WireError> {
        Ok(Self {
            intent: read::nested("intent", message.intent, OrderIntent::from_message)?,
            guard_boot: read::required("guard_boot", message.guard_boot)?,
            sequence: read::required("sequence", message.sequence)?,
            approved_at: read::time("approved_at", message.approved_at)?,
            expires_at: read::time("expires_at", message.expires_at)?,
            gateway: message.gateway,
        })
    }
}

impl Body for SignedApproval {
    const NAME: &'static str = "SignedApproval";
    type Message = wire::SignedApproval;

    fn to_message(&self) -> wire::SignedApproval {
        wire::SignedApproval {
            body: self.body.clone(),
            signature: self.signature.clone(),
        }
    }

    fn from_message(message: wire::SignedApproval) -> Result<Self, WireError> {
        if message.body.is_empty() {
            return Err(WireError::missing("body"));
        }
        if message.signature.is_empty() {
            return Err(WireError::missing("signature"));
        }
        if message.signature.len() != SIGNATURE_LEN {
            let len = message.signature.len().to_string();
            return Err(WireError::value("signature", &len, "must have 64 bytes"));
        }
        Ok(Self {
            body: message.body,
            signature: message.signature,
        })
    }
}

impl Body for Denial {
    const NAME: &'static str = "Denial";
    type Message = wire::Denial;

    fn to_message(&self) -> wire::Denial {
        wire::Denial {
            intent_id: Some(self.intent_id.to_string()),
            key: Some(write_key(&self.key)),
            module: Some(self.module.to_string()),
            kind: write_kind(self.kind),
            code: Some(self.code.clone()),
            detail: read::clipped(&self.detail),
            at: Some(self.at.micros()),
            fence: Some(self.fence),
        }
    }

    fn from_message(message: wire::Denial) -> Result<Self, WireError> {
        Ok(Self {
            intent_id: read::intent_id("intent_id", message.intent_id)?,
            key: read::nested("key", message.key, read_key)?,
            module: read::module("module", message.module)?,
            kind: read_kind("kind", message.kind)?,
            code: read::code("code", message.code)?,
            detail: read::text("detail", message.detail)?,
            at: read::time("at", message.at)?,
            fence: read::required("fence", message.fence)?,
        })
    }
}

impl Body for OrderEvent {
    const NAME: &'static str = "OrderEvent";
    type Message = wire::OrderEvent;

    fn to_message(&self) -> wire::OrderEvent {
        wire::OrderEvent {
            key: Some(write_key(&self.key)),
            epoch: Some(self.epoch.0),
            module: Some(self.module.to_string()),
            kind: write_kind(self.kind),
            intent_id: Some(self.intent_id.to_string()),
            client_order_id: Some(self.client_order_id.to_string()),
            venue_order_id: self.venue_order_id,
            order_type: Some(self.order_type.clone()),
            status: write_status(self.status),
            filled_qty: Some(self.filled_qty.to_string()),
            average_price: self.average_price.map(|price| price.to_string()),
            code: self.code,
            detail: read::clipped(&self.detail),
            tick_to_order: self.tick_to_order.map(Span::micros),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::OrderEvent) -> Result<Self, WireError> {
        let id = message.client_order_id;
        Ok(Self {
            key: read::nested("key", message.key, read_key)?,
            epoch: read::epoch("epoch", message.epoch)?,
            module: read::module("module", message.module)?,
            kind: read_kind("kind", message.kind)?,
            intent_id: read::intent_id("intent_id", message.intent_id)?,
            client_order_id: read::client_order_id("client_order_id", id)?,
            venue_order_id: message.venue_order_id,
            order_type: read::word("order_type", message.order_type)?,
            status: read_status("status", message.status)?,
            filled_qty: read::qty("filled_qty", message.filled_qty)?,
            average_price: read::optional(read::price, "average_price", message.average_price)?,
            code: message.code,
            detail: read::text("detail", message.detail)?,
            tick_to_order: message.tick_to_order.map(Span::from_micros),
            at: read::time("at", message.at)?,
        })
    }
}
