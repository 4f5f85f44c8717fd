//! The executor's state machine: every position's life, and the mode it works in.

use std::collections::BTreeMap;

use bus::{BadMessage, Heard, Message, subjects};
use domain::decision::Decision;
use domain::guard::CLOCK_SKEW_MAX;
use domain::ids::Module;
use domain::intent::Denial;
use domain::market::MarkTick;
use domain::mode::{Flags, Kill, Mode, ModeSnapshot};
use domain::order::OrderEvent;
use domain::plan::ExitPlan;
use domain::policy::Policy;
use domain::signal::RiskState;
use domain::snapshot::{ExitMetrics, PositionSnapshot};
use domain::{PositionKey, Symbol, Timestamp};
use runtime::pulse::Pulse;
use tracing::{error, info, warn};

use crate::ended::Ended;
use crate::feeds::Feeds;
use crate::handover::Handovers;
use crate::intents::Author;
use crate::life::Life;
use crate::records;
use crate::standby::Standby;
use crate::truths;

mod leaving;

/// Its name in heartbeats.
const SERVICE: &str = "executor";
/// The guard's code for a former owner.
const FENCED: &str = "OWNER_FENCED";
/// Positions that are followed at once; more are refused and counted.
const LIVES_MAX: usize = 10_000;

/// What an executor is told at birth.
#[derive(Debug, Clone)]
pub struct ExecutorConfig {
    /// Which instance it is.
    pub instance: String,
    /// The flags of its environment.
    pub flags: Flags,
    /// Boot time in microseconds; its fencing token.
    pub boot: u64,
    /// The numbers.
    pub policy: Policy,
}

/// Owns the desired protection of every position it hears of.
#[derive(Debug)]
pub struct Executor {
    flags: Flags,
    policy: Policy,
    /// The flags' mode, lowered by a kill; never raised again.
    own_mode: Mode,
    /// What the guard says is in force.
    in_force: Option<ModeSnapshot>,
    lives: BTreeMap<PositionKey, Life>,
    ended: Ended,
    /// Plans of lives that have not been heard of yet.
    early: BTreeMap<PositionKey, ExitPlan>,
    feeds: Feeds,
    author: Author,
    standby: Standby,
    handovers: Handovers,
    instance: String,
    boot: u64,
    pulse: Pulse,
}

impl Executor {
    /// An executor that knows of no position yet.
    #[must_use]
    pub fn new(config: ExecutorConfig) -> Self {
        let ExecutorConfig {
            instance,
            flags,
            boot,
            policy,
        } = config;
        Self {
            flags,
            policy,
            own_mode: flags.resolve(),
            in_force: None,
            lives: BTreeMap::new(),
            ended: Ended::default(),
            early: BTreeMap::new(),
            feeds: Feeds::default(),
            author: Author::new(boot),
            standby: Standby::default(),
            handovers: Handovers::default(),
            boot,
            pulse: Pulse::new(SERVICE, &instance, flags, boot),
            instance,
        }
    }

    /// The mode in which it treats `symbol`: LIVE only where its own flags, the guard and the
    /// rollout all say so.
    #[must_use]
    pub fn mode_for(&self, symbol: &Symbol) -> Mode {
        let agreed = self
            .in_force
            .as_ref()
            .map_or(Mode::Shadow, |snapshot| snapshot.mode);
        let mode = self.own_mode.min(agreed.max(Mode::Shadow));
        if mode == Mode::Live && !self.flags.is_symbol_in_rollout(symbol) {
            return Mode::Shadow;
        }
        mode
    }

    /// The desired stop of a position, for whoever checks that it only tightens.
    #[must_use]
    pub fn desired_stop(&self, key: &PositionKey) -> Option<domain::Price> {
        self.lives.get(key)?.desired().stop
    }

