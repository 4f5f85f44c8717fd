//! One incumbent, driven by hand.

use super::*;

use domain::snapshot::Heartbeat;

pub(super) const BOOT: u64 = 1_795_178_000_000_000;

/// An incumbent with everything that it asked for.
pub(super) struct Run {
    incumbent: Incumbent,
    pub(super) intents: Vec<OrderIntent>,
    pub(super) requests: Vec<PlanRequest>,
    pub(super) beats: Vec<Heartbeat>,
}

impl Run {
    pub(super) fn of(role: &'static Role) -> Self {
        Self::with(role, Flags::default())
    }

    pub(super) fn with(role: &'static Role, flags: Flags) -> Self {
        Self {
            incumbent: Incumbent::new(role, flags, BOOT, Policy::default()),
            intents: Vec::new(),
            requests: Vec::new(),
            beats: Vec::new(),
        }
    }

    pub(super) fn hear(&mut self, millis: i64, heard: Heard) -> &mut Self {
        let mut out = Vec::new();
        self.incumbent.hear(at(millis), heard, &mut out);
        self.note(&out);
        self
    }

    pub(super) fn see(&mut self, millis: i64, snapshot: PositionSnapshot) -> &mut Self {
        let mut snapshot = snapshot;
        snapshot.at = at(millis);
        self.hear(millis, Heard::Position(snapshot))
    }

    pub(super) fn mark(&mut self, millis: i64, value: &str) -> &mut Self {
        let tick = MarkTick {
            symbol: key(LONG).symbol,
            mark_price: price(value),
            index_price: None,
            event_at: at(millis),
            received_at: at(millis),
            sequence: 1,
        };
        self.hear(millis, Heard::Mark(tick))
    }

    pub(super) fn beat(&mut self, from: i64, to: i64) -> &mut Self {
        for millis in (from..=to).step_by(100) {
            let mut out = Vec::new();
            self.incumbent.beat(at(millis), &mut out);
            self.note(&out);
        }
        self
    }

    fn note(&mut self, out: &[Message]) {
        for message in out {
            match bus::decode(message).unwrap() {
                Heard::Intent(intent) => self.intents.push(intent),
                Heard::PlanRequest(request) => self.requests.push(request),
                Heard::Health(beat) => self.beats.push(beat),
                other => panic!("{other:?}"),
            }
        }
    }

    /// The guard's answer to the last intent.
    pub(super) fn deny(&mut self, millis: i64, code: &str) -> &mut Self {
        let intent = self.intents.last().unwrap();
        let denial = Denial {
            intent_id: intent.id.clone(),
            key: intent.key.clone(),
            module: self.incumbent.module().clone(),
            fence: intent.fence,
            kind: intent.kind,
            code: code.into(),
            detail: "test".into(),
            at: at(millis),
        };
        self.hear(millis, Heard::Denied(denial))
    }

    /// News of the order of the last intent.
    pub(super) fn news(
        &mut self,
        millis: i64,
        status: OrderStatus,
        code: Option<i32>,
    ) -> &mut Self {
        let intent = self.intents.last().unwrap();
        let event = OrderEvent {
            key: intent.key.clone(),
            epoch: intent.epoch,
            module: self.incumbent.module().clone(),
            kind: intent.kind,
            intent_id: intent.id.clone(),
            client_order_id: intent.client_order_id().clone(),
            venue_order_id: None,
            order_type: "STOP_MARKET".into(),
            status,
            filled_qty: domain::Qty::ZERO,
            average_price: None,
            code,
            detail: String::new(),
            tick_to_order: None,
            at: at(millis),
        };
        self.hear(millis, Heard::Event(event))
    }

    pub(super) fn executor(
        &mut self,
        millis: i64,
        mode: Mode,
        positions: Vec<PositionKey>,
    ) -> &mut Self {
        let mut pulse = Pulse::new("executor", "one", Flags::default(), 1);
        let metrics = ExitMetrics::default();
        let beat = pulse.heartbeat(at(millis), mode, 1, true, positions, metrics);
        self.hear(millis, Heard::Health(beat))
    }

    /// The planner's answer to the last question.
    pub(super) fn answer(&mut self, millis: i64) -> &mut Self {
        let request = self.requests.last().unwrap();
        let reply = PlanReply {
            id: request.id,
            module: request.module.clone(),
            key: request.key.clone(),
            epoch: request.epoch,
            answer: Err("test".into()),
            at: at(millis),
        };
        self.hear(millis, Heard::PlanReply(reply))
    }

    pub(super) fn counter(&self, name: &str) -> u64 {
        let beat = self.beats.last().unwrap();
        beat.counters.get(name).copied().unwrap_or_default()
    }
}
