//! What each thing that happens does.

use domain::Span;
use domain::mode::Mode;
use domain::signal::RiskMode;

use super::{State, Step, World};
use crate::desk::{Known, News, Pulse};
use crate::house::Verdict;
use crate::parts::START;
use crate::venue::{Word, refused};

impl World {
    pub(super) fn act(&self, state: &mut State, index: usize) {
        let known = Known {
            plan: &self.plans[state.plan],
            mark: self.mark(state),
            risk: if state.is_alarmed {
                RiskMode::EssActive
            } else {
                RiskMode::Normal
            },
            context: &self.context,
            policy: &self.policy,
            now: state.now,
        };
        state.desks[index].act(&known, self.bug);
    }

    pub(super) fn act_all(&self, state: &mut State) {
        for index in 0..state.desks.len() {
            self.act(state, index);
        }
    }

    pub(super) fn take(&self, state: &mut State, step: Step) {
        let now = state.now;
        state.faults -= u8::from(step.is_fault());
        match step {
            Step::Pass | Step::PassLate => self.pass(state),
            Step::Mark => {
                state.mark += 1;
                self.act_all(state);
            }
            Step::Plan => {
                state.plan += 1;
                self.act_all(state);
            }
            Step::Alarm => {
                state.is_alarmed = true;
                self.act_all(state);
            }
            Step::Look(index) => {
                let picture = state.venue.picture(now);
                if self.one_picture {
                    state.house.look(picture.clone());
                }
                state.desks[index].look(picture, now);
                self.act(state, index);
            }
            Step::LosePicture(index) => state.desks[index].is_stale = false,
            Step::GuardLooks => state.house.look(state.venue.picture(now)),
            Step::Review(index) => self.review(state, index, 1),
            Step::RepeatIntent(index) => self.review(state, index, 2),
            Step::LoseApproval(index) => self.review(state, index, 0),
            Step::LoseIntent(index) => drop(state.desks[index].intents.pop_front()),
            Step::Hear(index) => {
                if let Some(news) = state.desks[index].news.pop_front() {
                    state.desks[index].hear(&news, self.bug, now);
                    self.act(state, index);
                }
            }
            Step::LoseNews(index) => drop(state.desks[index].news.pop_front()),
            Step::Crash => state.desks[0].crash(),
            Step::Pause => state.desks[0].pulse = Pulse::Paused,
            Step::Resume => {
                state.desks[0].pulse = Pulse::Runs;
                self.act(state, 0);
            }
            Step::Join => state.desks[1].start(now),
            Step::Demote => state.heard = Some([false; 4]),
            Step::HearDemotion(index) => self.demote(state, index),
            Step::HearHandover => {
                let heard = state.handover.take();
                if let (Some(heir), Some(handover)) = (&mut state.desks[1].heir, heard) {
                    heir.hear_handover(handover, self.bug);
                }
                self.act(state, 1);
            }
            Step::LoseHandover => state.handover = None,
            of_venue => self.at_venue(state, of_venue),
        }
    }

    /// The demotion reaches one of those that act by the mode.
    fn demote(&self, state: &mut State, index: usize) {
        if let Some(heard) = &mut state.heard {
            heard[index] = true;
        }
        match index {
            0 => {
                state.desks[0].step_down();
                self.hand_over(state);
            }
            1 => state.house.mode = Mode::Shadow,
            2 => {
                state.house.gateway_mode = Mode::Shadow;
                state.house.demoted_at = Some(state.now);
            }
            _ => {
                if let Some(heir) = &mut state.desks[1].heir {
                    heir.acts = true;
                }
                self.act(state, 1);
            }
        }
    }

    /// Each moment anew, as long as something is open. Only an exit that was begun makes a
    /// difference to the successor, and only an alarm begins one.
    fn hand_over(&self, state: &mut State) {
        let desk = &state.desks[0];
        let leaves = self.alarm && state.heard.is_some() && desk.runs() && desk.is_passive;
        let life = desk
            .life
            .as_ref()
            .filter(|_| leaves && !state.venue.open.is_zero());
        if let Some(life) = life {
            state.handover = Some(life.handover(desk.boot, state.now));
        }
    }

    fn at_venue(&self, state: &mut State, step: Step) {
        let (mark, now) = (self.mark(state), state.now);
        match step {
            Step::Land(index) => {
                let (flying, asked) = state.house.land(index);
                let word = state.venue.apply(&asked.wish, mark, now);
                let after_doubt = flying.is_doubted;
                if let Some(word) = word {
                    state.tell(Word {
                        after_doubt,
                        ..word
                    });
                }
                state.show();
            }
            Step::Refuse(index) => {
                let (_, asked) = state.house.land(index);
                state.tell(refused(asked.about(), Some(-1_000)));
            }
            Step::NeverArrived(index) => {
                let (_, asked) = state.house.land(index);
                if crate::house::placed(&asked).is_some() {
                    let after_doubt = true;
                    state.tell(Word {
                        after_doubt,
                        ..refused(asked.about(), None)
                    });
                }
            }
            Step::TimeOut(index) => {
                if let Some(word) = state.house.doubt(index) {
                    state.tell(word);
                }
            }
            Step::Hang(index) => {
                let word = state.venue.fire(index, now);
                state.tell(word);
                state.show();
            }
            Step::Fill(index) => {
                let word = state.venue.fill(index);
                state.tell(word);
                state.show();
            }
            _ => {}
        }
    }

    /// The next moment: whoever died has started anew, and everybody sees the periodic picture.
    fn pass(&self, state: &mut State) {
        state.moment += 1;
        state.now = START + Span::from_millis(self.moments[state.moment]);
        if state.desks[0].pulse == Pulse::Dead {
            state.desks[0].start(state.now);
            // What is in force is told again before it acts.
            state.desks[0].is_passive = state.heard.is_some();
        }
        let picture = state.venue.picture(state.now);
        state.house.look(picture.clone());
        for desk in state.desks.iter_mut().filter(|desk| desk.runs()) {
            desk.look(picture.clone(), state.now);
        }
        self.hand_over(state);
        self.act_all(state);
    }

    /// An intent comes to the guard; `copies` of its approval come to the gateway.
    fn review(&self, state: &mut State, index: usize, copies: usize) {
        let Some(asked) = state.desks[index].intents.pop_front() else {
            return;
        };
        let verdict = if self.guards_cancels || crate::house::placed(&asked).is_some() {
            state.house.review(&asked, self.has_fences, state.now)
        } else {
            Verdict::Passed
        };
        match verdict {
            Verdict::Repeated => {}
            Verdict::Denied { is_fenced } => {
                let desk = &mut state.desks[index];
                // A denial is for the owner that asked; one that has died since is gone.
                if desk.pulse != Pulse::Dead && desk.boot == asked.fence {
                    let id = asked.about().clone();
                    desk.news.push_back(News::Denied { id, is_fenced });
                }
            }
            Verdict::Passed => {
                let is_known = self.has_ledger && state.venue.knows(&asked);
                for _ in 0..if is_known { 0 } else { copies } {
                    let word = state.house.arrive(&asked, self.checks_doubt, state.now);
                    if let Some(word) = word {
                        state.tell(word);
                    }
                }
            }
        }
    }
}

impl State {
    fn tell(&mut self, word: Word) {
        for desk in &mut self.desks {
            if desk.pulse != Pulse::Dead {
                desk.news.push_back(News::Word(word.clone()));
            }
        }
    }

    /// A new picture is there to be seen.
    fn show(&mut self) {
        self.house.is_stale = true;
        for desk in &mut self.desks {
            desk.is_stale = desk.pulse != Pulse::Dead;
        }
    }
}
