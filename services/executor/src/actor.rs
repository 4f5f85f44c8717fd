//! The executor's state machine: every position's life, and the mode it works in.

use std::collections::BTreeMap;

use bus::{BadMessage, Heard, subjects};
use domain::lease::{Answer, Holder, Request};
use domain::mode::{Flags, Mode, ModeSnapshot};
use domain::plan::ExitPlan;
use domain::policy::Policy;
use domain::snapshot::{LEASE_STORE_LOST, LISTED_MAX};
use domain::{PositionKey, Price, Symbol, Timestamp};
use runtime::Effect;
use runtime::protection;
use runtime::pulse::{Pulse, Vitals};

use crate::ended::Ended;
use crate::feeds::Feeds;
use crate::handover::Handovers;
use crate::life::{Life, Looked};
use crate::owners::{Owners, Standing};
use crate::watch::Watch;

use telling::Owed;

mod hearing;
mod leaving;
mod looking;
mod telling;

/// Its name in heartbeats.
const SERVICE: &str = "executor";

/// Positions that are followed at once, and plans kept for positions that have not been heard of.
const LIVES_MAX: usize = 10_000;

/// What an executor is told at birth.
#[derive(Debug, Clone)]
pub struct ExecutorConfig {
    /// Which instance it is.
    pub instance: String,
    /// The flags of its environment.
    pub flags: Flags,
    /// Boot time in microseconds; its fencing token where there are no leases.
    pub boot: u64,
    /// Who it is to the store of leases; none in a deployment without leases, where one executor
    /// runs and acts on everything.
    pub holder: Option<Holder>,
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
    /// Positions that are followed at once; more are refused and counted.
    lives_max: usize,
    watch: Watch,
    ended: Ended,
    /// Plans of lives that have not been heard of yet.
    early: BTreeMap<PositionKey, ExitPlan>,
    feeds: Feeds,
    owners: Owners,
    handovers: Handovers,
    /// How many decisions were said in each mode.
    said: BTreeMap<Mode, u64>,
    /// Of the last input.
    owed: Vec<Owed>,
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
            holder,
            policy,
        } = config;
        Self {
            flags,
            policy,
            own_mode: flags.resolve(),
            in_force: None,
            lives: BTreeMap::new(),
            lives_max: LIVES_MAX,
            watch: Watch::default(),
            ended: Ended::default(),
            early: BTreeMap::new(),
            feeds: Feeds::default(),
            owners: Owners::new(holder, boot),
            handovers: Handovers::default(),
            said: BTreeMap::new(),
            owed: Vec::new(),
            boot,
            pulse: Pulse::new(SERVICE, &instance, flags, boot),
            instance,
        }
    }

    /// The same executor, heartbeating through `pulse`, which may know of connections.
    #[must_use]
    pub fn with_pulse(self, pulse: Pulse) -> Self {
        Self { pulse, ..self }
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
    pub fn desired_stop(&self, key: &PositionKey) -> Option<Price> {
        self.lives.get(key)?.desired().stop
    }

    /// Whether it acts on a position and is to close all of it.
    #[must_use]
    pub fn is_leaving(&self, key: &PositionKey) -> bool {
        let life = self.lives.get(key);
        life.is_some_and(|life| life.acts() && life.desired().exiting)
    }

    /// Whether it had decided to leave a position when it ceased to act, which others finish now.
    #[must_use]
    pub fn has_left_exit(&self, key: &PositionKey, now: Timestamp) -> bool {
        let life = self.lives.get(key);
        life.is_some_and(|life| !life.acts() && life.closing(now).is_some())
    }

    /// Decides about one position and, in LIVE, asks for the difference.
    fn step(
        &mut self,
        key: &PositionKey,
        now: Timestamp,
        caused_at: Option<Timestamp>,
        out: &mut Vec<Effect>,
    ) {
        let mode = self.mode_for(&key.symbol);
        let standing = self.owners.standing(key, now);
        let Some(life) = self.lives.get_mut(key) else {
            return;
        };
        let slot = life.slot();
        life.set_looked(Looked { mode, standing });
        self.watch.wake(&key.symbol, slot);
        // While it is not known who owns the position nothing is decided: each decision is recorded
        // by its owner, and only there.
        if mode == Mode::Legacy || standing == Standing::Unknown {
            return;
        }
        let market = self.feeds.market(&key.symbol, &self.policy, now);
        let before = life.desired().stop;
        let is_live = mode == Mode::Live;
        life.set_acting(is_live && standing == Standing::Owner);
        let decisions = life.decide(&market, now);
        let intents = match standing {
            Standing::Owner if is_live => {
                let author = self.owners.author(key, now);
                life.reconcile(&self.policy, author, now, caused_at)
            }
            Standing::Unleased if is_live => {
                let author = self.owners.author(key, now);
                life.protect(&self.policy, author, now, caused_at)
            }
            _ => Vec::new(),
        };
        let allowed = is_live && standing == Standing::Owner;
        for intent in &intents {
            self.pulse.count("intents");
            out.push(
                subjects::intent(&intent.module, &intent.key)
                    .message(intent)
                    .into(),
            );
        }
        let news = match standing {
            Standing::Passive => Vec::new(),
            _ if is_live => decisions,
            _ => life.shadow.of(decisions),
        };
        if intents.is_empty() {
            self.watch
                .settle(&key.symbol, slot, life.rest(&market, now));
        }
        self.owed.push(Owed {
            key: key.clone(),
            before,
            intents,
            news,
            mode,
            allowed,
        });
    }

    /// Goes on at once with the positions on which it has begun to act.
    fn take_over(&mut self, taken: &[PositionKey], now: Timestamp, out: &mut Vec<Effect>) {
        for key in taken {
            if let Some(life) = self.lives.get_mut(key) {
                life.take_over(now);
                self.pulse.count("lease.taken");
            }
            self.step(key, now, None, out);
        }
    }

    fn heartbeat(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let mut positions = self.protected(now);
        let mut owned = self.owners.owned(now);
        let listed = positions.len().max(owned.len());
        let left_out = u64::try_from(listed.saturating_sub(LISTED_MAX)).unwrap_or(u64::MAX);
        self.pulse.set("positions_not_listed", left_out);
        self.pulse.set("positions_owned", owned.len() as u64);
        let snapshots = self.lives.values().map(Life::snapshot);
        protection::measure(&mut self.pulse, snapshots, now);
        if let Some(is_lost) = self.owners.is_store_lost() {
            self.pulse.set(LEASE_STORE_LOST, u64::from(is_lost));
        }
        positions.truncate(LISTED_MAX);
        owned.truncate(LISTED_MAX);
        let revision = self.in_force.as_ref().map_or(0, |said| said.revision);
        let vitals = Vitals {
            mode: self.own_mode,
            revision,
            ready: true,
            positions,
            owned,
            ..Vitals::default()
        };
        let heartbeat = self.pulse.beat(now, vitals);
        let subject = subjects::health(&heartbeat.service, &heartbeat.instance);
        out.push(subject.message(&heartbeat).into());
    }

    fn protected(&self, now: Timestamp) -> Vec<PositionKey> {
        let is_ours = |key: &PositionKey| {
            self.mode_for(&key.symbol) == Mode::Live
                && self.owners.standing(key, now) == Standing::Owner
        };
        let owned = self
            .lives
            .iter()
            .filter(|(key, life)| life.is_protected() && is_ours(key));
        owned.map(|(key, _)| key.clone()).collect()
    }
}

