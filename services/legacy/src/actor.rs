//! An incumbent as a state machine: positions, marks and answers in, intents out.
//!
//! All of them are this one machine; they differ in their [`Role`], which makes the method.

use std::collections::BTreeMap;

use bus::{BadMessage, Heard, Message, subjects};
use domain::guard::CLOCK_SKEW_MAX;
use domain::handover::Handover;
use domain::intent::Denial;
use domain::market::MarkTick;
use domain::mode::Flags;
use domain::order::OrderEvent;
use domain::plan::request::{PlanReply, PlanRequest};
use domain::policy::Policy;
use domain::snapshot::{ExitMetrics, PositionSnapshot};
use domain::{Module, Position, PositionKey, Span, Timestamp};
use runtime::Actor;
use runtime::protection;
use runtime::pulse::Pulse;

use crate::check::{check, is_unprotected};
use crate::fellows::{Beside, Fellows};
use crate::intents::Scribe;
use crate::method::Question;
use crate::outlook::Outlook;
use crate::roles::Role;
use crate::succession::Succession;
use crate::watch::Watch;
use crate::wiring::SERVICE;

/// How often each position is compared with what is wished for it.
pub const CHECK_INTERVAL: Span = Span::from_secs(1);
/// Positions that are watched; an account has a few dozen.
const WATCHES_MAX: usize = 1_024;
/// A hand-over is repeated every second; one that is this old is no news.
const HANDOVER_AGE_MAX: Span = Span::from_secs(10);
/// The guard's code for an incumbent that asks while the brain owns exits.
const BLOCKED: &str = "LEGACY_BLOCKED";
/// The guard's code for an intent that it has seen before.
const REPEATED: &str = "INTENT_REPEATED";

/// The state machine.
#[derive(Debug)]
pub struct Incumbent {
    role: &'static Role,
    watches: BTreeMap<PositionKey, Watch>,
    outlook: Outlook,
    succession: Succession,
    fellows: Fellows,
    scribe: Scribe,
    pulse: Pulse,
    checked_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
}

impl Incumbent {
    /// An incumbent that has heard nothing yet; `boot` is its start in microseconds and its fence.
    #[must_use]
    pub fn new(role: &'static Role, flags: Flags, boot: u64, policy: Policy) -> Self {
        Self {
            role,
            watches: BTreeMap::new(),
            outlook: Outlook::new(&role.module, policy, flags.resolve()),
            succession: Succession::new(flags),
            fellows: Fellows::new(role, boot),
            scribe: Scribe::new(&role.module, boot),
            pulse: Pulse::new(SERVICE, role.module.name(), flags, boot),
            checked_at: None,
            asked_at: None,
        }
    }

    /// The same incumbent, heartbeating through `pulse`, which may know of connections.
    #[must_use]
    pub fn with_pulse(self, pulse: Pulse) -> Self {
        Self { pulse, ..self }
    }

