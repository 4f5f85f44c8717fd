//! What the executor hears, each taken in by its own rules.

use domain::Timestamp;
use domain::flatten::{Flatten, Refusal};
use domain::grid::Grid;
use domain::guard::CLOCK_SKEW_MAX;
use domain::ids::Module;
use domain::intent::Denial;
use domain::market::{MarkTick, MarketContext};
use domain::mode::{Kill, Mode, ModeSnapshot};
use domain::order::OrderEvent;
use domain::plan::ExitPlan;
use domain::signal::RiskState;
use domain::snapshot::PositionSnapshot;
use runtime::Effect;
use tracing::{error, info, warn};

use super::{Executor, ask};
use crate::feeds::Mark;
use crate::life::Life;
use crate::owners::{FENCED, Standing};

impl Executor {
    pub(super) fn on_position(
        &mut self,
        now: Timestamp,
        snapshot: PositionSnapshot,
        out: &mut Vec<Effect>,
    ) {
        let key = snapshot.position.key.clone();
        if snapshot.at > now + CLOCK_SKEW_MAX {
            self.pulse.count("refused.position.future");
            return;
        }
        if self.ended.outlived(&snapshot) {
            self.pulse.count("refused.position.older");
            return;
        }
        let is_known = self.lives.contains_key(&key);
        let full = !is_known && (self.lives.len() >= self.lives_max || self.owners.is_full(&key));
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
                let former = self.lives.get(&key);
                let grid = Grid::new(snapshot.instrument.tick_size);
                let slot = match former {
                    Some(former) => former.slot(),
                    None => self.watch.follow(&key, grid),
                };
                let mut life = Life::begin(snapshot, slot, self.boot, now);
                // Where it was not seen flat it may be the same position under another begin.
                if let Some(former) = former.filter(|it| it.snapshot().position.is_open()) {
                    life.comes_after(former, now);
                }
                let early = self.early.remove(&key);
                let taken = early.map(|plan| life.take_plan(plan, now));
                if let Some(Err(field)) = taken {
                    self.pulse.count(&format!("refused.plan.{field}"));
                }
                self.lives.insert(key.clone(), life);
            }
        }
        let mut requests = Vec::new();
        if let Some(over) = self.lives.get(&key).filter(|life| life.is_over()) {
            self.ended.note(over.snapshot());
            self.watch.leave(&key.symbol, over.slot());
            self.lives.remove(&key);
            self.owners.leave(&key, now, &mut requests);
            return ask(requests, out);
        }
        self.owners.follow(&key, now, &mut requests);
        ask(requests, out);
        self.step(&key, now, None, out);
    }

    pub(super) fn on_plan(&mut self, now: Timestamp, plan: ExitPlan, out: &mut Vec<Effect>) {
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
        if self.early.len() < self.lives_max || self.early.contains_key(&plan.key) {
            self.early.insert(plan.key.clone(), plan);
        }
    }

    pub(super) fn on_mark(&mut self, now: Timestamp, tick: MarkTick, out: &mut Vec<Effect>) {
        let (symbol, caused_at) = (tick.symbol.clone(), tick.received_at);
        let mark_price = tick.mark_price;
        match self.feeds.on_mark(tick, now) {
            Ok(Mark::Next) => {}
            Ok(Mark::AfterGap) => self.pulse.count("gap.mark"),
            Ok(Mark::Again) => return,
            Err(refusal) => return self.pulse.count(refusal),
        }
        for key in self.watch.at_mark(&symbol, mark_price, now) {
            self.step(&key, now, Some(caused_at), out);
        }
    }

    /// A position is not looked at for a context; but one in another regime may decide otherwise.
    pub(super) fn on_context(&mut self, now: Timestamp, context: MarketContext) {
        let symbol = context.symbol.clone();
        match self.feeds.on_context(context, now) {
            Ok(true) => self.watch.wake_symbol(&symbol),
            Ok(false) => {}
            Err(refusal) => self.pulse.count(refusal),
        }
    }

    pub(super) fn on_event(&mut self, now: Timestamp, event: &OrderEvent, out: &mut Vec<Effect>) {
        if event.module != Module::ExitExecutor {
            return;
        }
        let Some(life) = self.lives.get_mut(&event.key) else {
            return;
        };
        life.on_event(event, now);
        self.step(&event.key, now, None, out);
    }

    pub(super) fn on_denied(&mut self, now: Timestamp, denial: &Denial) {
        let (key, code) = (&denial.key, denial.code.as_str());
        if !self.owners.on_denied(key, denial.fence, code, now) {
            return;
        }
        self.pulse.count(&format!("denied.{code}"));
        if let Some(life) = self.lives.get_mut(&denial.key) {
            life.on_denied(denial, now);
            self.watch.wake(&denial.key.symbol, life.slot());
        }
        if code == FENCED {
            self.heed_standings(now);
        }
    }

    pub(super) fn on_risk(&mut self, now: Timestamp, risk: &RiskState, out: &mut Vec<Effect>) {
        if let Err(refusal) = self.feeds.on_risk(risk, now) {
            return self.pulse.count(refusal);
        }
        self.step_all(now, out);
    }

    pub(super) fn on_mode(&mut self, now: Timestamp, snapshot: ModeSnapshot) {
        let known = self.in_force.as_ref().map_or(0, |known| known.revision);
        if snapshot.revision < known {
            self.pulse.count("refused.mode.older");
            return;
        }
        self.handovers.on_mode(&snapshot, now);
        if self.in_force.as_ref().map(|known| known.mode) != Some(snapshot.mode) {
            self.watch.wake_all();
        }
        self.in_force = Some(snapshot);
    }

    pub(super) fn on_kill(&mut self, now: Timestamp, kill: &Kill, out: &mut Vec<Effect>) {
        if kill.to < self.own_mode {
            warn!(tag = "EXIT_BRAIN_EXECUTOR", to = %kill.to, by = %kill.by, "killed");
            self.go_down(kill.to, now, out);
        }
    }

    /// Who may not ask can't protect. It says so with its mode, at once, so that the incumbents
    /// own the stops; it does not rise again by itself, because it could not know when to. Where no
    /// incumbent is heard nobody would be helped: it stays and asks again, until the bus takes it.
    pub(super) fn on_forbidden(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        self.pulse.count("intents_forbidden");
        if self.own_mode != Mode::Live {
            return;
        }
        if !self.handovers.has_successor(now) {
            error!(
                tag = "EXIT_MODE",
                "the bus refuses the intents of a LIVE executor, and no incumbent is heard: they \
                 are asked for again; set the policy of the bus to live, or start the incumbents"
            );
            return;
        }
        error!(
            tag = "EXIT_MODE",
            "the bus refuses the intents of a LIVE executor: SHADOW from here on; set the policy \
             of the bus to live, then restart the executor (exitctl doctor)"
        );
        self.go_down(Mode::Shadow, now, out);
        self.heartbeat(now, out);
    }

    fn go_down(&mut self, to: Mode, now: Timestamp, out: &mut Vec<Effect>) {
        self.own_mode = to;
        self.watch.wake_all();
        self.hand_over(now, out);
    }

    /// Closes what the operator wants closed, where this executor acts: it alone sends.
    pub(super) fn on_flatten(&mut self, now: Timestamp, order: &Flatten, out: &mut Vec<Effect>) {
        let covered = self.lives.iter().filter(|(key, life)| {
            let is_open = life.snapshot().position.is_open();
            is_open && order.covers(key)
        });
        let keys: Vec<_> = covered.map(|(key, _)| key.clone()).collect();
        for key in keys {
            let is_owner = self.owners.standing(&key, now) == Standing::Owner;
            let mode = self.mode_for(&key.symbol);
            if let Err(refusal) = order.judge(mode, is_owner, now) {
                if refusal != Refusal::NotOwner {
                    let by = &order.by;
                    warn!(tag = "EXIT_BRAIN_EXECUTOR", position = %key, by, %refusal, "not closed");
                }
                self.pulse.count(&format!("refused.flatten.{refusal}"));
                continue;
            }
            warn!(tag = "EXIT_BRAIN_EXECUTOR", position = %key, by = %order.by, "ordered closed");
            self.pulse.count("flattened");
            if let Some(life) = self.lives.get_mut(&key) {
                life.order_exit(&order.by);
            }
            self.step(&key, now, None, out);
        }
    }
}