fn ask(requests: Vec<Request>, out: &mut Vec<Effect>) {
    out.extend(requests.into_iter().map(Effect::Lease));
}

impl runtime::Actor for Executor {
    type Effect = Effect;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Effect>) {
        match heard {
            Heard::Mark(tick) => self.on_mark(now, tick, out),
            Heard::Context(context) => self.on_context(now, context),
            Heard::Risk(risk) => self.on_risk(now, &risk, out),
            Heard::Position(snapshot) => self.on_position(now, snapshot, out),
            Heard::Plan(plan) => self.on_plan(now, plan, out),
            Heard::Event(event) => self.on_event(now, &event, out),
            Heard::Denied(denial) => self.on_denied(now, &denial),
            Heard::Health(heartbeat) => {
                self.handovers.on_heartbeat(&heartbeat, now);
                if heartbeat.service == SERVICE {
                    self.owners.on_heartbeat(&heartbeat, self.boot, now);
                }
            }
            Heard::Mode(snapshot) => self.on_mode(now, snapshot),
            Heard::Flatten(order) => self.on_flatten(now, &order, out),
            Heard::Kill(kill) => self.on_kill(now, &kill, out),
            // Not subscribed to; a stray one changes nothing.
            _ => self.pulse.count("refused.unexpected"),
        }
    }

    /// Silence is noticed too: a stop that has not filled, an intent that ran out.
    fn beat(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let mut requests = Vec::new();
        let lives = &self.lives;
        let all = || lives.keys().cloned().collect();
        let taken = self.owners.beat(now, all, &mut requests);
        ask(requests, out);
        self.take_over(&taken, now, out);
        self.heed_standings(now);
        self.step_due(now, out);
        self.hand_over(now, out);
        if self.pulse.due(now) {
            self.heartbeat(now, out);
        }
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        self.pulse.count(&format!("refused.{}", bad.field()));
    }

    fn forbidden(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        self.on_forbidden(now, out);
    }

    fn lease(&mut self, now: Timestamp, answer: &Answer, out: &mut Vec<Effect>) {
        let mut requests = Vec::new();
        let taken = self.owners.answered(now, answer, &mut requests);
        ask(requests, out);
        self.take_over(taken.as_slice(), now, out);
        self.heed_standing(&answer.key, now);
    }

    fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    fn afterwards(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        self.pay(now, out);
    }

    fn stop(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let mut requests = Vec::new();
        self.owners.retire(now, &mut requests);
        ask(requests, out);
    }
}