    /// Which one it is.
    #[must_use]
    pub const fn module(&self) -> &'static Module {
        &self.role.module
    }

    /// Whether it leaves `key` to the executor now.
    #[must_use]
    pub fn stands_aside(&self, key: &PositionKey, now: Timestamp) -> bool {
        self.succession.is_owned(key, now)
    }

    /// Whether it closes `key` at market now: its method wishes it, or the executor has left it so.
    #[must_use]
    pub fn is_leaving(&self, key: &PositionKey, now: Timestamp) -> bool {
        let watch = self.watches.get(key).filter(|_| self.may_act(key, now));
        watch.is_some_and(|watch| {
            let mark = self.outlook.mark(&watch.snapshot().position, now);
            watch.is_leaving(mark, &self.beside(key, now), now)
        })
    }

    fn beside(&self, key: &PositionKey, now: Timestamp) -> Beside {
        let inherits = self.succession.inherits(&key.symbol);
        self.fellows.beside(inherits, now)
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
                let watch = Watch::new(self.role, snapshot, self.scribe.boot());
                self.watches.insert(key.clone(), watch);
            }
        }
        let Some(watch) = self.watches.get(&key) else {
            return;
        };
        if watch.is_over() {
            self.watches.remove(&key);
            self.outlook.forget(&key);
        } else if watch.books().is_bare() && self.may_act(&key, now) {
            // No waiting for the next round where a stop is missing.
            self.act(now, &key, false, out);
        }
    }

    fn on_mark(&mut self, now: Timestamp, tick: &MarkTick) {
        if !self.outlook.on_mark(tick, now) {
            return self.pulse.count("marks_ignored");
        }
        for (key, watch) in &mut self.watches {
            let (snapshot, method) = watch.mind();
            let position = &snapshot.position;
            let concerns = key.symbol == tick.symbol && position.is_open();
            if let (true, Some(mark)) = (concerns, self.outlook.mark(position, now)) {
                method.on_mark(position, mark);
            }
        }
    }

    fn on_event(&mut self, now: Timestamp, event: &OrderEvent) {
        if event.module != self.role.module {
            return;
        }
        self.pulse.count(&format!("orders.{}", event.status));
        if let Some(watch) = self.watches.get_mut(&event.key) {
            watch.on_event(event, now);
        }
    }

    fn on_denied(&mut self, now: Timestamp, denial: &Denial) {
        if denial.module != self.role.module {
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

    fn on_reply(&mut self, now: Timestamp, reply: &PlanReply, out: &mut Vec<Message>) {
        let watch = self.watches.get_mut(&reply.key);
        let asked = watch.filter(|watch| {
            let epoch = watch.snapshot().position.epoch;
            reply.module == self.role.module && reply.epoch == epoch
        });
        let Some(watch) = asked else {
            return self.pulse.count("replies_ignored");
        };
        let method = watch.mind().1;
        let waits = method.due_at().is_some();
        method.on_reply(reply, now);
        // An answer that nobody waits for is no reason to look.
        if waits && self.may_act(&reply.key, now) {
            self.act(now, &reply.key, true, out);
        }
    }

    fn on_handover(&mut self, now: Timestamp, handover: Handover, out: &mut Vec<Message>) {
        let key = handover.key.clone();
        let is_ahead = handover.at > now + CLOCK_SKEW_MAX;
        let is_timely = !is_ahead && now.since(handover.at) <= HANDOVER_AGE_MAX;
        let watch = self.watches.get_mut(&key).filter(|_| is_timely);
        if !watch.is_some_and(|watch| watch.hand_over(handover)) {
            return self.pulse.count("handovers_ignored");
        }
        self.pulse.count("handovers_heard");
        if self.may_act(&key, now) {
            self.act(now, &key, false, out);
        }
    }

    /// Positions that this incumbent has taken over from the executor.
    fn taken_over(&self, now: Timestamp) -> Vec<PositionKey> {
        let taken = self.watches.iter().filter(|(key, watch)| {
            let takes = self.beside(key, now).takes_over();
            takes && watch.is_taken_over() && self.may_act(key, now)
        });
        taken.map(|(key, _)| key.clone()).collect()
    }

    fn may_act(&self, key: &PositionKey, now: Timestamp) -> bool {
        let blocked = self
            .watches
            .get(key)
            .is_some_and(|watch| watch.is_blocked(now));
        // A refusal of LIVE says nothing once LIVE is over.
        let is_refused = blocked && !self.succession.inherits(&key.symbol);
        !is_refused && !self.stands_aside(key, now)
    }

    fn round(&mut self, now: Timestamp, ask: bool, out: &mut Vec<Message>) {
        let keys: Vec<PositionKey> = self.watches.keys().cloned().collect();
        let bare = self.watches.values();
        let bare = bare
            .filter(|watch| is_unprotected(watch.snapshot()))
            .count();
        self.pulse.set("positions_unprotected", bare as u64);
        let mut aside = 0;
        for key in keys {
            self.notice(now, &key);
            if self.may_act(&key, now) {
                self.act(now, &key, ask, out);
            } else {
                aside += 1;
                self.leave(&key);
            }
        }
        self.pulse.set("positions", self.watches.len() as u64);
        self.pulse.set("positions_left_to_others", aside);
    }

    /// Asks the methods whose time comes between two rounds.
    fn keep_dates(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        let due = self.watches.iter().filter(|(_, watch)| watch.is_due(now));
        let keys: Vec<PositionKey> = due.map(|(key, _)| key.clone()).collect();
        for key in keys {
            if self.may_act(&key, now) {
                self.act(now, &key, true, out);
            }
        }
    }

    /// Standing aside is no reason not to look.
    fn leave(&mut self, key: &PositionKey) {
        let Some(watch) = self.watches.get_mut(key) else {
            return;
        };
        watch.stand_aside();
        if is_unprotected(watch.snapshot()) {
            self.pulse.count("unprotected_seen");
            tracing::error!(
                tag = "EXIT_GUARD",
                module = self.role.module.name(),
                position = %key,
                protected_qty = %watch.snapshot().protected_qty(),
                qty = %watch.snapshot().position.qty,
                "a position of the executor has no stop that covers it"
            );
        }
    }

    fn notice(&mut self, now: Timestamp, key: &PositionKey) {
        let Some(watch) = self.watches.get(key).filter(|watch| watch.may_ask()) else {
            return;
        };
        let picture = self.outlook.picture(watch.snapshot(), now);
        if let Some(counter) = watch.method().notice(&picture) {
            self.pulse.count(counter);
        }
    }

    /// Asks the method where that is due, and asks for what is missing to its wishes.
    fn act(&mut self, now: Timestamp, key: &PositionKey, ask: bool, out: &mut Vec<Message>) {
        let Some(watch) = self.watches.get_mut(key) else {
            return;
        };
        if watch.may_ask() && (ask || watch.must_ask(now)) {
            let (snapshot, method) = watch.mind();
            let mut wishes = method.wish(&self.outlook.picture(snapshot, now));
            for counter in wishes.counts.drain(..) {
                self.pulse.count(counter);
            }
            if let Some(question) = wishes.ask.take() {
                let request = request(self.role, &snapshot.position, question, now);
                out.push(subjects::plan_request(&self.role.module, key).message(&request));
            }
            watch.wish(wishes);
        }
        let mark = self.outlook.mark(&watch.snapshot().position, now);
        let inherits = self.succession.inherits(&key.symbol);
        let beside = self.fellows.beside(inherits, now);
        let wants = check(&watch.scene(mark, &beside, now));
        for want in wants {
            let intent = self.scribe.write(watch, want, now);
            self.pulse.count(&format!("intents.{}", intent.kind));
            out.push(subjects::intent(&self.role.module, key).message(&intent));
        }
    }

    fn heartbeat(&mut self, now: Timestamp) -> Message {
        let revision = self.succession.revision();
        let (mode, metrics) = (self.outlook.mode(), ExitMetrics::default());
        let taken = self.taken_over(now);
        self.pulse.set("positions_taken_over", taken.len() as u64);
        let snapshots = self.watches.values().map(Watch::snapshot);
        protection::measure(&mut self.pulse, snapshots, now);
        let heartbeat = self
            .pulse
            .heartbeat(now, mode, revision, true, taken, metrics);
        subjects::health(SERVICE, self.role.module.name()).message(&heartbeat)
    }
}

fn request(role: &Role, position: &Position, question: Question, now: Timestamp) -> PlanRequest {
    PlanRequest {
        id: question.id,
        module: role.module.clone(),
        key: position.key.clone(),
        epoch: position.epoch,
        at: now,
        expires_at: question.expires_at,
    }
}

/// Whether `span` has passed since `last`; a clock that was set back delays nothing.
fn is_due(last: Option<Timestamp>, span: Span, now: Timestamp) -> bool {
    last.is_none_or(|last| now.since(last) >= span || now < last)
}

impl Actor for Incumbent {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Message>) {
        let usable = match heard {
            Heard::Position(snapshot) => return self.on_position(now, snapshot, out),
            Heard::Mark(tick) => return self.on_mark(now, &tick),
            Heard::Event(event) => return self.on_event(now, &event),
            Heard::Denied(denial) => return self.on_denied(now, &denial),
            Heard::PlanReply(reply) => return self.on_reply(now, &reply, out),
            Heard::Health(heartbeat) => {
                self.fellows.on_heartbeat(&heartbeat, now);
                return self.succession.on_heartbeat(heartbeat, now);
            }
            Heard::Handover(handover) => return self.on_handover(now, handover, out),
            Heard::Mode(mode) => return self.succession.on_mode(mode),
            Heard::Kill(kill) => {
                self.outlook.demote(kill.to);
                return self.succession.on_kill();
            }
            Heard::Plan(plan) => self.outlook.on_plan(&plan, now),
            Heard::Context(context) => self.outlook.on_context(&context, now),
            Heard::Rl(hint) => self.outlook.on_hint(&hint, now),
            Heard::Risk(risk) => self.outlook.on_risk(risk, now),
            // Not subscribed to; a stray one changes nothing.
            _ => false,
        };
        if !usable {
            self.pulse.count("news_ignored");
        }
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        let asks = is_due(self.asked_at, self.role.every, now);
        if asks {
            self.asked_at = Some(now);
        }
        if asks || is_due(self.checked_at, CHECK_INTERVAL, now) {
            self.checked_at = Some(now);
            self.round(now, asks, out);
        } else {
            self.keep_dates(now, out);
        }
        if self.pulse.due(now) {
            out.push(self.heartbeat(now));
        }
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        self.pulse.count(&format!("refused.{}", bad.field()));
    }
}

#[cfg(test)]
mod tests;