    fn on_position(&mut self, now: Timestamp, snapshot: PositionSnapshot, out: &mut Vec<Message>) {
        let key = snapshot.position.key.clone();
        if snapshot.at > now + CLOCK_SKEW_MAX {
            self.pulse.count("refused.position.future");
            return;
        }
        if self.ended.outlived(&snapshot) {
            self.pulse.count("refused.position.older");
            return;
        }
        let full = self.lives.len() >= LIVES_MAX && !self.lives.contains_key(&key);
        if full {
            self.pulse.count("refused.position.too_many");
            return;
        }
        let known = self.lives.get_mut(&key);
        let is_same = |life: &Life| life.is_same(&snapshot) || life.begins_after(&snapshot);
        let is_same = known.as_deref().is_some_and(is_same);
        match known {
            Some(life) if is_same => {
                if !life.observe(snapshot, now) {
                    self.pulse.count("refused.position.older");
                    return;
                }
            }
            _ => {
                info!(tag = "EXIT_BRAIN_EXECUTOR", position = %key, "new state");
                let mut life = Life::begin(snapshot, self.boot, now);
                let early = self.early.remove(&key);
                let taken = early.map(|plan| life.take_plan(plan, now));
                if let Some(Err(field)) = taken {
                    self.pulse.count(&format!("refused.plan.{field}"));
                }
                self.lives.insert(key.clone(), life);
            }
        }
        if let Some(over) = self.lives.get(&key).filter(|life| life.is_over()) {
            self.ended.note(over.snapshot());
            self.lives.remove(&key);
            return;
        }
        self.step(&key, now, None, out);
    }

    fn on_plan(&mut self, now: Timestamp, plan: ExitPlan, out: &mut Vec<Message>) {
        let key = plan.key.clone();
        let Some(life) = self.lives.get_mut(&key) else {
            return self.keep_early(plan);
        };
        if life.is_before(&plan) {
            return self.keep_early(plan);
        }
        if let Err(field) = life.take_plan(plan, now) {
            warn!(tag = "EXIT_BRAIN_EXECUTOR", position = %key, field, "plan refused");
            self.pulse.count(&format!("refused.plan.{field}"));
            return;
        }
        self.step(&key, now, None, out);
    }

    /// Planner and gateway are two publishers: a plan may overtake the position that it is for.
    fn keep_early(&mut self, plan: ExitPlan) {
        self.pulse.count("plans_early");
        if self.early.len() < LIVES_MAX || self.early.contains_key(&plan.key) {
            self.early.insert(plan.key.clone(), plan);
        }
    }

    fn on_mark(&mut self, now: Timestamp, tick: MarkTick, out: &mut Vec<Message>) {
        let (symbol, caused_at) = (tick.symbol.clone(), tick.received_at);
        match self.feeds.on_mark(tick, now) {
            Ok(false) => {}
            Ok(true) => self.pulse.count("gap.mark"),
            Err(refusal) => return self.pulse.count(refusal),
        }
        self.step_symbol(&symbol, now, Some(caused_at), out);
    }

    fn on_event(&mut self, now: Timestamp, event: &OrderEvent, out: &mut Vec<Message>) {
        if event.module != Module::ExitExecutor {
            return;
        }
        let Some(life) = self.lives.get_mut(&event.key) else {
            return;
        };
        life.on_event(event);
        self.step(&event.key, now, None, out);
    }

    fn on_denied(&mut self, now: Timestamp, denial: &Denial) {
        if denial.fence != self.author.fence() {
            // For another executor; it derives the same ids, but its answers are not ours.
            return;
        }
        self.pulse.count(&format!("denied.{}", denial.code));
        if denial.code == FENCED && self.standby.fenced(now) {
            error!(
                tag = "EXIT_BRAIN_EXECUTOR",
                "another executor has taken over: standing by"
            );
        }
        if let Some(life) = self.lives.get_mut(&denial.key) {
            life.on_denied(denial);
        }
    }

    fn on_risk(&mut self, now: Timestamp, risk: &RiskState, out: &mut Vec<Message>) {
        if let Err(refusal) = self.feeds.on_risk(risk, now) {
            return self.pulse.count(refusal);
        }
        let keys: Vec<_> = self.lives.keys().cloned().collect();
        for key in keys {
            self.step(&key, now, None, out);
        }
    }

    fn on_mode(&mut self, now: Timestamp, snapshot: ModeSnapshot) {
        let known = self.in_force.as_ref().map_or(0, |known| known.revision);
        if snapshot.revision < known {
            self.pulse.count("refused.mode.older");
            return;
        }
        self.handovers.on_mode(&snapshot, now);
        self.in_force = Some(snapshot);
    }

    fn on_kill(&mut self, now: Timestamp, kill: &Kill, out: &mut Vec<Message>) {
        if kill.to < self.own_mode {
            warn!(tag = "EXIT_BRAIN_EXECUTOR", to = %kill.to, by = %kill.by, "killed");
            self.own_mode = kill.to;
            self.hand_over(now, out);
        }
    }

