//! What a span says of a message: its kind of subject, and the few facts that one looks for.

use bus::{Heard, Message};
use domain::Epoch;
use domain::ids::PositionKey;
use domain::intent::{Approval, OrderIntent, Wish};
use opentelemetry::KeyValue;
use proto::{SignedApproval, Wire};

/// Whether a kind of message is worth a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Always: where nothing on the bus caused it, it begins a trace.
    Begins,
    /// Always: where nothing on the bus caused it, it goes on with the trace that the same input
    /// has begun.
    Repeats,
    /// Where something on the bus caused it. What is repeated every second begins nothing.
    Follows,
    /// Never: signs of life, and what is told once more to those who only watch.
    Untraced,
}

impl Role {
    /// Whether it gets a span, where something on the bus caused it or not.
    pub(super) const fn is_traced(self, is_caused: bool) -> bool {
        match self {
            Self::Begins | Self::Repeats => true,
            Self::Follows => is_caused,
            Self::Untraced => false,
        }
    }
}

/// What is known of a message.
#[derive(Debug)]
pub(super) struct Facts {
    /// The subject without what varies.
    pub(super) template: &'static str,
    pub(super) role: Role,
    pub(super) attributes: Vec<KeyValue>,
}

impl Facts {
    /// None for what is on no subject of ours or not acceptable.
    pub(super) fn of(message: &Message) -> Option<Self> {
        let heard = bus::decode(message).ok()?;
        let (template, role) = kind(&heard, &message.subject);
        let attributes = attributes(&heard);
        Some(Self {
            template,
            role,
            attributes,
        })
    }
}

fn kind(heard: &Heard, subject: &str) -> (&'static str, Role) {
    match heard {
        Heard::Mark(_) if subject.starts_with("market.first.") => {
            ("market.first.{symbol}", Role::Begins)
        }
        Heard::Mark(_) => ("market.mark.{symbol}", Role::Repeats),
        Heard::Context(_) => ("market.context.{symbol}", Role::Follows),
        Heard::Rl(_) => ("signal.rl.{symbol}", Role::Begins),
        Heard::Risk(_) => ("signal.risk", Role::Begins),
        Heard::Position(_) => ("position.changed.{account}.{symbol}.{side}", Role::Follows),
        Heard::Plan(_) => ("exit.plan.{account}.{symbol}.{side}", Role::Begins),
        Heard::PlanRequest(_) => (
            "exit.plan.request.{module}.{account}.{symbol}.{side}",
            Role::Begins,
        ),
        Heard::PlanReply(_) => (
            "exit.plan.reply.{module}.{account}.{symbol}.{side}",
            Role::Begins,
        ),
        Heard::TpPerformance(_) => ("exit.metrics.tp.{symbol}", Role::Untraced),
        Heard::Decision { .. } => (
            "exit.decision.{lane}.{account}.{symbol}.{side}",
            Role::Begins,
        ),
        Heard::Intent(_) => (
            "order.intent.{module}.{account}.{symbol}.{side}",
            Role::Begins,
        ),
        Heard::Asked(_) => (
            "order.asked.{module}.{account}.{symbol}.{side}",
            Role::Untraced,
        ),
        Heard::Blocked(_) => (
            "order.blocked.{module}.{account}.{symbol}.{side}",
            Role::Begins,
        ),
        Heard::Approved(_) => ("order.approved.{account}.{symbol}.{side}", Role::Begins),
        Heard::Denied(_) => (
            "order.denied.{module}.{account}.{symbol}.{side}",
            Role::Begins,
        ),
        Heard::Event(_) => ("order.event.{account}.{symbol}.{side}", Role::Begins),
        Heard::Mode(_) => ("control.mode", Role::Untraced),
        Heard::Flatten(_) => ("control.flatten", Role::Begins),
        Heard::Kill(_) => ("control.kill", Role::Begins),
        Heard::Handover(_) => ("control.handover.{account}.{symbol}.{side}", Role::Follows),
        Heard::Health(_) => ("health.{service}.{instance}", Role::Untraced),
        Heard::Canary(_) => ("order.{lane}.canary.{name}", Role::Untraced),
    }
}

