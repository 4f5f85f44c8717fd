//! What may happen in the race for a lease, and what it does.

use domain::guard::Memory;
use domain::ids::{LegId, Module};
use domain::intent::{IntentId, Wish};
use domain::invariant::i1_one_writer;
use domain::lease::{Answer, Op, Outcome, Request, token};
use domain::order::CloseOrder;
use domain::{Side, Span, Timestamp};

use super::race::{Candidate, Fault, Race, Sent, State};
use crate::desk::{Asked, Pulse};
use crate::parts;

/// Something that happens: numbers are those of a process, of a request, of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    Pass,
    Carry(usize),
    DelayRequest(usize),
    RepeatRequest(usize),
    Hear(usize),
    DelayAnswer(usize),
    RepeatAnswer(usize),
    Pause(usize),
    Resume(usize),
    Die(usize),
    Stop(usize),
    Cut(usize),
    Heal(usize),
    Speak(usize),
}

impl Step {
    const fn is_fault(self) -> bool {
        match self {
            Self::DelayRequest(_)
            | Self::RepeatRequest(_)
            | Self::DelayAnswer(_)
            | Self::RepeatAnswer(_)
            | Self::Pause(_)
            | Self::Die(_)
            | Self::Stop(_)
            | Self::Cut(_) => true,
            Self::Pass
            | Self::Carry(_)
            | Self::Hear(_)
            | Self::Resume(_)
            | Self::Heal(_)
            | Self::Speak(_) => false,
        }
    }
}

impl Race {
    fn is_restless(&self, state: &State) -> bool {
        state.tick < self.restless
    }

    fn can(&self, state: &State, fault: Fault) -> bool {
        state.faults > 0 && self.is_restless(state) && self.may.contains(&fault)
    }

    pub(super) fn may(&self, state: &State, actions: &mut Vec<Step>) {
        let are_all_awake = state.candidates.iter().all(|it| it.pulse != Pulse::Paused);
        let may_pass = self.is_restless(state) || are_all_awake;
        if state.is_settled() && may_pass && state.tick < self.last_tick() {
            actions.push(Step::Pass);
        }
        for who in 0..state.candidates.len() {
            self.of_process(state, who, actions);
        }
        for (index, sent) in state.requests.iter().enumerate() {
            if sent.is_due(state.tick) {
                actions.push(Step::Carry(index));
                if self.can(state, Fault::Repeat) {
                    actions.push(Step::RepeatRequest(index));
                }
            }
            if !sent.is_late && self.can(state, Fault::Late) {
                actions.push(Step::DelayRequest(index));
            }
        }
        for (index, sent) in state.answers.iter().enumerate() {
            // Whoever wakes up beats first.
            let hears = state.candidates[sent.who].pulse == Pulse::Runs;
            if hears && sent.is_due(state.tick) {
                actions.push(Step::Hear(index));
                if self.can(state, Fault::Repeat) {
                    actions.push(Step::RepeatAnswer(index));
                }
            }
            if !sent.is_late && self.can(state, Fault::Late) {
                actions.push(Step::DelayAnswer(index));
            }
        }
    }

    fn of_process(&self, state: &State, who: usize, actions: &mut Vec<Step>) {
        let candidate = &state.candidates[who];
        if candidate.is_cut {
            actions.push(Step::Heal(who));
        }
        match candidate.pulse {
            Pulse::Dead => return,
            Pulse::Paused => {
                actions.push(Step::Resume(who));
                return;
            }
            Pulse::Runs => {}
        }
        let faults = [
            (Fault::Pause, Step::Pause(who)),
            (Fault::Death, Step::Die(who)),
            (Fault::Stop, Step::Stop(who)),
            (Fault::Cut, Step::Cut(who)),
        ];
        let possible = faults.iter().filter(|(fault, _)| self.can(state, *fault));
        actions.extend(possible.map(|(_, step)| *step));
        // As long as there was one owner, it does not matter whether it speaks.
        let token = candidate.token(state.now());
        let may_speak = self.speaks && state.taken.len() > 1;
        if may_speak && token.is_some() && token != candidate.spoke_under {
            actions.push(Step::Speak(who));
        }
    }

    pub(super) fn take(&self, state: &mut State, step: Step) {
        state.faults -= u8::from(step.is_fault());
        match step {
            Step::Pass => self.pass(state),
            Step::Carry(index) => {
                let sent = state.requests.remove(index);
                state.carry(&sent);
            }
            Step::RepeatRequest(index) => {
                let sent = state.requests[index].clone();
                state.requests[index].delay(state.tick);
                state.carry(&sent);
            }
            Step::DelayRequest(index) => state.requests[index].delay(state.tick),
            Step::Hear(index) => {
                let sent = state.answers.remove(index);
                state.hear(&sent);
            }
            Step::RepeatAnswer(index) => {
                let sent = state.answers[index].clone();
                state.answers[index].delay(state.tick);
                state.hear(&sent);
            }
            Step::DelayAnswer(index) => state.answers[index].delay(state.tick),
            Step::Pause(who) => {
                let now = state.now();
                let candidate = &mut state.candidates[who];
                (candidate.pulse, candidate.paused_at) = (Pulse::Paused, Some(now));
            }
            Step::Resume(who) => {
                self.wake(state, who);
                state.beat(who);
            }
            Step::Die(who) => state.die(who),
            Step::Stop(who) => {
                let now = state.now();
                let mut out = Vec::new();
                let candidate = &mut state.candidates[who];
                let clock = candidate.clock(now);
                candidate.tenure.retire(clock, &mut out);
                state.send(who, out);
                state.die(who);
            }
            Step::Cut(who) => state.candidates[who].is_cut = true,
            Step::Heal(who) => state.candidates[who].is_cut = false,
            Step::Speak(who) => self.speak(state, who),
        }
        state.sort();
    }

