//! What may happen next.

use super::{Fault, State, Step, World};
use crate::desk::Pulse;

impl World {
    pub(super) fn can(&self, state: &State, fault: Fault) -> bool {
        state.faults > 0 && self.is_restless(state) && self.may.contains(&fault)
    }

    pub(super) fn is_restless(&self, state: &State) -> bool {
        state.moment < self.restless
    }

    pub(super) fn of_time(&self, state: &State, actions: &mut Vec<Step>) {
        let unheard = state.heard.into_iter().flatten().zip(0..);
        actions.extend(
            unheard
                .filter(|it| !it.0)
                .map(|it| Step::HearDemotion(it.1)),
        );
        if state.handover.is_some() {
            actions.push(Step::HearHandover);
            if self.can(state, Fault::Loss) {
                actions.push(Step::LoseHandover);
            }
        }
        if state.moment + 1 < self.moments.len() {
            if self.is_settled(state) {
                actions.push(Step::Pass);
            } else if self.can(state, Fault::Late) {
                actions.push(Step::PassLate);
            }
        }
        if !self.is_restless(state) {
            return;
        }
        if state.plan + 1 < self.plans.len() {
            actions.push(Step::Plan);
        }
        if state.mark + 1 < self.marks.len() {
            actions.push(Step::Mark);
        }
        match state.heard {
            None if self.heir.is_some() => actions.push(Step::Demote),
            _ => {}
        }
        if self.alarm && !state.is_alarmed {
            actions.push(Step::Alarm);
        }
    }

    pub(super) fn of_desk(&self, state: &State, index: usize, actions: &mut Vec<Step>) {
        let desk = &state.desks[index];
        let loses = self.can(state, Fault::Loss);
        if !desk.intents.is_empty() {
            actions.push(Step::Review(index));
            if loses {
                actions.extend([Step::LoseIntent(index), Step::LoseApproval(index)]);
            }
            if self.can(state, Fault::Repeat) {
                actions.push(Step::RepeatIntent(index));
            }
        }
        if desk.runs() && !desk.news.is_empty() {
            actions.push(Step::Hear(index));
            if loses {
                actions.push(Step::LoseNews(index));
            }
        }
        if desk.runs() && desk.is_stale {
            actions.push(Step::Look(index));
            if loses && (desk.life.is_some() || desk.heir.is_some()) {
                actions.push(Step::LosePicture(index));
            }
        }
        if index == 1 {
            if self.rival && self.is_restless(state) && desk.pulse == Pulse::Dead {
                actions.push(Step::Join);
            }
            return;
        }
        match desk.pulse {
            Pulse::Runs => {
                if self.can(state, Fault::Crash) {
                    actions.push(Step::Crash);
                }
                if self.can(state, Fault::Pause) {
                    actions.push(Step::Pause);
                }
            }
            Pulse::Paused => actions.push(Step::Resume),
            Pulse::Dead => {}
        }
    }

    pub(super) fn of_venue(&self, state: &State, actions: &mut Vec<Step>) {
        for index in 0..state.house.flying.len() {
            if state.house.may_land(index, state.now) {
                actions.push(Step::Land(index));
            }
            if state.house.is_lost(index, state.now) {
                actions.push(Step::NeverArrived(index));
            }
            let (flying, asked) = &state.house.flying[index];
            if flying.is_doubted {
                continue;
            }
            if self.can(state, Fault::Timeout) {
                actions.push(Step::TimeOut(index));
            }
            if self.can(state, Fault::Refusal) && crate::house::placed(asked).is_some() {
                actions.push(Step::Refuse(index));
            }
        }
        for index in 0..state.venue.orders.len() {
            if state.venue.is_reached(index, self.mark(state)) {
                actions.push(Step::Fill(index));
                let is_stop = state.venue.orders[index].order.stop_trigger().is_some();
                let is_open = !state.venue.open.is_zero();
                if is_stop && is_open && self.can(state, Fault::Hang) {
                    actions.push(Step::Hang(index));
                }
            } else if state.venue.hangs(index, state.now) {
                actions.push(Step::Fill(index));
            }
        }
    }
}
