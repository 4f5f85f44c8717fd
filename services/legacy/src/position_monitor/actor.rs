//! The monitor as a state machine: positions, marks and answers in, intents out.

use std::collections::BTreeMap;

use bus::{BadMessage, Heard, Message, subjects};
use domain::intent::{Denial, IntentId, OrderIntent, Wish};
use domain::market::MarkTick;
use domain::mode::{Flags, Mode};
use domain::order::{OrderEvent, OrderKind};
use domain::snapshot::{ExitMetrics, PositionSnapshot};
use domain::{Epoch, Module, PositionKey, Price, Ratio, Span, Symbol, Timestamp};
use runtime::Actor;
use runtime::pulse::Pulse;

use super::check::{Want, check, is_unprotected};
use super::rules;
use super::succession::Succession;
use super::watch::Watch;
use crate::wiring::{INSTANCE, SERVICE};

/// How often each position is looked at. The original's 10 s left a new position bare for as long.
pub const MONITOR_INTERVAL: Span = Span::from_secs(1);
/// An intent runs out this long after it was made.
pub const INTENT_VALID: Span = Span::from_secs(2);
/// A mark older than this is no price to decide by (the same 5 s as in the rules).
const MARK_AGE_MAX: Span = Span::from_secs(5);
/// Positions that are watched; an account has a few dozen.
const WATCHES_MAX: usize = 1_024;
/// Contracts whose marks are kept; above all that the venue lists.
const SYMBOLS_MAX: usize = 2_048;
/// The guard's code for an incumbent that asks while the brain owns exits.
const BLOCKED: &str = "LEGACY_BLOCKED";
/// The guard\'s code for an intent that it has seen before.
const REPEATED: &str = "INTENT_REPEATED";

/// The state machine.
#[derive(Debug)]
pub struct PositionMonitor {
    watches: BTreeMap<PositionKey, Watch>,
    marks: BTreeMap<Symbol, MarkTick>,
    succession: Succession,
    pulse: Pulse,
    mode: Mode,
    fence: u64,
    sequence: u64,
    checked_at: Option<Timestamp>,
}

impl PositionMonitor {
    /// A monitor that has heard nothing yet; `boot` is its start in microseconds and its fence.
    #[must_use]
    pub fn new(flags: Flags, boot: u64) -> Self {
        Self {
            watches: BTreeMap::new(),
            marks: BTreeMap::new(),
            succession: Succession::default(),
            pulse: Pulse::new(SERVICE, INSTANCE, flags, boot),
            mode: flags.resolve(),
            fence: boot,
            sequence: 0,
            checked_at: None,
        }
    }

    /// The same monitor, heartbeating through `pulse`, which may know of connections.
    #[must_use]
    pub fn with_pulse(self, pulse: Pulse) -> Self {
        Self { pulse, ..self }
    }

    /// Whether it leaves `key` to the executor now.
    #[must_use]
    pub fn stands_aside(&self, key: &PositionKey, now: Timestamp) -> bool {
        self.succession.is_owned(key, now)
    }

    fn on_position(&mut self, now: Timestamp, snapshot: PositionSnapshot, out: &mut Vec<Message>) {
        let key = snapshot.position.key.clone();
        let full = self.watches.len() >= WATCHES_MAX;
        match self.watches.get_mut(&key) {
            Some(watch) if snapshot.at < watch.snapshot().at => {
                return self.pulse.count("positions_out_of_order");
            }
            Some(watch) => watch.on_snapshot(snapshot, now),
            None if full => {
                return self.pulse.count("positions_beyond_bound");
            }
            None => {
                self.watches.insert(key.clone(), Watch::new(snapshot));
            }
        }
        let Some(watch) = self.watches.get(&key) else {
            return;
        };
        if watch.is_over() {
            self.watches.remove(&key);
        } else if is_unprotected(watch.snapshot()) && self.may_act(&key, now) {
            // No waiting for the next round where a stop is missing.
            self.act(now, &key, out);
        }
    }

    fn on_mark(&mut self, now: Timestamp, tick: MarkTick) {
        let known = self.marks.get(&tick.symbol);
        let older = known.is_some_and(|known| tick.event_at < known.event_at);
        let full = known.is_none() && self.marks.len() >= SYMBOLS_MAX;
        if older || full || tick.is_from_future(now) {
            return self.pulse.count("marks_ignored");
        }
        self.marks.insert(tick.symbol.clone(), tick);
    }

    fn on_event(&mut self, now: Timestamp, event: &OrderEvent) {
        if event.module != Module::PositionMonitor {
            return;
        }
        self.pulse.count(&format!("orders.{}", event.status));
        if let Some(watch) = self.watches.get_mut(&event.key) {
            watch.on_event(event, now);
        }
    }

    fn on_denied(&mut self, now: Timestamp, denial: &Denial) {
        if denial.module != Module::PositionMonitor {
            return;
        }
        self.pulse.count(&format!("denied_by_code.{}", denial.code));
        let Some(watch) = self.watches.get_mut(&denial.key) else {
            return;
        };
        // A repeated intent was seen before: its first copy is under way, so this is no refusal.
        if denial.code != REPEATED {
            watch.on_denied(denial.intent_id.as_str(), now);
        }
        if denial.code == BLOCKED {
            watch.block(now);
        }
    }