    /// The next moment: whoever died has started anew, and everybody who is awake beats.
    fn pass(&self, state: &mut State) {
        state.tick += 1;
        if !self.is_restless(state) {
            // What is late now is lost.
            state.requests.retain(|it| !it.is_late);
            state.answers.retain(|it| !it.is_late);
            for candidate in &mut state.candidates {
                candidate.is_cut = false;
            }
        }
        for who in 0..state.candidates.len() {
            let (pulse, boot) = (state.candidates[who].pulse, state.candidates[who].boot);
            if pulse == Pulse::Dead {
                state.candidates[who] = Candidate::new(who, boot + 1);
            }
        }
        state.beat_all();
    }

    fn wake(&self, state: &mut State, who: usize) {
        let now = state.now();
        let candidate = &mut state.candidates[who];
        candidate.pulse = Pulse::Runs;
        if let Some(since) = candidate.paused_at.take()
            && self.is_clock_deaf
        {
            let slept = now.since(since).micros();
            candidate.behind = Span::from_micros(candidate.behind.micros() + slept);
        }
    }

    /// An owner asks the guard for a stop under its token; one that is refused doubts its lease.
    fn speak(&self, state: &mut State, who: usize) {
        let now = state.now();
        let candidate = &mut state.candidates[who];
        let Some(fence) = candidate.token(now) else {
            return;
        };
        candidate.spoke_under = Some(fence);
        let asked = stop(fence, now);
        let mut forgetful = Memory::default();
        let memory = if self.has_fences {
            &mut state.guard
        } else {
            &mut forgetful
        };
        if memory.admit(&asked.intent(), now).is_ok() {
            state.has_older_passed |= i1_one_writer(state.newest, fence).is_err();
            state.newest = state.newest.max(fence);
        } else {
            state.was_refused = true;
            let clock = candidate.clock(now);
            candidate.tenure.doubt(clock);
        }
    }
}

impl<T> Sent<T> {
    fn delay(&mut self, tick: i64) {
        (self.is_late, self.tick) = (true, tick);
    }
}

impl State {
    pub(super) fn beat_all(&mut self) {
        for who in 0..self.candidates.len() {
            if self.candidates[who].pulse == Pulse::Runs {
                self.beat(who);
            }
        }
        self.sort();
    }

    fn beat(&mut self, who: usize) {
        let now = self.now();
        let candidate = &mut self.candidates[who];
        let mut out = Vec::new();
        let clock = candidate.clock(now);
        candidate.tenure.beat(clock, &mut out);
        self.send(who, out);
    }

    fn hear(&mut self, sent: &Sent<Answer>) {
        let now = self.now();
        let candidate = &mut self.candidates[sent.who];
        let mut out = Vec::new();
        let clock = candidate.clock(now);
        candidate.tenure.answered(clock, &sent.what, &mut out);
        self.send(sent.who, out);
    }

    fn send(&mut self, who: usize, out: Vec<Request>) {
        let (boot, tick) = (self.candidates[who].boot, self.tick);
        if self.candidates[who].is_cut {
            return;
        }
        let is_late = false;
        self.requests.extend(out.into_iter().map(|what| Sent {
            who,
            boot,
            tick,
            is_late,
            what,
        }));
    }

    /// The store carries a request out; nobody hears the answer whose asker has died or is cut off.
    fn carry(&mut self, sent: &Sent<Request>) {
        let answer = self.store.carry_out(&sent.what);
        if let (Op::Write { entry, .. }, Outcome::Written { revision, created }) =
            (&sent.what.op, &answer.outcome)
            && entry.lacks_token()
        {
            self.taken.push(token(*created, *revision));
        }
        let asker = &self.candidates[sent.who];
        if asker.boot == sent.boot && asker.pulse != Pulse::Dead && !asker.is_cut {
            self.answers.push(Sent {
                who: sent.who,
                boot: sent.boot,
                tick: self.tick,
                is_late: false,
                what: answer,
            });
        }
    }

    fn die(&mut self, who: usize) {
        self.candidates[who].pulse = Pulse::Dead;
        self.answers.retain(|it| it.who != who);
    }

    /// The order in which things were sent tells nothing.
    fn sort(&mut self) {
        self.requests
            .sort_by_key(|it| (it.who, it.boot, it.what.ticket, it.is_late, it.tick));
        self.answers
            .sort_by_key(|it| (it.who, it.boot, it.what.ticket, it.is_late, it.tick));
    }
}

/// The first intent of an owner.
fn stop(fence: u64, now: Timestamp) -> Asked {
    let module = Module::ExitExecutor;
    let name = parts::name(&module, Side::Long, LegId::Stop, 1);
    let order = CloseOrder::Stop {
        qty: parts::qty(parts::OPENED),
        trigger: parts::price(parts::ENTRY - 30),
    };
    Asked {
        module,
        id: IntentId::place(&name),
        wish: Wish::Place {
            client_order_id: name,
            order,
        },
        fence,
        sequence: 1,
        made_at: now,
    }
}