    fn step_symbol(
        &mut self,
        symbol: &Symbol,
        now: Timestamp,
        caused_at: Option<Timestamp>,
        out: &mut Vec<Message>,
    ) {
        let keys: Vec<_> = self
            .lives
            .keys()
            .filter(|key| key.symbol == *symbol)
            .cloned()
            .collect();
        for key in keys {
            self.step(&key, now, caused_at, out);
        }
    }

    /// Decides about one position and, in LIVE, asks for the difference.
    fn step(
        &mut self,
        key: &PositionKey,
        now: Timestamp,
        caused_at: Option<Timestamp>,
        out: &mut Vec<Message>,
    ) {
        let mode = self.mode_for(&key.symbol);
        if mode == Mode::Legacy {
            return;
        }
        let market = self.feeds.market(&key.symbol, &self.policy, now);
        let Some(life) = self.lives.get_mut(key) else {
            return;
        };
        let before = life.desired().stop;
        let acts = mode == Mode::Live && !self.standby.is_passive();
        life.set_acting(acts);
        let decisions = life.decide(&market, now);
        let intents = if acts {
            life.reconcile(&self.policy, &mut self.author, now, caused_at)
        } else {
            Vec::new()
        };
        for broken in truths::judge(life, before, &intents, now) {
            error!(
                invariant = broken.name,
                detail = broken.detail,
                "invariant broken"
            );
            self.pulse.count(&format!("invariant.{}", broken.name));
        }
        for decision in &decisions {
            self.record(decision, out);
        }
        for intent in &intents {
            self.pulse.count("intents");
            out.push(subjects::intent(&intent.module, &intent.key).message(intent));
        }
    }

    fn record(&mut self, decision: &Decision, out: &mut Vec<Message>) {
        let mode = self.mode_for(&decision.key.symbol);
        let allowed = mode == Mode::Live && !self.standby.is_passive();
        records::log(decision, mode, allowed);
        out.push(subjects::decision(mode, &decision.key).message(decision));
    }

    fn protected(&self) -> Vec<PositionKey> {
        let live = |key: &PositionKey| self.mode_for(&key.symbol) == Mode::Live;
        let owned = self
            .lives
            .iter()
            .filter(|(key, life)| live(key) && life.is_protected());
        owned.map(|(key, _)| key.clone()).collect()
    }
}

impl runtime::Actor for Executor {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Message>) {
        match heard {
            Heard::Mark(tick) => self.on_mark(now, tick, out),
            Heard::Context(context) => {
                if let Err(refusal) = self.feeds.on_context(context, now) {
                    self.pulse.count(refusal);
                }
            }
            Heard::Risk(risk) => self.on_risk(now, &risk, out),
            Heard::Position(snapshot) => self.on_position(now, snapshot, out),
            Heard::Plan(plan) => self.on_plan(now, plan, out),
            Heard::Event(event) => self.on_event(now, &event, out),
            Heard::Denied(denial) => self.on_denied(now, &denial),
            Heard::Health(heartbeat) => {
                self.handovers.on_heartbeat(&heartbeat);
                // By the processes' boots, which don't change: of two that live, the newer acts.
                let is_newer = heartbeat.boot > self.boot;
                if heartbeat.service == SERVICE && is_newer {
                    self.standby.rival(now);
                }
            }
            Heard::Mode(snapshot) => self.on_mode(now, snapshot),
            Heard::Kill(kill) => self.on_kill(now, &kill, out),
            // Not subscribed to; a stray one changes nothing.
            _ => self.pulse.count("refused.unexpected"),
        }
    }

    /// Silence is noticed too: a stop that has not filled, an intent that ran out.
    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        if self.standby.takes_over(now) {
            warn!(
                tag = "EXIT_BRAIN_EXECUTOR",
                "the other executor is silent: taking over"
            );
            self.author = Author::new(u64::try_from(now.micros()).unwrap_or(0));
        }
        let keys: Vec<_> = self.lives.keys().cloned().collect();
        for key in keys {
            self.step(&key, now, None, out);
        }
        self.hand_over(now, out);
        if self.pulse.due(now) {
            let revision = self
                .in_force
                .as_ref()
                .map_or(0, |snapshot| snapshot.revision);
            let protected = self.protected();
            let metrics = ExitMetrics::default();
            let mode = self.own_mode;
            let heartbeat = self
                .pulse
                .heartbeat(now, mode, revision, true, protected, metrics);
            let subject = subjects::health(&heartbeat.service, &heartbeat.instance);
            out.push(subject.message(&heartbeat));
        }
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        self.pulse.count(&format!("refused.{}", bad.field()));
    }
}
