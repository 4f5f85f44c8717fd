//! The guard's state machine: reviews every intent and answers every one of them.

use std::collections::BTreeMap;
use std::mem;

use bus::{BadMessage, Heard, approval, subjects};
use domain::guard::{Approved, CLOCK_SKEW_MAX, DenyReason, GuardView, Memory, review};
use domain::intent::{Approval, Denial, OrderIntent, Wish};
use domain::lease::{Answer, Request};
use domain::mode::{Flags, Mode};
use domain::snapshot::{ExitMetrics, PositionSnapshot};
use domain::{PositionKey, Symbol, Timestamp};
use nkeys::KeyPair;
use runtime::Effect;
use runtime::lease::{Change, Ownership};
use runtime::protection;
use runtime::pulse::Pulse;
use tracing::{error, warn};

use crate::gateways::Gateways;
use crate::mode::Agreement;
use crate::passed::{Passed, asked};

/// Begins the name of a counter of verdicts: verdict, module, kind and mode follow.
const VERDICT: &str = "verdict.";

/// Positions that are followed at once; more are refused and counted.
const POSITIONS_MAX: usize = 10_000;

/// What a guard is told at birth.
#[derive(Debug)]
pub struct GuardConfig {
    /// Which instance it is.
    pub instance: String,
    /// The flags of its environment.
    pub flags: Flags,
    /// Boot time in microseconds.
    pub boot: u64,
    /// Whether it acts, or stands by for another guard.
    pub ownership: Ownership,
    /// Signs approvals; its public half is all that the gateway needs.
    pub key: KeyPair,
}

/// Reviews intents and says which mode is in force.
#[derive(Debug)]
pub struct Guard {
    flags: Flags,
    agreement: Agreement,
    positions: BTreeMap<PositionKey, PositionSnapshot>,
    gateways: Gateways,
    memory: Memory,
    metrics: ExitMetrics,
    key: KeyPair,
    ownership: Ownership,
    approvals: u64,
    /// By the last input.
    passed: Vec<Passed>,
    pulse: Pulse,
}

impl Guard {
    /// A guard that knows of no position yet and approves nothing until it does.
    #[must_use]
    pub fn new(config: GuardConfig) -> Self {
        let GuardConfig {
            instance,
            flags,
            boot,
            ownership,
            key,
        } = config;
        Self {
            flags,
            agreement: Agreement::new(&flags, boot),
            positions: BTreeMap::new(),
            gateways: Gateways::default(),
            memory: Memory::default(),
            metrics: ExitMetrics::default(),
            key,
            ownership,
            approvals: 0,
            passed: Vec::new(),
            pulse: Pulse::new("gateway-guard", &instance, flags, boot),
        }
    }

