//! What befalls a system in several steps that belong together: a close that goes wrong, a stay
//! outside LIVE, deaths and who rises again.

use domain::mode::{ExecutorMode, Flags, Mode, Rollout};
use domain::signal::RiskMode;
use domain::{Side, Span};

use super::act::Action;
use super::draw::{Drawer, Step};
use super::faults;
use super::setup::{OVER_LEVERAGED, Traded};
use crate::world::{Chaos, Service, flags};

/// Hands that meddle with one close at most.
const MEDDLERS_MAX: u64 = 3;
/// Time between the steps of a close, ms: they shall fall into its calls and answers.
const CLOSE_PAUSE_MS: (i64, i64) = (0, 60);
/// How long a close is left alone after it has been meddled with, ms.
const CLOSE_END_MS: (i64, i64) = (100, 4_000);
/// Steps of a stay outside LIVE, and how long each lasts, ms.
const STAY_STEPS: (i64, i64) = (3, 6);
const STAY_MS: (i64, i64) = (100, 2_500);
/// A bus on which half of all that is said is late by up to nearly what an intent lives, ms.
const SLOW_BUS_PPM: u32 = 500_000;
const SLOW_BUS_MS: (i64, i64) = (600, 1_900);
/// How far a price goes through a first stop, basis points.
const BEYOND_STOP: (i64, i64) = (220, 330);
/// How long an opened position is left alone until its stop rests, ms.
const HANGS_AFTER_MS: (i64, i64) = (100, 1_500);
/// The crash rule compares prices a quarter of an hour apart.
const CRASH_BARS: Span = Span::from_secs(16 * 60);
/// Deaths of one script, beside those that its steps bring.
const DEATHS_MAX: u64 = 3;

