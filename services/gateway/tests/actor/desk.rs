//! The guard's desk: wishes, approvals, signatures.

use bus::Message;
use domain::decision::StopReason;
use domain::ids::{ClientOrderId, OrderCause};
use domain::intent::{Approval, IntentId, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderKind};
use domain::{LegId, Module, Ratio, Side, Span, Timestamp};

use crate::world::{World, btc, key, price, qty};

impl World {
    // ---- the guard

    pub fn intent(
        &self,
        side: Side,
        leg: LegId,
        generation: u32,
        order: CloseOrder,
    ) -> OrderIntent {
        let epoch = self.snapshot(side).position.epoch;
        let cause = OrderCause {
            module: Module::ExitExecutor,
            side,
            epoch,
            leg,
            generation,
        };
        let client_order_id = ClientOrderId::derive(&btc(), &cause);
        OrderIntent {
            id: IntentId::place(&client_order_id),
            key: key(side),
            epoch,
            module: Module::ExitExecutor,
            kind: kind(leg),
            wish: Wish::Place {
                client_order_id,
                order,
            },
            decision: "move_sl".into(),
            stop_reason: Some(StopReason::Initial),
            reason: "test".into(),
            confidence: Ratio::ONE,
            plan_id: None,
            sequence: 1,
            fence: 1,
            created_at: self.now(),
            expires_at: self.now() + Span::from_secs(2),
            tick_received_at: Some(self.now() - Span::from_micros(400)),
        }
    }

    pub fn cancel_of(&self, placed: &OrderIntent, attempt: i64) -> OrderIntent {
        let target = placed.client_order_id().clone();
        let conditional = matches!(
            placed.wish,
            Wish::Place {
                order: CloseOrder::Stop { .. } | CloseOrder::DisasterStop { .. },
                ..
            }
        );
        OrderIntent {
            id: IntentId::cancel(&target, Timestamp::from_micros(attempt)),
            wish: Wish::Cancel {
                target,
                conditional,
            },
            created_at: self.now(),
            expires_at: self.now() + Span::from_secs(2),
            ..placed.clone()
        }
    }

    pub fn approval(&mut self, intent: &OrderIntent) -> Approval {
        self.sequence += 1;
        Approval {
            intent: intent.clone(),
            guard_boot: self.guard_boot,
            sequence: self.sequence,
            approved_at: self.now(),
            expires_at: intent.expires_at,
            gateway: None,
        }
    }

    pub fn seal(&self, approval: &Approval) -> Message {
        bus::approval::seal(approval, &self.guard).unwrap()
    }

    pub fn approve(&mut self, intent: &OrderIntent) -> ClientOrderId {
        let approval = self.approval(intent);
        let message = self.seal(&approval);
        self.hand(&message);
        intent.client_order_id().clone()
    }

    pub fn hand(&mut self, message: &Message) {
        let heard = bus::decode(message).unwrap();
        self.hear(heard);
    }

    pub fn disaster(&mut self, side: Side, trigger: &str) -> ClientOrderId {
        let trigger = price(trigger);
        let order = CloseOrder::DisasterStop { trigger };
        let intent = self.intent(side, LegId::Disaster, 1, order);
        self.approve(&intent)
    }

    pub fn exit(&mut self, generation: u32, amount: &str) -> ClientOrderId {
        let order = CloseOrder::Market { qty: qty(amount) };
        let intent = self.intent(Side::Long, LegId::Exit, generation, order);
        self.approve(&intent)
    }
}

fn kind(leg: LegId) -> OrderKind {
    match leg {
        LegId::Disaster => OrderKind::HardSl,
        LegId::Stop => OrderKind::Sl,
        LegId::TakeProfit(_) => OrderKind::Tp,
        LegId::Partial(_) => OrderKind::PartialTp,
        LegId::Exit => OrderKind::EmergencyExit,
    }
}
