//! Checks on what the services say, and on what has reached them.

use bus::{BadMessage, Heard, Sealed};
use domain::decision::{Action, Decision};
use domain::ids::Module;
use domain::intent::{Approval, OrderIntent, Wish};
use domain::invariant::{
    Verdict, i1_one_writer, i7_one_mode, i9_unknown_is_not_flat, i10_only_fills_fill,
    i13_refusals_counted, i15_plan_in_force, i16_counters_add_up,
};
use domain::lease::UNLEASED;
use domain::mode::{Mode, ModeSnapshot};
use domain::order::OrderEvent;
use domain::snapshot::{Heartbeat, PositionSnapshot};
use domain::{Position, Qty, Timestamp};
use paper_exchange::venue::Venue;
use proto::{SignedApproval, Wire};

use super::{Seat, Service, Watch, truth};

impl Watch {
    /// A service says this on the bus; `by_it` is what time it believes it is.
    ///
    /// # Errors
    /// The truth that does not hold.
    pub fn on_said(
        &mut self,
        (now, by_it): (Timestamp, Timestamp),
        from: Seat,
        said: &Heard,
        venue: &Venue,
    ) -> Verdict {
        match said {
            Heard::Position(snapshot) => self.on_picture(now, snapshot, venue),
            Heard::Plan(plan) => {
                let id = (plan.key.clone(), plan.id);
                self.plans.insert(id, plan.clone());
                Ok(())
            }
            Heard::Decision { live, decision } => {
                if !live && decision.action != Action::NoChange {
                    self.shadow_decisions += 1;
                }
                self.on_decision(by_it, from.service, decision)
            }
            Heard::Intent(intent) | Heard::Blocked(intent) => {
                let module = intent.module.name().to_owned();
                *self.intents.entry(module).or_default() += 1;
                if let Wish::Place {
                    client_order_id: id,
                    ..
                } = &intent.wish
                {
                    let leg = truth::leg(venue, intent.key.side);
                    let at = (intent.key.symbol.to_string(), leg);
                    self.shares.asked(from.service, &intent.key, id, &at);
                }
                Ok(())
            }
            Heard::Approved(sealed) => self.on_approved(&approved(sealed)),
            Heard::Denied(denial) => {
                *self.denials.entry(denial.code.clone()).or_default() += 1;
                Ok(())
            }
            Heard::Event(event) => self.on_news(event),
            Heard::Mode(snapshot) => self.on_mode(snapshot),
            Heard::Health(beat) => self.on_heartbeat(from, beat),
            _ => Ok(()),
        }
    }

    /// A message is about to reach a service.
    pub fn on_heard(&mut self, now: Timestamp, to: Seat, heard: &Result<Heard, BadMessage>) {
        if let Ok(Heard::Kill(kill)) = heard {
            let known = self.killed.entry(to).or_insert(kill.to);
            *known = kill.to.min(*known);
        }
        match (to.service, heard) {
            (_, Err(bad)) => {
                let counter = format!("refused.{}", bad.field());
                let counters = self.refused.entry(to).or_default();
                *counters.entry(counter).or_default() += 1;
            }
            (executor, Ok(Heard::Position(snapshot))) if executor.is_executor() => {
                let position = &snapshot.position;
                let told = (snapshot.at, position.qty);
                self.shares.heard(executor, &position.key, told);
                let epoch = snapshot.position.epoch;
                let key = (executor, snapshot.position.key.clone());
                self.last_lives.insert(key.clone(), epoch);
                let known = self.lives.entry(key).or_insert(epoch);
                *known = epoch.max(*known);
            }
            (Service::Gateway, Ok(Heard::Mode(snapshot))) => {
                let said = (snapshot.revision, snapshot.mode);
                let known = self.gateway_mode.filter(|known| known.0 > said.0);
                self.gateway_mode = Some(known.unwrap_or(said));
            }
            (Service::Legacy, Ok(Heard::Health(beat))) => self.on_successor(now, to, beat),
            _ => {}
        }
    }

    /// Each position has one executor at a time, each incumbent one process. Without a lease
    /// nobody owns anything: a stop may be asked for, once more if need be, and nothing else.
    fn on_approved(&mut self, intent: &OrderIntent) -> Verdict {
        let by_position = intent.module == Module::ExitExecutor;
        if by_position && intent.fence == UNLEASED {
            return i1_one_writer(u64::from(!intent.places_stop()), intent.fence);
        }
        let scope = (
            intent.module.clone(),
            by_position.then(|| intent.key.clone()),
        );
        let newest = self.fences.entry(scope).or_default();
        let verdict = i1_one_writer(*newest, intent.fence);
        let is_takeover = by_position && (1..intent.fence).contains(newest);
        self.takeovers += u64::from(is_takeover);
        *newest = intent.fence.max(*newest);
        verdict
    }

    fn on_successor(&mut self, now: Timestamp, seat: Seat, beat: &Heartbeat) {
        if beat.service == "executor" && beat.mode == Mode::Live {
            let heard = self.successor.entry(seat).or_default();
            for key in &beat.positions {
                let known = heard.entry(key.clone()).or_default();
                *known = beat.at.min(now).max(*known);
            }
            self.heard_until = Timestamp::default();
        }
    }