fn attributes(heard: &Heard) -> Vec<KeyValue> {
    match heard {
        Heard::Mark(tick) => vec![
            KeyValue::new("exitbrain.symbol", tick.symbol.to_string()),
            KeyValue::new("exitbrain.mark_price", tick.mark_price.to_string()),
        ],
        Heard::Position(it) => life(&it.position.key, it.position.epoch).into(),
        Heard::Plan(plan) => {
            let mut facts = Vec::from(life(&plan.key, plan.epoch));
            facts.push(KeyValue::new("exitbrain.plan_id", plan.id.to_string()));
            facts
        }
        Heard::Decision { decision: it, .. } => {
            let mut facts = Vec::from(life(&it.key, it.epoch));
            facts.extend([
                KeyValue::new("exitbrain.decision.type", it.action.name()),
                KeyValue::new("exitbrain.decision.rule", it.rule.to_string()),
                KeyValue::new("exitbrain.decision.reason", it.reason.clone()),
            ]);
            facts
        }
        Heard::Intent(intent) | Heard::Blocked(intent) => wish(intent),
        Heard::Approved(sealed) => {
            approved(&sealed.bytes)
                .as_ref()
                .map_or_else(Vec::new, |approval| {
                    let mut facts = wish(&approval.intent);
                    facts.push(KeyValue::new("exitbrain.guard.verdict", "approved"));
                    facts
                })
        }
        Heard::Denied(denial) => vec![
            KeyValue::new("messaging.message.id", denial.intent_id.to_string()),
            KeyValue::new("exitbrain.position", denial.key.to_string()),
            KeyValue::new("exitbrain.module", denial.module.name().to_owned()),
            KeyValue::new("exitbrain.guard.verdict", "denied"),
            KeyValue::new("exitbrain.guard.code", denial.code.clone()),
        ],
        Heard::Event(it) => {
            let mut facts = Vec::from(life(&it.key, it.epoch));
            let average = it
                .average_price
                .map_or_else(String::new, |price| price.to_string());
            facts.extend([
                KeyValue::new("messaging.message.id", it.intent_id.to_string()),
                KeyValue::new("exitbrain.module", it.module.name().to_owned()),
                KeyValue::new("exitbrain.order.kind", it.kind.to_string()),
                KeyValue::new("exitbrain.order.client_id", it.client_order_id.to_string()),
                KeyValue::new("exitbrain.order.status", it.status.to_string()),
                KeyValue::new("exitbrain.order.filled_quantity", it.filled_qty.to_string()),
                KeyValue::new("exitbrain.order.average_price", average),
            ]);
            facts
        }
        Heard::Handover(it) => life(&it.key, it.epoch).into(),
        Heard::Context(_)
        | Heard::Rl(_)
        | Heard::Risk(_)
        | Heard::PlanRequest(_)
        | Heard::PlanReply(_)
        | Heard::Asked(_)
        | Heard::TpPerformance(_)
        | Heard::Mode(_)
        | Heard::Kill(_)
        | Heard::Flatten(_)
        | Heard::Health(_)
        | Heard::Canary(_) => Vec::new(),
    }
}

fn wish(intent: &OrderIntent) -> Vec<KeyValue> {
    let asks = match intent.wish {
        Wish::Place { .. } => "place",
        Wish::Cancel { .. } => "cancel",
    };
    let mut facts = Vec::from(life(&intent.key, intent.epoch));
    facts.extend([
        KeyValue::new("messaging.message.id", intent.id.to_string()),
        KeyValue::new("exitbrain.module", intent.module.name().to_owned()),
        KeyValue::new("exitbrain.decision.type", intent.decision.clone()),
        KeyValue::new("exitbrain.order.kind", intent.kind.to_string()),
        KeyValue::new("exitbrain.order.wish", asks),
        KeyValue::new(
            "exitbrain.order.client_id",
            intent.client_order_id().to_string(),
        ),
    ]);
    facts
}

/// The conversation that messages belong to is one life of one position.
fn life(key: &PositionKey, epoch: Epoch) -> [KeyValue; 2] {
    [
        KeyValue::new(
            "messaging.message.conversation_id",
            format!("{key}/{epoch}"),
        ),
        KeyValue::new("exitbrain.position", key.to_string()),
    ]
}

/// What was approved, whoever signed it: a span is no order.
fn approved(bytes: &[u8]) -> Option<Approval> {
    let sealed = SignedApproval::decode(bytes).ok()?;
    Approval::decode(&sealed.body).ok()
}