impl Drawer<'_> {
    /// A service whose clock may jump far. Those whose word is ordered by its date are left out:
    /// what a wrong clock dated ahead outdates what comes after it.
    pub(super) fn clocked(&mut self) -> Service {
        const CLOCKED: [Service; 3] = [Service::Market, Service::Planner, Service::Diagnostics];
        CLOCKED[self.index(CLOCKED.len())]
    }

    /// Everything is to be closed, the venue does not say what became of it, and somebody meddles.
    pub(super) fn close_goes_wrong(&mut self, steps: &mut Vec<Step>) {
        let symbol = self.symbol();
        if self.one_in(2) {
            let side = self.side();
            self.soon(steps, Action::Open { symbol, side });
        }
        if !self.one_in(4) {
            let plan = faults::closes(self.rng);
            self.soon(steps, Action::Venue(Box::new(plan)));
        }
        let cause = self.cause_of_close(symbol);
        self.soon(steps, cause);
        for _ in 0..self.rng.below(MEDDLERS_MAX + 1) {
            let hand = self.hand(symbol);
            self.soon(steps, hand);
        }
        let long = self.rng.between(CLOSE_END_MS.0, CLOSE_END_MS.1);
        if let Some(last) = steps.last_mut() {
            last.pause = Span::from_millis(long);
        }
        self.then(steps, Action::Risk(RiskMode::Normal));
    }

    /// Why everything is closed at market, or a part.
    fn cause_of_close(&mut self, symbol: Traded) -> Action {
        match self.rng.below(6) {
            0 => self.moves(symbol, 1_500),
            1 => self.moves(symbol, 400),
            2 => Action::Leverage(symbol, OVER_LEVERAGED),
            _ => Action::Risk(RiskMode::EssActive),
        }
    }

    fn hand(&mut self, symbol: Traded) -> Action {
        match self.rng.below(5) {
            0 => Action::Close(symbol),
            1 => Action::Trim(symbol),
            2 => Action::Rest(symbol),
            3 => self.moves(symbol, 100),
            _ => Action::Add(symbol),
        }
    }

    /// Outside LIVE, or outside the rollout, for a while in which much happens that would be acted
    /// on in LIVE.
    pub(super) fn stay_outside_live(&mut self, steps: &mut Vec<Step>) {
        let live = flags(Mode::Live);
        let way = if self.has_starts(2) {
            self.rng.below(6)
        } else {
            6
        };
        let out = match way {
            0 => self.start_over(in_shadow()[0]),
            1 => self.start_over(in_shadow()[1]),
            2 => self.start_over(Flags {
                rollout_pct: 0,
                ..live
            }),
            _ => Action::Kill(Mode::Shadow),
        };
        self.then(steps, out);
        for _ in 0..self.rng.between(STAY_STEPS.0, STAY_STEPS.1) {
            let symbol = self.symbol();
            let action = match self.rng.below(8) {
                0 | 1 => {
                    let side = self.side();
                    Action::Open { symbol, side }
                }
                2 => self.signals(symbol),
                3 => Action::Close(symbol),
                4 => self.moves(symbol, 250),
                _ => self.moves(symbol, 60),
            };
            let ms = self.rng.between(STAY_MS.0, STAY_MS.1);
            let pause = Span::from_millis(ms);
            steps.push(Step { action, pause });
        }
        let back = self.start_over(live);
        self.then(steps, back);
    }

    /// Who owns is put in doubt: a pause that nobody tells, or no store that could.
    pub(super) fn owners(&mut self) -> Action {
        match self.rng.below(8) {
            0 => Action::LoseLeases,
            1 => Action::FindLeases { anew: false },
            2 => Action::FindLeases { anew: true },
            3 | 4 => Action::Resume(self.service()),
            5 => Action::Pause(self.service()),
            _ => Action::Pause([Service::Executor, Service::SecondExecutor][self.index(2)]),
        }
    }

    /// An executor dies while its word is still on its way, and the next one speaks before that
    /// comes.
    pub(super) fn words_of_the_dead(&mut self, steps: &mut Vec<Step>) {
        let (symbol, side) = (self.symbol(), self.side());
        self.then(steps, Action::Open { symbol, side });
        let slow = Chaos {
            delay_ppm: SLOW_BUS_PPM,
            delay_max: Span::from_millis(self.rng.between(SLOW_BUS_MS.0, SLOW_BUS_MS.1)),
            ..Chaos::default()
        };
        self.soon(steps, Action::Bus(slow));
        // Each makes the executor ask for something.
        for _ in 0..3 {
            let moved = self.moves(symbol, 250);
            self.soon(steps, moved);
            self.soon(steps, Action::Add(symbol));
        }
        self.soon(steps, Action::Crash(Service::Executor));
        self.soon(steps, Action::Bus(Chaos::default()));
        self.soon(steps, Action::Rise(Service::Executor));
        self.then(steps, Action::Add(symbol));
        let pause = Span::from_millis(SLOW_BUS_MS.1);
        let action = self.moves(symbol, 100);
        steps.push(Step { action, pause });
    }

    /// The price goes through the stop, which fires and hangs.
    pub(super) fn stop_hangs(&mut self, steps: &mut Vec<Step>) {
        let (symbol, side) = (self.symbol(), self.side());
        if self.one_in(3) {
            self.then(steps, Action::Kill(Mode::Shadow));
        }
        let plan = faults::stuck(self.rng);
        self.soon(steps, Action::Venue(Box::new(plan)));
        let beyond = self.rng.between(BEYOND_STOP.0, BEYOND_STOP.1);
        let points = match side {
            Side::Long => -beyond,
            Side::Short => beyond,
        };
        for (action, long) in [
            (Action::Open { symbol, side }, HANGS_AFTER_MS),
            (Action::Move { symbol, points }, CLOSE_END_MS),
        ] {
            let pause = Span::from_millis(self.rng.between(long.0, long.1));
            steps.push(Step { action, pause });
        }
        self.then(steps, Action::VenueWell);
    }

    /// The market crashes, which only a quarter of an hour of its prices tells; whoever is long
    /// then, and loses a little more, leaves at once.
    pub(super) fn crash_of_the_market(&mut self, steps: &mut Vec<Step>) {
        let symbol = self.symbol();
        let side = Side::Long;
        let mut points = |low, high| self.rng.between(low, high);
        let (falls, falls_on) = (points(-900, -550), points(-230, -180));
        let told = Span::from_millis(points(1_000, 3_000));
        let close = Action::Close(symbol);
        let moves = |points| Action::Move { symbol, points };
        let opened = Action::Open { symbol, side };
        for (action, pause) in [
            (Action::VenueWell, CRASH_BARS),
            (close, told),
            (moves(falls), told),
            (opened, told),
            (moves(falls_on), told),
        ] {
            steps.push(Step { action, pause });
        }
    }

    /// Services die between two effects somewhere in the script, and most rise again.
    pub(super) fn deaths(&mut self, steps: &mut Vec<Step>) {
        for _ in 0..=self.rng.below(DEATHS_MAX) {
            let service = self.service();
            let dies = Action::CrashAfter(service, self.effects_before_death(service));
            let at = 1 + self.index(steps.len());
            self.insert(steps, at, dies);
            if !self.one_in(5) {
                let left = steps.len() - at;
                let at = at + 1 + self.index(left);
                self.insert(steps, at, Action::Rise(service));
            }
        }
    }

    /// So many effects, so that a script of ordinary length gets there.
    pub(super) fn effects_before_death(&mut self, service: Service) -> u32 {
        let most = match service {
            Service::Market | Service::Gateway => 24,
            Service::Executor | Service::SecondExecutor | Service::Guard => 12,
            Service::Planner | Service::Legacy => 6,
            Service::Diagnostics => 2,
        };
        u32::try_from(self.rng.below(most)).unwrap_or_default()
    }

    fn insert(&mut self, steps: &mut Vec<Step>, at: usize, action: Action) {
        let mut step = Vec::new();
        self.then(&mut step, action);
        steps.splice(at..at, step);
    }

    fn soon(&mut self, steps: &mut Vec<Step>, action: Action) {
        let ms = self.rng.between(CLOSE_PAUSE_MS.0, CLOSE_PAUSE_MS.1);
        let pause = Span::from_millis(ms);
        steps.push(Step { action, pause });
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.rng.below(of) == 0
    }
}

/// The flags that lack one of the two that LIVE needs beside the brain itself.
pub(super) fn in_shadow() -> [Flags; 2] {
    let live = flags(Mode::Live);
    [
        Flags {
            executor_mode: ExecutorMode::Shadow,
            ..live
        },
        Flags {
            rollout: Rollout::Disabled,
            ..live
        },
    ]
}