    fn on_picture(
        &mut self,
        now: Timestamp,
        snapshot: &PositionSnapshot,
        venue: &Venue,
    ) -> Verdict {
        let position = &snapshot.position;
        let key = &position.key;
        let held = truth::position_of(venue, key.symbol.as_str(), key.side);
        let known = self
            .snapshots
            .insert(position.key.clone(), snapshot.clone());
        if known.is_none() {
            self.heard_until = Timestamp::default();
        }
        self.gone.told(snapshot, now.millis());
        called_flat(snapshot, held.as_ref())
    }

    fn on_decision(&mut self, now: Timestamp, by: Service, decision: &Decision) -> Verdict {
        let name = decision.action.name().to_owned();
        *self.decisions.entry(name).or_default() += 1;
        *self.rules.entry(decision.rule).or_default() += 1;
        let Some(id) = decision.plan_id else {
            return Ok(());
        };
        let plan = self.plans.get(&(decision.key.clone(), id));
        let plan = plan.expect("a decision names a plan that was said");
        let known = self.snapshots.get(&decision.key);
        let mut position = known
            .expect("a decision is about a known position")
            .position
            .clone();
        position.epoch = decision.epoch;
        i15_plan_in_force(plan, &position, now)?;
        // Its life is the one that was heard of: the newest, or an older one as a correction.
        let whose = (by, decision.key.clone());
        let (newest, last) = (self.lives.get(&whose), self.last_lives.get(&whose));
        let of_newest = newest.filter(|it| **it == decision.epoch);
        position.epoch = of_newest.or(last).copied().unwrap_or_default();
        i15_plan_in_force(plan, &position, now)
    }

    fn on_news(&mut self, event: &OrderEvent) -> Verdict {
        if let Some(code) = refusal(event) {
            *self.denials.entry(code.to_owned()).or_default() += 1;
        }
        let filled = self
            .filled
            .entry(event.client_order_id.clone())
            .or_default();
        let verdict = i10_only_fills_fill(*filled, event);
        *filled = event.filled_qty.max(*filled);
        verdict
    }

    /// A mode is said, by the guard or by whoever can.
    ///
    /// # Errors
    /// [`domain::invariant::Violation`] where the revision was said with another mode before.
    pub fn on_mode(&mut self, snapshot: &ModeSnapshot) -> Verdict {
        let (revision, mode) = (snapshot.revision, snapshot.mode);
        let known = *self.modes.entry(revision).or_insert(mode);
        i7_one_mode((revision, known), (revision, mode))
    }

    fn on_heartbeat(&mut self, from: Seat, beat: &Heartbeat) -> Verdict {
        self.heartbeats.insert(from, beat.clone());
        i16_counters_add_up(&beat.metrics)?;
        if from.service == Service::Gateway {
            self.left.is_counted(&beat.metrics)?;
        }
        // Diagnostics shows what was said last, also while nobody is there to say less.
        let killed = self.killed.get(&from);
        let killed = killed.filter(|_| from.service != Service::Diagnostics);
        own_mode(beat, killed.copied())?;
        let refused = self.refused.get(&from);
        for (name, expected) in refused.into_iter().flatten() {
            let counted = beat.counters.get(name).copied().unwrap_or_default();
            i13_refusals_counted(*expected, counted)?;
        }
        // A revision that nobody said would be one that a service made up.
        let Some(mode) = self.modes.get(&beat.revision) else {
            let known = beat.revision == 0 || from.service == Service::Guard;
            assert!(
                known,
                "{from} acts on revision {}, never said",
                beat.revision
            );
            return Ok(());
        };
        shown_mode(from.service, beat, *mode)
    }
}

/// I9: flat for sure while the venue holds that life, or an older one under another name. Of a
/// younger one the gateway may not have heard.
fn called_flat(snapshot: &PositionSnapshot, held: Option<&Position>) -> Verdict {
    let told = &snapshot.position;
    let known = held.filter(|it| it.epoch <= told.epoch);
    let open = known.map_or(Qty::ZERO, |it| it.qty);
    i9_unknown_is_not_flat(!told.is_open(), open, snapshot.flat_proven)
}

/// I7: nobody resolves more for itself than its flags do, and than it was demoted to.
fn own_mode(beat: &Heartbeat, killed: Option<Mode>) -> Verdict {
    let most = beat.flags.resolve().min(killed.unwrap_or(Mode::Live));
    let shown = beat.mode.max(most);
    i7_one_mode((beat.revision, most), (beat.revision, shown))
}

/// I7: what the guard says is no more than it resolves; what diagnostics shows is no more than
/// what was said. The others beat with what they resolve, whatever is in force.
fn shown_mode(by: Service, beat: &Heartbeat, said: Mode) -> Verdict {
    let shown = match by {
        Service::Guard => said.min(beat.mode),
        Service::Diagnostics => said.max(beat.mode),
        _ => said,
    };
    i7_one_mode((beat.revision, said), (beat.revision, shown))
}

/// The code with which the gateway itself refused an intent.
fn refusal(event: &OrderEvent) -> Option<&str> {
    let code = event.detail.split(':').next()?;
    let is_code =
        |it: &str| it.contains('_') && !it.contains(|c: char| !c.is_ascii_uppercase() && c != '_');
    (event.code.is_none() && is_code(code)).then_some(code)
}

/// What was approved. The signature is the gateway's to check, not ours.
fn approved(sealed: &Sealed) -> OrderIntent {
    let signed = SignedApproval::decode(&sealed.bytes).expect("it has come this far");
    let approval = Approval::decode(&signed.body).expect("the guard says what can be decoded");
    approval.intent
}