    fn may_act(&self, key: &PositionKey, now: Timestamp) -> bool {
        let blocked = self
            .watches
            .get(key)
            .is_some_and(|watch| watch.is_blocked(now));
        // A refusal of LIVE says nothing once LIVE is over.
        let is_refused = blocked && !self.succession.inherits();
        !is_refused && !self.stands_aside(key, now)
    }

    fn round(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        let keys: Vec<PositionKey> = self.watches.keys().cloned().collect();
        let bare = self.watches.values();
        let bare = bare
            .filter(|watch| is_unprotected(watch.snapshot()))
            .count();
        self.pulse.set("positions_unprotected", bare as u64);
        let mut aside = 0;
        for key in keys {
            self.warn(now, &key);
            if self.may_act(&key, now) {
                self.act(now, &key, out);
            } else {
                aside += 1;
                self.verify(&key);
            }
        }
        self.pulse.set("positions", self.watches.len() as u64);
        self.pulse.set("positions_left_to_others", aside);
    }

    /// Standing aside is no reason not to look.
    fn verify(&mut self, key: &PositionKey) {
        let Some(watch) = self.watches.get(key) else {
            return;
        };
        if is_unprotected(watch.snapshot()) {
            self.pulse.count("unprotected_seen");
            tracing::error!(
                tag = "EXIT_GUARD",
                position = %key,
                protected_qty = %watch.snapshot().protected_qty(),
                qty = %watch.snapshot().position.qty,
                "a position of the executor has no stop that covers it"
            );
        }
    }

    fn warn(&mut self, now: Timestamp, key: &PositionKey) {
        let (Some(watch), Some(mark)) = (self.watches.get(key), self.mark(key, now)) else {
            return;
        };
        let position = &watch.snapshot().position;
        if position.is_open() && rules::is_losing(position.pnl_pct_margin(mark)) {
            self.pulse.count("positions_losing_seen");
        }
    }

    fn act(&mut self, now: Timestamp, key: &PositionKey, out: &mut Vec<Message>) {
        let mark = self.mark(key, now);
        let inherits = self.succession.inherits();
        let Some(watch) = self.watches.get_mut(key) else {
            return;
        };
        let epoch = watch.snapshot().position.epoch;
        let wants = check(&watch.scene(mark, inherits, now));
        for want in wants {
            let intent = self.intent(now, key, epoch, want);
            if let Some(intent) = intent {
                out.push(subjects::intent(&Module::PositionMonitor, key).message(&intent));
            }
        }
    }

    fn intent(
        &mut self,
        now: Timestamp,
        key: &PositionKey,
        epoch: Epoch,
        want: Want,
    ) -> Option<OrderIntent> {
        let expires_at = now + INTENT_VALID;
        let watch = self.watches.get_mut(key)?;
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
                let attempt = watch.canceling(&target, now, expires_at);
                let id = IntentId::cancel(&target, attempt);
                let wish = Wish::Cancel {
                    target,
                    conditional,
                };
                (id, kind, wish, None, reason)
            }
        };
        self.sequence = self.sequence.saturating_add(1);
        self.pulse.count(&format!("intents.{kind}"));
        tracing::info!(
            tag = "EXIT_GATEWAY",
            module = "position_monitor",
            position = %key,
            intent = %id,
            kind = %kind,
            reason,
            "asking"
        );
        Some(OrderIntent {
            id,
            key: key.clone(),
            epoch,
            module: Module::PositionMonitor,
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
        })
    }

    /// A mark to decide by: young, and not from before the position was opened.
    fn mark(&self, key: &PositionKey, now: Timestamp) -> Option<Price> {
        let tick = self.marks.get(&key.symbol)?;
        let opened_at = self.watches.get(key)?.snapshot().position.opened_at;
        let usable = !tick.is_stale(now, MARK_AGE_MAX) && opened_at <= tick.event_at;
        usable.then_some(tick.mark_price)
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

impl Actor for PositionMonitor {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Message>) {
        match heard {
            Heard::Position(snapshot) => self.on_position(now, snapshot, out),
            Heard::Mark(tick) => self.on_mark(now, tick),
            Heard::Event(event) => self.on_event(now, &event),
            Heard::Denied(denial) => self.on_denied(now, &denial),
            Heard::Health(heartbeat) => self.succession.on_heartbeat(heartbeat),
            Heard::Mode(mode) => self.succession.on_mode(mode),
            Heard::Kill(kill) => {
                self.mode = self.mode.min(kill.to);
                self.succession.on_kill();
            }
            _ => {}
        }
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        let due = self
            .checked_at
            .is_none_or(|last| now.since(last) >= MONITOR_INTERVAL || now < last);
        if due {
            self.checked_at = Some(now);
            self.round(now, out);
        }
        if !self.pulse.due(now) {
            return;
        }
        let revision = self.succession.revision();
        let mode = self.mode;
        let metrics = ExitMetrics::default();
        let heartbeat = self
            .pulse
            .heartbeat(now, mode, revision, true, Vec::new(), metrics);
        out.push(subjects::health(SERVICE, INSTANCE).message(&heartbeat));
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        self.pulse.count(&format!("refused.{}", bad.field()));
    }
}

#[cfg(test)]
mod tests;
