//! Turns what is wanted into numbered, dated, expiring intents with derived ids.

use std::collections::BTreeMap;

use domain::decision::{Action, Decision, Rule, StopReason};
use domain::flight::{Flight, Pending};
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::lease::UNLEASED;
use domain::order::{OrderKind, OrderStatus};
use domain::plan::PlanId;
use domain::reconcile::{Want, stop_reason_for};
use domain::{Epoch, PositionKey, Ratio, Span, Timestamp};

/// How long an intent may be acted on. Longer than any healthy trip over the bus, shorter than
/// anybody's patience.
const INTENT_VALID: Span = Span::from_millis(2_000);

/// Numbers the intents for one position under one token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Author {
    fence: u64,
    sequence: u64,
}

/// Why an intent is made.
pub(crate) struct Cause<'a> {
    pub(crate) key: &'a PositionKey,
    pub(crate) epoch: Epoch,
    pub(crate) module: Module,
    pub(crate) decisions: &'a Acting,
    pub(crate) stop_reason: Option<StopReason>,
    pub(crate) caused_at: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

/// Of each type, what the last decision that led to action says of itself in intents.
pub(crate) type Acting = BTreeMap<&'static str, Acted>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Acted {
    confidence: Ratio,
    plan_id: Option<PlanId>,
}

impl From<&Decision> for Acted {
    fn from(decision: &Decision) -> Self {
        Self {
            confidence: decision.confidence,
            plan_id: decision.plan_id,
        }
    }
}

struct Words {
    decision: &'static str,
    kind: OrderKind,
    stop_reason: Option<StopReason>,
    reason: String,
}

impl Author {
    pub(crate) const fn new(fence: u64) -> Self {
        Self { fence, sequence: 0 }
    }

    pub(crate) const fn fence(&self) -> u64 {
        self.fence
    }

    /// The next number. Without a lease there is no token of one's own: numbers are times then, in
    /// microseconds, so that those of two processes don't stand in each other's way for long.
    pub(crate) fn number(&mut self, now: i64) -> u64 {
        let time = u64::try_from(now).unwrap_or(0);
        self.sequence += 1;
        if self.fence == UNLEASED {
            self.sequence = self.sequence.max(time);
        }
        self.sequence
    }

    /// The intent for `want`; from now on it is in flight.
    pub(crate) fn intent(
        &mut self,
        want: Want,
        cause: &Cause<'_>,
        flight: &mut Flight,
    ) -> OrderIntent {
        let expires_at = cause.now + INTENT_VALID;
        match want {
            Want::Place { leg, kind, order } => {
                let client_order_id = name(leg, cause, flight);
                flight.asked(
                    leg,
                    Pending {
                        client_order_id: client_order_id.clone(),
                        order,
                        expires_at,
                        status: OrderStatus::Submitting,
                        heard: None,
                    },
                );
                let (stop_reason, reason) = stop_reason_for(leg, cause.stop_reason);
                let id = IntentId::place(&client_order_id);
                let wish = Wish::Place {
                    client_order_id,
                    order,
                };
                self.write(
                    id,
                    wish,
                    Words {
                        decision: decision_for(leg),
                        kind,
                        stop_reason,
                        reason,
                    },
                    cause,
                )
            }
            Want::Cancel {
                target,
                kind,
                conditional,
                reason,
            } => {
                flight.cancel_asked(&target, cause.now, expires_at);
                let id = IntentId::cancel(&target, cause.now);
                let leg = target.cause(&cause.key.symbol).map(|cause| cause.leg);
                let wish = Wish::Cancel {
                    target,
                    conditional,
                };
                let words = Words {
                    decision: leg.map_or(NO_CHANGE, decision_for),
                    kind,
                    stop_reason: None,
                    reason: reason.into(),
                };
                self.write(id, wish, words, cause)
            }
        }
    }

    fn write(&mut self, id: IntentId, wish: Wish, words: Words, cause: &Cause<'_>) -> OrderIntent {
        let sequence = self.number(cause.now.micros());
        let decision = cause.decisions.get(words.decision);
        // The disaster stop and sweeping wait for no decision: they are as sure as the floor.
        let confidence = decision.map_or(Rule::RiskFloor.confidence(), |made| made.confidence);
        OrderIntent {
            id,
            key: cause.key.clone(),
            epoch: cause.epoch,
            module: cause.module.clone(),
            kind: words.kind,
            wish,
            decision: words.decision.into(),
            stop_reason: words.stop_reason,
            reason: words.reason,
            confidence,
            plan_id: decision.and_then(|made| made.plan_id),
            sequence,
            fence: self.fence,
            created_at: cause.now,
            expires_at: cause.now + INTENT_VALID,
            tick_received_at: cause.caused_at,
        }
    }
}

const NO_CHANGE: &str = Action::NoChange.name();

/// The type of the decision that an order of `leg` carries out.
const fn decision_for(leg: LegId) -> &'static str {
    match leg {
        LegId::Disaster | LegId::Stop => "move_sl",
        LegId::TakeProfit(_) => "update_tp_limits",
        LegId::Partial(_) => "partial_close",
        LegId::Exit => Action::FullExit.name(),
    }
}

fn name(leg: LegId, cause: &Cause<'_>, flight: &mut Flight) -> ClientOrderId {
    let order_cause = OrderCause {
        module: cause.module.clone(),
        side: cause.key.side,
        epoch: cause.epoch,
        leg,
        generation: flight.next_generation(leg),
    };
    ClientOrderId::derive(&cause.key.symbol, &order_cause)
}