    /// The mode in force.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.agreement.mode()
    }

    /// The same guard, heartbeating through `pulse`, which may know of connections.
    #[must_use]
    pub fn with_pulse(self, pulse: Pulse) -> Self {
        Self { pulse, ..self }
    }

    /// Its counters.
    #[must_use]
    pub const fn metrics(&self) -> &ExitMetrics {
        &self.metrics
    }

    /// The mode in force for `symbol`: outside the rollout the incumbents keep what they had.
    #[must_use]
    pub fn mode_for(&self, symbol: &Symbol) -> Mode {
        let mode = self.agreement.mode();
        if mode == Mode::Live && !self.flags.is_symbol_in_rollout(symbol) {
            return Mode::Shadow;
        }
        mode
    }

    fn on_intent(&mut self, now: Timestamp, intent: OrderIntent, out: &mut Vec<Effect>) {
        let verdict = self.judge(now, &intent);
        // A standby has judged only for its memory: what the acting guard approves, it must not
        // approve again, and a stop that the other lets go counts as cover no more.
        let Some(token) = self.ownership.token(now) else {
            return;
        };
        match verdict {
            Ok(approved) => self.approve(now, token, approved, out),
            Err(reason) => {
                out.push(asked(&intent));
                self.deny(now, &intent, &reason, out);
            }
        }
    }

    fn judge(&mut self, now: Timestamp, intent: &OrderIntent) -> Result<Approved, DenyReason> {
        let mode = self.mode_for(&intent.key.symbol);
        let snapshot = self.positions.get(&intent.key);
        let view = GuardView {
            mode,
            snapshot,
            now,
        };
        review(intent.clone(), &view, &mut self.memory)
    }

    /// An incumbent's intent that the bus has diverted. In LIVE it is only counted and answered.
    /// After a demotion the server's policy may lag behind, and then nobody else would protect a
    /// new position: the diverted intent is reviewed like any other, by the mode in force.
    fn on_blocked(&mut self, now: Timestamp, intent: OrderIntent, out: &mut Vec<Effect>) {
        let live = self.mode_for(&intent.key.symbol) == Mode::Live;
        if !live && self.agreement.is_settled(now) {
            self.pulse.count("diverted_outside_live");
            self.on_intent(now, intent, out);
            return;
        }
        let reason = match self.memory.admit(&intent, now) {
            Ok(()) => DenyReason::LegacyBlocked {
                module: intent.module.clone(),
            },
            Err(repeated) => repeated,
        };
        if self.ownership.token(now).is_some() {
            self.deny(now, &intent, &reason, out);
        }
    }

    fn approve(&mut self, now: Timestamp, token: u64, approved: Approved, out: &mut Vec<Effect>) {
        let is_beside_the_brain = approved.is_conflict();
        let mode = self.mode_for(&approved.intent().key.symbol);
        self.approvals += 1;
        let intent = approved.into_intent();
        let approval = Approval {
            guard_boot: token,
            sequence: self.approvals,
            approved_at: now,
            expires_at: intent.expires_at,
            gateway: self.gateways.of(&intent.key.account),
            intent,
        };
        match approval::seal(&approval, &self.key) {
            Ok(message) => out.push(message.into()),
            Err(fault) => {
                // Without a signature the gateway would refuse it anyway.
                error!(tag = "EXIT_GUARD", error = %fault, "an approval could not be signed");
                self.pulse.count("fault.seal");
            }
        }
        self.passed.push(Passed {
            intent: approval.intent,
            is_beside_the_brain,
            mode,
        });
    }

    /// By now the approvals are on their way.
    fn note_passed(&mut self, out: &mut Vec<Effect>) {
        for passed in mem::take(&mut self.passed) {
            out.push(asked(&passed.intent));
            self.note_verdict("approved", &passed.intent);
            self.metrics.ownership_conflicts += u64::from(passed.is_conflict());
            passed.log();
        }
    }

    fn deny(
        &mut self,
        now: Timestamp,
        intent: &OrderIntent,
        reason: &DenyReason,
        out: &mut Vec<Effect>,
    ) {
        let code = reason.code();
        self.note_verdict("denied", intent);
        *self.metrics.denied_by_code.entry(code.into()).or_default() += 1;
        let places = matches!(intent.wish, Wish::Place { .. });
        if matches!(reason, DenyReason::LegacyBlocked { .. }) && places {
            let blocked = self
                .metrics
                .blocked_by_module
                .entry(intent.module.name().into());
            *blocked.or_default() += 1;
            self.metrics.ownership_conflicts += 1;
        }
        warn!(
            tag = "EXIT_GUARD",
            module = intent.module.name(),
            kind = %intent.kind,
            position = %intent.key,
            intent = %intent.id,
            decision_type = %intent.decision,
            reason = %reason,
            confidence = %intent.confidence,
            code,
            allowed = false,
            "BLOCKED: order NOT sent to exchange"
        );
        let denial = Denial {
            intent_id: intent.id.clone(),
            key: intent.key.clone(),
            module: intent.module.clone(),
            fence: intent.fence,
            kind: intent.kind,
            code: code.into(),
            detail: reason.to_string(),
            at: now,
        };
        let subject = subjects::denied(&intent.module, &intent.key);
        out.push(subject.message(&denial).into());
    }

    /// Counts a verdict by whose wish it is about, what for, and in which mode.
    fn note_verdict(&mut self, verdict: &str, intent: &OrderIntent) {
        if !self.pulse.measures() {
            return;
        }
        let OrderIntent { module, kind, .. } = intent;
        let mode = self.mode_for(&intent.key.symbol);
        self.pulse
            .count(&format!("{VERDICT}{verdict}.{module}.{kind}.{mode}"));
    }

    fn on_position(&mut self, now: Timestamp, snapshot: PositionSnapshot) {
        let key = snapshot.position.key.clone();
        if !self.gateways.hear(&key.account, snapshot.fence, now) {
            self.pulse.count("refused.position.fenced");
            return;
        }
        let older = self
            .positions
            .get(&key)
            .is_some_and(|known| known.at > snapshot.at);
        let full = self.positions.len() >= POSITIONS_MAX && !self.positions.contains_key(&key);
        let future = snapshot.at > now + CLOCK_SKEW_MAX;
        if older || full || future {
            self.pulse.count("refused.position.unusable");
            return;
        }
        let over = !snapshot.position.is_open() && snapshot.flat_proven;
        if over && snapshot.orders.is_empty() {
            self.positions.remove(&key);
            return;
        }
        self.positions.insert(key, snapshot);
    }

    /// Says the mode in force, where it is ours to say.
    fn say_mode(&self, now: Timestamp, out: &mut Vec<Effect>) {
        if self.ownership.token(now).is_some() {
            let snapshot = self.agreement.snapshot(now);
            out.push(subjects::mode().message(&snapshot).into());
        }
    }

    /// Hands requests on; whoever has just begun to act says the mode under a revision that is
    /// higher than any before.
    fn owned(
        &mut self,
        now: Timestamp,
        change: Option<Change>,
        requests: Vec<Request>,
        out: &mut Vec<Effect>,
    ) {
        out.extend(requests.into_iter().map(Effect::Lease));
        if matches!(change, Some(Change::Acts { .. })) {
            self.agreement.take_over();
            self.say_mode(now, out);
        }
    }

    fn mode_changed(&self, now: Timestamp, out: &mut Vec<Effect>) {
        warn!(
            tag = "EXIT_MODE",
            mode = %self.agreement.mode(),
            revision = self.agreement.revision(),
            "the mode in force has changed"
        );
        self.say_mode(now, out);
    }
}

