//! From a want to an intent: a name, a number, a date and an expiry.

use domain::intent::{IntentId, OrderIntent, Wish};
use domain::order::OrderKind;
use domain::{Module, Ratio, Span, Timestamp};

use crate::check::Want;
use crate::watch::Watch;

/// An intent runs out this long after it was made.
pub const INTENT_VALID: Span = Span::from_secs(2);

/// Numbers one module's intents.
#[derive(Debug)]
pub struct Scribe {
    module: &'static Module,
    fence: u64,
    sequence: u64,
}

impl Scribe {
    /// A scribe that has written nothing; `boot` is the start in microseconds and the fence.
    #[must_use]
    pub const fn new(module: &'static Module, boot: u64) -> Self {
        Self {
            module,
            fence: boot,
            sequence: 0,
        }
    }

    /// Start of the process in microseconds.
    #[must_use]
    pub const fn boot(&self) -> u64 {
        self.fence
    }

    /// The intent that asks for `want`, noted in `watch` as on its way.
    pub fn write(&mut self, watch: &mut Watch, want: Want, now: Timestamp) -> OrderIntent {
        let expires_at = now + INTENT_VALID;
        let (id, kind, wish, stop_reason, reason) = match want {
            Want::Place {
                leg,
                kind,
                order,
                stop_reason,
                reason,
            } => {
                let client_order_id = watch.name(leg, order, expires_at);
                let id = IntentId::place(&client_order_id);
                let wish = Wish::Place {
                    client_order_id,
                    order,
                };
                (id, kind, wish, stop_reason, reason)
            }
            Want::Cancel {
                target,
                conditional,
                kind,
                reason,
            } => {
                watch.canceling(&target, now, expires_at);
                let id = IntentId::cancel(&target, now);
                let wish = Wish::Cancel {
                    target,
                    conditional,
                };
                (id, kind, wish, None, reason)
            }
        };
        self.sequence = self.sequence.saturating_add(1);
        let position = &watch.snapshot().position;
        tracing::info!(
            tag = "EXIT_GATEWAY",
            module = self.module.name(),
            position = %position.key,
            intent = %id,
            kind = %kind,
            reason,
            "asking"
        );
        OrderIntent {
            id,
            key: position.key.clone(),
            epoch: position.epoch,
            module: self.module.clone(),
            kind,
            wish,
            decision: decision(kind).into(),
            stop_reason,
            reason: reason.into(),
            confidence: Ratio::ONE,
            plan_id: None,
            sequence: self.sequence,
            fence: self.fence,
            created_at: now,
            expires_at,
            tick_received_at: None,
        }
    }
}

/// The owner's name of the decision behind an order of that kind.
const fn decision(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Tp => "update_tp_limits",
        OrderKind::EmergencyExit | OrderKind::LossGuard => "full_exit_now",
        OrderKind::PartialTp | OrderKind::OtherExit => "partial_close",
        OrderKind::Sl | OrderKind::Trailing | OrderKind::Breakeven | OrderKind::HardSl => "move_sl",
    }
}