impl runtime::Actor for Guard {
    type Effect = Effect;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Effect>) {
        match heard {
            Heard::Intent(intent) => self.on_intent(now, intent, out),
            Heard::Blocked(intent) => self.on_blocked(now, intent, out),
            Heard::Position(snapshot) => self.on_position(now, snapshot),
            Heard::Health(heartbeat) => {
                for (key, token) in &heartbeat.owned {
                    self.memory.owned(key, *token, now);
                }
                if self.agreement.on_heartbeat(&heartbeat, now) {
                    self.mode_changed(now, out);
                }
            }
            Heard::Kill(kill) => {
                if self.agreement.on_kill(&kill) {
                    self.mode_changed(now, out);
                }
            }
            // Its own word, or that of the guard for which it stands by.
            Heard::Mode(said) => self.agreement.on_mode(&said),
            // Not subscribed to; a stray one changes nothing.
            _ => self.pulse.count("refused.unexpected"),
        }
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let mut requests = Vec::new();
        let change = self.ownership.beat(now, &mut self.pulse, &mut requests);
        self.owned(now, change, requests, out);
        if self.agreement.on_beat(now) {
            self.mode_changed(now, out);
        }
        if !self.pulse.due(now) {
            return;
        }
        self.say_mode(now, out);
        self.pulse.set("intent.gaps", self.memory.gaps());
        protection::measure(&mut self.pulse, self.positions.values(), now);
        let (mode, revision) = (self.agreement.own(), self.agreement.revision());
        let metrics = self.metrics.clone();
        let acts = self.ownership.token(now).is_some();
        let heartbeat = self
            .pulse
            .heartbeat(now, mode, revision, acts, Vec::new(), metrics);
        let subject = subjects::health(&heartbeat.service, &heartbeat.instance);
        out.push(subject.message(&heartbeat).into());
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        self.pulse.count(&format!("refused.{}", bad.field()));
    }

    fn lease(&mut self, now: Timestamp, answer: &Answer, out: &mut Vec<Effect>) {
        let mut requests = Vec::new();
        let pulse = &mut self.pulse;
        let change = self.ownership.answered(now, answer, pulse, &mut requests);
        self.owned(now, change, requests, out);
    }

    fn owes(&self) -> bool {
        !self.passed.is_empty()
    }

    fn afterwards(&mut self, _now: Timestamp, out: &mut Vec<Effect>) {
        self.note_passed(out);
    }

    fn stop(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let mut requests = Vec::new();
        self.ownership.retire(now, &mut requests);
        self.owned(now, None, requests, out);
    }
}
